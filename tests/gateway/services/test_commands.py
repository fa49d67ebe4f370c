"""Lệnh: written down before they leave, and what became of them is what the clusters say."""

from datetime import timedelta
from pathlib import Path

import pytest

from devices.clock import ManualClock, epoch_ms
from devices.model import ClusterId, ZoneId
from devices.wire.commands import TestTone, Volume
from devices.wire.reports import AckState, ClockState
from gateway.domain.errors import BadInput, NotAllowed, PolicyRefusal, StoreFailed
from gateway.domain.targets import EVERYWHERE, Targets
from gateway.ports.clusters import To
from gateway.ports.records import CommandState
from gateway.services.commands import LIVES_MS, of
from tests.gateway.services.conftest import CLUSTERS
from tests.gateway.services.fakes import FakeClusters
from tests.gateway.services.world import (
    APPROVER,
    AUTHOR,
    OPERATOR,
    TECHNICIAN,
    VIEWER,
    WEDNESDAY_EVENING,
    World,
    open_world,
)

KP1 = ClusterId("kp1-01")
KP1_ZONE = Targets(zones=frozenset({ZoneId("kp1")}))


async def states(world: World) -> dict[str, CommandState]:
    await world.log.look()
    since = world.local(1, 0)
    return {row.cluster: row.state for row in await world.log.history(since=since)}


async def test_a_command_to_the_ward_is_one_message_and_a_row_for_each_cluster(world: World) -> None:
    rows = await world.commands.stop(EVERYWHERE, by=OPERATOR)
    [sent] = world.broker.sent
    assert (sent.typ, sent.to) == ("stop", To())
    assert {row.cluster for row in rows} == set(CLUSTERS)
    assert {row.jti for row in rows} == {sent.jti}
    assert sent.exp_ms == world.clock.now_ms() + LIVES_MS


async def test_a_command_to_a_zone_is_one_message_for_its_clusters(world: World) -> None:
    rows = await world.commands.pause(KP1_ZONE, by=OPERATOR)
    assert [sent.to for sent in world.broker.sent] == [To(zone=ZoneId("kp1"))]
    assert {row.cluster for row in rows} == {"kp1-01", "kp1-02"}


async def test_a_cluster_named_beside_its_zone_is_told_once(world: World) -> None:
    targets = Targets(zones=frozenset({ZoneId("kp1")}), clusters=frozenset({KP1, ClusterId("kp2-01")}))
    rows = await world.commands.resume(targets, by=OPERATOR)
    assert [sent.to for sent in world.broker.sent] == [To(zone=ZoneId("kp1")), To(cluster=ClusterId("kp2-01"))]
    assert sorted(row.cluster for row in rows) == sorted(CLUSTERS)


async def test_a_cluster_without_a_trusted_clock_is_told_by_itself_with_the_nonce_of_its_boot(world: World) -> None:
    pole = world.pole("kp1-01")
    pole.clock_state = ClockState(src="none", trusted=False)
    await pole.connect()
    await world.commands.stop(EVERYWHERE, by=OPERATOR)
    shared, single = world.broker.sent
    assert (shared.to, shared.body.nonce) == (To(), None)
    assert (single.to, single.body.nonce) == (To(cluster=KP1), "nonce-1")
    assert shared.jti != single.jti
    rows = await world.log.history(since=world.local(1, 0))
    assert sorted((row.cluster, row.jti) for row in rows) == [
        ("kp1-01", single.jti),
        ("kp1-02", shared.jti),
        ("kp2-01", shared.jti),
    ]


