"""Planned plays as rows: the promise is written once, the outcome once. Works inside a transaction the caller holds."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlite_utils import Database

from devices.clock import epoch_ms, instant
from devices.model import AssetId, ClusterId, OccurrenceId, Outcome, Proof
from gateway.domain.ids import ScheduleId
from gateway.ports.records import PlannedPlay
from gateway.store.instants import moment, moment_ms

_PROMISED = ("schedule", "title", "priority", "start_ms", "duration_ms", "bulletins", "assets", "cancelled")
_HAPPENED = (
    "outcome",
    "proof",
    "why",
    "started_ms",
    "ended_ms",
    "start_error_ms",
    "heard_ms",
    "volume_percent",
    "level_dbfs",
    "journal_n",
    "settled_ms",
)
_COLUMNS = ("occ", "cluster", *_PROMISED, "unplanned", *_HAPPENED)
_INSERT = f"INSERT INTO play ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608


def _fresh(columns: Iterable[str]) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in columns)


# A play that has begun or ended keeps the description it aired under.
_PLAN = f"{_INSERT} ON CONFLICT DO UPDATE SET {_fresh(_PROMISED)} WHERE outcome IS NULL AND started_ms IS NULL"
_PROMISE = f"{_INSERT} ON CONFLICT DO NOTHING"
# The word of the end may come without that of the beginning; what was noted of it then stays.
_BEGINNING = ("started_ms", "start_error_ms")
_KNOWN = ", ".join(f"{name} = ifnull(excluded.{name}, {name})" for name in _BEGINNING)
_END = (
    f"{_INSERT} ON CONFLICT DO UPDATE SET {_fresh(sorted(set(_HAPPENED) - set(_BEGINNING)))}, {_KNOWN}"
    " WHERE outcome IS NULL OR (outcome = 'unproven' AND excluded.outcome <> 'unproven')"
    " OR (journal_n IS NULL AND excluded.journal_n IS NOT NULL)"
)
_BEGIN = """
UPDATE play SET started_ms = ifnull(started_ms, ?), start_error_ms = ifnull(start_error_ms, ?)
WHERE occ = ? AND cluster = ? AND (outcome IS NULL OR outcome = 'unproven')
"""
_CANCEL = """
UPDATE play SET cancelled = 1
WHERE cluster = ? AND start_ms > ? AND schedule IS NOT NULL AND outcome IS NULL AND started_ms IS NULL
    AND cancelled = 0 AND occ NOT IN (SELECT value FROM json_each(?))
"""


def plan(database: Database, cluster: ClusterId, plays: Sequence[PlannedPlay], issued_at: datetime) -> None:
    """Write what a plan promises, and cancel what an older plan promised for later and this one does not."""
    if any(play.cluster != cluster for play in plays):
        raise ValueError(f"the plan of {cluster} holds plays of another cluster")
    names = json.dumps([play.occ for play in plays])
    database.execute(_CANCEL, [cluster, epoch_ms(issued_at), names])
    database.conn.executemany(_PLAN, [_values(play) for play in plays])


def promise(database: Database, plays: Sequence[PlannedPlay]) -> None:
    """Add plays that no plan carries; one that is there already is left as it is."""
    database.conn.executemany(_PROMISE, [_values(play) for play in plays])


def settle(database: Database, plays: Sequence[PlannedPlay]) -> None:
    """Write how plays began and ended: the first outcome stands, as :meth:`gateway.ports.store.Proofs.settle` says."""
    ended = [play for play in plays if play.outcome is not None]
    begun = [play for play in plays if play.outcome is None]
    database.conn.executemany(_PROMISE, [_values(play) for play in begun])
    database.conn.executemany(
        _BEGIN, [(moment_ms(play.started_at), play.start_error_ms, play.occ, play.cluster) for play in begun]
    )
    database.conn.executemany(_END, [_values(play) for play in ended])


def find(database: Database, occ: OccurrenceId, cluster: ClusterId) -> PlannedPlay | None:
    """Return one play."""
    row = next(database.query("SELECT * FROM play WHERE occ = ? AND cluster = ?", [occ, cluster]), None)
    return play_of(row) if row else None


def _values(play: PlannedPlay) -> tuple[Any, ...]:
    return (
        play.occ,
        play.cluster,
        play.schedule,
        play.title,
        str(play.priority),
        epoch_ms(play.start_at),
        play.duration_ms,
        json.dumps(play.bulletins),
        json.dumps(play.assets),
        int(play.cancelled),
        int(play.unplanned),
        play.outcome.value if play.outcome is not None else None,
        play.proof.value,
        play.why,
        moment_ms(play.started_at),
        moment_ms(play.ended_at),
        play.start_error_ms,
        play.heard_ms,
        play.volume_percent,
        play.level_dbfs,
        play.journal_n,
        moment_ms(play.settled_at),
    )


@lru_cache(maxsize=2048)
def _names(text: str) -> tuple[str, ...]:
    """Read a list that two hundred clusters of one airtime have in common; a report reads 40,000 rows."""
    return tuple(json.loads(text))


@lru_cache(maxsize=2048)
def _assets(text: str) -> tuple[AssetId, ...]:
    return tuple(AssetId(name) for name in json.loads(text))


def play_of(row: dict[str, Any]) -> PlannedPlay:
    """Read a row."""
    return PlannedPlay(
        occ=OccurrenceId(row["occ"]),
        cluster=ClusterId(row["cluster"]),
        schedule=ScheduleId(row["schedule"]) if row["schedule"] is not None else None,
        title=row["title"],
        priority=row["priority"],
        start_at=instant(row["start_ms"]),
        duration_ms=row["duration_ms"],
        bulletins=_names(row["bulletins"]),
        assets=_assets(row["assets"]),
        cancelled=bool(row["cancelled"]),
        unplanned=bool(row["unplanned"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] is not None else None,
        proof=Proof(row["proof"]),
        why=row["why"],
        started_at=moment(row["started_ms"]),
        ended_at=moment(row["ended_ms"]),
        start_error_ms=row["start_error_ms"],
        heard_ms=row["heard_ms"],
        volume_percent=row["volume_percent"],
        level_dbfs=row["level_dbfs"],
        journal_n=row["journal_n"],
        settled_at=moment(row["settled_ms"]),
    )
