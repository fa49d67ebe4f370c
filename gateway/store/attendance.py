"""Sổ chuyên cần, as kept: one small row for a cluster and a day; ten years of two hundred clusters are some 50 MB."""

from collections.abc import Sequence
from datetime import date

from sqlite_utils import Database

from devices.model import ClusterId
from gateway.domain.attendance import Attended
from gateway.store.database import DatabaseThread

_ADD = """
INSERT INTO attendance (day, cluster, watched_s, online_s) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
SET watched_s = watched_s + excluded.watched_s, online_s = online_s + excluded.online_s
"""
_BETWEEN = """
SELECT day, cluster, watched_s, online_s FROM attendance WHERE day >= ? AND day <= ? ORDER BY day, cluster
"""


class SqliteAttendance:
    """Fits :class:`gateway.ports.attendance.AttendanceBook`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database

    async def add(self, more: Sequence[Attended]) -> None:
        rows = [(each.day.isoformat(), each.cluster, each.watched_s, each.online_s) for each in more]

        def work(database: Database) -> None:
            database.conn.executemany(_ADD, rows)

        await self._database.run(work)

    async def between(self, first: date, last: date) -> Sequence[Attended]:
        values = [first.isoformat(), last.isoformat()]
        return await self._database.read(
            lambda db: [
                Attended(
                    day=date.fromisoformat(day), cluster=ClusterId(cluster), watched_s=watched_s, online_s=online_s
                )
                for day, cluster, watched_s, online_s in db.execute(_BETWEEN, values)
            ]
        )
