"""Kế hoạch: what clusters are told, when they are told again, and that nothing is lost on the way."""

import asyncio
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from devices.clock import ManualClock, epoch_ms
from devices.model import ClusterId, ZoneId
from devices.seal import SigningKey, seal_body
from devices.wire.base import DOCUMENT_MAX_BYTES, parse
from devices.wire.documents import KeyRole, PlanBody
from gateway.domain.bulletin import Content
from gateway.domain.errors import Clash, PolicyRefusal, Stale
from gateway.domain.ids import CategoryId, ScheduleId
from gateway.domain.rule import Once, Weekly
from gateway.domain.targets import Targets
from gateway.services.plan_time import ClockWrong
from tests.gateway.services.conftest import CLUSTERS
from tests.gateway.services.fakes import FakeClusters
from tests.gateway.services.world import (
    APPROVER,
    AUTHOR,
    FIRST,
    OPERATOR,
    RULES,
    SECOND,
    WEDNESDAY_EVENING,
    World,
    open_world,
    schedule,
)

KP1 = ClusterId("kp1-01")


async def test_every_cluster_is_told_the_coming_fourteen_days(world: World) -> None:
    await world.on_the_air()
    for name in CLUSTERS:
        plan = world.broker.plan(ClusterId(name))
        assert [entry["occ"] for entry in plan["entries"]][:2] == [FIRST, SECOND]
        assert plan["entries"][0]["start_at_ms"] == epoch_ms(world.local(8, 5, 30))
        assert plan["until_ms"] - world.clock.now_ms() >= timedelta(days=14) / timedelta(milliseconds=1)
    play = await world.play(FIRST, "kp1-01")
    assert play.outcome is None
    assert not play.cancelled


BUSY = tuple(time(hour, minute) for hour in range(5, 22) for minute in (0, 12, 24, 36, 48))


async def test_a_day_too_full_for_fourteen_is_told_as_far_as_it_fits_and_goes_on_day_by_day(world: World) -> None:
    bulletin = await world.approved()
    await world.programme(bulletin.id)
    await world.scheduled(rule=Weekly(weekdays=frozenset(range(7)), first=date(2026, 1, 1)), times=BUSY)
    await world.settle()
    plan = world.broker.plan(KP1)
    starts = [entry["start_at_ms"] for entry in plan["entries"]]
    coming = [epoch_ms(each.start) for each in world.planner.coming]
    assert len(coming) > 1_000
    assert starts == coming[: len(starts)]
    assert len(starts) > 300
    assert plan["until_ms"] == coming[len(starts)]
    body = parse(PlanBody, plan)
    key = SigningKey.generate("gw-1", KeyRole.GATEWAY)
    sealed = seal_body(key, "plan", body, iss="gateway:phuong-thu", aud="cluster:kp1-01", iat_ms=1, epoch=1, seq=1)
    assert DOCUMENT_MAX_BYTES * 0.8 < len(sealed) <= DOCUMENT_MAX_BYTES
    assert world.standing("plan-full") == ["plan-full"]

    issued = len(world.broker.published)
    world.planner.changed("nothing")
    await world.settle()
    assert len(world.broker.published) == issued

    await world.at(world.local(8, 23))
    await world.settle()
    later = [entry["start_at_ms"] for entry in world.broker.plan(KP1)["entries"]]
    assert later[-1] > starts[-1]
    assert later == coming[coming.index(later[0]) : coming.index(later[0]) + len(later)]

    made = await world.store.schedules.get(ScheduleId("lich-1"))
    assert made is not None
    await world.programming.save_schedule(replace(made, times=(time(5, 30),)), was_revision=made.revision, by=OPERATOR)
    await world.settle()
    assert world.standing("plan-full") == []
    assert len(world.broker.plan(KP1)["entries"]) >= 14


async def test_each_file_is_named_once_and_needed_before_its_first_airing(world: World) -> None:
    bulletin = await world.on_the_air()
    assets = world.broker.plan(KP1)["assets"]
    assert [asset["id"] for asset in assets] == [world.asset_of(bulletin)]
    assert assets[0]["need_by_ms"] == epoch_ms(world.local(7, 23, 30))


