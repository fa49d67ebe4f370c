"""The one writer: whole or not at all, whatever fails."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.db import Table

from gateway.domain.errors import BadInput, StoreFailed
from gateway.store.opening import Store, open_store
from tests.gateway.store.rows import NOW, note


def _set(database: Database, name: str, body: str = "1") -> None:
    database.execute("INSERT INTO value VALUES (?, ?)", [name, body])


def _failure(store: Store) -> StoreFailed | None:
    return store.failure


class ChangedMyMindError(Exception):
    pass


async def test_a_hundred_writers_at_once_all_get_their_turn(store: Store) -> None:
    await asyncio.gather(*(store.values.set(f"v{n}", n, note=note(f"set.{n}")) for n in range(100)))
    assert [await store.values.get(f"v{n}") for n in range(100)] == list(range(100))
    assert await store.audit.verify() == 100


async def test_work_that_raises_leaves_nothing_and_its_error_arrives(store: Store) -> None:
    def work(database: Database) -> None:
        _set(database, "half")
        raise ChangedMyMindError

    with pytest.raises(ChangedMyMindError):
        await store.database.run(work)
    assert await store.values.get("half") is None


async def test_the_librarys_own_writes_do_not_end_the_transaction_around_them(store: Store) -> None:
    def work(database: Database) -> None:
        Table(database, "value").insert_all([{"id": "a", "body": "1"}, {"id": "b", "body": "2"}])
        Table(database, "made_up").insert({"id": 1})
        raise ChangedMyMindError

    with pytest.raises(ChangedMyMindError):
        await store.database.run(work)
    assert await store.values.get("a") is None
    assert "made_up" not in await store.database.read(lambda db: db.table_names())


async def test_a_long_read_delays_no_write_and_keeps_seeing_its_own_moment(store: Store) -> None:
    reading, written = threading.Event(), threading.Event()

    def slow(database: Database) -> tuple[int, int]:
        query = "SELECT count(*) FROM value"
        before = database.execute(query).fetchone()[0]
        reading.set()
        assert written.wait(10)
        return before, database.execute(query).fetchone()[0]

    task = asyncio.create_task(store.database.read(slow))
    assert await asyncio.to_thread(reading.wait, 10)
    await store.values.set("x", 1, note=None)
    written.set()
    assert await task == (0, 0)
    assert await store.values.get("x") == 1


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreFailed):
        await store.database.read(lambda db: _set(db, "x"))
    assert await store.values.get("x") is None


async def test_a_cancelled_caller_does_not_undo_what_has_begun(store: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(database: Database) -> None:
        begun.set()
        assert go_on.wait(10)
        _set(database, "kept")

    task = asyncio.create_task(store.database.run(work))
    assert await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.values.set("next", 1, note=None)
    assert await store.values.get("kept") == 1


async def test_a_full_disk_changes_nothing_and_says_so_until_there_is_room_again(store: Store) -> None:
    def limit(database: Database) -> None:
        pages = database.execute("PRAGMA page_count").fetchone()[0]
        database.execute(f"PRAGMA max_page_count = {pages + 2}")

    await store.values.set("before", 1, note=note())
    await store.database.run(limit)

    with pytest.raises(StoreFailed) as caught:
        await store.values.set("big", "x" * 100_000, note=note())
    assert caught.value.code == "disk_full"
    assert "Hết chỗ" in caught.value.vi
    assert _failure(store) is caught.value
    assert await store.values.get("big") is None
    assert await store.values.get("before") == 1
    assert await store.audit.verify() == 1

    await store.database.run(lambda db: db.execute("PRAGMA max_page_count = 1000000"))
    await store.values.set("big", "x" * 100_000, note=note())
    assert _failure(store) is None
    assert await store.audit.verify() == 2


async def test_a_locked_file_is_reported_as_busy(store: Store, folder: Path) -> None:
    other = sqlite3.connect(folder / "loa.db", isolation_level=None)
    try:
        store.database._writer.execute("PRAGMA busy_timeout = 50")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreFailed) as caught:
            await store.values.set("x", 1, note=None)
        assert caught.value.code == "store_busy"
        other.execute("ROLLBACK")
        await store.values.set("x", 1, note=None)
    finally:
        other.close()


async def test_what_cannot_be_kept_is_the_callers_mistake(store: Store) -> None:
    with pytest.raises(BadInput):
        await store.values.set("half a letter", "\ud83d", note=None)
    with pytest.raises(BadInput):
        await store.audit.lines(after_n=10**30)
    assert store.failure is None


async def test_a_closed_store_says_so(folder: Path) -> None:
    with open_store(folder, now=NOW) as store:
        pass
    with pytest.raises(StoreFailed, match="closed"):
        await store.values.set("x", 1, note=None)


async def test_the_probe_writes(store: Store) -> None:
    await store.probe()
    await store.database.run(lambda db: db.execute("PRAGMA query_only = ON"))
    with pytest.raises(StoreFailed):
        await store.probe()


async def test_commits_wait_for_the_disk(store: Store) -> None:
    def settings(database: Database) -> list[object]:
        names = ("synchronous", "journal_mode", "foreign_keys", "secure_delete")
        return [database.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await store.database.run(settings) == [2, "wal", 1, 1]
