"""Số đo camera mô phỏng: looks and nothing else; what is broken this morning was broken before."""

from pathlib import Path

from devices.clock import instant
from devices.model import ZoneId
from gateway.demo import content
from gateway.demo.camera_past import give_camera_past, past_of
from gateway.demo.cameras import SEED
from gateway.demo.past import CUT_ZONE
from gateway.domain.camera_history import COARSE_MS, FINE_MS, KEPT_MS, uptime
from gateway.domain.device import Camera, CameraId
from gateway.ports.records import AuditNote, AuditQuery
from gateway.store.opening import open_store
from gateway.web.pages.device_charts import Window, of_camera
from simulators.cameras.faults import Fault
from simulators.cameras.scenarios import usual_faults
from simulators.cameras.ward import demo_cameras
from tests.gateway.demo.test_past import UNTIL_MS, ZONE

SPECS = demo_cameras(SEED)
FAULTS = usual_faults(SPECS, seed=SEED)


async def test_cameras_are_given_looks_and_not_one_alert_or_play(tmp_path: Path) -> None:
    begin, end = instant(UNTIL_MS - 2 * KEPT_MS), instant(UNTIL_MS + KEPT_MS)
    with open_store(tmp_path / "data", now=instant(UNTIL_MS)) as store:
        cameras = [Camera(id=CameraId(spec.code), place=spec.place, zone=ZoneId(spec.zone)) for spec in SPECS[:3]]
        note = AuditNote(actor="system", action="camera.save", subject="3", at=instant(UNTIL_MS))
        for zone in content.zones():
            await store.inventory.save_zone(zone, note=note)
        await store.cameras.save(cameras, secrets={}, note=note)
        await give_camera_past(store, SPECS[:3], FAULTS, now_ms=UNTIL_MS)
        await store.camera_log.melt(now_ms=UNTIL_MS)
        for camera in cameras:
            kept = await store.camera_log.slices(since_ms=UNTIL_MS - KEPT_MS, until_ms=UNTIL_MS + 1, camera=camera.id)
            assert len(kept) > 29 * 24 - 7, "nothing of it is too old to be kept"
        assert await store.camera_log.watches() == [], "how they are now is what a look finds"
        assert await store.proofs.plays(since=begin, until=end) == []
        lines = await store.audit.find(AuditQuery(kind="demo.camera_past"), limit=10)
        assert [(line.note.actor, line.note.subject) for line in lines] == [("system", "3")], "it is said"


def test_the_past_is_the_same_every_time_ends_before_now_and_leaves_out_when_nobody_looked() -> None:
    for spec in SPECS:
        hours = past_of(spec, FAULTS.get(spec.code, ()), now_ms=UNTIL_MS)
        assert hours == past_of(spec, FAULTS.get(spec.code, ()), now_ms=UNTIL_MS)
        assert hours[0].start_ms >= UNTIL_MS - KEPT_MS
        assert hours[-1].start_ms + COARSE_MS <= UNTIL_MS
        starts = {hour.start_ms for hour in hours}
        assert len(set(range(min(starts), max(starts) + 1, COARSE_MS)) - starts) == 7
        for hour in hours:
            assert hour.known_ms == hour.width_ms == COARSE_MS > FINE_MS
            assert min(hour.good_ms, hour.faulty_ms, hour.lost_ms) >= 0
            assert hour.answered <= hour.looks
            assert (hour.mean_answer_ms is None) == (hour.answered == 0)


def test_what_is_broken_this_morning_was_so_before_and_was_well_once() -> None:
    assert FAULTS
    for spec in SPECS:
        faults = FAULTS.get(spec.code, ())
        hours = past_of(spec, faults, now_ms=UNTIL_MS)
        if not faults or faults == (Fault.CLOCK_MINUS_1H,):
            continue
        assert not any(hour.good_ms for hour in hours[-5:]), spec.code
        deaf = faults[0] in {Fault.REFUSE, Fault.HANG}
        assert all(bool(hour.lost_ms) is deaf for hour in hours[-5:]), spec.code
        assert hours[0].good_ms


def test_the_charts_of_the_ward_are_full_and_a_power_cut_is_seen_in_its_neighbourhood_alone() -> None:
    well = [spec for spec in SPECS if spec.code not in FAULTS]
    month = Window(days=30, until_ms=UNTIL_MS, zone=ZONE)
    cut = [spec for spec in well if spec.zone == CUT_ZONE]
    assert cut
    for spec in well:
        hours = past_of(spec, (), now_ms=UNTIL_MS)
        dark = [hour for hour in hours if hour.lost_ms == COARSE_MS]
        assert bool(dark) is (spec in cut), spec.code
        history = of_camera(hours, month)
        assert all(drawn.chart is not None for drawn in history.drawn[1:])
        assert len(history.drawn[0].bars) > 100
        share = uptime(hours, cameras=1, since_ms=UNTIL_MS - KEPT_MS, until_ms=UNTIL_MS).percent
        assert share is not None
        assert 95 < share <= 100
