"""Looking into a ward's data folder from the command line, also beside a running gateway."""

from collections.abc import Iterator
from contextlib import contextmanager

from devices.clock import Clock, ShiftedClock, SystemClock, epoch_ms, instant
from gateway.cli.console import Failed, no_ward
from gateway.domain.people import Permission, permissions_of
from gateway.ports.records import AuditQuery, User
from gateway.settings import Settings
from gateway.store import layout
from gateway.store.opening import Store, open_store


@contextmanager
def existing_store(settings: Settings) -> Iterator[Store]:
    """Open the store of a ward that exists; a mistyped folder must not become an empty ward.

    Raises:
        Failed: there is none.
    """
    if not layout.database(settings.data).exists():
        raise no_ward(settings.data)
    with open_store(settings.data, now=instant(SystemClock().now_ms())) as store:
        yield store


async def somebody_who_may(store: Store, permission: Permission) -> User:
    """Return an account for the audit log: whoever sits at the gateway's own machine acts as its administrator.

    Raises:
        Failed: nobody has the right.
    """
    for user in sorted(await store.accounts.users(), key=lambda each: each.name):
        if permission in permissions_of(user):
            return user
    raise Failed("chưa có người dùng nào có quyền này; chạy “loa run” một lần trước / nobody may do this yet")


async def clock_of(store: Store) -> Clock:
    """Return the ward's own clock: a demo ward lives ahead of the world, and its log tells by how much at least.

    A code that is good for a day by the world's clock would be over there before it is typed.
    """
    system = SystemClock()
    newest = await store.audit.find(AuditQuery(), limit=1)
    last_ms = epoch_ms(newest[0].note.at) if newest else 0
    return ShiftedClock(last_ms) if last_ms > system.now_ms() else system
