"""A ward's door over a real store: accounts, sessions and enrolment, with cheap password hashes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from devices.clock import ManualClock, instant
from gateway.domain.ids import UserId
from gateway.domain.people import Role, User
from gateway.services.account_book import AccountBook
from gateway.services.accounts import Accounts
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.delegations import Delegations
from gateway.services.passwords import Passwords
from gateway.services.second_factor import SecondFactor
from gateway.services.sessions import SessionRules, Sessions, SignIn
from gateway.store.opening import Store, open_store

START_MS = 1_791_412_200_000
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
GOOD = "nắng sớm trên sông Hàn"
WHY = "theo phân công mới của phường"


@dataclass(frozen=True)
class Door:
    store: Store
    clock: ManualClock
    accounts: Accounts
    sessions: Sessions
    second_factor: SecondFactor
    delegations: Delegations

    def again(self) -> "Door":
        """The gateway after a restart: the same store, nothing in memory."""
        return build_door(self.store, self.clock)

    async def person(self, name: str, *roles: Role, password: str = GOOD) -> User:
        """Make somebody who has signed in before and chosen ``password``."""
        user, first = await self.accounts.create(boss(), name=name, display_name=name.title(), roles=frozenset(roles))
        entered = await self.sessions.sign_in(knock(name, first))
        await self.sessions.change_password(entered, old=first, new=password)
        await self.sessions.sign_out(entered)
        return User(id=user.id, name=user.display_name, roles=user.roles)


def knock(name: str, password: str, *, address: str = "192.0.2.7", device: str = "") -> SignIn:
    return SignIn(name=name, password=password, address=address, user_agent="phone", device=device)


def boss() -> User:
    return User(id=UserId("u-boss"), name="Quản trị", roles=frozenset({Role.ADMIN}))


def build_door(
    store: Store,
    clock: ManualClock,
    *,
    hasher: PasswordHasher = CHEAP,
    required: bool = False,
    alarms: AlarmDesk | None = None,
) -> Door:
    passwords = Passwords(hasher)
    book = AccountBook(store=store.accounts, passwords=passwords, clock=clock)
    delegations = Delegations(accounts=store.accounts, values=store.values, clock=clock)
    return Door(
        store=store,
        clock=clock,
        accounts=Accounts(store=store.accounts, book=book, passwords=passwords, clock=clock, alarms=alarms),
        sessions=Sessions(
            store=store.accounts,
            book=book,
            audit=store.audit,
            values=store.values,
            passwords=passwords,
            clock=clock,
            rules=SessionRules(),
            delegations=delegations,
        ),
        delegations=delegations,
        second_factor=SecondFactor(
            store=store.accounts,
            book=book,
            audit=store.audit,
            vault=store.vault,
            passwords=passwords,
            clock=clock,
            required=required,
            alarms=alarms,
        ),
    )


@contextmanager
def open_door(folder: Path) -> Iterator[Door]:
    clock = ManualClock(START_MS)
    with open_store(folder, now=instant(START_MS)) as store:
        yield build_door(store, clock)
