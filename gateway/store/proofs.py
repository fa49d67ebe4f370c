"""Bằng chứng, as kept: the clusters' journals, byte for byte as they came, and what they say of plays."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from devices.clock import epoch_ms
from devices.model import ClusterId, OccurrenceId, Outcome, Proof
from gateway.domain.errors import ChainBroken
from gateway.ports.records import AuditNote, JournalBatch, PlannedPlay
from gateway.store import plays
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.documents import plain

_PLAYS = "SELECT * FROM play WHERE start_ms >= ? AND start_ms < ?"
_COUNTS = """
SELECT outcome, proof, count(*) FROM play
WHERE start_ms >= ? AND start_ms < ? AND (cancelled = 0 OR outcome IS NOT NULL) GROUP BY outcome, proof
"""
_SET_HEAD = """
INSERT INTO journal_head (cluster, run, n, sha256) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET run = excluded.run, n = excluded.n, sha256 = excluded.sha256
"""


class _Head(NamedTuple):
    run: int
    n: int
    sha256: str


class SqliteProofs:
    """Fits :class:`gateway.ports.store.Proofs`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database

    async def heads(self) -> dict[ClusterId, tuple[int, str]]:
        query = "SELECT cluster, n, sha256 FROM journal_head"
        return await self._database.read(
            lambda db: {ClusterId(cluster): (n, sha256) for cluster, n, sha256 in db.execute(query)}
        )

    async def keep(self, batches: Sequence[JournalBatch]) -> None:
        """Append entries and settle what they say of plays, for many clusters, in one transaction.

        A cluster never heard before may begin with any number.

        Raises:
            ChainBroken: a number is left out, or one already kept has other bytes. Nothing of any batch is kept.
        """

        def work(database: Database) -> None:
            for batch in batches:
                _append(database, batch)
                plays.settle(database, batch.plays)

        await self._database.run(work)

    async def rebase(self, cluster: ClusterId, *, n: int, sha256: str, note: AuditNote) -> None:
        def work(database: Database) -> None:
            head = _head(database, cluster)
            database.execute(_SET_HEAD, [cluster, head.run + 1 if head else 1, n, sha256])
            write_note(database, note)

        await self._database.run(work)

    async def sealed(self, cluster: ClusterId, n: int) -> bytes | None:
        """Return entry ``n`` as it came, so that anyone can check its seal; the newest, if its number came again."""
        query = "SELECT sealed FROM journal WHERE cluster = ? AND n = ? ORDER BY run DESC LIMIT 1"

        def work(database: Database) -> bytes | None:
            row = database.execute(query, [cluster, n]).fetchone()
            return bytes(row[0]) if row else None

        return await self._database.read(work)

    async def settle(self, plays_: Sequence[PlannedPlay]) -> None:
        await self._database.run(lambda db: plays.settle(db, plays_))

    async def promise(self, plays_: Sequence[PlannedPlay]) -> None:
        await self._database.run(lambda db: plays.promise(db, plays_))

    async def find(
        self, keys: Sequence[tuple[OccurrenceId, ClusterId]]
    ) -> dict[tuple[OccurrenceId, ClusterId], PlannedPlay]:
        def work(database: Database) -> dict[tuple[OccurrenceId, ClusterId], PlannedPlay]:
            found = {(occ, cluster): plays.find(database, occ, cluster) for occ, cluster in keys}
            return {key: play for key, play in found.items() if play is not None}

        return await self._database.read(work)

    async def play(self, occ: OccurrenceId, cluster: ClusterId) -> PlannedPlay | None:
        return await self._database.read(lambda db: plays.find(db, occ, cluster))

    async def airing(self, occ: OccurrenceId) -> Sequence[PlannedPlay]:
        query = "SELECT * FROM play WHERE occ = ? ORDER BY start_ms, cluster"
        return await self._database.read(lambda db: [plays.play_of(row) for row in db.query(query, [occ])])

    async def plays(
        self, *, since: datetime, until: datetime, cluster: ClusterId | None = None, open_only: bool = False
    ) -> Sequence[PlannedPlay]:
        """Return the plays planned to start in ``[since, until)``, by start.

        ``open_only``: those still promised that have no outcome yet, not even UNPROVEN.
        """
        query = _PLAYS
        values: list[Any] = [epoch_ms(since), epoch_ms(until)]
        if cluster is not None:
            query += " AND cluster = ?"
            values.append(cluster)
        if open_only:
            query += " AND outcome IS NULL AND cancelled = 0"
        query += " ORDER BY start_ms, occ, cluster"
        return await self._database.read(lambda db: [plays.play_of(row) for row in db.query(query, values)])

    async def counts(self, *, since: datetime, until: datetime) -> dict[tuple[Outcome | None, Proof], int]:
        """Count plays planned to start in ``[since, until)``; one cancelled before it began is no play."""
        values = [epoch_ms(since), epoch_ms(until)]
        return await self._database.read(
            lambda db: {
                (Outcome(outcome) if outcome is not None else None, Proof(proof)): count
                for outcome, proof, count in db.execute(_COUNTS, values)
            }
        )


def _head(database: Database, cluster: ClusterId) -> _Head | None:
    query = "SELECT run, n, sha256 FROM journal_head WHERE cluster = ?"
    row = database.execute(query, [cluster]).fetchone()
    return _Head(*row) if row else None


def _append(database: Database, batch: JournalBatch) -> None:
    if not batch.entries:
        return
    head = _head(database, batch.cluster) or _Head(1, batch.entries[0][0] - 1, "")
    fresh = []
    for n, sealed, body in batch.entries:
        if n <= head.n:
            _expect_same(database, batch.cluster, head.run, n, sealed)
            continue
        if n != head.n + 1:
            raise ChainBroken(
                f"Nhật ký của {batch.cluster} thiếu dòng {head.n + 1}.",
                f"The journal of {batch.cluster} lacks entry {head.n + 1}.",
                n=head.n + 1,
            )
        head = _Head(head.run, n, hashlib.sha256(sealed).hexdigest())
        fresh.append((batch.cluster, head.run, n, sealed, json.dumps(plain(body), ensure_ascii=False)))
    if fresh:
        database.conn.executemany("INSERT INTO journal (cluster, run, n, sealed, body) VALUES (?, ?, ?, ?, ?)", fresh)
        database.execute(_SET_HEAD, [batch.cluster, *head])


def _expect_same(database: Database, cluster: ClusterId, run: int, n: int, sealed: bytes) -> None:
    query = "SELECT sealed FROM journal WHERE cluster = ? AND run = ? AND n = ?"
    row = database.execute(query, [cluster, run, n]).fetchone()
    if row is not None and bytes(row[0]) != sealed:
        raise ChainBroken(
            f"Nhật ký của {cluster} nói khác đi ở dòng {n}.", f"The journal of {cluster} retells entry {n}.", n=n
        )
