"""Trực tuyến, mất kết nối: only a cluster's own fresh word makes it present."""

from gateway.services.events import ClusterChanged
from gateway.services.presence import Live, Presence
from tests.gateway.services.pole import Pole
from tests.gateway.services.world import World

NAME = "kp1-01"


def shown(world: World, name: str = NAME) -> Presence:
    world.monitor.look()
    return world.monitor.get(world.pole(name).id).presence


async def edges(world: World, since: int) -> list[str]:
    events = [item.event for item in world.bus._since(since)]
    return [e.presence for e in events if isinstance(e, ClusterChanged) and e.cluster == NAME]


async def test_a_cluster_is_unknown_until_it_is_heard_and_lost_after_ninety_seconds(world: World) -> None:
    assert shown(world) is Presence.UNKNOWN
    await world.clock.advance(80)
    assert shown(world) is Presence.UNKNOWN
    await world.clock.advance(10)
    assert shown(world) is Presence.LOST


async def test_a_heartbeat_makes_it_present_and_silence_makes_it_lost_within_ninety_seconds(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect()
    for _ in range(4):
        await world.clock.advance(30)
        await pole.beat()
        assert shown(world) is Presence.ONLINE
    await world.clock.advance(84)
    assert shown(world) is Presence.ONLINE
    await world.clock.advance(5)
    assert shown(world) is Presence.LOST


async def test_a_lost_will_changes_nothing_the_heartbeat_alone_decides(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect()
    await world.clock.advance(90)
    assert shown(world) is Presence.LOST
    await pole.beat()
    assert shown(world) is Presence.ONLINE


async def test_a_will_shows_after_fifteen_seconds(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect()
    await pole.dies()
    await world.clock.advance(14)
    assert shown(world) is Presence.ONLINE
    await world.clock.advance(2)
    assert shown(world) is Presence.LOST


async def test_a_drop_shorter_than_fifteen_seconds_is_shown_to_nobody(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect()
    seen = world.bus.last_id
    for _ in range(5):
        await pole.dies()
        await world.clock.advance(14)
        world.monitor.look()
        await pole.connect()
        await world.clock.advance(2)
        world.monitor.look()
    assert await edges(world, seen) == []


async def test_the_will_of_a_session_that_is_over_is_ignored(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect()
    old = pole.sid
    await pole.connect()
    await pole.dies(sid=old)
    await world.clock.advance(40)
    await pole.beat()
    await world.clock.advance(40)
    assert shown(world) is Presence.ONLINE
    await pole.dies(sid="nobody-knows-this-one")
    await world.clock.advance(20)
    assert shown(world) is Presence.ONLINE


async def test_a_retained_birth_says_what_was_not_what_is(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect(retained=True)
    assert shown(world) is Presence.UNKNOWN
    await world.clock.advance(90)
    assert shown(world) is Presence.LOST


async def test_the_will_of_a_session_known_from_a_retained_birth_counts(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect(retained=True)
    await pole.beat()
    assert shown(world) is Presence.ONLINE
    await pole.dies()
    await world.clock.advance(16)
    assert shown(world) is Presence.LOST


async def test_a_recorded_heartbeat_does_not_keep_a_dead_cluster_alive(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect()
    await world.clock.advance(30)
    recorded = pole.heartbeat()
    await pole.say(recorded)
    for _ in range(4):
        await world.clock.advance(30)
        await pole.say(recorded)
    assert shown(world) is Presence.LOST
    assert world.monitor.refused[pole.id, "stale"] == 4


async def test_a_recorded_session_of_yesterday_does_not_bring_a_cluster_back(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect()
    yesterday = pole.born()
    beats = []
    for _ in range(3):
        await world.clock.advance(30)
        beats.append(pole.heartbeat())
        await pole.say(beats[-1])
    await pole.reboot()
    await world.clock.advance(100)
    await pole.say(yesterday)
    for beat in beats:
        await pole.say(beat)
    assert shown(world) is Presence.LOST


async def test_a_recorded_session_of_a_minute_ago_does_not_bring_a_cluster_back(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect()
    recorded = pole.born()
    await world.clock.advance(5)
    await pole.connect()
    await world.clock.advance(90)
    await pole.say(recorded)
    assert shown(world) is Presence.LOST


async def test_a_recorded_birth_of_this_very_session_is_no_sign_of_life(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect()
    recorded = pole.born()
    await world.clock.advance(30)
    await pole.beat()
    for _ in range(4):
        await world.clock.advance(25)
        await pole.say(recorded)
    assert shown(world) is Presence.LOST
    assert world.monitor.refused == {}


async def test_a_recording_of_hours_ago_means_nothing_even_to_a_gateway_that_just_started(world: World) -> None:
    pole = world.pole(NAME)
    recorded = pole.heartbeat(sid="s1-0")
    await world.clock.advance(3_600)
    assert shown(world) is Presence.LOST
    await pole.say(recorded)
    assert shown(world) is Presence.LOST


async def test_a_cluster_whose_clock_is_wrong_is_there_all_the_same(world: World) -> None:
    from devices.wire.reports import ClockState

    pole = world.pole(NAME)
    pole.clock_state = ClockState(src="none", trusted=False)
    await pole.say(pole.born().model_copy(update={"at_ms": 12_345}))
    await pole.say(pole.heartbeat(at_ms=12_346, uptime_s=1))
    assert shown(world) is Presence.ONLINE


async def test_a_cluster_that_sets_its_clock_back_is_believed_at_once(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect()
    await world.clock.advance(20)
    pole.doing = {"silent": True}
    await pole.birth()
    await world.clock.advance(1)
    before = pole.born()
    pole.doing = {"silent": False}
    await world.clock.advance(1)
    await pole.say(pole.born().model_copy(update={"at_ms": world.clock.now_ms() - 30_000}))
    assert not world.monitor.get(pole.id).silent
    await pole.say(before)
    assert not world.monitor.get(pole.id).silent, "an older word of the same session"


async def test_a_new_controller_under_an_old_name_is_heard(world: World) -> None:
    pole = world.pole(NAME)
    pole.boot = 300
    await pole.connect()
    fresh = world.pole(NAME)
    await world.enrol(NAME, kid="2")
    await fresh.connect()
    assert shown(world) is Presence.ONLINE
    assert world.monitor.get(fresh.id).boot == 1


async def test_a_revoked_cluster_is_not_counted_as_there(world: World) -> None:
    from dataclasses import replace

    from devices.clock import instant

    pole = world.pole(NAME)
    await pole.connect()
    for identity in await world.store.enrolments.identities():
        if identity.cluster == NAME:
            gone = replace(identity, revoked_at=instant(world.clock.now_ms()))
            await world.store.enrolments.save_identity(gone, note=world.note("enrol.revoke"))
    await world.during(world.changes.follow())  # it is told to be silent, and given a moment
    await pole.beat()
    assert shown(world) is Presence.UNENROLLED
    assert world.monitor.refused[pole.id, "not_enrolled"] == 1


async def test_after_the_broker_was_away_everybody_gets_time_to_be_heard(world: World) -> None:
    pole = world.pole(NAME)
    await pole.connect()
    await world.reception.on_down()
    await world.clock.advance(60)
    await world.reception.on_up()
    await world.clock.advance(60)
    assert shown(world) is Presence.ONLINE
    await world.clock.advance(30)
    assert shown(world) is Presence.LOST


async def test_with_the_broker_away_for_long_nobody_is_shown_as_there(world: World) -> None:
    poles = await world.poles()
    await world.reception.on_down()
    await world.clock.advance(90)
    assert [shown(world, pole.id) for pole in poles] == [Presence.LOST] * len(poles)


async def test_what_a_cluster_does_is_told_once_and_when_it_changes(world: World) -> None:
    from devices.wire.reports import Activity

    pole = world.pole(NAME)
    await pole.connect()
    seen = world.bus.last_id
    pole.doing = {"activity": Activity.PLAYING, "occ": "x"}
    await pole.birth()
    await world.clock.advance(5)
    await pole.birth()
    await world.clock.advance(5)
    await pole.beat()
    assert len(await edges(world, seen)) == 1
    assert world.monitor.get(pole.id).playing


async def test_a_change_is_told_to_listeners_in_order(world: World) -> None:
    heard: list[tuple[Presence, Presence]] = []

    async def note(before: Live, after: Live) -> None:
        if after.cluster == NAME:
            heard.append((before.presence, after.presence))

    world.monitor.listen(note)
    pole: Pole = world.pole(NAME)
    await pole.connect()
    await world.clock.advance(90)
    world.monitor.look()
    await world.monitor.tell()
    assert heard[-2:] == [(Presence.UNKNOWN, Presence.ONLINE), (Presence.ONLINE, Presence.LOST)]
