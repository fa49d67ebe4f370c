"""Số đo mô phỏng của phường mẫu: readings and nothing else, and what nobody measured is not there."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from devices.clock import ManualClock, instant
from devices.model import ClusterId
from gateway.demo import content
from gateway.demo.past import DAY_MS, Usual, attended, give_past, past_of
from gateway.domain.attendance import working
from gateway.domain.cluster_history import HOUR_MS, KEPT_MS, Gauge
from gateway.ports.records import AuditQuery
from gateway.store.opening import open_store
from simulators.board import RootTime, VirtualBoard

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
UNTIL_MS = 1_795_645_740_000
"""Thursday 26 November 2026, 05:29 in the ward."""
CUT = ClusterId("kp4-01")
USUAL = Usual(dbm=-70, volts=228, degrees=41)


async def test_a_demo_is_given_readings_and_not_one_broadcast(tmp_path: Path) -> None:
    with open_store(tmp_path / "data", now=instant(UNTIL_MS)) as store:
        await give_past(store, 3, seed=20, until_ms=UNTIL_MS, now_ms=UNTIL_MS, zone=ZONE)
        for cluster in content.clusters(3):
            hours = await store.hours.of(cluster.id, since_ms=0)
            now = VirtualBoard(RootTime(ManualClock(UNTIL_MS)), f"20/{cluster.id}").health()
            signal, volts = hours[-1].gauges[Gauge.SIGNAL].mean, hours[-1].gauges[Gauge.VOLTS].mean
            assert now.rssi_dbm is not None
            assert now.volts_ac is not None
            assert abs(signal - now.rssi_dbm) < 3, "the pole goes on from there"
            assert abs(volts - now.volts_ac) < 4
        begin, end = instant(UNTIL_MS - 2 * KEPT_MS), instant(UNTIL_MS + KEPT_MS)
        assert await store.proofs.plays(since=begin, until=end) == []
        assert await store.proofs.counts(since=begin, until=end) == {}
        assert await store.bulletins.all() == []
        lines = await store.audit.find(AuditQuery(), limit=10)
        assert [(line.note.actor, line.note.action) for line in lines] == [("system", "demo.past")], "it is said"
        days = await store.attendance.between(date(2026, 10, 1), date(2026, 12, 31))
        assert {each.cluster for each in days} == {cluster.id for cluster in content.clusters(3)}
        assert 95 < (working(days).percent or 0) < 100


def test_the_past_ends_before_the_demo_begins_and_is_the_same_every_time() -> None:
    for cluster in content.clusters(200):
        hours = past_of(cluster.id, USUAL, until_ms=UNTIL_MS, zone=ZONE)
        assert hours == sorted(hours, key=lambda hour: hour.start_ms)
        assert hours[0].start_ms >= UNTIL_MS - KEPT_MS, "older ones would be let go of at once"
        assert hours[-1].start_ms + HOUR_MS <= UNTIL_MS
        assert len({hour.start_ms for hour in hours}) == len(hours)
    assert hours == past_of(cluster.id, USUAL, until_ms=UNTIL_MS, zone=ZONE)


def test_a_cluster_without_power_measured_nothing_and_the_office_in_the_dark_watched_nobody() -> None:
    hours = past_of(CUT, USUAL, until_ms=UNTIL_MS, zone=ZONE)
    dark = [hour for hour in hours if hour.watched_s and not hour.online_s]
    assert dark
    assert all(not hour.gauges for hour in dark)
    assert any(hour.battery_s for hour in hours)
    assert all(Gauge.VOLTS not in hour.gauges for hour in hours if hour.battery_s), "there was no mains to measure"
    starts = {hour.start_ms for hour in hours}
    whole = set(range(min(starts), max(starts) + 1, HOUR_MS))
    assert len(whole - starts) == 7, "an hour nobody watched is no row, not a row of zeros"
    assert {each.watched_s for each in attended(hours, ZONE)} >= {24 * 3600, 24 * 3600 - 6 * 3600}


def test_every_reading_is_one_that_could_be() -> None:
    begun = set()
    for cluster in content.clusters(40):
        hours = past_of(cluster.id, USUAL, until_ms=UNTIL_MS, zone=ZONE)
        begun.add((UNTIL_MS - hours[0].start_ms) // DAY_MS)
        for hour in hours:
            assert 0 <= hour.online_s <= hour.watched_s == 3600
            for gauge, spread in hour.gauges.items():
                least, most = {"signal": (-95, -50), "volts": (195, 245), "temperature": (25, 70), "clock": (0, 60)}[
                    gauge
                ]
                assert least <= spread.low <= spread.mean <= spread.high <= most, (cluster.id, gauge, spread)
    assert len(begun) == 2, "some were put up later, as in a real ward"