async def test_a_plan_that_says_nothing_new_is_not_issued_again(world: World) -> None:
    await world.on_the_air()
    before = list(world.broker.published)
    for _ in range(3):
        world.planner.changed("somebody pressed save without changing anything")
        await world.clock.advance(60)
        await world.settle()
    assert world.broker.published == before


async def test_a_plan_is_not_issued_again_because_a_broadcast_of_it_is_over(world: World) -> None:
    await world.on_the_air()
    await world.at(world.local(8, 0, 1))
    await world.settle()
    before = world.broker.plan_seq(KP1)
    await world.at(world.local(8, 9))
    world.planner.changed("hourly")
    await world.settle()
    assert world.broker.plan_seq(KP1) == before


async def test_a_plan_is_issued_again_every_local_day(world: World) -> None:
    await world.on_the_air()
    seqs = [world.broker.plan_seq(KP1)]
    for day in (8, 9, 10):
        await world.at(world.local(day, 0, 0, 1))
        assert world.planner._day() != world.planner._planned_day
        await world.settle()
        seqs.append(world.broker.plan_seq(KP1))
    assert seqs == sorted(set(seqs))


async def test_a_bulletin_edited_after_approval_leaves_every_plan_at_once(world: World) -> None:
    bulletin = await world.on_the_air()
    content = Content(title="An ninh", category=CategoryId("an-ninh-trat-tu"), text="Một nội dung khác hẳn.")
    await world.editorial.edit(bulletin.id, content, was_revision=bulletin.revision, by=AUTHOR)
    await world.settle()
    for name in CLUSTERS:
        assert world.broker.planned(ClusterId(name)) == []
        assert (await world.play(FIRST, name)).cancelled


async def test_a_withdrawn_bulletin_comes_back_only_when_it_is_approved_anew(world: World) -> None:
    bulletin = await world.on_the_air()
    await world.editorial.withdraw(bulletin.id, reason="sai số liệu", by=APPROVER)
    await world.settle()
    assert world.broker.planned(KP1) == []
    await world.editorial.edit(bulletin.id, bulletin.content, was_revision=bulletin.revision + 1, by=AUTHOR)
    await world.settle()
    assert world.broker.planned(KP1) == []
    await world.approve(await world.editorial.submit(bulletin.id, by=AUTHOR))
    await world.settle()
    assert FIRST in world.broker.planned(KP1)
    assert not (await world.play(FIRST, "kp1-01")).cancelled


async def test_numbers_only_grow_whatever_changes(world: World) -> None:
    bulletin = await world.on_the_air()
    for index in range(5):
        content = Content(title=f"Tin {index}", category=CategoryId("x"), text=f"Nội dung {index}.")
        now = await world.editorial.get(bulletin.id)
        await world.editorial.edit(bulletin.id, content, was_revision=now.revision, by=AUTHOR)
        await world.settle()
        await world.approve(await world.editorial.submit(bulletin.id, by=AUTHOR))
        await world.settle()
    mine = [seq for kind, cluster, seq in world.broker.published if (kind, cluster) == ("plan", KP1)]
    assert mine == sorted(set(mine))
    assert len(mine) >= 10


async def test_clusters_that_are_told_the_same_share_one_revision(world: World) -> None:
    await world.on_the_air()
    said = [world.broker.retained["plan", ClusterId(name)] for name in CLUSTERS]
    assert len({document["body"]["rev"] for document in said}) == 1
    assert len({document["seq"] for document in said}) == len(said)


async def test_a_schedule_for_one_zone_touches_only_its_clusters(world: World) -> None:
    await world.on_the_air()
    before = {name: world.broker.plan_seq(ClusterId(name)) for name in CLUSTERS}
    await world.scheduled("lich-2", targets=Targets(zones=frozenset({ZoneId("kp2")})), times=(time(8, 0),))
    await world.settle()
    after = {name: world.broker.plan_seq(ClusterId(name)) for name in CLUSTERS}
    assert [name for name in CLUSTERS if after[name] != before[name]] == ["kp2-01"]


