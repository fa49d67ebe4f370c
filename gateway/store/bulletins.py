"""Bản tin, as kept."""

from collections.abc import Sequence

from sqlite_utils import Database

from gateway.domain.bulletin import Bulletin
from gateway.domain.ids import BulletinId
from gateway.ports.records import AuditNote
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.shelf import Shelf


class SqliteBulletins:
    """Fits :class:`gateway.ports.store.Bulletins`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._shelf = Shelf("bulletin", Bulletin, as_begun=True)

    async def get(self, bulletin: BulletinId) -> Bulletin | None:
        return await self._database.read(lambda db: self._shelf.get(db, bulletin))

    async def all(self) -> Sequence[Bulletin]:
        return await self._database.read(self._shelf.all)

    async def save(self, bulletin: Bulletin, *, was_revision: int | None, note: AuditNote) -> None:
        def work(database: Database) -> None:
            self._shelf.expect_revision(database, bulletin.id, was_revision)
            columns = {"revision": bulletin.revision, "state": bulletin.state.value}
            self._shelf.put(database, bulletin.id, bulletin, columns)
            write_note(database, note)

        await self._database.run(work)
