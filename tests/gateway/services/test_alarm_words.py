"""No alarm shows a code, a name with '@' or an instant: what a tired person reads at five in the morning is words."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from devices.model import Outcome
from gateway.services.alarm_words import faults_in_words, hour_of
from gateway.services.verdicts import Verdicts
from tests.gateway.services.test_diagnosis import WELL
from tests.gateway.services.world import World
from tests.gateway.store.rows import play

CODE = re.compile(r"[a-z]+_[a-z_]+|\S*@\S*|\d{4}-\d{2}-\d{2}T|sha256:|\b(late|power|clock|fault|disk)\)")
WHYS = ("asset_missing", "late", "power", "clock", "no_sound_came_out", "overridden", "wrong_one_of_tomorrow", "disk")
FAULTS = ("no_card", "player_stuck", "plan_damaged", "clock_disagrees", "disk_full", "left_over_damaged", "new_fault")
OCC = "sang-thu-5@2026-03-05T05:30:00+07:00"


def texts(world: World) -> list[str]:
    """Return every text that stands, and see that there is one."""
    found = [text for alarm in world.alarms.standing.values() for text in (alarm.text_vi, alarm.text_en)]
    assert found
    return found


@pytest.mark.parametrize("why", WHYS)
@pytest.mark.parametrize("outcome", [Outcome.SILENT, Outcome.FAILED, Outcome.MISSED, Outcome.PARTIAL, Outcome.UNPROVEN])
async def test_an_outcome_is_told_without_its_code(world: World, outcome: Outcome, why: str) -> None:
    verdicts = Verdicts(alarms=world.alarms, bus=world.bus, fleet=world.fleet)
    after = play(occ=OCC, outcome=outcome, why=why)
    await verdicts.told(None, after)
    await verdicts.rogue(after.cluster, after.occ)
    assert [text for text in texts(world) if CODE.search(text)] == []
    assert "(05:30 05/03)" in world.alarms.standing[f"rogue:{after.cluster}"].text_vi


async def test_a_wrong_hour_is_told_by_the_clock_on_the_wall(world: World) -> None:
    due = play(occ=OCC).start_at
    after = replace(play(occ=OCC, outcome=Outcome.FAILED, why="wrong_hour"), started_at=due + timedelta(hours=2))
    await Verdicts(alarms=world.alarms, bus=world.bus, fleet=world.fleet).told(None, after)
    vi, en = texts(world)
    local = due + timedelta(hours=7)
    assert f"hẹn {local:%H:%M:%S}" in vi
    assert f"began {local + timedelta(hours=2):%H:%M:%S}" in en
    assert "UTC" not in vi + en


async def test_another_strange_voice_in_the_same_words_is_news_and_the_same_one_is_not(world: World) -> None:
    verdicts = Verdicts(alarms=world.alarms, bus=world.bus, fleet=world.fleet)
    pole = play().cluster
    for occ in ("strange-1", "strange-1", "strange-2", "strange-2"):
        await verdicts.rogue(pole, occ)
    [alarm] = await world.store.alarms.standing()
    assert alarm.count == 2


def test_every_fault_of_a_pole_has_words_and_an_unknown_one_too() -> None:
    for said in faults_in_words(FAULTS):
        assert not CODE.search(said)
    assert faults_in_words(("plan_damaged", "keys_damaged"))[1].count("damaged") == 1
    assert WELL.faults == ()


def test_an_unscheduled_airing_has_no_hour() -> None:
    assert hour_of("em-0123") == ""
