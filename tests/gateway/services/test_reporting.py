"""Lập báo cáo over a real store: from what poles proved, by the ward's own days."""

from datetime import date, timedelta

import pytest

from devices.model import ClusterId, Outcome, Proof, ZoneId
from gateway.domain.device import Camera, CameraId, Owner
from gateway.domain.errors import NotFound
from gateway.domain.report_period import Period, Span, period_of
from gateway.main.reports import reporting_of
from gateway.reports.tables import tables
from gateway.services.reporting import Reporting
from tests.gateway.services.world import World

HALF = Period(first=date(2026, 7, 1), last=date(2026, 12, 31))
AIRTIME = "lich-1@2026-10-08T05:30:00+07:00"


def desk(world: World) -> Reporting:
    return reporting_of(world.store, world.clock, zone="Asia/Ho_Chi_Minh")


async def morning(world: World) -> None:
    """Thursday 05:30: one cluster plays, one has no power, the third gives no word."""
    await world.on_the_air()
    first, second, _ = await world.poles()
    await world.at(world.local(8, 5, 31, 30))
    for pole in (first, second):
        await pole.beat()
    first.began(AIRTIME)
    first.ended(AIRTIME)
    await first.tell()
    second.ended(AIRTIME, Outcome.MISSED, why="power")
    await second.tell()
    await world.intake.flush()


async def test_a_proven_play_is_in_the_report_and_the_others_are_told_apart(world: World) -> None:
    await morning(world)
    found = await desk(world).draw_up(HALF)
    assert (found.written, found.begun, found.sessions, found.total.airings) == (1, 1, 1, 1)
    assert found.total.heard_ms == 64_000
    assert (found.owed, found.heard, found.waiting) == (3, 1, 1)
    assert [(miss.outcome, miss.why, miss.plays) for miss in found.missed] == [(Outcome.MISSED, "power", 1)]
    assert [group.tally.airings for group in found.by_category if group.key == "an-ninh-trat-tu"] == [1]
    assert found.before is not None
    assert found.before.total.airings == 0


async def test_the_lines_behind_a_number_are_the_stored_rows_with_their_place_in_the_journal(world: World) -> None:
    await morning(world)
    lines = (await desk(world).lines(HALF, "heard")).plays
    assert [(line.occ, line.cluster, line.proof) for line in lines] == [(AIRTIME, "kp1-01", Proof.AMPLIFIER)]
    assert lines[0].journal_n == 2
    assert [each.title for each in (await desk(world).lines(HALF, "written")).bulletins] == ["An ninh trật tự"]
    with pytest.raises(NotFound):
        await desk(world).lines(HALF, "everything")


async def test_what_has_not_begun_is_not_owed_yet(world: World) -> None:
    await world.on_the_air()
    await world.poles()
    await world.at(world.local(8, 5, 29))
    day = period_of(Span.DAYS, date(2026, 10, 8))
    assert (await desk(world).draw_up(day)).owed == 0
    await world.at(world.local(8, 5, 30, 1))
    assert (await desk(world).draw_up(day)).owed == 3


async def test_a_day_ends_at_the_wards_own_midnight(world: World) -> None:
    await morning(world)
    thursday = period_of(Span.DAYS, date(2026, 10, 8))
    assert (await desk(world).draw_up(thursday)).heard == 1, "05:30 in the ward is Wednesday in London"
    wednesday = period_of(Span.DAYS, date(2026, 10, 7))
    assert (await desk(world).draw_up(wednesday)).heard == 0
    assert (await desk(world).draw_up(thursday)).written == 0, "it was written on Wednesday"
    assert (await desk(world).draw_up(wednesday)).written == 1


async def test_a_period_to_come_is_empty_and_no_mistake(world: World) -> None:
    await morning(world)
    coming = period_of(Span.YEAR, date(2030, 1, 1))
    found = await desk(world).draw_up(coming)
    assert (found.owed, found.written, found.total.airings) == (0, 0, 0)


async def test_attendance_is_added_up_by_cluster(world: World) -> None:
    from gateway.domain.attendance import Attended

    one = ClusterId("kp1-01")
    days = [date(2026, 10, 8) + timedelta(days=n) for n in range(2)]
    await world.store.attendance.add([Attended(day=day, cluster=one, watched_s=100, online_s=60) for day in days])
    assert await desk(world).attended(HALF) == {one: (200, 120)}
    assert (await desk(world).draw_up(HALF)).working.percent == pytest.approx(60.0)


async def test_cameras_are_counted_by_their_owner_and_by_where_they_hang(world: World) -> None:
    for n, owner in enumerate((Owner.WARD, Owner.WARD, Owner.POLICE)):
        camera = Camera(id=CameraId(f"cam-{n}"), place="Cổng", zone=ZoneId("kp1"), owner=owner)
        await world.store.cameras.save([camera], secrets={}, note=world.note("camera.save"))
    report = await desk(world).draw_up(HALF)
    found = {(each.key, each.name): each.count for each in report.stock}
    zone = world.fleet.registry.zones[ZoneId("kp1")].name
    assert found == {
        ("cluster.ip", ""): 3,
        ("camera.ward", ""): 2,
        ("camera.police", ""): 1,
        ("camera_zone", zone): 3,
    }
    said = {table.key: table for table in tables(report, {})}["stock"].rows
    assert (f"– trong số camera đó, ở {zone}", 3) in said
