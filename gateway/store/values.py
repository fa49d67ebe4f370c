"""Small facts of the ward, as kept."""

import json
from typing import Any

from sqlite_utils import Database

from gateway.ports.records import AuditNote
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.documents import plain

_KEEP = "INSERT INTO value (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"


class SqliteValues:
    """Fits :class:`gateway.ports.store.Values`. Back comes what JSON knows: lists, text for instants."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database

    async def get(self, name: str) -> Any | None:
        def work(database: Database) -> Any | None:
            row = database.execute("SELECT body FROM value WHERE id = ?", [name]).fetchone()
            return json.loads(row[0]) if row else None

        return await self._database.read(work)

    async def set(self, name: str, value: Any, *, note: AuditNote | None) -> None:
        def work(database: Database) -> None:
            database.execute(_KEEP, [name, json.dumps(plain(value), ensure_ascii=False, allow_nan=False)])
            write_note(database, note)

        await self._database.run(work)
