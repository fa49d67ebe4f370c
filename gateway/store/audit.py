"""Nhật ký: who did what to what, chained by hash. Each line is added in the transaction of what it tells."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from gateway.ports.records import AuditLine, AuditNote, AuditQuery
from gateway.store.chain import START, Link, broken, canonical, check, link
from gateway.store.database import DatabaseThread
from gateway.store.documents import plain
from gateway.store.roots import Root, read_roots, write_root

_INSERT = "INSERT INTO audit (n, at, actor, action, subject, detail, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def write_note(database: Database, note: AuditNote | None) -> None:
    """Add ``note`` at the end of the chain, in the running transaction."""
    if note is None:
        return
    if note.at.tzinfo is None:
        raise ValueError(f"naive time: {note.at!r}")
    root = newest(database)
    row = {
        "n": root.n + 1,
        "at": note.at.astimezone(UTC).isoformat(),
        "actor": str(note.actor),
        "action": note.action,
        "subject": str(note.subject),
        "detail": canonical(plain(note.detail)),
    }
    database.execute(_INSERT, [*row.values(), root.hash, link(root.hash, _row_text(row))])


def newest(database: Database) -> Root:
    """Return the number and hash of the last line; number 0 when there is none."""
    row = database.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
    return Root(n=row[0], hash=row[1]) if row else Root(n=0, hash=START)


def verify_chain(database: Database, roots: Path) -> int:
    """Follow the whole chain, and compare it with the roots written down outside the database; count its lines.

    Raises:
        ChainBroken: names the first bad line.
    """
    noted = {root.n: root.hash for root in read_roots(roots) if root.n}

    def compared() -> Iterator[Link]:
        for found in _links(database):
            if noted.pop(found.n, found.hash) != found.hash:
                raise broken(found.n, f"dòng {found.n} khác gốc đã ghi", f"line {found.n} differs from its root")
            yield found

    n, _ = check(compared())
    if noted:
        raise broken(n + 1, f"mất các dòng từ {n + 1}", f"the lines from {n + 1} are missing")
    return n


class SqliteAudit:
    """Fits :class:`gateway.ports.store.Audit`."""

    def __init__(self, database: DatabaseThread, roots: Path) -> None:
        self._database = database
        self._roots = roots

    async def add(self, note: AuditNote) -> None:
        await self._database.run(lambda db: write_note(db, note))

    async def lines(self, *, after_n: int = 0, limit: int = 200) -> Sequence[AuditLine]:
        query = "SELECT * FROM audit WHERE n > ? ORDER BY n LIMIT ?"
        return await self._database.read(lambda db: [_line(row) for row in db.query(query, [after_n, limit])])

    async def find(self, query: AuditQuery, *, before_n: int | None = None, limit: int = 200) -> Sequence[AuditLine]:
        where, values = _where(query, before_n)
        text = f"SELECT * FROM audit WHERE {where} ORDER BY n DESC LIMIT ?"  # noqa: S608 - our own words
        return await self._database.read(lambda db: [_line(row) for row in db.query(text, [*values, limit])])

    async def last_n(self) -> int:
        return await self._database.read(lambda db: newest(db).n)

    async def verify(self) -> int:
        return await self._database.read(lambda db: verify_chain(db, self._roots))

    async def export_root(self, *, at: datetime) -> Root:
        """Write the newest number and hash down outside the database, so that a shortened log shows.

        Raises:
            StoreFailed: it could not be written.
        """

        def work(database: Database) -> Root:
            root = newest(database)
            write_root(self._roots, root, at)
            return root

        return await self._database.read(work)


def _where(query: AuditQuery, before_n: int | None) -> tuple[str, list[Any]]:
    whole_action = "." in query.kind
    # A range, not LIKE: it takes the index, and no sign in what was typed means anything else. "/" follows ".".
    kind = "action = ?" if whole_action else "action >= ? AND action < ?"
    kind_values = [query.kind] if whole_action else [f"{query.kind}.", f"{query.kind}/"]
    terms: list[tuple[str, list[Any]]] = [
        ("actor = ?", [query.actor] if query.actor else []),
        (kind, kind_values if query.kind else []),
        ("at >= ?", [_text(query.since)] if query.since else []),
        ("at < ?", [_text(query.until)] if query.until else []),
        ("n < ?", [before_n] if before_n is not None else []),
    ]
    asked = [(term, values) for term, values in terms if values]
    return " AND ".join(term for term, _ in asked) or "true", [value for _, values in asked for value in values]


def _text(at: datetime) -> str:
    """Write an instant as lines have it, so that text sorts as time does: ``+`` comes before ``.``."""
    return at.astimezone(UTC).isoformat()


def _row_text(row: dict[str, Any]) -> str:
    return canonical({name: row[name] for name in ("n", "at", "actor", "action", "subject", "detail")})


def _links(database: Database) -> Iterator[Link]:
    for row in database.query("SELECT * FROM audit ORDER BY n"):
        yield Link(n=row["n"], text=_row_text(row), prev=row["prev"], hash=row["hash"])


def _line(row: dict[str, Any]) -> AuditLine:
    note = AuditNote(
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        at=datetime.fromisoformat(row["at"]),
        detail=json.loads(row["detail"]),
    )
    return AuditLine(n=row["n"], note=note, prev=row["prev"], hash=row["hash"])
