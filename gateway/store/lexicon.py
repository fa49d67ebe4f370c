"""Từ điển của phường, as kept: one row per version of an entry; the newest of each key counts."""

from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from devices.clock import epoch_ms, instant
from gateway.domain.lexicon import Version, WardEntry
from gateway.ports.records import AuditNote
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread

_CURRENT = """SELECT * FROM lexicon WHERE n IN (SELECT max(n) FROM lexicon GROUP BY key) AND reading IS NOT NULL
    ORDER BY surface, key"""
_ADD = "INSERT INTO lexicon (key, surface, reading, flags, by, at_ms) VALUES (?, ?, ?, ?, ?, ?)"


class SqliteLexicon:
    """Fits :class:`gateway.ports.store.WardLexicon`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database

    async def current(self) -> Sequence[Version]:
        return await self._database.read(lambda db: [_version(row) for row in db.query(_CURRENT)])

    async def history(self, surface: str | None = None, *, limit: int = 500) -> Sequence[Version]:
        def work(database: Database) -> list[Version]:
            if surface is None:
                rows = database.query("SELECT * FROM lexicon ORDER BY n DESC LIMIT ?", [limit])
            else:
                rows = database.query(
                    "SELECT * FROM lexicon WHERE surface = ? ORDER BY n DESC LIMIT ?", [surface, limit]
                )
            return [_version(row) for row in rows]

        return await self._database.read(work)

    async def newest(self) -> int:
        return await self._database.read(
            lambda db: int(db.execute("SELECT coalesce(max(n), 0) FROM lexicon").fetchone()[0])
        )

    async def write(self, put: Sequence[WardEntry], removed: Sequence[WardEntry], *, note: AuditNote) -> None:
        def work(database: Database) -> None:
            for entry, reading in [*((one, one.reading) for one in put), *((one, None) for one in removed)]:
                row = [entry.key, entry.surface, reading, entry.flags, note.actor, epoch_ms(note.at)]
                database.execute(_ADD, row)
            write_note(database, note)

        await self._database.run(work)


def _version(row: dict[str, Any]) -> Version:
    return Version(
        n=row["n"],
        key=row["key"],
        surface=row["surface"],
        reading=row["reading"],
        flags=row["flags"],
        by=row["by"],
        at=instant(row["at_ms"]),
    )
