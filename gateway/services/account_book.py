"""Danh sách người dùng: the rows of accounts, changed one at a time so that no change undoes another."""

import asyncio
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from devices.clock import Clock, instant
from gateway.domain.errors import NotFound, NotSignedIn
from gateway.domain.ids import UserId
from gateway.ports.records import AuditNote, Session, User
from gateway.ports.store import Accounts
from gateway.services.passwords import Passwords, check_password


def fold_name(name: str) -> str:
    """Return a sign-in name as it is kept: case and keyboard make no difference."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


class AccountBook:
    """Read, change, write back: under one lock, because a row is written whole."""

    def __init__(self, *, store: Accounts, passwords: Passwords, clock: Clock) -> None:
        self._store = store
        self._passwords = passwords
        self._clock = clock
        self.lock = asyncio.Lock()
        """Held while rows are changed; whoever checks a rule over all rows holds it meanwhile."""
        self.on_forgiven: list[Callable[[User], None]] = []
        """Told of whose wrong tries are forgotten: whoever counts them."""
        self.on_rights_changed: list[Callable[[UserId], None]] = []
        """Told of whose sessions ended or whose rights changed: whoever remembers them."""

    async def change(self, user: UserId, step: Callable[[User], User], note: AuditNote | None) -> User:
        """Apply ``step`` to the row as it is now.

        Raises:
            NotFound: there is no such account.
        """
        async with self.lock:
            return await self.change_locked(user, step, note)

    async def change_locked(self, user: UserId, step: Callable[[User], User], note: AuditNote | None) -> User:
        """Do what :meth:`change` does, for a caller who holds :attr:`lock`."""
        kept = await self._store.user(user)
        if kept is None:
            raise NotFound("Không có người dùng này.", "No such user.")
        changed = step(kept)
        await self._store.save_user(changed, note=note)
        return changed

    async def signed_in(self, user: User, password: str, session: Session, note: AuditNote) -> User:
        """Keep the new ``session`` of ``user``, whose ``password`` was found right, and forget failures.

        One step with the look at the row: whoever closes the account or gives another password meanwhile ends this
        session too. A hash made with old settings is made again while the password is at hand.

        Raises:
            NotSignedIn: the account was closed, or has another password now.
        """
        looked_at = user.password_hash
        while True:
            fresh = await self._passwords.hash(password) if self._passwords.outdated(looked_at) else looked_at
            async with self.lock:
                now = await self._store.user(user.id)
                if now is None or not now.active:
                    raise wrong_password()
                if now.password_hash == looked_at:
                    changed = replace(
                        now, failed_logins=0, locked_until=None, signed_in_at=session.created_at, password_hash=fresh
                    )
                    await self._store.save_user(changed, note=note)
                    await self._store.save_session(session, note=None)
                    return changed
            looked_at = now.password_hash
            if not await self._passwords.matches(password, looked_at):
                raise wrong_password()

    async def set_own_password(self, user: UserId, password: str, *, keep_session: str) -> None:
        """Set a password its owner chose, and end their other sessions.

        Raises:
            BadInput: it is too easy.
        """
        kept = await self._store.user(user)
        check_password(password, name=kept.name if kept is not None else "")
        fresh = await self._passwords.hash(password)
        note = AuditNote(actor=user, action="user.change_password", subject=user, at=self._now())
        await self.change(user, lambda now: replace(now, password_hash=fresh, must_change_password=False), note)
        await self.end_sessions(user, but=keep_session)

    async def end_sessions(self, user: UserId, *, but: str = "") -> None:
        """End the sessions of ``user``, except the one whose token hash is ``but``."""
        for session in await self._store.sessions(user):
            if session.token_hash != but:
                await self._store.end_session(session.token_hash, note=None)
        self.rights_changed(user)

    def rights_changed(self, user: UserId) -> None:
        """Let nobody go on with what they remember of ``user``."""
        for tell in self.on_rights_changed:
            tell(user)

    def forgive(self, user: User) -> None:
        """Let ``user`` try again at once."""
        for tell in self.on_forgiven:
            tell(user)

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())


def wrong_password() -> NotSignedIn:
    """Say the same to whoever has no account, a closed one, or another password."""
    return NotSignedIn("Sai tên đăng nhập hoặc mật khẩu.", "Wrong name or password.", code="wrong_password")
