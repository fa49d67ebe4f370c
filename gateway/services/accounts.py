"""Tài khoản: who may sign in, in which roles. The first administrator, and what administrators do.

Every step is in the audit log with its reason. Whoever gives themselves rights, or opens the account of somebody who
may speak to the ward, is on everybody's alarms, too.
"""

from dataclasses import replace
from datetime import datetime

from devices.clock import Clock, instant
from gateway.domain.errors import BadInput, NotFound, Stale, WrongState
from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role, expect, permissions_of
from gateway.ports.records import AuditNote, User
from gateway.ports.store import Accounts as AccountStore
from gateway.services.account_alarms import AccountAlarms
from gateway.services.account_book import AccountBook, fold_name
from gateway.services.account_rules import bad, check_account, deed, expect_an_administrator, new_id, stated, told
from gateway.services.actor import Actor
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.passwords import Passwords, generate_password
from gateway.services.second_factor import without_factor

FIRST_NAME = "admin"


class Accounts:
    """What an administrator does with accounts."""

    def __init__(
        self,
        *,
        store: AccountStore,
        book: AccountBook,
        passwords: Passwords,
        clock: Clock,
        alarms: AlarmDesk | None = None,
    ) -> None:
        """``alarms``: where a running gateway says that rights changed hands."""
        self._store = store
        self._book = book
        self._passwords = passwords
        self._clock = clock
        self._alarms = AccountAlarms(alarms)

    async def ensure_admin(self) -> str | None:
        """Make the first administrator of a new ward and return the password, to be shown once; else ``None``."""
        async with self._book.lock:
            if await self._store.users():
                return None
            password = generate_password()
            fresh = await self._passwords.hash(password)
            user = User(
                id=new_id(),
                name=FIRST_NAME,
                display_name="Quản trị",
                roles=frozenset({Role.ADMIN}),
                password_hash=fresh,
                must_change_password=True,
            )
            await self._store.save_user(user, note=self._note("system", "user.create", user, ""))
        return password

    async def users(self, actor: Actor) -> list[User]:
        """Return every account.

        Raises:
            NotAllowed
        """
        expect(actor, Permission.MANAGE_USERS)
        return sorted(await self._store.users(), key=lambda user: user.name)

    async def user(self, actor: Actor, user: UserId) -> User:
        """Return one account.

        Raises:
            NotAllowed, NotFound
        """
        expect(actor, Permission.MANAGE_USERS)
        return await self._expect_user(user)

    async def names(self) -> dict[UserId, str]:
        """Return how screens call everybody, closed accounts too: logs tell of them."""
        return {user.id: user.display_name for user in await self._store.users()}

    async def create(
        self, actor: Actor, *, name: str, display_name: str, roles: frozenset[Role], reason: str | None = None
    ) -> tuple[User, str]:
        """Add an account and return it with its first password, which its owner must change.

        Raises:
            NotAllowed, BadInput
        """
        expect(actor, Permission.MANAGE_USERS)
        name = fold_name(name)
        check_account(display_name, roles, name=name, reason=reason)
        password = generate_password()
        fresh = await self._passwords.hash(password)
        async with self._book.lock:
            if await self._store.by_name(name) is not None:
                raise BadInput([bad("name", "tên đăng nhập này đã có", "another name: this one is taken")])
            user = User(
                id=new_id(),
                name=name,
                display_name=display_name.strip(),
                roles=roles,
                password_hash=fresh,
                must_change_password=True,
            )
            await self._store.save_user(user, note=self._note(actor.id, "user.create", user, (reason or "").strip()))
        return user, password

    async def change(
        self,
        actor: Actor,
        user: UserId,
        *,
        reason: str,
        display_name: str | None = None,
        roles: frozenset[Role] | None = None,
        roles_seen: frozenset[Role] | None = None,
        active: bool | None = None,
    ) -> User:
        """Change what is given. Rights change with the next request; a closed account's sessions end.

        ``roles_seen``: the roles that somebody looked at before they decided.

        Raises:
            NotAllowed, NotFound, BadInput
            WrongState: nobody would be left who can manage accounts.
            Stale: the roles are not those that were seen.
        """
        expect(actor, Permission.MANAGE_USERS)
        async with self._book.lock:
            kept = await self._expect_user(user)
            if roles_seen is not None and kept.roles != roles_seen:
                raise Stale("Có người khác vừa đổi vai trò của người này.", "Somebody else changed these roles.")
            changed = replace(
                kept,
                display_name=kept.display_name if display_name is None else display_name.strip(),
                roles=kept.roles if roles is None else roles,
                active=kept.active if active is None else active,
            )
            check_account(changed.display_name, changed.roles, reason=reason)
            expect_an_administrator(changed if each.id == changed.id else each for each in await self._store.users())
            note = self._note(actor.id, deed(kept, changed, by=actor.id), changed, reason.strip(), before=kept)
            await self._store.save_user(changed, note=note)
        if not changed.active:
            await self._book.end_sessions(user)
        self._book.rights_changed(user)
        await self._alarms.own_rights(actor, kept, changed)
        return changed

    async def unlock(self, actor: Actor, user: UserId, *, reason: str) -> User:
        """Mở khóa: wrong tries are forgotten, and the next one is looked at.

        Raises:
            NotAllowed, NotFound, BadInput
        """
        expect(actor, Permission.MANAGE_USERS)
        why = stated(reason)
        async with self._book.lock:
            kept = await self._expect_user(user)
            changed = replace(kept, failed_logins=0, locked_until=None)
            await self._store.save_user(changed, note=self._note(actor.id, "user.unlock", changed, why))
        self._book.forgive(changed)
        return changed

    async def reset_password(self, actor: Actor, user: UserId, *, reason: str) -> str:
        """Give a forgetful person a new first password; their sessions end, and a lock is lifted.

        Raises:
            NotAllowed, NotFound, BadInput
            WrongState: it is their own, which asks for the old one; or the account is closed.
        """
        expect(actor, Permission.MANAGE_USERS)
        if actor.id == user:
            raise WrongState(
                "Mật khẩu của chính bạn: đổi ở Tài khoản của tôi.", "Your own: change it in My account.", code="own"
            )
        kept = await self._expect_user(user)
        password = await self._renew(kept, by=actor.id, reason=stated(reason))
        await self._alarms.password_reset(actor, kept)
        return password

    async def renew_offline(self, name: str, *, drop_factor: bool) -> str:
        """Do the same for somebody at the machine itself, when no administrator can sign in any more.

        Raises:
            NotFound: says who is an administrator.
            WrongState: the account is closed, and a new password would not open it.
        """
        user = await self._store.by_name(fold_name(name))
        if user is None:
            admins = ", ".join(
                sorted(
                    each.name for each in await self._store.users() if Permission.MANAGE_USERS in permissions_of(each)
                )
            )
            raise NotFound(
                f"Không có người dùng “{name}”. Quản trị viên: {admins}.",
                f"There is no user “{name}”. Administrators: {admins}.",
            )
        return await self._renew(user, by="system", reason="loa passwd", drop_factor=drop_factor)

    async def _renew(self, user: User, *, by: str, reason: str, drop_factor: bool = False) -> str:
        password = generate_password()
        fresh = await self._passwords.hash(password)
        async with self._book.lock:
            kept = await self._expect_user(user.id)
            if not kept.active:
                raise WrongState(
                    f"Tài khoản “{kept.name}” đã đóng: quản trị viên phải mở lại trước.",
                    f"The account “{kept.name}” is closed: an administrator has to open it first.",
                    code="closed",
                )
            changed = replace(kept, password_hash=fresh, must_change_password=True, failed_logins=0, locked_until=None)
            if drop_factor:
                changed = without_factor(changed)
            await self._store.save_user(changed, note=self._note(by, "user.reset_password", changed, reason))
        await self._book.end_sessions(user.id)
        self._book.forgive(changed)
        return password

    async def _expect_user(self, user: UserId) -> User:
        kept = await self._store.user(user)
        if kept is None:
            raise NotFound("Không có người dùng này.", "No such user.")
        return kept

    def _note(self, actor: str, action: str, user: User, reason: str, *, before: User | None = None) -> AuditNote:
        detail = told(before or user, user, reason)
        return AuditNote(actor=actor, action=action, subject=user.id, at=self._now(), detail=detail)

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())
