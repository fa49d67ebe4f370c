"""Bảng phát sóng: green is what a cluster itself says now; everything else is named, and in what way it is wrong."""

from datetime import timedelta
from typing import Any

import pytest

from devices.model import ClusterId, OccurrenceId
from devices.wire.reports import Activity
from gateway.domain.errors import NotFound
from gateway.services.board import AirBoard, Board
from gateway.services.commands import of
from gateway.services.strips import Sound
from tests.gateway.services.pole import Pole
from tests.gateway.services.world import OPERATOR, World


def board_of(world: World) -> AirBoard:
    return AirBoard(
        proofs=world.store.proofs, monitor=world.monitor, fleet=world.fleet, log=world.log, clock=world.clock
    )


class Morning:
    """The ward at its first airtime; the poles do as a test says."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.board = board_of(world)

    async def begin(self, *, seconds_in: float) -> list[Pole]:
        await self.world.on_the_air()
        poles = await self.world.poles()
        first = self.world.planner.coming[0]
        self.occ = first.id
        await self.world.at(first.start + timedelta(seconds=seconds_in))
        for pole in poles:
            await pole.beat()
        return poles

    async def plays(self, pole: Pole, **changes: Any) -> None:
        pole.doing = {"activity": Activity.PLAYING, "occ": self.occ, **changes}
        await pole.birth()

    async def now(self) -> Board:
        await self.world.settle()
        return await self.board.of(OccurrenceId(self.occ))

    async def sounds(self) -> dict[str, Sound]:
        return {str(strip.cluster): strip.sound for strip in (await self.now()).strips}


@pytest.fixture
def morning(world: World) -> Morning:
    return Morning(world)


async def test_before_its_hour_everybody_waits_and_the_board_shows_it(morning: Morning) -> None:
    await morning.begin(seconds_in=-60)
    (board,) = await morning.board.on_air()
    assert set(await morning.sounds()) == {"kp1-01", "kp1-02", "kp2-01"}
    assert board.counts == {Sound.WAITING: 3}
    assert not board.over


async def test_who_plays_counts_and_who_is_late_comes_first(morning: Morning) -> None:
    one, two, _late = await morning.begin(seconds_in=20)
    await morning.plays(one)
    await morning.plays(two)
    board = await morning.now()
    assert (board.playing, board.total) == (2, 3)
    assert [(strip.cluster, strip.sound) for strip in board.strips] == [
        ("kp2-01", Sound.LATE),
        ("kp1-01", Sound.PLAYING),
        ("kp1-02", Sound.PLAYING),
    ]
    assert [strip.cluster for strip in board.wrong] == ["kp2-01"]


@pytest.mark.parametrize(
    "changes", [{"volume_percent": 0}, {"amp_on": False}, {"faults": ("no_card",)}, {"silent": True}]
)
async def test_a_play_that_nobody_can_hear_is_never_green(morning: Morning, changes: dict[str, Any]) -> None:
    one, *_ = await morning.begin(seconds_in=20)
    await morning.plays(one)
    await morning.world.clock.advance(1)
    await one.beat(**changes)
    board = await morning.now()
    assert board.playing == 0
    assert board.strips[0].cluster == "kp1-01"
    assert board.strips[0].sound is Sound.MUTE


async def test_an_amplifier_that_was_off_before_the_hour_says_nothing_of_the_play(morning: Morning) -> None:
    one, *_ = await morning.begin(seconds_in=5)
    await morning.world.clock.advance(1)
    await one.beat(amp_on=False)
    await morning.world.clock.advance(1)
    await morning.plays(one)
    assert (await morning.sounds())["kp1-01"] is Sound.PLAYING
    await morning.world.clock.advance(10)
    await one.beat(amp_on=False)
    assert (await morning.sounds())["kp1-01"] is Sound.MUTE


async def test_who_is_not_heard_of_is_lost_and_not_playing(morning: Morning) -> None:
    one, two, three = await morning.begin(seconds_in=10)
    for pole in (one, two, three):
        await morning.plays(pole)
    await three.dies()
    await morning.world.clock.advance(20)
    sounds = await morning.sounds()
    assert sounds == {"kp1-01": Sound.PLAYING, "kp1-02": Sound.PLAYING, "kp2-01": Sound.LOST}


async def test_only_what_is_proven_whole_is_proven(morning: Morning) -> None:
    one, two, three = await morning.begin(seconds_in=0)
    for pole in (one, two, three):
        pole.began(morning.occ)
        await morning.plays(pole)
        await pole.tell()
    await morning.world.clock.advance(65)
    for pole in (one, two, three):
        pole.doing = {}
        await pole.birth()
    assert (await morning.now()).counts == {Sound.ENDING: 3}
    one.ended(morning.occ)
    two.ended(morning.occ, frames=None, level=None)
    for pole in (one, two):
        await pole.tell()
    await morning.world.settle()
    sounds = await morning.sounds()
    assert sounds == {"kp1-01": Sound.PROVEN, "kp1-02": Sound.FAILED, "kp2-01": Sound.ENDING}
    past = await morning.board.past()
    assert morning.occ in {each.occ for each in past}


async def test_a_pause_is_a_pause_and_orders_without_an_answer_are_named(morning: Morning) -> None:
    one, *_ = await morning.begin(seconds_in=20)
    await morning.plays(one)
    rows = await morning.world.commands.pause(of(ClusterId("kp1-01"), ClusterId("kp1-02")), by=OPERATOR)
    mine = next(row for row in rows if row.cluster == "kp1-01")
    await one.ack(mine.jti, "pause", "done")  # type: ignore[arg-type]
    one.doing = {"activity": Activity.PAUSED, "occ": morning.occ}
    await one.birth()
    board = await morning.now()
    assert {str(strip.cluster): strip.sound for strip in board.strips}["kp1-01"] is Sound.PAUSED
    assert ClusterId("kp1-01") in board.sounding
    (order,) = await morning.board.orders(board.clusters)
    assert (order.typ, order.total, order.done, order.unanswered) == ("pause", 2, 1, ("kp1-02",))


async def test_a_voice_that_is_on_no_board_is_a_stranger(morning: Morning) -> None:
    one, *_ = await morning.begin(seconds_in=-3600)
    one.doing = {"activity": Activity.PLAYING, "occ": "la@2026-10-08T03:00:00+07:00"}
    await one.birth()
    assert morning.board.strangers(await morning.board.on_air()) == ("kp1-01",)


async def test_what_never_was_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await board_of(world).of(OccurrenceId("x@2026-10-08T03:00:00+07:00"))
    assert await board_of(world).on_air() == []
