"""Cảnh báo, as kept: one row per fault and life of it, however often it is raised."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from devices.clock import epoch_ms, instant
from devices.model import ClusterId
from gateway.domain.errors import NotFound
from gateway.ports.records import Alarm, AuditNote, Severity
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.instants import moment

_INSERT = """
INSERT INTO alarm (key, cluster, raised_ms, count, severity, text_vi, text_en)
VALUES (:key, :cluster, :raised_ms, :count, :severity, :text_vi, :text_en)
"""
_AGAIN = """
UPDATE alarm SET count = count + 1, severity = :severity, text_vi = :text_vi, text_en = :text_en,
    seen_ms = iif(:worse, NULL, seen_ms), seen_by = iif(:worse, NULL, seen_by)
WHERE key = :key AND cleared_ms IS NULL
"""
_SEE = """
UPDATE alarm SET seen_ms = ifnull(seen_ms, ?), seen_by = ifnull(seen_by, ?) WHERE key = ? AND cleared_ms IS NULL
"""
_LADDER = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


class SqliteAlarms:
    """Fits :class:`gateway.ports.store.Alarms`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database

    async def raise_(self, alarm: Alarm) -> bool:
        """Keep it; ``True`` when it was not already standing.

        Raised again, it keeps its beginning, counts one more and takes the newer words; one that grew worse is unseen
        again: whoever saw the warning has not seen the danger.
        """
        return await self._database.run(lambda db: _raise(db, alarm))

    async def clear(self, key: str, *, at: datetime) -> bool:
        query = "UPDATE alarm SET cleared_ms = ? WHERE key = ? AND cleared_ms IS NULL"
        return await self._database.run(lambda db: db.execute(query, [epoch_ms(at), key]).rowcount > 0)

    async def see(self, key: str, *, by: str, at: datetime, note: AuditNote) -> None:
        """Note who saw it first.

        Raises:
            NotFound: it does not stand.
        """

        def work(database: Database) -> None:
            if not database.execute(_SEE, [epoch_ms(at), by, key]).rowcount:
                raise NotFound("Cảnh báo này không còn.", "This alarm does not stand any more.")
            write_note(database, note)

        await self._database.run(work)

    async def standing(self) -> Sequence[Alarm]:
        query = "SELECT * FROM alarm WHERE cleared_ms IS NULL ORDER BY raised_ms, n"
        return await self._database.read(lambda db: [_alarm(row) for row in db.query(query)])

    async def history(self, *, limit: int = 200) -> Sequence[Alarm]:
        """Return the newest alarms, standing or cleared, newest first."""
        query = "SELECT * FROM alarm ORDER BY raised_ms DESC, n DESC LIMIT ?"
        return await self._database.read(lambda db: [_alarm(row) for row in db.query(query, [limit])])


def _raise(database: Database, alarm: Alarm) -> bool:
    query = "SELECT severity FROM alarm WHERE key = ? AND cleared_ms IS NULL"
    standing = database.execute(query, [alarm.key]).fetchone()
    row: dict[str, Any] = {
        "key": alarm.key,
        "cluster": alarm.cluster,
        "raised_ms": epoch_ms(alarm.raised_at),
        "count": alarm.count,
        "severity": alarm.severity.value,
        "text_vi": alarm.text_vi,
        "text_en": alarm.text_en,
    }
    if standing is None:
        database.execute(_INSERT, row)
        return True
    row["worse"] = _LADDER.index(alarm.severity) > _LADDER.index(Severity(standing[0]))
    database.execute(_AGAIN, row)
    return False


def _alarm(row: dict[str, Any]) -> Alarm:
    return Alarm(
        key=row["key"],
        severity=Severity(row["severity"]),
        text_vi=row["text_vi"],
        text_en=row["text_en"],
        cluster=ClusterId(row["cluster"]) if row["cluster"] is not None else None,
        raised_at=instant(row["raised_ms"]),
        seen_at=moment(row["seen_ms"]),
        seen_by=row["seen_by"],
        cleared_at=moment(row["cleared_ms"]),
        count=row["count"],
    )
