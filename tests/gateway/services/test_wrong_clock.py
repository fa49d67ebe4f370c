"""Đồng hồ của đài sai: the ward's poles know the time, and the gateway with a wrong one keeps out of their way."""

from pathlib import Path

import pytest

from devices.clock import ManualClock, epoch_ms
from devices.model import ClusterId, Outcome
from devices.wire.reports import ClockState
from gateway.domain.targets import EVERYWHERE
from gateway.ports.records import Severity
from gateway.services.emergency_message import Message
from gateway.services.plan_time import HEARD_WITHIN_S, ClockWrong
from gateway.services.presence import Presence
from tests.gateway.services.fakes import PIN, FakeClusters
from tests.gateway.services.pole import Pole
from tests.gateway.services.world import APPROVER, FIRST, OPERATOR, WEDNESDAY_EVENING, World, open_world

HOUR_MS = 3_600_000
CLUSTERS = ("kp1-01", "kp1-02", "kp2-01")
KP1 = ClusterId("kp1-01")
JUMPS = [72 * HOUR_MS, 60 * 24 * HOUR_MS, -72 * HOUR_MS, 2 * HOUR_MS]


class Knowing(Pole):
    """A pole that knows the time though the gateway does not."""

    ahead_ms = 0

    def heartbeat(self, **changes: object) -> object:  # type: ignore[override]
        return super().heartbeat(**{"at_ms": self.clock.now_ms() + self.ahead_ms, **changes})


async def knowing(world: World) -> list[Knowing]:
    await world.on_the_air()
    poles = [Knowing(name, ear=world.reception, broker=world.broker, clock=world.clock) for name in CLUSTERS]
    for pole in poles:
        await pole.connect()
        await pole.take_plan()
    await world.watch()
    return poles


async def live(world: World, poles: list[Knowing], seconds: int, **changes: object) -> None:
    for _ in range(0, seconds, 15):
        await world.clock.advance(15)
        for pole in poles:
            await pole.beat(**changes)
        try:
            await world.watch()
        except ClockWrong:
            await world.clock_watch.look()
            await world.readiness.look()
            await world.watchman.look()
            await world.sweeper.sweep()


def jump(world: World, poles: list[Knowing], by_ms: int) -> None:
    world.clock.step_wall(by_ms)
    for pole in poles:
        pole.ahead_ms -= by_ms


@pytest.mark.parametrize("by_ms", JUMPS)
async def test_when_the_poles_know_better_no_plan_is_made_and_one_alarm_blames_the_gateways_clock(
    world: World, by_ms: int
) -> None:
    poles = await knowing(world)
    before = {name: world.broker.plan_seq(ClusterId(name)) for name in CLUSTERS}
    jump(world, poles, by_ms)
    world.planner.changed("clock jumped", force=True)
    with pytest.raises(ClockWrong):
        await world.planner.plan()  # at once: what the poles said before the jump counts against it
    clock = ClockState(src="ntp", trusted=True, off_ms=-by_ms)
    await live(world, poles, 600, clock=clock)
    assert world.standing() == ["clock-wrong"]
    alarm = world.alarms.standing["clock-wrong"]
    assert alarm.severity is Severity.CRITICAL
    assert alarm.cluster is None
    assert {name: world.broker.plan_seq(ClusterId(name)) for name in CLUSTERS} == before
    assert not (await world.play(FIRST, "kp1-01")).cancelled

    jump(world, poles, -by_ms)
    await live(world, poles, 30, clock=clock)  # they say still what they had measured a moment ago
    assert world.standing() == []
    await live(world, poles, 300)
    assert world.standing() == []
    assert await world.planner.plan() == 0
    assert (await world.play(FIRST, "kp1-01")).outcome is None


async def test_clusters_stay_online_to_a_gateway_whose_clock_is_wrong(world: World) -> None:
    poles = await knowing(world)
    jump(world, poles, 72 * HOUR_MS)
    await live(world, poles, 300)
    assert {world.monitor.get(pole.id).presence for pole in poles} == {Presence.ONLINE}
    assert world.monitor.refused == {}


