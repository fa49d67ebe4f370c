"""What was sent to clusters and what they answered, as kept."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlite_utils import Database

from devices.clock import epoch_ms, instant
from devices.model import ClusterId, OccurrenceId
from gateway.domain.errors import Stale
from gateway.ports.records import AuditNote, CommandRow, CommandState, IssuedDocument, PlannedPlay, StopOrder
from gateway.store import plays
from gateway.store.audit import write_note
from gateway.store.counters import EPOCH, SEQ, raise_to, read_counter, reserve
from gateway.store.database import DatabaseThread
from gateway.store.documents import plain
from gateway.store.instants import moment, moment_ms

logger = logging.getLogger(__name__)

PLAN = "plan"
_WARD = ""
_LATEST = """
SELECT document.*, held.seq AS accepted_seq FROM document LEFT JOIN held USING (kind, cluster)
WHERE kind = ? ORDER BY cluster
"""
_KEEP = """
INSERT INTO document (kind, cluster, epoch, seq, rev, sealed, content_hash, issued_ms)
VALUES (:kind, :cluster, :epoch, :seq, :rev, :sealed, :content_hash, :issued_ms)
ON CONFLICT DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, rev = excluded.rev, sealed = excluded.sealed,
    content_hash = excluded.content_hash, issued_ms = excluded.issued_ms
WHERE (excluded.epoch, excluded.seq) > (epoch, seq)
"""
_HOLD = "INSERT INTO held (kind, cluster, seq) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)"
_SYSTEM = "system"
"""Who gives the gateway's own orders."""
_STOPS = """
SELECT cluster, json_extract(body, '$.occ') AS occ, max(sent_ms) AS sent_ms FROM command
WHERE typ = 'stop' AND by != ? AND sent_ms >= ?
    AND NOT (state = ? AND why = 'emergency') AND NOT (state = ? AND json_extract(body, '$.occ') IS NULL)
GROUP BY json_extract(body, '$.occ'), cluster
"""
_COMMAND = """
INSERT INTO command (jti, cluster, typ, by, sent_ms, expires_ms, state, why, answered_ms, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""

_RANK: Mapping[CommandState, int] = MappingProxyType(
    {
        CommandState.SENT: 0,
        # What the gateway supposes gives way to anything the cluster says after all.
        CommandState.NOT_SENT: 1,
        CommandState.NO_ANSWER: 1,
        CommandState.RECEIVED: 2,
        CommandState.ACCEPTED: 3,
        CommandState.DONE: 4,
        CommandState.REJECTED: 4,
    }
)


class SqliteIssues:
    """Fits :class:`gateway.ports.store.Issues`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database

    async def epoch(self) -> int:
        return await self._database.read(lambda db: read_counter(db, EPOCH))

    async def next_seq(self, count: int = 1) -> int:
        return await self._database.run(lambda db: reserve(db, SEQ, count))

    async def rise_above(self, *, epoch: int, seq: int) -> int:
        """Raise both counters where they are lower; they never fall."""

        def work(database: Database) -> int:
            if read_counter(database, SEQ) < seq:
                raise_to(database, SEQ, seq)
            now = read_counter(database, EPOCH)
            return raise_to(database, EPOCH, epoch) if now < epoch else now

        return await self._database.run(work)

    async def latest(self, kind: str) -> Sequence[IssuedDocument]:
        return await self._database.read(lambda db: [_document(row) for row in db.query(_LATEST, [kind])])

    async def issue(self, documents: Sequence[tuple[IssuedDocument, Sequence[PlannedPlay]]]) -> None:
        """Keep documents, each plan with the plays it promises, in one transaction: all of them or none.

        Raises:
            Stale: one is not newer than what was issued before it; versions only grow.
        """

        def work(database: Database) -> None:
            for document, promised in documents:
                _issue(database, document, promised)

        await self._database.run(work)

    async def accepted(self, answers: Sequence[tuple[str, ClusterId, int]]) -> None:
        await self._database.run(lambda db: db.conn.executemany(_HOLD, answers))

    async def record_commands(self, rows: Sequence[CommandRow], *, note: AuditNote | None) -> None:
        def work(database: Database) -> None:
            database.conn.executemany(_COMMAND, [_values(row) for row in rows])
            write_note(database, note)

        await self._database.run(work)

    async def answer_commands(self, answers: Sequence[tuple[str, ClusterId, CommandState, str, datetime]]) -> None:
        """Store answers ``(jti, cluster, state, why, at)``; what the cluster said never gives way to less.

        An answer to a command that is not kept is logged and changes nothing.
        """

        def work(database: Database) -> list[tuple[str, ClusterId]]:
            return [answer[:2] for answer in answers if not _answer(database, answer)]

        for jti, cluster in await self._database.run(work):
            logger.warning("cluster %s answers %s, which is not kept", cluster, jti)

    async def commands(self, *, since: datetime, limit: int = 200) -> Sequence[CommandRow]:
        """Return the commands sent at or after ``since``, newest first."""
        query = "SELECT * FROM command WHERE sent_ms >= ? ORDER BY sent_ms DESC, jti, cluster LIMIT ?"
        values = [epoch_ms(since), limit]
        return await self._database.read(lambda db: [_command(row) for row in db.query(query, values)])

    async def stops(self, *, since: datetime) -> Sequence[StopOrder]:
        values = [_SYSTEM, epoch_ms(since), CommandState.REJECTED.value, CommandState.DONE.value]
        return await self._database.read(lambda db: [_stop(row) for row in db.query(_STOPS, values)])