async def test_a_state_moves_only_by_the_answer_of_that_very_cluster(world: World) -> None:
    poles = await world.poles()
    rows = await world.commands.volume(EVERYWHERE, 40, by=OPERATOR)
    assert await states(world) == dict.fromkeys(CLUSTERS, CommandState.SENT)
    jti = rows[0].jti
    await poles[0].ack(jti, "volume", AckState.RECEIVED)
    await poles[1].ack(jti, "volume", AckState.DONE, volume_percent=40)
    await poles[2].ack("another", "volume", AckState.DONE)
    assert await states(world) == {
        "kp1-01": CommandState.RECEIVED,
        "kp1-02": CommandState.DONE,
        "kp2-01": CommandState.SENT,
    }
    assert world.monitor.get(poles[1].id).volume_percent == 40


async def test_no_answer_within_ten_seconds_is_shown_and_a_late_answer_still_counts(world: World) -> None:
    poles = await world.poles()
    rows = await world.commands.stop(EVERYWHERE, by=OPERATOR)
    await poles[0].ack(rows[0].jti, "stop", AckState.DONE)
    await world.clock.advance(9.5)
    assert CommandState.NO_ANSWER not in (await states(world)).values()
    await world.clock.advance(1)
    assert (await states(world))["kp1-02"] is CommandState.NO_ANSWER
    assert (await states(world))["kp1-01"] is CommandState.DONE
    await poles[1].ack(rows[0].jti, "stop", AckState.REJECTED, why="expired")
    assert (await states(world))["kp1-02"] is CommandState.REJECTED


async def test_an_earlier_answer_that_comes_late_does_not_undo_a_later_one(world: World) -> None:
    [pole] = await world.poles("kp1-01")
    [row] = await world.commands.stop(of(KP1), by=OPERATOR)
    await pole.ack(row.jti, "stop", AckState.ACCEPTED)
    await pole.ack(row.jti, "stop", AckState.RECEIVED)
    assert world.log.state(row.jti, KP1) is CommandState.ACCEPTED
    await pole.ack(row.jti, "stop", AckState.DONE)
    await pole.ack(row.jti, "stop", AckState.RECEIVED)
    assert (await states(world))["kp1-01"] is CommandState.DONE


async def test_nothing_is_queued_for_a_broker_that_is_away(world: World) -> None:
    world.broker.up = False
    await world.commands.stop(EVERYWHERE, by=OPERATOR)
    world.broker.up = True
    await world.reception.on_up()
    for _ in range(10):
        await world.clock.advance(10)
        await world.settle()
    assert world.broker.sent == []
    assert await states(world) == dict.fromkeys(CLUSTERS, CommandState.NOT_SENT)


async def test_a_message_nobody_knows_the_fate_of_is_not_called_unsent(world: World) -> None:
    [pole] = await world.poles("kp1-01")
    world.broker.silently_loses = True
    [row] = await world.commands.stop(of(KP1), by=OPERATOR)
    assert (await states(world))["kp1-01"] is CommandState.SENT
    await pole.ack(row.jti, "stop", AckState.DONE)
    assert (await states(world))["kp1-01"] is CommandState.DONE


async def test_a_command_that_cannot_be_written_down_is_not_sent(world: World) -> None:
    class Full:
        async def record_commands(self, rows: object, *, note: object) -> None:
            raise StoreFailed("Ổ đĩa đầy.", "The disk is full.")

    world.log._issues = Full()  # type: ignore[assignment]
    for order in (world.commands.pause, world.commands.resume, world.commands.next):
        with pytest.raises(StoreFailed):
            await order(EVERYWHERE, by=OPERATOR)
    assert world.broker.sent == []


async def test_a_stop_goes_out_though_it_cannot_be_written_down_and_is_written_when_it_can(world: World) -> None:
    await world.poles("kp1-01")

    class Full:
        async def record_commands(self, rows: object, *, note: object) -> None:
            raise StoreFailed("Ổ đĩa đầy.", "The disk is full.")

    issues = world.log._issues
    world.log._issues = Full()  # type: ignore[assignment]
    [row] = await world.commands.stop(of(KP1), by=OPERATOR)
    assert len(world.broker.sent) == 1
    assert world.log.unkept
    world.log._issues = issues
    await world.log.look()
    assert not world.log.unkept
    assert [kept.jti for kept in await world.log.history(since=row.sent_at)] == [row.jti]


