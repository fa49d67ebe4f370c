"""The audit log can be added to and nothing else; whoever changes it past the product is found out, to the line."""

from pathlib import Path
from typing import Any

import pytest

from gateway.domain.errors import ChainBroken, StoreFailed
from gateway.store.opening import Store, open_store, verify_audit
from tests.gateway.store.rows import NOW, by_hand, later, note

COLUMNS = "at, actor, action, subject, detail, prev, hash"


@pytest.fixture
async def log(folder: Path) -> Path:
    """Five lines, closed."""
    with open_store(folder, now=NOW) as store:
        for n in range(1, 6):
            await store.audit.add(note(f"step.{n}", detail={"n": n, "lý do": "ổn"}))
    return folder


def _broken_at(folder: Path) -> int:
    with pytest.raises(ChainBroken) as caught:
        verify_audit(folder)
    return caught.value.n


def test_an_honest_log_holds(log: Path) -> None:
    assert verify_audit(log) == 5


async def test_an_empty_log_holds(store: Store) -> None:
    assert await store.audit.verify() == 0


@pytest.mark.parametrize("column", ["at", "actor", "action", "subject", "detail"])
def test_a_changed_line_is_named(log: Path, column: str) -> None:
    by_hand(log, f"UPDATE audit SET {column} = {column} || ' ' WHERE n = 3")
    assert _broken_at(log) == 3


def test_a_changed_line_with_a_fitting_hash_breaks_the_next(log: Path) -> None:
    by_hand(log, f"UPDATE audit SET hash = '{'0' * 64}' WHERE n = 3")
    assert _broken_at(log) == 3
    by_hand(log, "UPDATE audit SET prev = (SELECT hash FROM audit WHERE n = 3) WHERE n = 4")
    assert _broken_at(log) == 3


def test_a_removed_line_is_named(log: Path) -> None:
    by_hand(log, "DELETE FROM audit WHERE n = 2")
    assert _broken_at(log) == 2


def test_a_removed_line_with_the_numbers_closed_up_is_named(log: Path) -> None:
    by_hand(log, "DELETE FROM audit WHERE n = 2", *(f"UPDATE audit SET n = {n - 1} WHERE n = {n}" for n in (3, 4, 5)))
    assert _broken_at(log) == 2


def test_the_first_line_cannot_be_removed(log: Path) -> None:
    by_hand(log, "DELETE FROM audit WHERE n = 1")
    assert _broken_at(log) == 1


def test_a_line_slipped_in_is_named(log: Path) -> None:
    by_hand(
        log,
        "UPDATE audit SET n = n + 100 WHERE n > 2",
        f"INSERT INTO audit (n, {COLUMNS}) SELECT 3, {COLUMNS} FROM audit WHERE n = 2",
        "UPDATE audit SET n = n - 99 WHERE n > 100",
    )
    assert _broken_at(log) == 3


def test_swapped_lines_are_named(log: Path) -> None:
    by_hand(
        log,
        "UPDATE audit SET n = 99 WHERE n = 2",
        "UPDATE audit SET n = 2 WHERE n = 4",
        "UPDATE audit SET n = 4 WHERE n = 99",
    )
    assert _broken_at(log) == 2


async def test_cut_off_lines_show_against_a_root_written_down_before(log: Path) -> None:
    with open_store(log, now=NOW) as store:
        assert (await store.audit.export_root(at=NOW)).n == 5
        await store.audit.add(note("step.6"))
    assert verify_audit(log) == 6
    by_hand(log, "DELETE FROM audit WHERE n > 3")
    assert _broken_at(log) == 4


async def test_a_log_written_anew_shows_against_its_root(log: Path, tmp_path: Path) -> None:
    with open_store(log, now=NOW) as store:
        await store.audit.export_root(at=NOW)
        await store.audit.export_root(at=later(days=1))
    other = tmp_path / "other"
    with open_store(other, now=NOW) as store:
        for n in range(1, 8):
            await store.audit.add(note(f"another.{n}"))
    (other / "audit-roots.jsonl").write_bytes((log / "audit-roots.jsonl").read_bytes())
    assert _broken_at(other) == 5


async def test_roots_that_were_scribbled_over_are_not_taken_for_none(log: Path) -> None:
    with open_store(log, now=NOW) as store:
        await store.audit.export_root(at=NOW)
    (log / "audit-roots.jsonl").write_text("nothing to see here\n")
    with pytest.raises(ChainBroken):
        verify_audit(log)


@pytest.mark.parametrize("table", ["audit", "journal"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET n = n + 1", "DELETE FROM {}", "REPLACE INTO {} SELECT * FROM {}"])
async def test_the_product_itself_can_only_add(store: Store, table: str, verb: str) -> None:
    await store.audit.add(note())
    await store.database.run(
        lambda db: db.execute("INSERT INTO journal (cluster, run, n, sealed, body) VALUES ('c', 1, 1, x'00', '{}')")
    )
    with pytest.raises(StoreFailed, match="append-only"):
        await store.database.run(lambda db: db.execute(verb.replace("{}", table)))
    assert await store.audit.verify() == 1


async def test_a_note_comes_back_as_it_was_written(store: Store) -> None:
    detail: dict[str, Any] = {
        "lý do": "âm thanh nhỏ",
        "số": 3,
        "at": NOW,
        "clusters": frozenset({"kp2", "kp1"}),
        "x": None,
    }
    await store.audit.add(note("bulletin.approve", detail=detail))
    (line,) = await store.audit.lines()
    assert (line.n, line.note.action, line.note.actor, line.note.at) == (1, "bulletin.approve", "bien-tap-vien", NOW)
    assert line.note.detail == {
        "lý do": "âm thanh nhỏ",
        "số": 3,
        "at": "2026-10-07T22:00:00Z",
        "clusters": ["kp1", "kp2"],
        "x": None,
    }
    assert line.prev == "0" * 64


async def test_lines_are_read_page_by_page(store: Store) -> None:
    for n in range(7):
        await store.audit.add(note(f"step.{n}"))
    assert [line.n for line in await store.audit.lines(limit=3)] == [1, 2, 3]
    assert [line.n for line in await store.audit.lines(after_n=5)] == [6, 7]


async def test_a_change_and_its_note_are_kept_together_or_not_at_all(store: Store) -> None:
    with pytest.raises(ValueError, match="naive"):
        await store.values.set("x", 1, note=note(at=NOW.replace(tzinfo=None)))
    assert await store.values.get("x") is None
    assert await store.audit.verify() == 0