async def test_a_newly_enrolled_cluster_is_told_at_once(world: World) -> None:
    await world.on_the_air()
    assert ("plan", ClusterId("kp2-01")) in world.broker.retained
    await world.store.inventory.save_cluster(
        world.fleet.registry.clusters[ClusterId("kp2-01")].__class__(
            id=ClusterId("kp2-02"), name="Cụm mới", zone=ZoneId("kp2")
        ),
        note=world.note("cluster.save"),
    )
    await world.enrol("kp2-02")
    await world.settle()
    assert FIRST in world.broker.planned(ClusterId("kp2-02"))
    assert ("config", ClusterId("kp2-02")) in world.broker.retained


async def test_a_plan_made_while_the_broker_is_away_goes_out_when_it_is_back(world: World) -> None:
    world.broker.up = False
    await world.on_the_air()
    assert ("plan", KP1) not in world.broker.retained or world.broker.planned(KP1) == []
    assert world.plans.unsent == len(CLUSTERS)
    world.broker.up = True
    await world.reception.on_up()
    await world.settle()
    assert FIRST in world.broker.planned(KP1)
    assert world.plans.unsent == 0


async def test_a_broker_that_forgot_everything_is_told_everything_again(world: World) -> None:
    await world.on_the_air()
    await world.silence.engage(by=OPERATOR, reason="thử")
    kept = dict(world.broker.retained)
    world.broker.retained.clear()
    await world.reception.on_up()
    await world.settle()
    assert world.broker.retained == kept


async def test_an_older_plan_never_follows_a_newer_one(world: World) -> None:
    bulletin = await world.on_the_air()
    await world.reception.on_up()
    await world.editorial.withdraw(bulletin.id, reason="sai", by=APPROVER)
    await world.settle()
    mine = [seq for kind, cluster, seq in world.broker.published if (kind, cluster) == ("plan", KP1)]
    assert mine == sorted(mine)
    assert world.broker.planned(KP1) == []


async def test_a_plan_issued_while_the_one_before_it_is_on_its_way_goes_out_too(world: World) -> None:
    bulletin = await world.on_the_air()
    await world.reception.on_up()
    world.broker.slow_s = 0.05
    sending = asyncio.create_task(world.plans.look())
    await asyncio.sleep(0.02)
    await world.editorial.withdraw(bulletin.id, reason="sai", by=APPROVER)
    await world.planner.plan()
    await sending
    await world.plans.look()
    assert world.broker.planned(KP1) == []
    assert world.plans.unsent == 0


async def test_every_step_of_a_bulletin_or_a_schedule_has_plans_looked_at(world: World) -> None:
    bulletin = await world.on_the_air()
    steps = [
        world.editorial.withdraw(bulletin.id, reason="sai", by=APPROVER),
        world.programming.skip_date(schedule().id, date(2026, 10, 8), by=OPERATOR),
        world.rulebook.adopt({**RULES, "version": 2}, by=APPROVER),
        world.changes.follow(),
    ]
    for step in steps:
        await world.settle()
        assert world.planner._why == []
        await step
        assert world.planner._why != []


async def test_a_restarted_gateway_goes_on_with_the_plans_it_issued(tmp_path: Path) -> None:
    clock, broker = ManualClock(epoch_ms(WEDNESDAY_EVENING)), FakeClusters()
    async with open_world(tmp_path, *CLUSTERS, clock=clock, broker=broker) as world:
        await world.on_the_air()
        before = broker.plan_seq(KP1)
    broker.retained.clear()
    await clock.advance(600)
    async with open_world(tmp_path, clock=clock, broker=broker) as again:
        await again.settle()
        assert broker.plan_seq(KP1) == before
        await again.poles()
        assert [report.ready for report in again.readiness.coming()] == [again.fleet.enrolled] * 2


async def test_a_schedule_at_a_quarter_past_three_is_refused_when_it_is_saved(world: World) -> None:
    bulletin = await world.approved()
    await world.programme(bulletin.id)
    with pytest.raises(PolicyRefusal):
        await world.scheduled(times=(time(3, 15),))
    assert await world.programming.schedules() == []


