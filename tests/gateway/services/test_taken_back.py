"""Thu hồi khi đang phát: what nobody stands behind any more falls silent, by a signed order, and people are told."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from devices.model import ClusterId
from devices.wire.commands import Stop
from devices.wire.reports import AckState, Activity
from gateway.domain.bulletin import Content
from gateway.domain.programme import Clip, ItemRole
from gateway.domain.targets import EVERYWHERE
from gateway.services.emergency_message import Message
from gateway.services.taken_back import AGAIN_EVERY_S
from tests.gateway.services.fakes import PIN
from tests.gateway.services.world import APPROVER, AUTHOR, FIRST, OPERATOR, SECOND, World

KEY = f"taken-back:{FIRST}"


def stops(world: World) -> list[tuple[str, ClusterId | None]]:
    return [(sent.body.occ or "", sent.to.cluster) for sent in world.broker.sent if isinstance(sent.body, Stop)]


async def sounding(world: World, *names: str, occ: str = FIRST) -> None:
    for pole in await world.poles(*names):
        pole.doing = {"activity": Activity.PLAYING, "occ": occ}
        await pole.birth()


async def test_what_sounds_and_is_withdrawn_is_stopped_where_it_sounds_and_told(world: World) -> None:
    bulletin = await world.on_the_air()
    await world.at(world.local(8, 5, 30, 20))
    await sounding(world, "kp1-01", "kp2-01")
    await world.taken_back.look()
    assert (stops(world), world.standing(KEY)) == ([], [])
    await world.editorial.withdraw(bulletin.id, reason="tin sai", by=APPROVER)
    await world.taken_back.look()
    assert stops(world) == [(FIRST, "kp1-01"), (FIRST, "kp2-01")]
    assert world.standing(KEY) == [KEY]
    rows = await world.log.history(since=world.local(8, 5))
    assert {(row.typ, row.by, row.cluster) for row in rows} == {
        ("stop", "system", "kp1-01"),
        ("stop", "system", "kp2-01"),
    }
    actions = [line.note.action for line in await world.store.audit.lines(limit=500)]
    assert "command.stop_withdrawn" in actions


async def test_a_pole_that_does_not_stop_is_told_again_and_the_alarm_stands_until_it_has(world: World) -> None:
    bulletin = await world.on_the_air()
    await world.at(world.local(8, 5, 30, 20))
    [pole] = await world.poles("kp1-01")
    pole.doing = {"activity": Activity.PLAYING, "occ": FIRST}
    await pole.birth()
    await world.editorial.withdraw(bulletin.id, reason="tin sai", by=APPROVER)
    for _ in range(4):
        await world.taken_back.look()
        await world.clock.advance(AGAIN_EVERY_S / 2)
    assert stops(world) == [(FIRST, "kp1-01")] * 2
    pole.doing = {"activity": Activity.IDLE}
    await pole.birth()
    await world.taken_back.look()
    assert world.standing(KEY) == []


async def test_a_pole_that_was_out_of_reach_at_the_withdrawal_is_stopped_when_it_is_back(world: World) -> None:
    bulletin = await world.on_the_air()
    await world.at(world.local(8, 5, 30, 20))
    [pole] = await world.poles("kp1-01")
    watching = asyncio.create_task(world.taken_back.run())
    try:
        await world.editorial.withdraw(bulletin.id, reason="tin sai", by=APPROVER)
        await world.clock.advance(0.6)
        for _ in range(150):  # nobody hears of it for longer than anybody is watched for
            await world.clock.advance(1)
        pole.doing = {"activity": Activity.PLAYING, "occ": FIRST}
        await pole.birth()
        for _ in range(10):
            await asyncio.sleep(0.01)
            await world.clock.advance(0.5)
        assert stops(world) == [(FIRST, "kp1-01")]
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_a_recording_withdrawn_while_it_sounds_is_stopped_as_a_bulletin_is(world: World, tmp_path: Path) -> None:
    file = tmp_path / "loi-chao.mp3"
    file.write_text("lời chào")
    kept = await world.library.upload(file, title="Lời chào", by=AUTHOR)
    await world.editorial.approve_recording(kept.asset, by=APPROVER)
    bulletin = await world.approved()
    programme = await world.programme(bulletin.id)
    greeting = Clip(role=ItemRole.GREETING, asset=kept.asset, duration_ms=kept.duration_ms)
    await world.programming.save_programme(replace(programme, items=(greeting, *programme.items)), by=OPERATOR)
    await world.scheduled()
    await world.settle()
    await world.at(world.local(8, 5, 30, 20))
    await sounding(world, "kp1-01")
    await world.taken_back.look()
    assert (stops(world), world.standing(KEY)) == ([], [])
    await world.editorial.withdraw_recording(kept.asset, reason="sai giọng", by=APPROVER)
    await world.taken_back.look()
    assert stops(world) == [(FIRST, "kp1-01")]
    assert world.standing(KEY) == [KEY]


async def test_an_edit_for_next_week_does_not_cut_off_what_was_approved(world: World) -> None:
    bulletin = await world.on_the_air()
    await world.at(world.local(8, 5, 30, 20))
    await sounding(world, "kp1-01")
    approved = await world.editorial.get(bulletin.id)
    await world.editorial.edit(
        bulletin.id,
        Content(title="Khác", category=approved.content.category, text="Khác hẳn."),
        was_revision=approved.revision,
        by=AUTHOR,
    )
    await world.taken_back.look()
    assert stops(world) == []


async def test_an_emergency_is_ended_only_by_its_own_key(world: World) -> None:
    bulletin = await world.approved()
    active = await world.emergency.start(Message(bulletin=bulletin.id), EVERYWHERE, pin=PIN, by=OPERATOR)
    await sounding(world, "kp1-01", occ=active.em)
    await world.editorial.withdraw(bulletin.id, reason="tin sai", by=APPROVER)
    await world.taken_back.look()
    assert stops(world) == []


# -- Dừng, and who did not hear of it ----------------------------------------------------------------------------------


async def test_dung_holds_for_a_pole_that_lost_its_power_and_joins_again(world: World) -> None:
    await world.on_the_air()
    await world.at(world.local(8, 5, 30, 20))
    [gone, other] = await world.poles("kp1-01", "kp2-01")
    other.doing = {"activity": Activity.PLAYING, "occ": FIRST}
    await other.birth()
    watching = asyncio.create_task(world.taken_back.run())
    try:
        await world.commands.stop(EVERYWHERE, by=OPERATOR)
        other.doing = {"activity": Activity.IDLE}
        await other.birth()
        await pass_s(world, 100)
        told = len(stops(world))
        gone.doing = {"activity": Activity.PLAYING, "occ": FIRST}
        await gone.birth()
        await until(world, lambda: stops(world)[told:] == [(FIRST, "kp1-01")])
        assert world.standing(f"stopped:{FIRST}") == [f"stopped:{FIRST}"]
        gone.doing = {"activity": Activity.IDLE}
        await gone.birth()
        await until(world, lambda: world.standing(f"stopped:{FIRST}") == [])
        actions = [line.note.action for line in await world.store.audit.lines(limit=500)]
        assert actions.count("command.stop_again") == 1
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_dung_of_the_morning_does_not_stop_the_evening(world: World) -> None:
    await world.on_the_air()
    await world.at(world.local(8, 5, 30, 20))
    await world.commands.stop(EVERYWHERE, by=OPERATOR)
    await world.at(world.local(8, 17, 30, 20))
    told = len(stops(world))
    await sounding(world, "kp1-01", occ=SECOND)
    await world.taken_back.look()
    assert (stops(world)[told:], world.standing(f"stopped:{SECOND}")) == ([], [])


async def test_what_a_stopped_broadcast_had_interrupted_goes_on_where_the_stop_was_obeyed(world: World) -> None:
    await world.on_the_air()
    await world.at(world.local(8, 5, 30, 20))
    [pole] = await world.poles("kp1-01")
    await world.commands.stop(EVERYWHERE, by=OPERATOR)
    await pole.ack(world.broker.sent[-1].jti, "stop", AckState.DONE)
    await world.log.look()
    told = len(stops(world))
    await world.clock.advance(10)
    pole.doing = {"activity": Activity.PLAYING, "occ": FIRST}
    await pole.birth()
    await world.taken_back.look()
    assert (stops(world)[told:], world.standing(f"stopped:{FIRST}")) == ([], [])


async def test_dung_of_one_broadcast_before_its_hour_holds_for_who_did_not_hear_it(world: World) -> None:
    await world.on_the_air()
    await world.at(world.local(8, 5, 29, 0))
    await world.commands.stop(EVERYWHERE, by=OPERATOR, occ=FIRST)
    told = len(stops(world))
    await world.at(world.local(8, 5, 30, 20))
    await sounding(world, "kp1-01")
    await world.taken_back.look()
    assert stops(world)[told:] == [(FIRST, "kp1-01")]


async def test_a_pole_that_falls_silent_within_a_moment_is_told_once(world: World) -> None:
    await world.on_the_air()
    await world.at(world.local(8, 5, 30, 20))
    await sounding(world, "kp1-01")
    await world.commands.stop(EVERYWHERE, by=OPERATOR)
    told = len(stops(world))
    await world.clock.advance(1)
    [pole] = await world.poles("kp1-01")
    pole.doing = {"activity": Activity.PLAYING, "occ": FIRST}
    await pole.birth()
    await world.taken_back.look()
    assert stops(world)[told:] == [], "its last word may be older than the order"


async def test_a_pole_that_is_out_of_reach_is_not_told_over_and_over(world: World) -> None:
    await world.on_the_air()
    await world.at(world.local(8, 5, 30, 20))
    await sounding(world, "kp1-01")
    await world.clock.advance(1)
    await world.commands.stop(EVERYWHERE, by=OPERATOR)
    told = len(stops(world))
    await world.clock.advance(30)
    await world.taken_back.look()
    assert (stops(world)[told:], world.standing(f"stopped:{FIRST}")) == ([], [])


async def until(world: World, true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.02)
            await world.clock.advance(0.25)


async def pass_s(world: World, seconds: int) -> None:
    for _ in range(2 * seconds):
        await asyncio.sleep(0.005)
        await world.clock.advance(0.5)
