"""Bắt bệnh: what is said of a cluster is what it reported, and a dead one is told with the likeliest cause."""

from dataclasses import replace

from devices.model import ClusterId
from devices.wire.reports import ClockState, PlanState
from gateway.services.diagnosis import Around, Tone, checks, complaints
from gateway.services.presence import Live, Presence

WELL = Live(
    cluster=ClusterId("kp1-01"),
    presence=Presence.ONLINE,
    since_ms=0,
    watched_ns=0,
    heard_ms=1,
    clock=ClockState(src="ntp", trusted=True, off_ms=1.5),
    plan=PlanState(rev=1, seq=1, until_ms=1, ready=4, total=4),
    temp_c=45.0,
    free_mb=9000,
    rssi_dbm=-60,
    volts_ac=221.0,
    on_battery=False,
)
LOST = replace(WELL, presence=Presence.LOST)
NOBODY = Around()


def codes(live: Live, around: Around = NOBODY) -> list[str]:
    return [each.code for each in complaints(live, around)]


def test_a_cluster_that_is_well_has_nothing_to_complain_of() -> None:
    assert codes(WELL) == []
    assert {each.tone for each in checks(WELL)} == {Tone.GOOD}


def test_what_it_does_not_measure_is_not_known_and_never_green() -> None:
    bare = replace(WELL, temp_c=None, free_mb=None, rssi_dbm=None, volts_ac=None, on_battery=None, clock=None)
    unknown = {each.key for each in checks(bare) if each.tone is Tone.UNKNOWN}
    assert unknown == {"power", "volts", "temperature", "signal", "clock", "disk"}


def test_the_gravest_comes_first() -> None:
    ill = replace(WELL, rssi_dbm=-95, on_battery=True, faults=("no_card",))
    assert codes(ill)[0] == "no_card"
    assert set(codes(ill)) == {"no_card", "signal", "power"}


def test_a_fault_nobody_has_words_for_is_still_told() -> None:
    (told,) = complaints(replace(WELL, faults=("quạt_hỏng",)), NOBODY)
    assert "quạt_hỏng" in told.vi
    assert told.advice_vi


def test_a_clock_that_is_not_trusted_is_worse_than_one_that_is_a_little_off() -> None:
    off = replace(WELL, clock=ClockState(src="exchange", trusted=True, off_ms=900))
    wrong = replace(WELL, clock=ClockState(src="none", trusted=False, off_ms=900))
    assert [(each.code, each.grave) for each in complaints(off, NOBODY)] == [("clock", False)]
    assert [(each.code, each.grave) for each in complaints(wrong, NOBODY)] == [("clock", True)]


def test_of_a_lost_cluster_the_last_readings_are_no_news() -> None:
    assert codes(replace(LOST, faults=("no_card",), rssi_dbm=-95)) == ["lost"]


def test_a_lost_neighbourhood_a_camera_and_the_last_words_hint_at_the_cause() -> None:
    def why(live: Live, around: Around) -> str:
        (told,) = complaints(live, around)
        return told.vi

    assert "Cả khu phố" in why(LOST, Around(neighbours=3, neighbours_lost=3))
    assert "Camera cùng cột vẫn trả lời" in why(LOST, Around(neighbours=3, neighbours_lost=1, camera_answers=True))
    assert "Camera cùng cột cũng mất" in why(LOST, Around(camera_answers=False))
    assert "điện lưới" in why(replace(LOST, on_battery=True), NOBODY)
    assert "sóng rất yếu" in why(replace(LOST, rssi_dbm=-99), NOBODY)
    assert "Chưa rõ" in why(LOST, NOBODY)


def test_one_that_was_never_heard_since_the_start_is_not_called_ill() -> None:
    assert codes(replace(WELL, presence=Presence.UNKNOWN)) == []
    assert codes(replace(WELL, presence=Presence.UNENROLLED)) == ["unenrolled"]