async def test_a_quarter_past_three_is_refused_however_far_ahead_it_is(world: World) -> None:
    bulletin = await world.approved()
    await world.programme(bulletin.id)
    far = Once(day=date(2027, 3, 1))
    night = schedule(rule=far, times=(time(3, 15),))
    assert [p.code for p in (await world.programming.preview(night)).review.refusals] == ["quiet_hours"]
    with pytest.raises(PolicyRefusal):
        await world.scheduled(rule=far, times=(time(3, 15),))
    assert (await world.programming.preview(schedule(rule=far))).review.broadcasts[0].day == date(2027, 3, 1)
    await world.scheduled(rule=far)


async def test_a_name_that_is_taken_is_said_to_be_taken(world: World) -> None:
    await world.on_the_air()
    with pytest.raises(Stale) as refused:
        await world.scheduled()
    assert refused.value.code == "name_taken"


async def test_a_schedule_at_a_quarter_past_three_that_is_in_the_store_is_in_no_plan(world: World) -> None:
    bulletin = await world.approved()
    await world.programme(bulletin.id)
    night = schedule(times=(time(3, 15),))
    await world.store.schedules.save(night, was_revision=None, note=world.note("schedule.save"))
    await world.changes.follow()
    await world.settle()
    assert world.broker.planned(KP1) == []
    await world.watch()
    assert world.standing("not-airing:") == ["not-airing:lich-1@2026-10-08T03:15:00+07:00"]


async def test_stricter_rules_take_what_they_refuse_out_of_the_plans(world: World) -> None:
    await world.on_the_air()
    later = {**RULES, "version": 2, "windows": [{"start": "06:00", "end": "22:00"}]}
    await world.rulebook.adopt(later, by=APPROVER)
    await world.settle()
    assert FIRST not in world.broker.planned(KP1)
    assert SECOND in world.broker.planned(KP1)
    assert world.broker.retained["config", KP1]["body"]["policy"] == "sealed policy 2"


async def test_equals_at_one_hour_are_not_saved_without_a_decision(world: World) -> None:
    await world.on_the_air()
    with pytest.raises(Clash):
        await world.scheduled("lich-2")


async def test_a_preview_says_what_saving_would_change_and_changes_nothing(world: World) -> None:
    await world.on_the_air()
    before = list(world.broker.published)
    preview = await world.programming.preview(schedule("lich-2", times=(time(9, 0),)))
    assert preview.now == ()
    assert preview.review.broadcasts[0].local_start.time() == time(9, 0)
    assert preview.others_changed == ()
    await world.settle()
    assert world.broker.published == before


async def test_what_the_page_shows_is_what_the_plan_says(world: World) -> None:
    await world.on_the_air()
    shown = [(b.id, epoch_ms(b.start), b.duration_ms) for b in await world.programming.forecast(14)]
    planned = [(e["occ"], e["start_at_ms"], e["dur_ms"]) for e in world.broker.plan(KP1)["entries"]]
    assert shown == planned[: len(shown)]
    assert len(shown) == 8


async def test_a_broadcast_whose_audio_is_gone_is_planned_by_nobody_and_raises_an_alarm(world: World) -> None:
    await world.on_the_air()
    world.planner._audio = EmptyFolder()  # type: ignore[assignment]
    world.planner.changed("the folder was lost")
    await world.settle()
    assert world.broker.planned(KP1) == []
    assert world.standing("audio-lost") == ["audio-lost"]
    assert "thiếu 1 tệp" in world.alarms.standing["audio-lost"].text_vi
    assert "sha256" not in world.alarms.standing["audio-lost"].text_en


class EmptyFolder:
    async def get(self, asset: str) -> None:
        return None


async def test_a_play_under_way_stays_in_the_plan_that_is_issued_meanwhile(world: World) -> None:
    await world.on_the_air()
    await world.at(world.local(8, 5, 30, 20))
    await world.scheduled("lich-2", times=(time(9, 0),))
    await world.settle()
    assert FIRST in world.broker.planned(KP1)


async def test_data_restored_in_a_later_epoch_is_issued_anew(world: World) -> None:
    await world.on_the_air()
    before = world.broker.retained["plan", KP1]
    world.plans._epoch += 1
    await world.settle()
    after = world.broker.retained["plan", KP1]
    assert (after["epoch"], after["seq"]) > (before["epoch"], before["seq"])


