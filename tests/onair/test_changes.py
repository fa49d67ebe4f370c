"""What was taken back does not air, and what may not air does not: at the editor, in the planner, on the pole."""

from collections.abc import AsyncIterator
from datetime import time, timedelta
from pathlib import Path

import pytest

from devices.clock import instant
from devices.clusters import Address
from devices.model import OccurrenceId, Outcome
from devices.seal import new_jti
from devices.wire.commands import Play
from devices.wire.documents import AssetEntry, PlanBody, PlanEntry, PlayItem
from gateway.domain.bulletin import Content
from gateway.domain.ids import ScheduleId
from gateway.domain.people import Role
from gateway.domain.rule import Weekly
from gateway.domain.schedule import Schedule
from gateway.domain.targets import EVERYWHERE
from gateway.ports.records import AuditNote
from tests.gateway.web.work import API
from tests.gateway.web.work import schedule as as_json
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, World

EVENING_MS = T_MS + 12 * 3_600_000
SATURDAY_MS = T_MS + 48 * 3_600_000
QUARTER_PAST_THREE_MS = T_MS - 135 * 60_000


def holds(world: World, ms: int) -> list[bool]:
    """Tell of every pole whether the plan on it has an airtime at ``ms``."""
    plans = [pole.agent.studio.documents.plan for pole in world.poles.poles.values() if pole.agent is not None]
    return [plan is not None and any(entry.start_at_ms == ms for entry in plan.entries) for plan in plans]


async def test_a_bulletin_edited_or_withdrawn_after_approval_does_not_air_and_airs_again_once_approved(
    tmp_path: Path,
) -> None:
    async with World(tmp_path).open() as world:
        gateway, staff = world.gateway, world.staff
        bulletin = await office.weekly_news(gateway, staff, time(5, 30), time(17, 30), first=THURSDAY.date())
        await world.ready()
        await world.until_ms(T_MS - 20_000)
        assert holds(world, T_MS) == [True] * 3
        approved = await gateway.parts.editorial.get(bulletin.id)
        other = Content(title=bulletin.content.title, category=office.GENERAL, text="Hoãn họp, bà con ở nhà.")
        edited = await gateway.parts.editorial.edit(
            bulletin.id, other, was_revision=approved.revision, by=staff[Role.AUTHOR]
        )
        await world.until_ms(T_MS - 15_000)
        assert holds(world, T_MS) == [False] * 3
        await world.until_ms(T_MS + 20_000)
        assert world.sounded() == {cluster: [] for cluster in world.clusters}
        assert await world.aired() == []

        await office.approve(gateway, staff, edited)
        await world.leap_to(EVENING_MS - 60_000)
        await world.ready()
        occ = world.next_occ
        await world.until_ms(EVENING_MS)
        plays = await world.settled(occ)
        assert {play.outcome for play in plays.values()} == {Outcome.PLAYED}
        assert {asset for play in plays.values() for asset in play.assets} != {approved.audio and approved.audio.asset}

        await world.leap_to(SATURDAY_MS - 60_000)
        await world.ready()
        await world.until_ms(SATURDAY_MS - 20_000)
        assert holds(world, SATURDAY_MS) == [True] * 3
        await gateway.parts.editorial.withdraw(bulletin.id, reason="Nhầm ngày", by=staff[Role.APPROVER])
        await world.until_ms(SATURDAY_MS - 15_000)
        assert holds(world, SATURDAY_MS) == [False] * 3
        await world.until_ms(SATURDAY_MS + 20_000)
        assert world.sounded() == {cluster: [occ] for cluster in world.clusters}
        assert await world.aired() == [occ]
        assert await world.lies() == []


