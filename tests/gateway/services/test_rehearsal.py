"""Nghe trước: what is heard before an emergency is what goes out, to the last byte, and nothing is spoken twice."""

from datetime import timedelta

import pytest

from devices.wire.commands import Emergency
from gateway.domain.bulletin import Content
from gateway.domain.errors import BadInput, NotAllowed, WrongState
from gateway.domain.targets import EVERYWHERE, Targets
from gateway.services.emergency_checked import HEAR_AGAIN, LIVES_MS, MOST, mark_of, same
from gateway.services.emergency_message import Message, Piece, as_drill
from tests.gateway.services.fakes import PIN
from tests.gateway.services.world import APPROVER, AUTHOR, OPERATOR, World
from tts.errors import SpeechError

WATER = Message(text="Nước đang dâng.")


def sent(world: World) -> Emergency:
    body = world.voice.sent[-1].body
    assert isinstance(body, Emergency)
    return body


async def test_what_was_heard_is_the_very_file_that_goes_out_and_is_spoken_once(world: World) -> None:
    await world.poles()
    heard = await world.emergency.check(WATER, EVERYWHERE, by=OPERATOR)
    assert heard.clip is not None
    assert heard.spoken
    assert world.voice.sent == []
    active = await world.emergency.send(heard, pin=PIN, by=OPERATOR)
    assert world.studio.spoken == ["Nước đang dâng."]
    assert (await world.play(active.em, "kp1-01")).assets == (heard.clip.asset,)
    assert [item.asset for item in sent(world).items] == [heard.clip.asset]
    assert active.text == "Nước đang dâng."


async def test_it_goes_out_as_heard_though_no_voice_can_speak_any_more(world: World) -> None:
    heard = await world.emergency.check(WATER, EVERYWHERE, by=OPERATOR)
    world.studio.broken = SpeechError("espeak chết")
    await world.emergency.send(heard, pin=PIN, by=OPERATOR)
    assert heard.clip is not None
    assert [item.asset for item in sent(world).items] == [heard.clip.asset]


async def test_words_nobody_heard_are_not_spoken_after_all(world: World) -> None:
    """The siren goes alone, as the page said; a voice that came back meanwhile is heard first."""
    world.studio.broken = SpeechError("espeak chết")
    heard = await world.emergency.check(Message(text="Vỡ đê!", siren=False), EVERYWHERE, by=OPERATOR)
    assert not heard.spoken
    world.studio.broken = None
    await world.emergency.send(heard, pin=PIN, by=OPERATOR)
    assert (sent(world).items, sent(world).siren, sent(world).text) == ((), True, "Vỡ đê!")
    assert world.studio.spoken == []


async def test_it_goes_where_it_was_said_to_go(world: World) -> None:
    (zone,) = list(world.fleet.registry.zones)[:1]
    heard = await world.emergency.check(WATER, Targets(zones=frozenset({zone})), by=OPERATOR)
    active = await world.emergency.send(heard, pin=PIN, by=OPERATOR)
    assert sent(world).zones == (zone,)
    assert active.clusters == frozenset(world.fleet.in_zone(zone)) & world.fleet.enrolled


async def test_a_wrong_pin_leaves_it_as_it_was_heard_and_a_second_sending_begins_anew(world: World) -> None:
    heard = await world.emergency.check(WATER, EVERYWHERE, by=OPERATOR)
    with pytest.raises(NotAllowed):
        await world.emergency.send(heard, pin="0000", by=OPERATOR)
    assert world.emergency.heard(heard.id, by=OPERATOR) == heard
    await world.emergency.send(heard, pin=PIN, by=OPERATOR)
    assert world.emergency.heard(heard.id, by=OPERATOR) is None