async def test_a_cluster_that_refuses_its_plan_is_named(world: World) -> None:
    from devices.wire.reports import AckState

    await world.on_the_air()
    [pole] = await world.poles("kp1-01")
    await pole.ack("x", "plan", AckState.REJECTED, why="rollback")
    await world.settle()
    assert world.standing("refused-plan:") == ["refused-plan:kp1-01"]
    name = world.fleet.name(ClusterId("kp1-01"))
    assert name != "kp1-01"
    assert (
        world.alarms.standing["refused-plan:kp1-01"].text_vi == f"{name} từ chối kế hoạch mới: cũ hơn bản cụm đang giữ."
    )
    await world.scheduled("lich-2", times=(time(9, 0),))
    await world.settle()
    await pole.take_plan()
    await world.settle()
    assert world.standing("refused-plan:") == []


async def test_a_cluster_that_missed_a_plan_is_sent_it_again(world: World) -> None:
    await world.on_the_air()
    [pole] = await world.poles("kp1-01")
    await world.scheduled("lich-2", times=(time(9, 0),))
    await world.settle()
    sent = len(world.broker.published)
    await world.clock.advance(30)
    await pole.beat()
    await world.settle()
    assert len(world.broker.published) == sent
    await world.clock.advance(45)
    await pole.beat()
    await world.settle()
    assert world.broker.published[sent:] == [("plan", KP1, world.broker.plan_seq(KP1))]


# -- the gateway's own clock is wrong, and the poles' are not --------------------------------------------------------

HOUR_MS = 3_600_000
YEARS_MS = 56 * 365 * 24 * HOUR_MS


async def test_hours_that_the_gateways_clock_skipped_are_not_taken_from_the_poles(world: World) -> None:
    await world.on_the_air()
    world.clock.step_wall(10 * HOUR_MS)  # it believes that Thursday 05:30 is over
    await world.planner.plan()
    for name in CLUSTERS:
        assert [entry["occ"] for entry in world.broker.plan(ClusterId(name))["entries"]][:2] == [FIRST, SECOND]
    assert not (await world.play(FIRST, "kp1-01")).cancelled
    seq = world.broker.plan_seq(KP1)
    world.planner.changed("hourly")
    await world.planner.plan()
    assert world.broker.plan_seq(KP1) == seq
    world.clock.step_wall(-10 * HOUR_MS)
    await world.planner.plan()
    assert world.broker.plan(KP1)["from_ms"] == world.clock.now_ms()


async def test_what_is_cancelled_while_the_gateways_clock_is_ahead_leaves_the_plans_all_the_same(world: World) -> None:
    bulletin = await world.on_the_air()
    world.clock.step_wall(10 * HOUR_MS)
    await world.settle()
    await world.editorial.withdraw(bulletin.id, reason="tin sai", by=APPROVER)
    await world.settle()
    assert world.broker.plan(KP1)["entries"] == []


@pytest.mark.parametrize("back_ms", [YEARS_MS, 30 * 24 * HOUR_MS])
async def test_a_gateway_that_lost_its_clock_leaves_the_poles_their_plans_and_says_so(
    world: World, back_ms: int
) -> None:
    await world.on_the_air()
    plan, seq = world.broker.plan(KP1), world.broker.plan_seq(KP1)
    world.clock.step_wall(-back_ms)
    world.planner.changed("clock jumped")
    with pytest.raises(ClockWrong):
        await world.planner.plan()
    assert "clock-wrong" in world.alarms.standing
    assert (world.broker.plan(KP1), world.broker.plan_seq(KP1)) == (plan, seq)
    assert not (await world.play(FIRST, "kp1-01")).cancelled
    world.clock.step_wall(back_ms)
    await world.planner.plan()
    assert "clock-wrong" not in world.alarms.standing


async def test_a_clock_set_back_far_is_believed_when_it_runs_on_for_a_day(world: World) -> None:
    await world.on_the_air()
    world.clock.step_wall(-30 * 24 * HOUR_MS)
    with pytest.raises(ClockWrong):
        await world.planner.plan()
    await world.clock.advance(24 * 3600 + 1)
    assert await world.planner.plan() == len(CLUSTERS)
