"""Lịch phát and the decisions about clashes, as kept."""

from collections.abc import Sequence

from sqlite_utils import Database

from gateway.domain.clash import Decision
from gateway.domain.errors import NotFound
from gateway.domain.ids import ScheduleId
from gateway.domain.schedule import Schedule
from gateway.ports.records import AuditNote
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.shelf import Shelf


class SqliteSchedules:
    """Fits :class:`gateway.ports.store.Schedules`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._schedules = Shelf("schedule", Schedule)
        self._decisions = Shelf("decision", Decision)

    async def get(self, schedule: ScheduleId) -> Schedule | None:
        return await self._database.read(lambda db: self._schedules.get(db, schedule))

    async def all(self) -> Sequence[Schedule]:
        return await self._database.read(self._schedules.all)

    async def save(self, schedule: Schedule, *, was_revision: int | None, note: AuditNote) -> None:
        """Keep it, as :meth:`gateway.ports.store.Bulletins.save` does.

        Raises:
            Stale: somebody else changed it meanwhile.
        """

        def work(database: Database) -> None:
            self._schedules.expect_revision(database, schedule.id, was_revision)
            self._schedules.put(database, schedule.id, schedule, {"revision": schedule.revision})
            write_note(database, note)

        await self._database.run(work)

    async def delete(self, schedule: ScheduleId, *, note: AuditNote) -> None:
        """Take it away.

        Raises:
            NotFound: there is none of that name.
        """

        def work(database: Database) -> None:
            if not self._schedules.remove(database, schedule):
                raise NotFound("Không có lịch phát này.", "There is no such schedule.")
            write_note(database, note)

        await self._database.run(work)

    async def decisions(self) -> Sequence[Decision]:
        return await self._database.read(self._decisions.all)

    async def decide(self, decision: Decision, *, note: AuditNote) -> None:
        def work(database: Database) -> None:
            self._decisions.put(database, decision.id, decision)
            write_note(database, note)

        await self._database.run(work)
