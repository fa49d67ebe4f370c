"""Bringing the file up to date before anything reads it. It is never deleted, never rebuilt, never half changed."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from gateway.domain.errors import StoreFailed, StoreTooNew
from gateway.store.connection import open_reader, open_writer
from gateway.store.database import transaction
from gateway.store.durable import copy_database, sync_folder
from gateway.store.failures import damaged, of_sqlite, told
from gateway.store.steps import STEPS, Step

_MAGIC = b"SQLite format 3\0"
_RECORD = "CREATE TABLE IF NOT EXISTS migration (n INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL) STRICT"


def bring_up_to_date(path: Path, *, now: datetime, steps: Sequence[Step] = STEPS) -> Path | None:
    """Make the database at ``path`` fit this program; return the copy made of it before, if any step had to run.

    Raises:
        StoreTooNew: it holds a step this program does not know; it is untouched.
        StoreFailed: ``store_damaged``: it is not a sound database, and is untouched; ``migration_failed``: a step did
            not work, and the file is as it was before that step, beside the copy.
    """
    with told():
        if not path.exists():
            _make(path, now, steps)
            return None
        done = inspect(path, steps)
        if done == len(steps):
            return None
        copy = _free_name(path, done + 1, now)
        copy_database(path, copy)
        with closing(open_writer(path)) as database:
            _apply(database, done, steps, now, copy)
    return copy


def inspect(path: Path, steps: Sequence[Step] = STEPS) -> int:
    """Check the file without changing it; return how many steps it has.

    Raises:
        StoreTooNew, StoreFailed: it is not one this program may use.
    """
    with told():
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise damaged(str(path), "not a database")
        with closing(open_reader(path)) as database:
            try:
                verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
            except sqlite3.DatabaseError as error:
                # Damage may show as any complaint here; only a lock or an unreadable disk is something else.
                failure = of_sqlite(error)
                raise failure if failure.code != StoreFailed.code else damaged(str(path), error) from error
            if verdict != "ok":
                raise damaged(str(path), verdict)
            return _steps_of(database, path, steps)


def _steps_of(database: Database, path: Path, steps: Sequence[Step]) -> int:
    if not database.table("migration").exists():
        raise damaged(str(path), "not a file of this product")
    found = [(row["n"], row["name"]) for row in database.query("SELECT n, name FROM migration ORDER BY n")]
    known = [(n, step.name) for n, step in enumerate(steps, 1)]
    if found[: len(known)] == known and len(found) > len(known):
        raise StoreTooNew(
            f"Tệp {path} do phiên bản mới hơn ghi (bước {found[-1][0]}). Hãy cài phiên bản đó; tệp còn nguyên.",
            f"{path} was written by a newer version (step {found[-1][0]}). Install that one; the file is untouched.",
        )
    if found != known[: len(found)]:
        raise damaged(str(path), f"unknown steps {found}")
    return len(found)


def _make(path: Path, now: datetime, steps: Sequence[Step]) -> None:
    """Build a new file beside and give it its name when it is whole: an empty file is then always damage."""
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size:
        raise damaged(str(path), f"missing, but {wal.name} is here")
    fresh = path.with_name(f"{path.name}.new")
    for leftover in (fresh, fresh.with_name(f"{fresh.name}-wal"), fresh.with_name(f"{fresh.name}-shm")):
        leftover.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    with closing(open_writer(fresh)) as database:
        _apply(database, 0, steps, now, None)
    fresh.replace(path)
    sync_folder(path.parent)


def _apply(database: Database, done: int, steps: Sequence[Step], now: datetime, copy: Path | None) -> None:
    for n, step in enumerate(steps[done:], done + 1):
        try:
            with transaction(database):
                database.execute(_RECORD)
                step.run(database)
                database.execute("INSERT INTO migration VALUES (?, ?, ?)", [n, step.name, now.isoformat()])
        except Exception as error:
            raise StoreFailed(
                f"Không nâng cấp được tệp dữ liệu ở bước {n} ({step.name}): {error}. Tệp còn nguyên; bản sao: {copy}.",
                f"Step {n} ({step.name}) of the upgrade failed: {error}. The file is kept; its copy: {copy}.",
                code="migration_failed",
            ) from error


def _free_name(path: Path, n: int, now: datetime) -> Path:
    name = f"{path.name}.before-{n:04d}-{now:%Y%m%d-%H%M%S}"
    taken = 0
    while (copy := path.with_name(name + (f"-{taken}" if taken else ""))).exists():
        taken += 1
    return copy
