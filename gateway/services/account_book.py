"""Danh sách người dùng: the rows of accounts, changed one at a time so that no change undoes another."""

import asyncio
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from devices.clock import Clock, instant
from gateway.domain.errors import NotFound
from gateway.domain.ids import UserId
from gateway.ports.records import AuditNote, User
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

    async def signed_in(self, user: UserId, password: str, note: AuditNote) -> User:
        """Forget failures; a hash made with old settings is made again while the password is at hand."""
        kept = await self._store.user(user)
        fresh = None
        if kept is not None and self._passwords.outdated(kept.password_hash):
            fresh = (kept.password_hash, await self._passwords.hash(password))

        def step(now: User) -> User:
            again = fresh is not None and now.password_hash == fresh[0]
            return replace(
                now,
                failed_logins=0,
                locked_until=None,
                password_hash=fresh[1] if again and fresh is not None else now.password_hash,
            )

        return await self.change(user, step, note)

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

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())