async def test_a_bulletin_that_says_something_else_by_now_is_heard_again(world: World) -> None:
    bulletin = await world.approved()
    heard = await world.emergency.check(Message(bulletin=bulletin.id), EVERYWHERE, by=OPERATOR)
    other = Content(title="Khác", category=bulletin.content.category, text="Khác hẳn.")
    edited = await world.editorial.edit(bulletin.id, other, was_revision=bulletin.revision, by=AUTHOR)
    with pytest.raises(BadInput):
        await world.emergency.send(heard, pin=PIN, by=OPERATOR)
    submitted = await world.editorial.submit(edited.id, by=AUTHOR)
    await world.editorial.approve(
        submitted.id, text_sha256=submitted.text_sha256, asset=world.asset_of(submitted), by=APPROVER
    )
    with pytest.raises(WrongState) as refused:
        await world.emergency.send(heard, pin=PIN, by=OPERATOR)
    assert refused.value.code == HEAR_AGAIN
    assert world.voice.sent == []


async def test_it_belongs_to_whoever_heard_it_for_half_an_hour(world: World) -> None:
    heard = await world.emergency.check(WATER, EVERYWHERE, by=OPERATOR)
    assert world.emergency.heard(heard.id, by=APPROVER) is None
    with pytest.raises(WrongState):
        await world.emergency.send(heard, pin=PIN, by=APPROVER)
    await world.clock.advance(LIVES_MS / 1_000 - 1)
    assert world.emergency.heard(heard.id, by=OPERATOR) == heard
    await world.clock.advance(1)
    assert world.emergency.heard(heard.id, by=OPERATOR) is None


async def test_only_so_many_are_kept(world: World) -> None:
    names = [(await world.emergency.check(WATER, EVERYWHERE, by=OPERATOR)).id for _ in range(MOST + 1)]
    assert world.emergency.heard(names[0], by=OPERATOR) is None
    assert all(world.emergency.heard(name, by=OPERATOR) for name in names[1:])


async def test_made_again_from_the_same_words_it_bears_the_same_mark(world: World) -> None:
    first = await world.emergency.check(WATER, EVERYWHERE, by=OPERATOR)
    assert same(first.mark, await world.emergency.check(Message(text=" Nước đang dâng. "), EVERYWHERE, by=OPERATOR))
    assert not same("ế", first)


async def test_whatever_the_ward_would_hear_differently_bears_another_mark(world: World) -> None:
    clip = (await world.emergency.check(WATER, EVERYWHERE, by=OPERATOR)).clip
    assert clip is not None
    piece = Piece(audio=clip, dur_ms=1_000)
    where = Targets(zones=frozenset(list(world.fleet.registry.zones)[:1]))
    said = [
        mark_of(WATER, EVERYWHERE, clip),
        mark_of(WATER, EVERYWHERE, None),
        mark_of(WATER, where, clip),
        mark_of(Message(text="Nước đã rút."), EVERYWHERE, clip),
        mark_of(Message(text="Nước đang dâng.", siren=False), EVERYWHERE, clip),
        mark_of(Message(text="Nước đang dâng.", drill=True), EVERYWHERE, clip),
        mark_of(Message(text="Nước đang dâng.", times=2), EVERYWHERE, clip),
        mark_of(Message(text="Nước đang dâng.", lasts=timedelta(minutes=1)), EVERYWHERE, clip),
        mark_of(Message(text="Nước đang dâng.", pieces=(piece,)), EVERYWHERE, None),
        mark_of(Message(text="Nước đang dâng.", pieces=(piece, piece)), EVERYWHERE, None),
    ]
    assert len(set(said)) == len(said)


async def test_nobody_without_the_right_hears_it_first(world: World) -> None:
    with pytest.raises(NotAllowed):
        await world.emergency.check(WATER, EVERYWHERE, by=AUTHOR)
    with pytest.raises(BadInput):
        await world.emergency.check(WATER, Targets(), by=OPERATOR)


def test_a_drill_says_so_first_and_last() -> None:
    said = as_drill("Đang có cháy.")
    assert said.startswith("Đây là diễn tập.")
    assert said.endswith("Đây là diễn tập.")
