"""Sẵn sàng: who would play with the network gone, and the gates that name the others."""

from datetime import timedelta

import pytest

from devices.model import ClusterId
from devices.wire.reports import Activity, ClockState
from gateway.domain.bulletin import Content
from gateway.domain.ids import CategoryId
from gateway.ports.records import Severity
from gateway.services.events import ReadinessChanged
from gateway.services.readiness import Lack, Readiness
from tests.gateway.services.world import APPROVER, AUTHOR, FIRST, World

GATE = f"gate:{FIRST}"


async def keep_alive(world: World, poles: list, seconds: float) -> None:
    for _ in range(round(seconds // 30)):
        await world.clock.advance(30)
        for pole in poles:
            await pole.beat()
    world.monitor.look()


async def test_a_cluster_is_ready_when_it_said_that_it_holds_plan_and_audio(world: World) -> None:
    await world.on_the_air()
    poles = [world.pole(name) for name in sorted(world.fleet.enrolled)]
    for pole in poles:
        await pole.connect()
    assert world.readiness.coming()[0].lacking == {Lack.PLAN: world.fleet.enrolled}
    await poles[0].take_plan()
    await poles[1].take_plan(audio=False)
    report = world.readiness.coming()[0]
    assert report.broadcast.id == FIRST
    assert report.ready == {"kp1-01"}
    assert report.lacking == {Lack.AUDIO: {"kp1-02"}, Lack.PLAN: {"kp2-01"}}


async def test_the_files_a_cluster_names_count_one_by_one(world: World) -> None:
    bulletin = await world.on_the_air()
    pole = world.pole("kp1-01")
    await pole.connect()
    await pole.take_plan(audio=False)
    asset = world.asset_of(bulletin)
    await pole.has(asset, "fetching")
    assert "kp1-01" not in world.readiness.coming()[0].ready
    await pole.has(asset)
    assert "kp1-01" in world.readiness.coming()[0].ready
    await pole.has(asset, "failed")
    assert "kp1-01" not in world.readiness.coming()[0].ready


async def test_a_cluster_with_an_older_plan_is_ready_for_what_did_not_change_in_it(world: World) -> None:
    from datetime import time

    await world.on_the_air()
    await world.poles()
    await world.scheduled("lich-2", times=(time(9, 0),))
    await world.settle()
    first, other, _ = world.readiness.coming()
    assert first.broadcast.id == FIRST
    assert first.ready == world.fleet.enrolled
    assert other.broadcast.schedule == "lich-2"
    assert other.lacking == {Lack.PLAN: world.fleet.enrolled}


async def test_a_cluster_that_is_away_would_play_alone_but_is_not_called_ready(world: World) -> None:
    await world.on_the_air()
    poles = await world.poles()
    await keep_alive(world, poles[1:], 120)
    report = world.readiness.coming()[0]
    assert report.lacking == {Lack.LOST: {"kp1-01"}}
    assert (len(report.ready), report.will_play_alone, report.total) == (2, 3, 3)


async def test_a_clock_that_is_not_trusted_maintenance_and_silence_keep_a_cluster_from_being_ready(
    world: World,
) -> None:
    await world.on_the_air()
    poles = await world.poles()
    poles[0].clock_state = ClockState(src="none", trusted=False)
    poles[1].doing = {"activity": Activity.MAINTENANCE}
    poles[2].doing = {"silent": True, "activity": Activity.SILENCED}
    for pole in poles:
        await pole.birth()
    assert world.readiness.coming()[0].lacking == {
        Lack.CLOCK: {"kp1-01"},
        Lack.MAINTENANCE: {"kp1-02"},
        Lack.SILENCED: {"kp2-01"},
    }


async def test_the_gates_name_who_is_not_ready_louder_and_louder(world: World) -> None:
    await world.on_the_air()
    poles = await world.poles("kp1-01", "kp1-02")
    missing = world.pole("kp2-01")
    await missing.connect()
    await missing.take_plan(audio=False)
    everybody = [*poles, missing]
    await keep_alive(world, everybody, 30)
    await world.watch()
    assert world.standing("gate:") == []
    await keep_alive(world, everybody, 90)
    await world.watch()
    alarm = world.alarms.standing[GATE]
    assert alarm.severity is Severity.INFO
    assert "2/3" in alarm.text_vi
    assert "Cụm kp2-01" in alarm.text_vi
    assert "kp1-01" not in alarm.text_vi
    for moment, severity in ((world.local(8, 3, 31), Severity.WARNING), (world.local(8, 5, 16), Severity.CRITICAL)):
        await world.at(moment)
        for pole in everybody:
            await pole.beat()
        await world.watch()
        assert world.alarms.standing[GATE].severity is severity


async def test_a_gate_is_cleared_when_everybody_is_ready_and_when_the_hour_has_come(world: World) -> None:
    await world.on_the_air()
    poles = await world.poles()
    await poles[2].take_plan(audio=False)
    await world.at(world.local(8, 5, 20))
    for pole in poles:
        await pole.beat()
    await world.watch()
    assert world.standing("gate:") == [GATE]
    await poles[2].take_plan()
    await world.watch()
    assert world.standing("gate:") == []
    await poles[2].take_plan(audio=False)
    await world.watch()
    assert world.standing("gate:") == [GATE]
    await world.at(world.local(8, 5, 30, 1))
    await world.watch()
    assert GATE not in world.standing("gate:")


async def test_a_plan_that_was_just_saved_is_given_a_minute_but_not_at_the_last_moment(world: World) -> None:
    await world.at(world.local(8, 5, 20))
    await world.on_the_air()
    await world.watch()
    assert GATE in world.standing("gate:")


async def test_screens_are_told_when_the_count_changes_and_only_then(world: World) -> None:
    await world.on_the_air()
    poles = await world.poles()
    seen = world.bus.last_id
    for _ in range(3):
        await world.readiness.look()
    await poles[0].take_plan(audio=False)
    await world.readiness.look()
    counts = [e.event for e in world.bus._since(seen) if isinstance(e.event, ReadinessChanged)]
    assert [(e.ready, e.total) for e in counts if e.occ == FIRST] == [(3, 3), (2, 3)]


async def test_an_airtime_without_an_approved_bulletin_is_said_loudly_a_day_ahead(world: World) -> None:
    bulletin = await world.on_the_air()
    content = Content(title="Sửa", category=CategoryId("x"), text="Bản sửa chưa duyệt.")
    await world.editorial.edit(bulletin.id, content, was_revision=bulletin.revision, by=AUTHOR)
    await world.watch()
    key = f"not-airing:{FIRST}"
    assert world.alarms.standing[key].severity is Severity.WARNING
    assert "KHÔNG phát" in world.alarms.standing[key].text_vi
    await world.at(world.local(8, 5, 16))
    await world.watch()
    assert world.alarms.standing[key].severity is Severity.CRITICAL
    await world.approve(await world.editorial.submit(bulletin.id, by=AUTHOR))
    await world.watch()
    assert key not in world.alarms.standing


async def test_an_airtime_further_away_than_a_day_raises_nothing(world: World) -> None:
    await world.on_the_air()
    await world.editorial.withdraw((await world.editorial.all())[0].id, reason="sai", by=APPROVER)
    await world.watch()
    assert [key for key in world.standing("not-airing:") if "10-10" in key] == []
    assert len(world.readiness.coming(timedelta(days=7))) == 0
    assert ClusterId("kp1-01") in world.fleet.enrolled


@pytest.mark.parametrize("fault", ["no_card", "player_stuck", "volume_low"])
async def test_a_cluster_that_cannot_sound_is_not_ready_until_it_can(world: World, fault: str) -> None:
    await world.on_the_air()
    [pole, *_] = await world.poles()
    await world.clock.advance(30)
    await pole.beat(faults=(fault, "asset_missing"))
    assert world.readiness.coming()[0].lacking == {Lack.FAULT: {pole.id}}
    await world.clock.advance(30)
    await pole.beat(faults=())
    assert world.readiness.coming()[0].lacking == {}


async def test_files_that_went_from_the_card_make_a_cluster_unready(world: World) -> None:
    bulletin = await world.on_the_air()
    [pole, *_] = await world.poles()
    await pole.has(world.asset_of(bulletin))
    assert world.readiness.coming()[0].lacking == {}
    await pole.has(world.asset_of(bulletin), "failed")
    await world.clock.advance(30)
    assert pole.plan is not None
    await pole.beat(plan=pole.plan.model_copy(update={"ready": pole.plan.total - 1}))
    assert world.readiness.coming()[0].lacking == {Lack.AUDIO: {pole.id}}


async def test_who_stands_by_raises_no_gate_and_judges_them_all_anew_when_it_takes_over(world: World) -> None:
    other_leads = [False]
    readiness = Readiness(
        planner=world.planner,
        plans=world.plans,
        monitor=world.monitor,
        fleet=world.fleet,
        alarms=world.alarms,
        bus=world.bus,
        clock=world.clock,
        stands_by=lambda: other_leads[0],
    )
    await world.on_the_air()
    await world.at(world.local(8, 5, 20))
    await readiness.look()
    assert world.alarms.standing[GATE].severity is Severity.CRITICAL
    other_leads[0] = True
    await readiness.look()
    assert GATE not in world.alarms.standing, "what it said of plays that are not its own any more is taken back"
    seen = world.bus.last_id
    other_leads[0] = False
    await readiness.look()
    assert world.alarms.standing[GATE].severity is Severity.CRITICAL
    assert FIRST in [e.event.occ for e in world.bus._since(seen) if isinstance(e.event, ReadinessChanged)]
