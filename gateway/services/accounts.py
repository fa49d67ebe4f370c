"""Tài khoản: who may sign in, in which roles. The first administrator, and what administrators do."""

import re
import secrets
from dataclasses import replace
from datetime import datetime

from devices.clock import Clock, instant
from gateway.domain.errors import BadInput, NotFound, Problem, WrongState
from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role, expect, permissions_of
from gateway.ports.records import AuditNote, User
from gateway.ports.store import Accounts as AccountStore
from gateway.services.account_book import AccountBook, fold_name
from gateway.services.actor import Actor
from gateway.services.passwords import Passwords, generate_password

FIRST_NAME = "admin"
_NAME = re.compile(r"[\w.@-]{2,64}")
_LONGEST_DISPLAY = 120


class Accounts:
    """What an administrator does with accounts."""

    def __init__(self, *, store: AccountStore, book: AccountBook, passwords: Passwords, clock: Clock) -> None:
        self._store = store
        self._book = book
        self._passwords = passwords
        self._clock = clock

    async def ensure_admin(self) -> str | None:
        """Make the first administrator of a new ward and return the password, to be shown once; else ``None``."""
        async with self._book.lock:
            if await self._store.users():
                return None
            password = generate_password()
            fresh = await self._passwords.hash(password)
            user = User(
                id=_new_id(),
                name=FIRST_NAME,
                display_name="Quản trị",
                roles=frozenset({Role.ADMIN}),
                password_hash=fresh,
                must_change_password=True,
            )
            await self._store.save_user(user, note=self._note("system", "user.create", user))
        return password

    async def users(self, actor: Actor) -> list[User]:
        """Return every account.

        Raises:
            NotAllowed
        """
        expect(actor, Permission.MANAGE_USERS)
        return sorted(await self._store.users(), key=lambda user: user.name)

    async def names(self) -> dict[UserId, str]:
        """Return how screens call everybody, closed accounts too: logs tell of them."""
        return {user.id: user.display_name for user in await self._store.users()}

    async def create(self, actor: Actor, *, name: str, display_name: str, roles: frozenset[Role]) -> tuple[User, str]:
        """Add an account and return it with its first password, which its owner must change.

        Raises:
            NotAllowed, BadInput
        """
        expect(actor, Permission.MANAGE_USERS)
        name = fold_name(name)
        _check(display_name, roles, name)
        password = generate_password()
        fresh = await self._passwords.hash(password)
        async with self._book.lock:
            if await self._store.by_name(name) is not None:
                raise BadInput([_bad("name", "tên đăng nhập này đã có", "another name: this one is taken")])
            user = User(
                id=_new_id(),
                name=name,
                display_name=display_name.strip(),
                roles=roles,
                password_hash=fresh,
                must_change_password=True,
            )
            await self._store.save_user(user, note=self._note(actor.id, "user.create", user))
        return user, password

    async def change(
        self,
        actor: Actor,
        user: UserId,
        *,
        display_name: str | None = None,
        roles: frozenset[Role] | None = None,
        active: bool | None = None,
    ) -> User:
        """Change what is given. Rights change with the next request; a closed account's sessions end.

        Raises:
            NotAllowed, NotFound, BadInput
            WrongState: nobody would be left who can manage accounts.
        """
        expect(actor, Permission.MANAGE_USERS)
        async with self._book.lock:
            kept = await self._expect_user(user)
            changed = replace(
                kept,
                display_name=kept.display_name if display_name is None else display_name.strip(),
                roles=kept.roles if roles is None else roles,
                active=kept.active if active is None else active,
            )
            _check(changed.display_name, changed.roles)
            await self._expect_an_administrator(changed)
            await self._store.save_user(changed, note=self._note(actor.id, "user.change", changed))
        if not changed.active:
            await self._book.end_sessions(user)
        return changed

    async def reset_password(self, actor: Actor, user: UserId) -> str:
        """Give a forgetful person a new first password; their sessions end, and a lock is lifted.

        Raises:
            NotAllowed, NotFound
        """
        expect(actor, Permission.MANAGE_USERS)
        return await self._renew(user, by=actor.id)

    async def renew_offline(self, name: str, *, drop_factor: bool) -> str:
        """Do the same for somebody at the machine itself, when no administrator can sign in any more.

        Raises:
            NotFound
        """
        user = await self._store.by_name(fold_name(name))
        if user is None:
            raise NotFound(f"Không có người dùng “{name}”.", f"There is no user “{name}”.")
        return await self._renew(user.id, by="system", drop_factor=drop_factor)

    async def _renew(self, user: UserId, *, by: str, drop_factor: bool = False) -> str:
        password = generate_password()
        fresh = await self._passwords.hash(password)
        async with self._book.lock:
            kept = await self._expect_user(user)
            changed = replace(kept, password_hash=fresh, must_change_password=True, failed_logins=0, locked_until=None)
            if drop_factor:
                changed = replace(changed, factor="", factor_offer="", factor_counter=0, factor_recovery=())
            await self._store.save_user(changed, note=self._note(by, "user.reset_password", changed))
        await self._book.end_sessions(user)
        return password

    async def _expect_user(self, user: UserId) -> User:
        kept = await self._store.user(user)
        if kept is None:
            raise NotFound("Không có người dùng này.", "No such user.")
        return kept

    async def _expect_an_administrator(self, changed: User) -> None:
        after = [changed if user.id == changed.id else user for user in await self._store.users()]
        if not any(Permission.MANAGE_USERS in permissions_of(user) for user in after):
            raise WrongState(
                "Phải còn ít nhất một quản trị viên đang hoạt động.",
                "At least one active administrator must remain.",
                code="last_administrator",
            )

    def _note(self, actor: str, action: str, user: User) -> AuditNote:
        detail = {"name": user.name, "roles": sorted(user.roles), "active": user.active}
        return AuditNote(actor=actor, action=action, subject=user.id, at=self._now(), detail=detail)

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())


def _new_id() -> UserId:
    return UserId(f"u-{secrets.token_hex(6)}")


def _check(display_name: str, roles: frozenset[Role], name: str | None = None) -> None:
    problems = []
    if name is not None and _NAME.fullmatch(name) is None:
        problems.append(
            _bad("name", "tên đăng nhập gồm 2–64 chữ, số, . _ @ -", "a name of 2-64 letters, digits, . _ @ -")
        )
    if not 0 < len(display_name.strip()) <= _LONGEST_DISPLAY:
        problems.append(_bad("display_name", "cần họ tên, tối đa 120 ký tự", "a full name of at most 120 characters"))
    if not roles:
        problems.append(_bad("roles", "chọn ít nhất một vai trò", "at least one role"))
    if problems:
        raise BadInput(problems)


def _bad(path: str, vi: str, en: str) -> Problem:
    return Problem(code="invalid", vi=vi, en=f"needs {en}", path=path)
