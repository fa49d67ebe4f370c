"""Sai giờ: what sounded at another hour than promised is no play, and somebody is told while it sounds."""

from datetime import timedelta

import pytest

from devices.clock import epoch_ms
from devices.model import Outcome
from gateway.ports.records import Severity
from tests.gateway.services.pole import Pole, proof
from tests.gateway.services.world import FIRST, World

NAME = "kp1-01"
KEY = f"wrong-hour:{NAME}"
HOUR_MS = 3_600_000


async def at_half_past_five(world: World) -> tuple[Pole, int]:
    await world.on_the_air()
    [pole] = await world.poles(NAME)
    await world.at(world.local(8, 5, 30))
    return pole, world.clock.now_ms()


@pytest.mark.parametrize("off_ms", [-HOUR_MS, -3_000, HOUR_MS])
async def test_a_play_at_another_hour_does_not_count_whatever_its_evidence(world: World, off_ms: int) -> None:
    pole, due_ms = await at_half_past_five(world)
    await world.clock.advance(2 * 3600)
    pole.write("started", FIRST, want_ms=due_ms, start_ms=due_ms + off_ms)
    pole.write("finished", FIRST, want_ms=due_ms, **proof(due_ms + off_ms + 64_000))
    await pole.tell()
    await world.settle()
    play = await world.play(FIRST, NAME)
    assert (play.outcome, play.why, play.heard_ms) == (Outcome.FAILED, "wrong_hour", 64_000)
    assert world.alarms.standing[KEY].severity is Severity.CRITICAL
    assert world.standing("air:") == []
    [airing] = await world.ledger.airings(since=world.local(8, 5), until=world.local(8, 6))
    assert airing.heard == 0


async def test_the_alarm_comes_with_the_first_word_of_the_start(world: World) -> None:
    pole, due_ms = await at_half_past_five(world)
    pole.write("started", FIRST, want_ms=due_ms, start_ms=due_ms - HOUR_MS)
    await pole.tell()
    await world.settle()
    assert world.standing(KEY) == [KEY]


async def test_a_pole_that_obeys_another_plans_hour_is_at_the_wrong_hour(world: World) -> None:
    pole, due_ms = await at_half_past_five(world)
    pole.write("finished", FIRST, want_ms=due_ms + 60_000, **proof(due_ms + 124_000))
    await world.clock.advance(200)
    await pole.tell()
    await world.settle()
    assert (await world.play(FIRST, NAME)).why == "wrong_hour"


async def test_a_play_told_before_its_hour_has_come_was_played_by_a_wrong_clock(world: World) -> None:
    await world.on_the_air()
    [pole] = await world.poles(NAME)
    due_ms = epoch_ms(world.local(8, 5, 30))
    await world.at(world.local(8, 4, 31))
    pole.write("finished", FIRST, want_ms=due_ms, **proof(due_ms + 64_000))
    await pole.tell()
    await world.settle()
    assert (await world.play(FIRST, NAME)).why == "wrong_hour"
    assert world.standing(KEY) == [KEY]


@pytest.mark.parametrize(
    "late", [timedelta(), timedelta(milliseconds=-900), timedelta(minutes=2), timedelta(minutes=44)]
)
async def test_a_start_as_late_as_the_rules_let_it_be_is_no_wrong_hour(world: World, late: timedelta) -> None:
    pole, due_ms = await at_half_past_five(world)
    start_ms = due_ms + late // timedelta(milliseconds=1)
    await world.clock.advance(3600)
    pole.write("finished", FIRST, want_ms=due_ms, **proof(start_ms + 64_000))
    await pole.tell()
    await world.settle()
    assert (await world.play(FIRST, NAME)).outcome is Outcome.PLAYED
    assert world.standing() == []


async def test_what_was_missed_or_silent_keeps_its_own_name(world: World) -> None:
    pole, due_ms = await at_half_past_five(world)
    pole.write("finished", FIRST, want_ms=due_ms, result=Outcome.MISSED, why="power")
    await pole.tell()
    await world.settle()
    assert (await world.play(FIRST, NAME)).outcome is Outcome.MISSED
    assert world.standing(KEY) == []
