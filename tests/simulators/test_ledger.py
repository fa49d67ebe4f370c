"""The ledger finds every lie that can be planted in the books, and none where there is none."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model import Outcome
from simulators.ledger import Lie, Stored, check, start_errors_ms
from simulators.sound_card import SoundedSpan

T = 1_791_412_200_000
OCC = "sch-1@2026-10-08T05:30:00+07:00"


def span(start_ms: float = 0, end_ms: float = 60_000, *, tag: str = OCC, heard: bool = True) -> SoundedSpan:
    return SoundedSpan(
        start_root_ms=T + start_ms, end_root_ms=T + end_ms, tag=tag, frames=1, peak_dbfs=-6.0, heard=heard
    )


ROW = Stored(
    cluster="kp1-01", occ=OCC, planned_ms=T, dur_ms=60_000, outcome="played", start_ms=T + 2.0, heard_ms=60_000
)
TRUTH = {"kp1-01": [span(1.5)]}


def lies(truth: dict[str, list[SoundedSpan]], *rows: Stored) -> list[Lie]:
    return [found.lie for found in check(truth, rows)]


def test_true_books_have_no_discrepancy() -> None:
    assert lies(TRUTH, ROW) == []
    assert start_errors_ms(TRUTH, [ROW]) == {("kp1-01", OCC): 1.5}


@pytest.mark.parametrize("outcome", ["missed", "skipped", "refused", "failed", "unproven", "interrupted", None])
def test_what_did_not_sound_may_be_called_anything_but_played(outcome: str | None) -> None:
    assert lies({}, replace(ROW, outcome=outcome, start_ms=None, heard_ms=0)) == []


def test_heard_and_in_no_book_is_unrecorded() -> None:
    assert lies(TRUTH) == [Lie.UNRECORDED]
    assert lies(TRUTH, replace(ROW, outcome=None)) == [Lie.UNRECORDED]
    assert lies(TRUTH, replace(ROW, cluster="kp1-02", outcome="missed", start_ms=None)) == [Lie.UNRECORDED]


def test_two_rows_for_one_play_are_found() -> None:
    assert lies(TRUTH, ROW, ROW) == [Lie.RECORDED_TWICE]


@pytest.mark.parametrize("outcome", ["missed", "skipped", "refused", "failed", "unproven", "played_silent"])
def test_heard_and_denied_is_found(outcome: str) -> None:
    assert lies(TRUTH, replace(ROW, outcome=outcome)) == [Lie.DENIED]


@pytest.mark.parametrize("truth", [{}, {"kp1-01": [span(heard=False)]}, {"kp1-02": [span()]}])
def test_a_play_nobody_heard_is_found(truth: dict[str, list[SoundedSpan]]) -> None:
    assert Lie.INVENTED in lies(truth, ROW)


def test_a_part_that_nobody_heard_is_found() -> None:
    assert lies({}, replace(ROW, outcome="played_partial", heard_ms=10_000, start_ms=None)) == [Lie.INVENTED]


@pytest.mark.parametrize(
    "spans",
    [
        [span(0, 59_000)],
        [span(1_000, 60_000)],
        [span(0, 30_000), span(35_000, 60_000)],
        [span(0, 30_000), span(30_000, 40_000, heard=False), span(40_000, 60_000)],
    ],
)
def test_called_played_and_not_heard_whole_is_found(spans: list[SoundedSpan]) -> None:
    assert Lie.OVERSTATED in lies({"kp1-01": spans}, replace(ROW, start_ms=spans[0].start_root_ms))


def test_a_part_made_longer_than_it_was_is_found() -> None:
    row = replace(ROW, outcome="interrupted", heard_ms=30_000)
    assert lies({"kp1-01": [span(0, 20_000)]}, row) == [Lie.OVERSTATED]
    assert lies({"kp1-01": [span(0, 30_000)]}, row) == []


def test_silence_on_purpose_is_not_missing() -> None:
    truth = {"kp1-01": [span(0, 30_000), span(35_000, 60_000)]}
    assert lies(truth, replace(ROW, quiet_ms=5_000)) == []


def test_a_silence_too_short_for_the_pole_to_see_is_not_held_against_it() -> None:
    truth = {"kp1-01": [span(0, 30_000), span(30_000, 31_900, heard=False), span(31_900, 60_000)]}
    assert lies(truth, ROW) == []


def test_two_starts_in_the_journal_are_found() -> None:
    assert lies(TRUTH, replace(ROW, starts=2)) == [Lie.STARTED_TWICE]


def test_more_sound_than_programme_is_found_unless_it_was_to_be_said_again() -> None:
    truth = {"kp1-01": [span(0, 20_000), span(90_000, 150_000)]}
    assert lies(truth, ROW) == [Lie.SOUNDED_TWICE]
    assert lies(truth, replace(ROW, may_restart=True)) == []


def test_a_start_at_another_instant_is_found() -> None:
    assert lies(TRUTH, replace(ROW, start_ms=T + 200.0)) == [Lie.WRONG_START]
    unsure = replace(ROW, start_ms=T + 200.0, start_unsure_ms=160.0)
    assert lies(TRUTH, unsure) == []
    assert lies(TRUTH, replace(unsure, start_ms=T + 220.0)) == [Lie.WRONG_START]


def test_after_a_power_cut_the_books_may_tell_of_the_second_part() -> None:
    truth = {"kp1-01": [span(0, 10_000), span(30_000, 60_000)]}
    row = replace(ROW, outcome="played_partial", start_ms=T + 30_001.0, heard_ms=30_000)
    assert lies(truth, row) == []


def test_a_start_before_its_hour_is_found() -> None:
    assert lies({"kp1-01": [span(-500, 59_500)]}, replace(ROW, start_ms=T - 500.0)) == [Lie.EARLY]


def test_a_test_tone_is_nobodys_play() -> None:
    assert lies({"kp1-01": [span(tag="test-tone")]}) == []


def test_each_cluster_is_its_own() -> None:
    truth = {"kp1-01": [span()], "kp1-02": [span(0, 10_000)]}
    found = check(truth, [ROW, replace(ROW, cluster="kp1-02")])
    assert [(each.lie, each.cluster) for each in found] == [(Lie.OVERSTATED, "kp1-02")]


@given(
    st.integers(-20, 40_000),
    st.integers(0, 60_000),
    st.sampled_from(list(Outcome)),
    st.booleans(),
)
def test_played_is_believed_only_when_all_of_it_was_heard(
    start_ms: int, length_ms: int, outcome: Outcome, heard: bool
) -> None:
    """Whatever the truth is: a row that counts as a play stands only beside a whole, audible one."""
    truth = {"kp1-01": [span(start_ms, start_ms + length_ms, heard=heard)] if length_ms else []}
    found = lies(truth, replace(ROW, outcome=outcome.value, start_ms=None, heard_ms=None))
    if outcome is Outcome.PLAYED and not found:
        assert heard
        assert length_ms >= 60_000 - 250
    if heard and length_ms and outcome in {Outcome.MISSED, Outcome.REFUSED}:
        assert Lie.DENIED in found
