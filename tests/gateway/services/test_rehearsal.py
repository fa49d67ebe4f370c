"""Nghe trước: what is heard before an emergency is what goes out."""

import pytest

from gateway.domain.errors import NotAllowed, WrongState
from gateway.domain.targets import EVERYWHERE
from gateway.services.emergency_message import Message, as_drill
from tests.gateway.services.fakes import PIN
from tests.gateway.services.world import AUTHOR, OPERATOR, World


async def test_what_was_rehearsed_is_the_very_file_that_goes_out(world: World) -> None:
    await world.poles()
    clip = await world.emergency.rehearse("Nước đang dâng.", by=OPERATOR)
    message = Message(recording=clip.asset, text="Nước đang dâng.")
    active = await world.emergency.start(message, EVERYWHERE, pin=PIN, by=OPERATOR)
    play = await world.play(active.em, "kp1-01")
    assert play.assets == (clip.asset,)
    assert active.text == "Nước đang dâng."


async def test_nobody_without_the_right_rehearses_and_nothing_cannot_be_rehearsed(world: World) -> None:
    with pytest.raises(NotAllowed):
        await world.emergency.rehearse("Nước đang dâng.", by=AUTHOR)
    with pytest.raises(WrongState):
        await world.emergency.rehearse("  ", by=OPERATOR)


def test_a_drill_says_so_first_and_last() -> None:
    said = as_drill("Đang có cháy.")
    assert said.startswith("Đây là diễn tập.")
    assert said.endswith("Đây là diễn tập.")
