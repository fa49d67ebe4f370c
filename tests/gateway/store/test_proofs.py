"""Journals are kept byte for byte, and every planned play gets one outcome that stands."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devices.model import Outcome, Proof
from gateway.domain.errors import ChainBroken
from gateway.ports.records import PlannedPlay
from gateway.store.opening import Store, open_store
from tests.gateway.store.rows import KP1, KP2, NOW, batch, document, later, note, play, sha256


def ended(outcome: Outcome = Outcome.PLAYED, occ: str = "a", **changes: Any) -> PlannedPlay:
    fields: dict[str, Any] = {
        "outcome": outcome,
        "proof": Proof.DEVICE,
        "why": "",
        "started_at": later(minutes=30),
        "ended_at": later(minutes=36),
        "start_error_ms": 1.25,
        "heard_ms": 312_480,
        "volume_percent": 78,
        "level_dbfs": -19.4,
        "journal_n": 2,
        "settled_at": later(minutes=37),
    }
    return play(occ, **{**fields, **changes})


async def _stands(store: Store, occ: str = "a") -> PlannedPlay:
    found = await store.proofs.play(play(occ).occ, KP1)
    assert found is not None
    return found


async def test_entries_are_kept_byte_for_byte_and_the_head_is_the_last(store: Store) -> None:
    await store.proofs.keep([batch(1, 3), batch(5, 6, cluster=KP2)])
    await store.proofs.keep([batch(4, 4)])
    assert await store.proofs.heads() == {KP1: (4, sha256(b"kp1-01/4")), KP2: (6, sha256(b"kp2-01/6"))}
    assert [await store.proofs.sealed(KP1, n) for n in (1, 4, 5)] == [b"kp1-01/1", b"kp1-01/4", None]


async def test_entries_that_come_again_are_left_as_they_are(store: Store) -> None:
    await store.proofs.keep([batch(1, 3)])
    await store.proofs.keep([batch(1, 3)])
    await store.proofs.keep([batch(2, 5), batch(4, 5)])
    assert (await store.proofs.heads())[KP1] == (5, sha256(b"kp1-01/5"))


async def test_a_gap_is_refused_and_nothing_of_any_cluster_is_kept(store: Store) -> None:
    await store.proofs.keep([batch(1, 2)])
    with pytest.raises(ChainBroken) as caught:
        await store.proofs.keep([batch(1, 3, ended(), cluster=KP2), batch(4, 5)])
    assert caught.value.n == 3
    assert await store.proofs.heads() == {KP1: (2, sha256(b"kp1-01/2"))}
    assert await store.proofs.play(play("a").occ, KP1) is None


async def test_an_entry_retold_in_other_words_is_refused(store: Store) -> None:
    await store.proofs.keep([batch(1, 3)])
    with pytest.raises(ChainBroken) as caught:
        await store.proofs.keep([batch(2, 4, salt="!")])
    assert caught.value.n == 2
    assert (await store.proofs.heads())[KP1][0] == 3
    assert await store.proofs.sealed(KP1, 2) == b"kp1-01/2"


async def test_a_new_board_begins_a_new_journal_and_the_old_one_stays(store: Store) -> None:
    await store.proofs.keep([batch(1, 3)])
    await store.proofs.rebase(KP1, n=0, sha256="", note=note("journal.rebase"))
    assert (await store.proofs.heads())[KP1] == (0, "")
    await store.proofs.keep([batch(1, 1, salt="-new")])
    assert (await store.proofs.heads())[KP1] == (1, sha256(b"kp1-01/1-new"))
    assert await store.proofs.sealed(KP1, 1) == b"kp1-01/1-new"
    assert await store.proofs.sealed(KP1, 3) == b"kp1-01/3"
    assert (await store.audit.lines())[0].note.action == "journal.rebase"


async def test_what_was_lost_with_our_own_data_can_be_stepped_over(store: Store) -> None:
    await store.proofs.rebase(KP1, n=120, sha256="f" * 64, note=note())
    assert (await store.proofs.heads())[KP1] == (120, "f" * 64)
    with pytest.raises(ChainBroken):
        await store.proofs.keep([batch(122, 123)])
    await store.proofs.keep([batch(119, 122)])
    assert (await store.proofs.heads())[KP1][0] == 122
    assert await store.proofs.sealed(KP1, 119) is None


async def test_an_entry_and_what_it_proves_are_kept_together(store: Store) -> None:
    await store.issues.issue([(document(1), [play("a")])])
    await store.proofs.keep([batch(1, 2, ended())])
    assert await _stands(store) == ended()


async def test_what_was_promised_is_never_rewritten_by_what_happened(store: Store) -> None:
    await store.issues.issue([(document(1), [play("a")])])
    lies: dict[str, Any] = {
        "title": "khác",
        "start_at": NOW,
        "duration_ms": 1,
        "schedule": None,
        "bulletins": (),
        "assets": (),
    }
    await store.proofs.settle([ended(**lies, unplanned=True)])
    assert await _stands(store) == ended()


@pytest.mark.parametrize("first", [outcome for outcome in Outcome if outcome is not Outcome.UNPROVEN])
@pytest.mark.parametrize("second", list(Outcome))
async def test_the_first_word_of_the_cluster_stands(store: Store, first: Outcome, second: Outcome) -> None:
    await store.issues.issue([(document(1), [play("a")])])
    await store.proofs.settle([ended(first)])
    await store.proofs.settle([ended(second, heard_ms=1, journal_n=9)])
    assert await _stands(store) == ended(first)


@pytest.mark.parametrize("truth", [outcome for outcome in Outcome if outcome is not Outcome.UNPROVEN])
async def test_unproven_gives_way_to_the_truth_and_to_nothing_else(store: Store, truth: Outcome) -> None:
    await store.issues.issue([(document(1), [play("a")])])
    unproven = replace(play("a"), outcome=Outcome.UNPROVEN, why="no word", settled_at=NOW)
    await store.proofs.settle([unproven])
    await store.proofs.settle([replace(unproven, why="again", settled_at=later(days=1))])
    assert await _stands(store) == unproven
    await store.proofs.settle([ended(truth)])
    assert await _stands(store) == ended(truth)


async def test_a_beginning_is_noted_and_settles_nothing(store: Store) -> None:
    await store.issues.issue([(document(1), [play("a")])])
    begun = replace(play("a"), started_at=later(minutes=30), start_error_ms=2.0)
    await store.proofs.settle([begun])
    await store.proofs.settle([replace(begun, started_at=later(minutes=31))])
    assert await _stands(store) == begun
    assert await store.proofs.plays(since=NOW, until=later(days=1), open_only=True) == [begun]
    await store.proofs.settle([ended(started_at=None, start_error_ms=None)])
    assert await _stands(store) == ended(start_error_ms=2.0)
    await store.proofs.settle([begun])
    assert await _stands(store) == ended(start_error_ms=2.0)


async def test_a_play_nobody_planned_is_kept_as_such(store: Store) -> None:
    await store.proofs.settle([ended(schedule=None, unplanned=True)])
    assert await _stands(store) == ended(schedule=None, unplanned=True)


async def test_of_two_ends_in_one_batch_the_first_stands(store: Store) -> None:
    await store.proofs.keep([batch(1, 4, ended(Outcome.INTERRUPTED), ended(Outcome.PLAYED))])
    assert (await _stands(store)).outcome is Outcome.INTERRUPTED


async def test_a_cancelled_play_that_was_heard_all_the_same_says_so(store: Store) -> None:
    await store.issues.issue([(document(1), [play("a")])])
    await store.issues.issue([(document(2), [])])
    await store.proofs.settle([ended()])
    assert await _stands(store) == ended(cancelled=True)
    assert await store.proofs.counts(since=NOW, until=later(days=1)) == {(Outcome.PLAYED, Proof.DEVICE): 1}


async def test_a_promise_is_made_once(store: Store) -> None:
    await store.proofs.promise([play("a", schedule=None)])
    await store.proofs.settle([ended(schedule=None)])
    await store.proofs.promise([play("a", schedule=None, title="khác")])
    assert await _stands(store) == ended(schedule=None)


async def test_plays_are_found_by_time_cluster_and_key(store: Store) -> None:
    early, late = play("a"), play("b", start_at=later(days=1))
    other, gone = play("a", KP2), play("c", KP2)
    await store.issues.issue([(document(1), [early, late]), (document(2, KP2), [other, gone])])
    await store.issues.issue([(document(3, KP2), [other])])
    gone = replace(gone, cancelled=True)

    assert await store.proofs.plays(since=NOW, until=later(hours=1)) == [early, other, gone]
    assert await store.proofs.plays(since=NOW, until=later(hours=1), cluster=KP2) == [other, gone]
    assert await store.proofs.plays(since=NOW, until=later(days=2), open_only=True) == [early, other, late]
    assert await store.proofs.plays(since=early.start_at, until=early.start_at) == []
    keys = [(early.occ, KP1), (early.occ, KP2), (late.occ, KP2)]
    assert await store.proofs.find(keys) == {keys[0]: early, keys[1]: other}


async def test_counts_leave_out_what_was_cancelled_in_time(store: Store) -> None:
    plays = [play(name) for name in "abcd"]
    await store.issues.issue([(document(1), plays)])
    await store.issues.issue([(document(2), plays[:3])])
    await store.proofs.settle([ended(occ="a"), ended(Outcome.SILENT, occ="b", proof=Proof.AMPLIFIER)])
    assert await store.proofs.counts(since=NOW, until=later(days=1)) == {
        (Outcome.PLAYED, Proof.DEVICE): 1,
        (Outcome.SILENT, Proof.AMPLIFIER): 1,
        (None, Proof.NONE): 1,
    }


async def test_journals_outlive_a_restart(folder: Path) -> None:
    with open_store(folder, now=NOW) as store:
        await store.proofs.keep([batch(1, 2, ended())])
    with open_store(folder, now=NOW) as store:
        assert (await store.proofs.heads())[KP1] == (2, sha256(b"kp1-01/2"))
        await store.proofs.keep([batch(3, 3)])
        assert await _stands(store) == ended()