async def test_who_may_not_may_not_and_nothing_leaves(world: World) -> None:
    with pytest.raises(NotAllowed):
        await world.commands.stop(EVERYWHERE, by=VIEWER)
    with pytest.raises(NotAllowed):
        await world.commands.volume(EVERYWHERE, 50, by=AUTHOR)
    with pytest.raises(NotAllowed):
        await world.commands.test_tone(of(KP1), by=OPERATOR)
    with pytest.raises(NotAllowed):
        await world.commands.reboot(of(KP1), by=APPROVER)
    with pytest.raises(NotAllowed):
        await world.commands.next(EVERYWHERE, by=TECHNICIAN)
    assert world.broker.sent == []


async def test_names_and_numbers_that_do_not_fit_are_refused(world: World) -> None:
    with pytest.raises(BadInput):
        await world.commands.stop(of(ClusterId("nobody")), by=OPERATOR)
    with pytest.raises(BadInput):
        await world.commands.volume(EVERYWHERE, 101, by=OPERATOR)
    with pytest.raises(BadInput):
        await world.commands.test_tone(of(KP1), by=TECHNICIAN, percent=31)
    with pytest.raises(BadInput):
        await world.commands.test_tone(of(KP1), by=TECHNICIAN, dur_ms=10_001)
    assert world.broker.sent == []


async def test_a_test_tone_keeps_to_the_allowed_hours(world: World) -> None:
    await world.commands.test_tone(of(KP1), by=TECHNICIAN)
    assert isinstance(world.broker.sent[0].body, TestTone)
    await world.at(world.local(8, 3, 15))
    with pytest.raises(PolicyRefusal):
        await world.commands.test_tone(of(KP1), by=TECHNICIAN)
    assert len(world.broker.sent) == 1


async def test_volume_may_be_given_back_to_the_plan(world: World) -> None:
    await world.commands.volume(EVERYWHERE, None, by=OPERATOR)
    assert world.broker.sent[0].body == Volume(percent=None)


async def test_every_order_is_in_the_audit_log_once_with_who_gave_it(world: World) -> None:
    await world.commands.stop(EVERYWHERE, by=OPERATOR)
    lines = [line.note for line in await world.store.audit.lines(limit=500) if line.note.action == "command.stop"]
    assert [(note.actor, note.subject) for note in lines] == [("truc-ban", "ward")]


async def test_what_was_under_way_at_a_restart_is_still_answered(tmp_path: Path) -> None:
    clock, broker = ManualClock(epoch_ms(WEDNESDAY_EVENING)), FakeClusters()
    async with open_world(tmp_path, *CLUSTERS, clock=clock, broker=broker) as world:
        rows = await world.commands.stop(EVERYWHERE, by=OPERATOR)
    async with open_world(tmp_path, clock=clock, broker=broker) as again:
        [pole] = await again.poles("kp1-01")
        await pole.ack(rows[0].jti, "stop", AckState.DONE)
        await clock.advance(11)
        assert await states(again) == {
            "kp1-01": CommandState.DONE,
            "kp1-02": CommandState.NO_ANSWER,
            "kp2-01": CommandState.NO_ANSWER,
        }


async def test_an_answer_is_waited_for_as_long_as_the_play_it_ordered(world: World) -> None:
    [pole] = await world.poles("kp1-01")
    [row] = await world.commands.stop(of(KP1), by=OPERATOR)
    await pole.ack(row.jti, "stop", AckState.ACCEPTED)
    await world.clock.advance(timedelta(minutes=10) / timedelta(seconds=1))
    await world.log.look()
    await pole.ack(row.jti, "stop", AckState.DONE)
    assert (await states(world))["kp1-01"] is CommandState.DONE
