"""Từ điển, as kept: every version stays, and a change is kept with its line in the audit log or not at all."""

import sqlite3
from pathlib import Path

import pytest

from gateway.domain.lexicon import WardEntry
from gateway.store import layout
from gateway.store.opening import Store, open_store
from tests.gateway.store.rows import NOW, note

ONE = WardEntry(surface="KTX", reading="ký túc xá", flags="cs")
TWO = WardEntry(surface="Krông", reading="cơ rông")


async def test_the_newest_version_of_each_entry_counts_and_all_are_kept(store: Store, folder: Path) -> None:
    lexicon = store.lexicon
    await lexicon.write([ONE, TWO], (), note=note("lexicon.import"))
    await lexicon.write([WardEntry(surface="krông", reading="krông")], [ONE], note=note("lexicon.put"))
    assert [(each.surface, each.reading) for each in await lexicon.current()] == [("krông", "krông")]
    assert [(each.n, each.reading) for each in await lexicon.history("KTX")] == [(4, None), (1, "ký túc xá")]
    assert await lexicon.newest() == 4
    assert {each.by for each in await lexicon.history()} == {"bien-tap-vien"}
    assert (await lexicon.history())[0].at == NOW
    assert [line.note.action for line in await store.audit.lines()] == ["lexicon.import", "lexicon.put"]


async def test_capitals_count_only_where_an_entry_says_so(store: Store) -> None:
    await store.lexicon.write([WardEntry(surface="KTX", reading="ca tê ích"), ONE], (), note=note())
    await store.lexicon.write([WardEntry(surface="ktx", reading="khu tập thể")], (), note=note())
    assert {(each.surface, each.reading) for each in await store.lexicon.current()} == {
        ("ktx", "khu tập thể"),
        ("KTX", "ký túc xá"),
    }


async def test_no_version_is_ever_changed_or_deleted(store: Store, folder: Path) -> None:
    await store.lexicon.write([ONE], (), note=note())
    with sqlite3.connect(layout.database(folder)) as database:
        for change in ("UPDATE lexicon SET reading = 'x'", "DELETE FROM lexicon"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(change)
    database.close()


async def test_the_lexicon_is_there_after_a_restart(tmp_path: Path) -> None:
    with open_store(tmp_path / "data", now=NOW) as store:
        await store.lexicon.write([ONE], (), note=note())
    with open_store(tmp_path / "data", now=NOW) as store:
        assert [each.entry for each in await store.lexicon.current()] == [ONE]
