"""Gác loa: what is wrong at a pole is said once, with its name, and taken back when it is right again."""

from typing import Any

import pytest

from devices.wire.reports import Activity, ClockState
from gateway.domain.errors import NotAllowed
from gateway.ports.records import Severity
from gateway.services.events import AlarmCleared, AlarmRaised
from tests.gateway.services.world import AUTHOR, FIRST, TECHNICIAN, VIEWER, World

NAME = "kp1-01"


async def beats(world: World, pole: Any, count: int = 1, **changes: Any) -> None:
    for _ in range(count):
        await world.clock.advance(30)
        await pole.beat(**changes)
        world.monitor.look()
        await world.watchman.look()


async def test_a_lost_cluster_is_an_alarm_until_it_is_heard(world: World) -> None:
    [pole] = await world.poles(NAME)
    await world.clock.advance(90)
    world.monitor.look()
    await world.watchman.look()
    assert f"lost:{NAME}" in world.standing()
    await pole.connect()
    await world.watchman.look()
    assert f"lost:{NAME}" not in world.standing()


async def test_with_the_broker_away_there_is_one_alarm_not_one_for_every_cluster(world: World) -> None:
    poles = await world.poles()
    world.broker.up = False
    await world.reception.on_down()
    for _ in range(60):
        await world.clock.advance(2)
        world.monitor.look()
        await world.watchman.look()
    assert world.standing() == ["link"]
    world.broker.up = True
    await world.reception.on_up()
    await world.clock.advance(2)
    await world.watchman.look()
    assert world.standing() == []
    for pole in poles[1:]:
        await pole.connect()
    for _ in range(50):
        await world.clock.advance(2)
        for pole in poles[1:]:
            await pole.beat()
        world.monitor.look()
        await world.watchman.look()
    assert world.standing() == [f"lost:{NAME}"]


async def test_a_short_cut_of_the_broker_is_no_alarm(world: World) -> None:
    await world.poles()
    world.broker.up = False
    await world.watchman.look()
    await world.clock.advance(10)
    await world.watchman.look()
    world.broker.up = True
    await world.clock.advance(10)
    await world.watchman.look()
    assert world.standing("link") == []


@pytest.mark.parametrize(
    ("changes", "key", "severity"),
    [
        ({"clock": ClockState(src="none", trusted=False)}, "clock", Severity.WARNING),
        ({"clock": ClockState(src="ntp", trusted=True, off_ms=700)}, "clock", Severity.WARNING),
        ({"clock": ClockState(src="ntp", trusted=True, off_ms=-9_000)}, "clock", Severity.CRITICAL),
        ({"faults": ("disk_full",)}, "fault", Severity.WARNING),
        ({"free_mb": 50}, "space", Severity.WARNING),
        ({"on_battery": True}, "power", Severity.WARNING),
        ({"volts_ac": 70.0}, "power", Severity.WARNING),
        ({"amp_on": True}, "stray", Severity.CRITICAL),
        ({"amp_on": False, "activity": Activity.PLAYING, "occ": FIRST}, "mute", Severity.CRITICAL),
    ],
)
async def test_each_thing_wrong_at_a_pole_is_an_alarm_while_it_is_so(
    world: World, changes: dict[str, Any], key: str, severity: Severity
) -> None:
    await world.on_the_air()
    [pole] = await world.poles(NAME)
    await beats(world, pole, 3, **changes)
    assert world.alarms.standing[f"{key}:{NAME}"].severity is severity
    assert NAME in world.alarms.standing[f"{key}:{NAME}"].text_vi
    await beats(world, pole, 2)
    assert world.standing(key) == []


async def test_an_amplifier_seen_on_in_one_heartbeat_is_no_alarm_yet(world: World) -> None:
    [pole] = await world.poles(NAME)
    await beats(world, pole, 1, amp_on=True)
    for _ in range(5):
        await world.watchman.look()
    assert world.standing("stray") == []


async def test_an_alarm_is_raised_once_however_often_it_is_seen(world: World) -> None:
    [pole] = await world.poles(NAME)
    seen = world.bus.last_id
    await beats(world, pole, 10, free_mb=50)
    await beats(world, pole, 1)
    events = [item.event for item in world.bus._since(seen)]
    told = [type(e) for e in events if isinstance(e, AlarmRaised | AlarmCleared) and e.key.startswith("space")]
    assert told == [AlarmRaised, AlarmCleared]
    [kept] = [alarm for alarm in await world.store.alarms.history() if alarm.key.startswith("space")]
    assert kept.count == 1


async def test_messages_that_were_not_believed_are_an_alarm_for_an_hour(world: World) -> None:
    [pole] = await world.poles(NAME)
    for _ in range(3):
        await world.reception.on_refused(pole.id, "bad_signature")
    await world.reception.on_refused(None, "malformed")
    await beats(world, pole)
    assert world.standing("probing:") == ["probing:gateway", f"probing:{NAME}"]
    assert world.alarms.standing["probing:gateway"].text_vi.startswith("Máy chủ: ")
    await beats(world, pole, 121)
    assert world.standing("probing:") == []
    await beats(world, pole, 1, drops={"bad_signature": 2})
    assert world.standing("probing:") == [f"probing:{NAME}"]


async def test_a_voice_that_nobody_ordered_is_an_alarm_within_seconds(world: World) -> None:
    await world.on_the_air()
    [pole] = await world.poles(NAME)
    pole.doing = {"activity": Activity.PLAYING, "occ": "stranger@2026-10-08T03:15:00+07:00"}
    await pole.birth()
    for _ in range(3):
        await world.watchman.look()
        await world.clock.advance(2)
    assert world.standing("rogue:") == [f"rogue:{NAME}"]
    assert world.alarms.standing[f"rogue:{NAME}"].severity is Severity.CRITICAL


async def test_a_planned_voice_and_a_test_tone_are_no_strangers(world: World) -> None:
    await world.on_the_air()
    poles = await world.poles()
    poles[0].doing = {"activity": Activity.PLAYING, "occ": FIRST}
    poles[1].doing = {"activity": Activity.PLAYING, "occ": "test-tone"}
    for _ in range(4):
        for pole in poles[:2]:
            await pole.birth()
        await world.watchman.look()
        await world.clock.advance(2)
    assert world.standing("rogue:") == []


async def test_a_strange_voice_stands_until_a_person_closes_it(world: World) -> None:
    await world.on_the_air()
    [pole] = await world.poles(NAME)
    pole.doing = {"activity": Activity.PLAYING, "occ": "stranger"}
    await pole.birth()
    for _ in range(3):
        await world.watchman.look()
        await world.clock.advance(2)
    pole.doing = {}
    await beats(world, pole, 5)
    key = f"rogue:{NAME}"
    assert key in world.standing()
    await world.alarms.see(key, by=VIEWER)
    with pytest.raises(NotAllowed):
        await world.alarms.close(key, by=AUTHOR)
    await world.alarms.close(key, by=TECHNICIAN)
    assert key not in world.standing()


async def test_alarms_of_before_a_restart_still_stand_after_it(world: World) -> None:
    from gateway.services.alarm_desk import AlarmDesk

    await world.verdicts.rogue(world.pole(NAME).id, "stranger")
    again = AlarmDesk(world.store.alarms, world.bus, world.clock)
    await again.load()
    assert f"rogue:{NAME}" in again.standing
