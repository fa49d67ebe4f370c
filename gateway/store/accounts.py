"""Người dùng và phiên đăng nhập, as kept. Passwords arrive hashed, cookies too."""

import unicodedata
from collections.abc import Sequence

from sqlite_utils import Database

from devices.clock import epoch_ms
from gateway.domain.errors import BadInput, Problem
from gateway.domain.ids import UserId
from gateway.ports.records import AuditNote, Session, User
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.shelf import Shelf


class SqliteAccounts:
    """Fits :class:`gateway.ports.store.Accounts`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._users = Shelf("user", User)
        self._sessions = Shelf("session", Session)

    async def user(self, user: UserId) -> User | None:
        return await self._database.read(lambda db: self._users.get(db, user))

    async def by_name(self, name: str) -> User | None:
        """Return who signs in as ``name``, however they type its letters."""
        found = await self._database.read(lambda db: self._users.all(db, "name = ?", (_folded(name),)))
        return found[0] if found else None

    async def users(self) -> Sequence[User]:
        return await self._database.read(self._users.all)

    async def save_user(self, user: User, *, note: AuditNote | None) -> None:
        """Keep an account.

        Raises:
            BadInput: another account has this name.
        """

        def work(database: Database) -> None:
            name = _folded(user.name)
            if any(other.id != user.id for other in self._users.all(database, "name = ?", (name,))):
                raise BadInput([_taken()])
            self._users.put(database, user.id, user, {"name": name})
            write_note(database, note)

        await self._database.run(work)

    async def session(self, token_hash: str) -> Session | None:
        return await self._database.read(lambda db: self._sessions.get(db, token_hash))

    async def sessions(self, user: UserId) -> Sequence[Session]:
        return await self._database.read(lambda db: self._sessions.all(db, "user = ?", (user,)))

    async def save_session(self, session: Session, *, note: AuditNote | None) -> None:
        """Keep a session, and let go of those that had expired when it was last seen."""

        def work(database: Database) -> None:
            database.execute("DELETE FROM session WHERE expires_ms < ?", [epoch_ms(session.seen_at)])
            columns = {"user": session.user, "expires_ms": epoch_ms(session.expires_at)}
            self._sessions.put(database, session.token_hash, session, columns)
            write_note(database, note)

        await self._database.run(work)

    async def update_session(self, session: Session, *, note: AuditNote | None) -> bool:
        def work(database: Database) -> bool:
            if self._sessions.get(database, session.token_hash) is None:
                return False
            columns = {"user": session.user, "expires_ms": epoch_ms(session.expires_at)}
            self._sessions.put(database, session.token_hash, session, columns)
            write_note(database, note)
            return True

        return await self._database.run(work)

    async def end_session(self, token_hash: str, *, note: AuditNote | None) -> None:
        def work(database: Database) -> None:
            self._sessions.remove(database, token_hash)
            write_note(database, note)

        await self._database.run(work)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _taken() -> Problem:
    return Problem(
        code="name_taken", vi="tên đăng nhập đã có người dùng", en="another account has this name", path="name"
    )
