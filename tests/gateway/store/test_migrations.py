"""The file is brought up to date or left alone; it is never half changed and never thrown away."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from gateway.domain.errors import StoreFailed, StoreTooNew
from gateway.store.migrations import bring_up_to_date
from gateway.store.opening import open_store
from gateway.store.steps import STEPS, Step

NOW = datetime(2026, 10, 7, 22, 5, 6, tzinfo=UTC)


def _adds_a_column(database: Database) -> None:
    database.execute("ALTER TABLE value ADD COLUMN colour TEXT")


def _fails_half_way(database: Database) -> None:
    database.execute("ALTER TABLE value ADD COLUMN colour TEXT")
    database.execute("INSERT INTO value (id, body) VALUES ('half', '1')")
    raise RuntimeError("boom")


COLOUR = Step("a colour", _adds_a_column)
BROKEN = Step("a bad idea", _fails_half_way)


def _columns(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [row[1] for row in connection.execute("PRAGMA table_info(value)")]
    finally:
        connection.close()


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of today's program with one row in it."""
    path = tmp_path / "loa.db"
    assert bring_up_to_date(path, now=NOW) is None
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO value VALUES ('ward', '1')")
    connection.commit()
    connection.close()
    return path


def _others(path: Path) -> list[str]:
    """Name what is beside the file, but for SQLite's own log and index of it."""
    return sorted(other.name for other in path.parent.iterdir() if not other.name.endswith((".db", "-wal", "-shm")))


def test_a_new_file_has_every_step_recorded_and_nothing_beside_it(path: Path) -> None:
    assert _rows(path, "SELECT n, name FROM migration") == [(n, step.name) for n, step in enumerate(STEPS, 1)]
    assert _others(path) == []
    assert path.stat().st_mode & 0o077 == 0


def test_opening_again_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    assert bring_up_to_date(path, now=NOW) is None
    assert path.read_bytes() == before


def test_a_copy_is_made_before_a_migration(path: Path) -> None:
    copy = bring_up_to_date(path, now=NOW, steps=(*STEPS, COLOUR))
    assert copy is not None
    assert copy.name == f"loa.db.before-{len(STEPS) + 1:04d}-20261007-220506"
    assert "colour" in _columns(path)
    assert "colour" not in _columns(copy)
    assert _rows(copy, "SELECT * FROM value") == [("ward", "1")]
    assert _rows(path, "SELECT id, body FROM value") == [("ward", "1")]


def test_copies_never_overwrite_each_other(path: Path) -> None:
    for _ in range(3):
        with pytest.raises(StoreFailed):
            bring_up_to_date(path, now=NOW, steps=(*STEPS, BROKEN))
    stem = f"loa.db.before-{len(STEPS) + 1:04d}-20261007-220506"
    assert _others(path) == [stem, f"{stem}-1", f"{stem}-2"]


def test_a_failing_step_stops_the_start_and_keeps_file_and_copy(path: Path) -> None:
    with pytest.raises(StoreFailed) as caught:
        bring_up_to_date(path, now=NOW, steps=(*STEPS, BROKEN))
    assert caught.value.code == "migration_failed"
    assert "boom" in caught.value.en
    assert "before-" in caught.value.vi
    assert "colour" not in _columns(path)
    assert _rows(path, "SELECT * FROM value") == [("ward", "1")]
    assert _rows(path, "SELECT max(n) FROM migration") == [(len(STEPS),)]
    # and with the step mended the same file goes on
    bring_up_to_date(path, now=NOW, steps=(*STEPS, COLOUR))
    assert "colour" in _columns(path)


def test_steps_before_a_failing_one_stay(path: Path) -> None:
    with pytest.raises(StoreFailed):
        bring_up_to_date(path, now=NOW, steps=(*STEPS, Step("first", lambda db: None), BROKEN))
    assert _rows(path, "SELECT max(n) FROM migration") == [(len(STEPS) + 1,)]


def test_a_newer_file_is_refused_and_untouched(path: Path) -> None:
    bring_up_to_date(path, now=NOW, steps=(*STEPS, COLOUR))
    before, beside = path.read_bytes(), _others(path)
    for _ in range(2):
        with pytest.raises(StoreTooNew) as caught:
            bring_up_to_date(path, now=NOW)
        assert caught.value.code == "store_too_new"
    assert path.read_bytes() == before
    assert _others(path) == beside


def test_a_file_with_other_steps_is_refused_and_untouched(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE migration SET name = 'another history'")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreFailed) as caught:
        bring_up_to_date(path, now=NOW)
    assert caught.value.code == "store_damaged"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"", b"SQLite format 3\0", b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 9000],
    ids=["empty", "header only", "text", "noise"],
)
def test_what_is_no_database_is_refused_and_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "loa.db"
    path.write_bytes(content)
    with pytest.raises(StoreFailed) as caught:
        bring_up_to_date(path, now=NOW)
    assert caught.value.code == "store_damaged"
    assert "loa restore" in caught.value.vi
    assert path.read_bytes() == content


def test_another_products_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "loa.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreFailed) as caught:
        bring_up_to_date(path, now=NOW)
    assert caught.value.code == "store_damaged"
    assert path.read_bytes() == before


def test_a_torn_page_is_found_at_the_start_and_the_file_kept(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executemany("INSERT INTO value VALUES (?, ?)", [(f"v{n}", "x" * 500) for n in range(500)])
    connection.commit()
    page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'value'").fetchone()[0]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    torn = bytearray(path.read_bytes())
    torn[(page - 1) * 4096 : page * 4096] = b"\x5a" * 4096
    path.write_bytes(torn)
    with pytest.raises(StoreFailed) as caught:
        bring_up_to_date(path, now=NOW)
    assert caught.value.code == "store_damaged"
    assert path.read_bytes() == torn


def test_a_missing_file_whose_log_is_here_is_not_taken_for_a_new_ward(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.with_name("loa.db-wal").write_bytes(b"the last hour of a ward")
    with pytest.raises(StoreFailed) as caught:
        bring_up_to_date(path, now=NOW)
    assert caught.value.code == "store_damaged"
    assert not path.exists()


def test_a_first_start_that_was_cut_off_begins_again(tmp_path: Path) -> None:
    (tmp_path / "loa.db.new").write_bytes(b"half a database")
    assert bring_up_to_date(tmp_path / "loa.db", now=NOW) is None
    assert [other.name for other in tmp_path.iterdir()] == ["loa.db"]


def test_the_store_tells_of_the_copy(tmp_path: Path) -> None:
    with open_store(tmp_path, now=NOW) as store:
        assert store.migrated_from is None
