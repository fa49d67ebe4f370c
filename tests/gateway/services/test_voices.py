"""Whose voice: two in turns, one that stands in for the whole bulletin and says so, and none after the approval."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.bulletin import ONE_VOICE, State
from gateway.domain.checklist import CheckState
from gateway.domain.errors import NotAllowed, WrongState
from gateway.services.editorial import SpeechFailed
from gateway.services.house_voice import HouseVoice
from gateway.services.spoken_desk import GREETING
from tests.gateway.services.test_editorial import content
from tests.gateway.services.world import AUTHOR, VIEWER, World

WARD = HouseVoice(voice="piper:lan", second="piper:minh", fallback=("piper:lan", "espeak:vi"))
CHOSEN = "piper:lan"


@pytest.mark.parametrize(
    ("voice", "second", "heard"),
    [
        ("", "", ("piper:lan", "piper:minh")),
        ("", ONE_VOICE, ("piper:lan",)),
        ("", "espeak:vi", ("piper:lan", "espeak:vi")),
        ("espeak:vi", "", ("espeak:vi",)),
        ("espeak:vi", "piper:lan", ("espeak:vi", "piper:lan")),
        ("espeak:vi", "espeak:vi", ("espeak:vi",)),
    ],
)
async def test_a_bulletin_is_read_by_the_voices_it_names_else_by_the_wards(
    world: World, voice: str, second: str, heard: tuple[str, ...]
) -> None:
    world.editorial.usual = WARD
    draft = await world.editorial.create(replace(content(), voice=voice, second_voice=second), by=AUTHOR)
    audio = (await world.editorial.render(draft.id, by=AUTHOR)).audio
    assert audio is not None
    assert (audio.voices, audio.voice, audio.stood_in) == (heard, heard[0], "")


@pytest.mark.parametrize("change", [{"voice": "espeak:vi"}, {"second_voice": "espeak:vi"}, {"speed": 0.9}])
async def test_another_voice_or_speed_is_other_audio_and_voids_the_approval(world: World, change: object) -> None:
    draft = await world.editorial.create(content(), by=AUTHOR)
    approved = await world.approve(await world.editorial.submit(draft.id, by=AUTHOR))
    other = replace(approved.content, **change)  # type: ignore[arg-type]
    edited = await world.editorial.edit(draft.id, other, was_revision=approved.revision, by=AUTHOR)
    assert (edited.state, edited.approval, edited.audio) == (State.DRAFT, None, None)
    again = await world.editorial.render(draft.id, by=AUTHOR)
    assert again.audio is not None
    assert approved.audio is not None
    assert again.audio.asset != approved.audio.asset


async def test_a_voice_that_stands_in_speaks_all_of_it_and_is_on_the_approvers_list(world: World) -> None:
    world.editorial.usual, world.studio.mute = WARD, {CHOSEN}
    draft = await world.editorial.create(content(), by=AUTHOR)
    waiting = await world.editorial.submit(draft.id, by=AUTHOR)
    assert waiting.audio is not None
    assert waiting.audio.voices == ("espeak:vi",)
    assert waiting.audio.stood_in.startswith("Đã dùng giọng dự phòng espeak:vi vì giọng piper:lan")
    checks = {each.code: each for each in (await world.wording.checklist(draft.id)).checks}
    assert checks["voice"].state is CheckState.LOOK
    assert checks["voice"].vi == waiting.audio.stood_in
    assert (await world.approve(waiting)).state is State.APPROVED, "a person may well say yes to it"


async def test_the_chosen_voice_is_tried_again_and_the_list_says_nothing_then(world: World) -> None:
    world.editorial.usual, world.studio.mute = WARD, {CHOSEN}
    draft = await world.editorial.create(content(), by=AUTHOR)
    stood_in = await world.editorial.render(draft.id, by=AUTHOR)
    world.studio.mute = set()
    again = await world.editorial.render(draft.id, by=AUTHOR)
    assert again.audio is not None
    assert stood_in.audio is not None
    assert again.audio.asset != stood_in.audio.asset
    assert "voice" not in {each.code for each in (await world.wording.checklist(draft.id)).checks}


async def test_nobody_stands_in_where_nobody_is_named(world: World) -> None:
    world.editorial.usual, world.studio.mute = replace(WARD, fallback=(CHOSEN,)), {CHOSEN}
    draft = await world.editorial.create(content(), by=AUTHOR)
    with pytest.raises(SpeechFailed, match=CHOSEN):
        await world.editorial.render(draft.id, by=AUTHOR)
    assert await world.editorial.get(draft.id) == draft


async def test_nobody_stands_in_after_the_approval(world: World) -> None:
    world.editorial.usual = WARD
    draft = await world.editorial.create(content(), by=AUTHOR)
    approved = await world.approve(await world.editorial.submit(draft.id, by=AUTHOR))
    world.studio.mute = {CHOSEN}
    with pytest.raises(SpeechFailed):
        await world.editorial.render(draft.id, by=AUTHOR)
    assert await world.editorial.get(draft.id) == approved


async def test_nobody_stands_in_when_it_is_approved_while_the_voice_fails(world: World) -> None:
    world.editorial.usual = WARD
    draft = await world.editorial.create(content(), by=AUTHOR)
    waiting = await world.editorial.submit(draft.id, by=AUTHOR)
    world.studio.mute, world.studio.slow_s = {CHOSEN}, 0.05
    speaking = asyncio.create_task(world.editorial.render(draft.id, by=AUTHOR))
    await asyncio.sleep(0.01)
    approved = await world.approve(waiting)
    with pytest.raises(WrongState):
        await speaking
    assert await world.editorial.get(draft.id) == approved


async def test_a_voice_is_heard_before_anything_is_saved(world: World) -> None:
    async def heard(text: str, **more: object) -> str:
        made = await world.wording.spoken.sample(text, **{"voice": "piper:lan", "speed": 0.9, "by": AUTHOR, **more})
        return Path(made.path).read_text()

    assert await heard("***\nMời bà con họp. Câu sau.") == "piper:lan:None:0.9:Mời bà con họp."
    assert await heard(" ") == f"piper:lan:None:0.9:{GREETING.split('. ')[0]}."
    with pytest.raises(NotAllowed):
        await heard("Một câu.", by=VIEWER)