def _issue(database: Database, document: IssuedDocument, promised: Sequence[PlannedPlay]) -> None:
    row = {
        "kind": document.kind,
        "cluster": document.cluster or _WARD,
        "epoch": document.epoch,
        "seq": document.seq,
        "rev": document.rev,
        "sealed": document.sealed,
        "content_hash": document.content_hash,
        "issued_ms": epoch_ms(document.issued_at),
    }
    if database.execute(_KEEP, row).rowcount == 0:
        raise Stale(
            f"Đã có bản {document.kind} mới hơn cho {document.cluster or 'toàn phường'}.",
            f"A newer {document.kind} was issued to {document.cluster or 'the ward'} already.",
            code="stale_document",
        )
    if document.kind == PLAN and document.cluster is not None:
        plays.plan(database, document.cluster, promised, document.issued_at)
    elif promised:
        raise ValueError(f"a {document.kind} promises no plays")


def _answer(database: Database, answer: tuple[str, ClusterId, CommandState, str, datetime]) -> bool:
    jti, cluster, state, why, at = answer
    query = "SELECT state FROM command WHERE jti = ? AND cluster = ?"
    row = database.execute(query, [jti, cluster]).fetchone()
    if row is None:
        return False
    if _RANK[state] > _RANK[CommandState(row[0])]:
        database.execute(
            "UPDATE command SET state = ?, why = ?, answered_ms = ? WHERE jti = ? AND cluster = ?",
            [state.value, why, epoch_ms(at), jti, cluster],
        )
    return True


def _document(row: dict[str, Any]) -> IssuedDocument:
    return IssuedDocument(
        kind=row["kind"],
        cluster=ClusterId(row["cluster"]) if row["cluster"] != _WARD else None,
        epoch=row["epoch"],
        seq=row["seq"],
        rev=row["rev"],
        sealed=row["sealed"],
        content_hash=row["content_hash"],
        issued_at=instant(row["issued_ms"]),
        accepted_seq=row["accepted_seq"],
    )


def _values(row: CommandRow) -> tuple[Any, ...]:
    return (
        row.jti,
        row.cluster,
        row.typ,
        row.by,
        epoch_ms(row.sent_at),
        epoch_ms(row.expires_at),
        row.state.value,
        row.why,
        moment_ms(row.answered_at),
        json.dumps(plain(row.body), ensure_ascii=False),
    )


def _stop(row: dict[str, Any]) -> StopOrder:
    occ = OccurrenceId(row["occ"]) if row["occ"] is not None else None
    return StopOrder(cluster=ClusterId(row["cluster"]), occ=occ, at=instant(row["sent_ms"]))


def _command(row: dict[str, Any]) -> CommandRow:
    return CommandRow(
        jti=row["jti"],
        cluster=ClusterId(row["cluster"]),
        typ=row["typ"],
        by=row["by"],
        sent_at=instant(row["sent_ms"]),
        expires_at=instant(row["expires_ms"]),
        state=CommandState(row["state"]),
        why=row["why"],
        answered_at=moment(row["answered_ms"]),
        body=json.loads(row["body"]),
    )