async def test_nothing_is_swept_to_unproven_by_a_wrong_clock(world: World) -> None:
    poles = await knowing(world)
    jump(world, poles, 60 * 24 * HOUR_MS)
    await live(world, poles, 900)
    assert (await world.play(FIRST, "kp1-01")).outcome is None


async def test_a_play_of_two_months_ago_still_gets_its_outcome(world: World) -> None:
    await world.on_the_air()
    await world.clock.advance(60 * 24 * 3600)
    await world.sweeper.sweep()
    assert (await world.play(FIRST, "kp1-01")).outcome is Outcome.UNPROVEN


async def test_orders_are_stamped_with_the_hour_that_the_poles_know(world: World) -> None:
    poles = await knowing(world)
    truth_ms = world.clock.now_ms()
    jump(world, poles, 72 * HOUR_MS)
    active = await world.emergency.start(Message(text="Lũ lên nhanh."), EVERYWHERE, pin=PIN, by=OPERATOR)
    assert abs(active.started_ms - truth_ms) < 2_000
    assert world.voice.sent[-1].exp_ms == active.end_by_ms
    await world.emergency_watch.look()
    assert world.emergency_watch.active
    jump(world, poles, -72 * HOUR_MS)
    await world.emergency_watch.look()
    assert world.emergency_watch.active


async def test_an_airtime_that_the_wrong_clock_has_passed_is_still_watched_for_readiness(world: World) -> None:
    poles = await knowing(world)
    await world.at(world.local(8, 5, 10))
    await live(world, poles, 30)
    jump(world, poles, 72 * HOUR_MS)
    await live(world, poles, 30)
    assert next(report.broadcast.id for report in world.readiness.coming()) == FIRST


async def test_what_is_withdrawn_meanwhile_leaves_the_plans_once_the_clock_is_right(world: World) -> None:
    poles = await knowing(world)
    [bulletin] = await world.store.bulletins.all()
    jump(world, poles, 72 * HOUR_MS)
    await world.editorial.withdraw(bulletin.id, reason="tin sai", by=APPROVER)
    await live(world, poles, 60)
    assert world.broker.plan(KP1)["entries"]
    jump(world, poles, -72 * HOUR_MS)
    await live(world, poles, 30)
    assert world.broker.plan(KP1)["entries"] == []


async def test_a_gateway_that_boots_days_ahead_hears_the_poles_before_it_plans(tmp_path: Path) -> None:
    broker = FakeClusters()
    async with open_world(tmp_path, *CLUSTERS, broker=broker) as world:
        await world.on_the_air()
    ahead_ms = 72 * HOUR_MS
    clock = ManualClock(epoch_ms(WEDNESDAY_EVENING) + ahead_ms)
    async with open_world(tmp_path, clock=clock, broker=broker) as world:
        poles = [Knowing(name, ear=world.reception, broker=broker, clock=clock) for name in CLUSTERS]
        for pole in poles:
            pole.ahead_ms = -ahead_ms
        await world.planner.plan()
        assert FIRST in broker.planned(KP1)
        await live(world, poles, 300)
        assert world.standing() == ["clock-wrong"]
        assert FIRST in broker.planned(KP1)
        jump(world, poles, -ahead_ms)
        await live(world, poles, 60)
        assert world.standing() == []
        assert FIRST in broker.planned(KP1)


async def test_a_gateway_that_was_off_for_days_plans_as_soon_as_one_pole_agrees_or_nobody_speaks(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path, *CLUSTERS) as world:
        await world.on_the_air()
    later_ms = epoch_ms(WEDNESDAY_EVENING) + 72 * HOUR_MS
    async with open_world(tmp_path, clock=ManualClock(later_ms)) as world:
        assert await world.planner.plan() == 0
        await world.pole("kp1-01").connect()
        assert await world.planner.plan() == len(CLUSTERS)
    async with open_world(tmp_path, clock=ManualClock(later_ms + 72 * HOUR_MS)) as world:
        assert await world.planner.plan() == 0
        await world.clock.advance(HEARD_WITHIN_S)
        assert await world.planner.plan() == len(CLUSTERS)