async def test_a_bulletin_withdrawn_while_it_sounds_falls_silent_everywhere_and_people_are_told(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        bulletin = await office.weekly_news(
            world.gateway, world.staff, time(5, 30), first=THURSDAY.date(), text=office.LONG
        )
        await world.ready()
        occ = world.next_occ
        await world.until_ms(T_MS + 3_000)
        await world.gateway.parts.editorial.withdraw(bulletin.id, reason="Sai ngày", by=world.staff[Role.APPROVER])
        await world.until(lambda: f"taken-back:{occ}" in world.alarms, "nobody was told")
        plays = await world.settled(occ)
        heard_ms = {
            each: sum(span.end_root_ms - span.start_root_ms for span in spans) for each, spans in world.truth().items()
        }
        whole_ms = max(play.duration_ms or 0 for play in plays.values())
        assert all(2_000 < ms < min(12_000, whole_ms - 2_000) for ms in heard_ms.values()), (heard_ms, whole_ms)
        assert Outcome.PLAYED not in {play.outcome for play in plays.values()}
        await world.until(lambda: f"taken-back:{occ}" not in world.alarms, "it is silent, and still called sounding")
        assert await world.lies() == []


@pytest.fixture
async def before_three(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, start_ms=QUARTER_PAST_THREE_MS - 120_000).open() as world:
        yield world


async def test_the_editor_refuses_a_quarter_past_three(before_three: World) -> None:
    world = before_three
    bulletin = await office.approved(world.gateway, world.staff)
    name = await office.programme(world.gateway, world.staff, "ban-tin", bulletin)
    async with world.browser(Role.OPERATOR) as operator:
        body = as_json(name, times=["03:15"])
        answer = await operator.post(f"{API}/schedules", body)
        assert answer.status_code == 422
        assert {each["code"] for each in answer.json()["problems"]} == {"quiet_hours"}
        assert (await operator.get(f"{API}/schedules")).json() == []
        now = await operator.post(
            f"{API}/broadcasts/bulletins", {"bulletins": [bulletin.id], "targets": {"everywhere": True}}
        )
        assert now.status_code == 422
        assert {each["code"] for each in now.json()["problems"]} == {"quiet_hours"}
    await world.until_ms(QUARTER_PAST_THREE_MS + 10_000)
    assert world.sounded(heard=False) == {cluster: [] for cluster in world.clusters}


async def test_the_planner_refuses_a_quarter_past_three_that_is_in_the_store(before_three: World) -> None:
    world = before_three
    bulletin = await office.approved(world.gateway, world.staff)
    name = await office.programme(world.gateway, world.staff, "ban-tin", bulletin)
    forced = Schedule(
        id=ScheduleId("dem"),
        name="Đêm",
        programme=name,
        targets=EVERYWHERE,
        rule=Weekly(weekdays=frozenset(range(7)), first=THURSDAY.date()),
        times=(time(3, 15), time(5, 30)),
    )
    note = AuditNote(actor="system", action="test.force", subject="dem", at=instant(world.clock.now_ms()))
    await world.gateway.store.schedules.save(forced, was_revision=None, note=note)
    world.gateway.parts.planner.changed("forced")
    await world.until(lambda: all(holds(world, T_MS)), "the allowed hour of the same schedule is not planned")
    for pole in world.poles.poles.values():
        plan = pole.agent and pole.agent.studio.documents.plan
        assert plan
        assert {instant(entry.start_at_ms).astimezone(THURSDAY.tzinfo).time() for entry in plan.entries} == {
            time(5, 30)
        }
    await world.until_ms(QUARTER_PAST_THREE_MS + 10_000)
    assert world.sounded(heard=False) == {cluster: [] for cluster in world.clusters}


async def test_the_pole_refuses_a_quarter_past_three_whoever_sealed_it(before_three: World) -> None:
    world = before_three
    bulletin = await office.approved(world.gateway, world.staff)
    audio = bulletin.audio
    assert audio is not None
    stored = await world.gateway.store.audio.get(audio.asset)
    assert stored is not None
    asset = AssetEntry(
        id=stored.asset, bytes=stored.bytes, mime=stored.mime, dur_ms=stored.duration_ms, need_by_ms=T_MS - 10**7
    )
    item = PlayItem(role="bulletin", asset=asset.id, dur_ms=asset.dur_ms)

    def entry(occ: str) -> PlanEntry:
        return PlanEntry(occ=occ, start_at_ms=QUARTER_PAST_THREE_MS, dur_ms=asset.dur_ms, items=(item,))

    planned, ordered = world.clusters[0], world.clusters[1]
    driver, plans = world.gateway.driver, world.gateway.parts.plans
    await world.until(lambda: plans.accepted(planned), "the pole has no plan yet")
    now_ms, last = world.clock.now_ms(), plans.last(planned)
    assert last is not None
    to = Address(cluster=planned)
    plan = PlanBody(
        rev=last.rev + 50, from_ms=now_ms, until_ms=T_MS, entries=(entry("theo-ke-hoach"),), assets=(asset,)
    )
    sealed = driver.seal_document("plan", to, plan, epoch=plans.epoch, seq=last.seq + 50, now_ms=now_ms)
    await driver.publish_document("plan", to, sealed)
    await world.until(lambda: holds(world, QUARTER_PAST_THREE_MS)[0], "the pole did not believe a well sealed plan")
    await world.until_ms(QUARTER_PAST_THREE_MS - 20_000)
    play = Play(entry=entry("theo-lenh"), assets=(asset,))
    now_ms = world.clock.now_ms()
    await driver.command(
        "play", Address(cluster=ordered), play, jti=new_jti(), now_ms=now_ms, exp_ms=now_ms + 60_000, epoch=plans.epoch
    )
    await world.until_ms(QUARTER_PAST_THREE_MS + 10_000)
    assert world.sounded(heard=False) == {cluster: [] for cluster in world.clusters}
    found = {(play.cluster, play.occ): play for play in await world.all_plays() if play.outcome}
    refused = found[planned, OccurrenceId("theo-ke-hoach")]
    assert (refused.outcome, refused.why) == (Outcome.REFUSED, "quiet_hours")
    agent = world.poles[ordered].agent
    assert agent is not None
    assert (ordered, "theo-lenh") not in found  # an order is refused in the answer to it; nothing was planned
    assert agent.gate.rejections["quiet_hours"] == 1


def test_the_hours_of_this_file_are_what_their_names_say() -> None:
    local = instant(QUARTER_PAST_THREE_MS).astimezone(THURSDAY.tzinfo)
    assert (local.time(), local.date()) == (time(3, 15), THURSDAY.date())
    assert instant(SATURDAY_MS).astimezone(THURSDAY.tzinfo) == THURSDAY + timedelta(days=2, hours=5, minutes=30)
