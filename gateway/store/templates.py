"""Mẫu của phường, as kept: one row per version of a template; the newest of each id counts."""

import json
from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from devices.clock import epoch_ms, instant
from gateway.domain.template import Template
from gateway.domain.template_row import read_template, write_template
from gateway.ports.records import AuditNote
from gateway.ports.templates import TemplateVersion
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread

_CURRENT = """SELECT * FROM template WHERE n IN (SELECT max(n) FROM template GROUP BY id) AND body IS NOT NULL
    ORDER BY id"""
_ADD = "INSERT INTO template (id, body, by, at_ms) VALUES (?, ?, ?, ?)"


class SqliteTemplates:
    """Fits :class:`gateway.ports.templates.WardTemplates`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database

    async def current(self) -> Sequence[TemplateVersion]:
        return await self._database.read(lambda db: [_version(row) for row in db.query(_CURRENT)])

    async def history(self, id_: str, *, limit: int = 100) -> Sequence[TemplateVersion]:
        return await self._database.read(
            lambda db: [
                _version(row)
                for row in db.query("SELECT * FROM template WHERE id = ? ORDER BY n DESC LIMIT ?", [id_, limit])
            ]
        )

    async def write(self, id_: str, template: Template | None, *, note: AuditNote) -> int:
        def work(database: Database) -> int:
            body = json.dumps(write_template(template), ensure_ascii=False) if template is not None else None
            database.execute(_ADD, [id_, body, note.actor, epoch_ms(note.at)])
            write_note(database, note)
            return int(database.execute("SELECT max(n) FROM template").fetchone()[0])

        return await self._database.run(work)


def _version(row: dict[str, Any]) -> TemplateVersion:
    body = row["body"]
    return TemplateVersion(
        n=row["n"],
        id=row["id"],
        template=read_template(json.loads(body)) if body is not None else None,
        by=row["by"],
        at=instant(row["at_ms"]),
    )
