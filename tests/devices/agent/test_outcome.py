"""Kết quả: played is claimed only of what people could hear, all of it."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.agent.outcome import Cut, judge, merged, union
from devices.agent.ports import AmpReading, MicReading, Sounded

GOOD = Sounded(
    want_frames=480_000,
    out_frames=480_000,
    rate=48_000,
    underruns=0,
    first_mono_ns=1_000,
    last_mono_ns=10_000_001_000,
    segments_ms=((0, 10_000),),
    rms_dbfs=-18.0,
    peak_dbfs=-2.0,
    silent_ms=400,
    muted=False,
    amp=AmpReading(on=True, ma=800),
    mic=MicReading(rms_dbfs=-30.0, corr=0.7),
)
PART = replace(GOOD, out_frames=240_000, segments_ms=((0, 5_000),))


def said(*parts, **more):
    result = judge(parts, **more)
    return result.outcome.value, result.why


def test_all_frames_out_at_an_audible_level_with_evidence_is_played():
    assert said(GOOD) == ("played", None)
    assert said(replace(GOOD, amp=None, mic=None)) == ("played", None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"muted": True}, "muted"),
        ({"audible": False}, "no_loudspeaker"),
        ({"amp": AmpReading(on=False)}, "amplifier_off"),
        ({"amp": AmpReading(on=True, ma=0)}, "amplifier_off"),
        ({"rms_dbfs": -50.0}, "silent_audio"),
        ({"rms_dbfs": float("-inf")}, "silent_audio"),
        ({"rms_dbfs": float("nan")}, "silent_audio"),
        ({"mic": MicReading(rms_dbfs=-61.0)}, "microphone_heard_nothing"),
        ({"mic": MicReading(rms_dbfs=-20.0, corr=0.05)}, "microphone_heard_nothing"),
    ],
)
def test_one_doubt_is_enough_for_silent(change, why):
    assert said(replace(GOOD, **change)) == ("played_silent", why)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"out_frames": 470_000, "segments_ms": ((0, 9_790),), "underruns": 3}, "underrun"),
        ({"out_frames": 432_000, "segments_ms": ((1_000, 10_000),)}, "late"),
        ({"out_frames": 240_000, "segments_ms": ((0, 5_000),)}, "cut_short"),
        ({"broken": ("x",)}, "asset_missing"),
        ({"silent_ms": 10_001}, "silence_inside"),
    ],
)
def test_what_lacks_a_part_is_a_part(change, why):
    assert said(replace(GOOD, **change)) == ("played_partial", why)


def test_nothing_heard_is_a_failure_and_a_hand_an_interruption():
    nothing = replace(GOOD, out_frames=0, segments_ms=(), first_mono_ns=None, last_mono_ns=None)
    assert said(replace(nothing, broken=("x",))) == ("failed", "asset_missing")
    assert said(nothing) == ("failed", "no_sound_came_out")
    result = judge([GOOD], cut=Cut("person", final=True))
    assert (result.outcome.value, result.by) == ("interrupted", "person")


def test_the_second_attempt_after_a_power_cut_is_never_a_whole_play():
    assert said(GOOD, attempt=2) == ("played_partial", "power")


def test_after_an_override_the_parts_count_together_and_the_gap_shows():
    rest = replace(GOOD, out_frames=240_000, segments_ms=((5_000, 10_000),))
    assert said(PART, rest) == ("played", None)
    assert said(PART, replace(rest, out_frames=192_000, segments_ms=((6_000, 10_000),))) == (
        "played_partial",
        "overridden",
    )
    assert said(PART, GOOD) == ("played", None)
    assert said(PART, replace(rest, muted=True)) == ("played_silent", "muted")


def test_adding_up_keeps_the_worse_reading_and_weighs_the_level():
    loud, soft = replace(PART, rms_dbfs=-10.0), replace(PART, rms_dbfs=-20.0, amp=AmpReading(on=True, ma=5))
    both = merged([loud, soft])
    assert -12.7 < both.rms_dbfs < -12.5
    assert both.amp == AmpReading(on=True, ma=5)
    assert both.out_frames == 480_000
    assert (both.first_mono_ns, both.last_mono_ns) == (1_000, 10_000_001_000)


spans = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 50)).map(lambda pair: (pair[0], sum(pair))))


@given(spans)
def test_joined_spans_cover_the_same_and_do_not_touch(raw):
    joined = union(raw)
    assert {ms for start, end in raw for ms in range(start, end)} == {
        ms for start, end in joined for ms in range(start, end)
    }
    assert all(one[1] < two[0] for one, two in itertools.pairwise(joined))


@given(st.integers(0, 480_000), st.floats(-120, 0), st.booleans(), st.booleans(), st.integers(0, 20_000))
def test_played_is_never_said_of_less_than_the_whole_or_of_silence(out, rms, muted, audible, silent_ms):
    heard = replace(
        GOOD,
        out_frames=out,
        segments_ms=((0, out // 48),) if out else (),
        rms_dbfs=rms,
        muted=muted,
        audible=audible,
        silent_ms=silent_ms,
    )
    if judge([heard]).outcome.heard:
        assert out >= 480_000 - 960
        assert rms > -50
        assert not muted
        assert audible
