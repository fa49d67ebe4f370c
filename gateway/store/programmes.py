"""Chương trình, as kept."""

from collections.abc import Sequence

from sqlite_utils import Database

from gateway.domain.ids import ProgrammeId
from gateway.domain.programme import Programme
from gateway.ports.records import AuditNote
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.shelf import Shelf


class SqliteProgrammes:
    """Fits :class:`gateway.ports.store.Programmes`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._shelf = Shelf("programme", Programme)

    async def get(self, programme: ProgrammeId) -> Programme | None:
        return await self._database.read(lambda db: self._shelf.get(db, programme))

    async def all(self) -> Sequence[Programme]:
        return await self._database.read(self._shelf.all)

    async def save(self, programme: Programme, *, note: AuditNote) -> None:
        def work(database: Database) -> None:
            self._shelf.put(database, programme.id, programme)
            write_note(database, note)

        await self._database.run(work)
