"""Templates at work: the ward's own, phrases spoken ahead and held, emergencies put together from them."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from devices.model import AssetId, ClusterId
from devices.wire.base import COMMAND_MAX_BYTES
from devices.wire.commands import Emergency
from gateway.domain.errors import BadInput, NotAllowed, NotFound, Stale
from gateway.domain.filled import EVERYWHERE
from gateway.domain.people import Role
from gateway.domain.targets import EVERYWHERE as WHOLE_WARD
from gateway.domain.template import DRILL, Blank, BlankKind, Kind, Template
from gateway.domain.template_row import example_on
from gateway.main.phrases import shipped_templates
from gateway.services.emergency_message import Message
from gateway.services.phrase_desk import GAP_MS, SENTENCE_PAUSE_MS
from tests.gateway.services.fakes import PIN
from tests.gateway.services.world import (
    AUTHOR,
    FIRST,
    OPERATOR,
    TECHNICIAN,
    VIEWER,
    WEDNESDAY_EVENING,
    World,
    person,
)
from tts.errors import EngineCrashed

DEAD = EngineCrashed("espeak", "hỏng")
FLOOD = {"noi": "kp1", "gio": "17:45"}


def own(**changes: Any) -> Template:
    fields: dict[str, Any] = {
        "id": "vo-de",
        "name_vi": "Vỡ đê",
        "name_en": "Dyke breach",
        "kind": Kind.EMERGENCY,
        "text": "Khẩn cấp. Đê sắp vỡ tại {noi}. Chạy lên đồi.",
        "blanks": (Blank(id="noi", label_vi="Nơi", label_en="Where", kind=BlankKind.PLACE),),
    }
    return Template(**{**fields, **changes})


async def spoken_ahead(world: World) -> None:
    assert await world.phrases.book.look()
    await world.settle()


async def order(world: World, message: Message) -> Emergency:
    await world.emergency.start(message, WHOLE_WARD, pin=PIN, by=OPERATOR)
    body = world.voice.sent[-1].body
    assert isinstance(body, Emergency)
    return body


def said(world: World, body: Emergency) -> list[str]:
    """Say which phrases the order names, by where they lie; a pause is "|"."""
    names = {
        (page.audio.asset, cut.from_ms): phrase
        for page in world.phrases.book._pages.values()
        for phrase, cut in page.cuts.items()
    }
    return [
        "|" if item.asset is None else names.get((AssetId(item.asset), item.skip_ms or 0), "?") for item in body.items
    ]


# -- the ward's own ----------------------------------------------------------------------------------------------------


async def test_the_wards_own_template_stands_over_the_one_that_ships_until_it_is_taken_out(world: World) -> None:
    book = world.phrases.templates
    ships = book.get("lu").template
    changed = replace(ships, text=ships.text.replace("Cần cứu, gọi 112.", "Gọi trực ban phường."))
    kept = await book.put(changed, by=TECHNICIAN, was=0)
    assert (book.get("lu").template, kept.n, kept.by) == (changed, 1, TECHNICIAN.id)
    with pytest.raises(Stale):
        await book.put(ships, by=AUTHOR, was=0)
    assert await book.put(changed, by=AUTHOR) == kept, "the same again is no new version"
    await book.load()
    assert book.get("lu").template == changed
    await book.remove("lu", by=AUTHOR)
    assert book.get("lu").template == ships
    assert [version.template for version in await book.history("lu")] == [None, changed]
    with pytest.raises(NotFound):
        await book.remove("lu", by=AUTHOR)


async def test_only_who_writes_or_repairs_changes_templates(world: World) -> None:
    for nobody in (VIEWER, OPERATOR, person("lanh-dao", Role.APPROVER)):
        with pytest.raises(NotAllowed):
            await world.phrases.templates.put(own(), by=nobody)


# -- spoken ahead ------------------------------------------------------------------------------------------------------


async def test_every_plan_names_the_phrases_and_is_issued_again_when_they_change(world: World) -> None:
    await world.on_the_air()
    before = world.broker.plan_seq(ClusterId("kp1-01"))
    await spoken_ahead(world)
    pages = {audio.asset for audio in world.phrases.book.standing}
    assert len(pages) > 10
    for cluster in world.fleet.enrolled:
        plan = world.broker.plan(cluster)
        assert pages <= {entry["id"] for entry in plan["assets"]}
        assert all(entry["level"] < 240 for entry in plan["assets"]), "phrases never push a bulletin aside"
        assert FIRST in world.broker.planned(cluster)
    issued = world.broker.plan_seq(ClusterId("kp1-01"))
    assert issued > before
    said_so_far = len(world.studio.spoken)
    await spoken_ahead(world)
    assert (world.broker.plan_seq(ClusterId("kp1-01")), len(world.studio.spoken)) == (issued, said_so_far)

    await world.phrases.templates.put(own(), by=TECHNICIAN)
    await spoken_ahead(world)
    assert world.studio.spoken[said_so_far:] == ["Khẩn cấp.", "Đê sắp vỡ tại", "Chạy lên đồi.", DRILL]
    assert world.broker.plan_seq(ClusterId("kp1-01")) > issued


async def test_a_gateway_that_starts_again_speaks_nothing_again(world: World) -> None:
    await spoken_ahead(world)
    pages = world.phrases.book.standing
    count = len(world.studio.spoken)
    await world.phrases.load()
    assert world.phrases.book.standing == pages
    assert await world.phrases.book.look()
    assert len(world.studio.spoken) == count


async def test_nothing_is_spoken_ahead_around_an_airtime(world: World) -> None:
    await world.on_the_air()
    spoken = len(world.studio.spoken)
    await world.at(world.local(8, 5, 29))
    await world.settle()
    assert not await world.phrases.book.look()
    assert len(world.studio.spoken) == spoken


async def test_dead_speech_keeps_the_old_phrases_and_says_so(world: World) -> None:
    await spoken_ahead(world)
    pages = world.phrases.book.standing
    world.studio.broken = DEAD
    await world.phrases.templates.put(own(), by=TECHNICIAN)
    assert not await world.phrases.book.look()
    assert world.phrases.book.standing == pages
    assert "phrasebook" in world.standing()
    world.studio.broken = None
    await spoken_ahead(world)
    assert "phrasebook" not in world.standing()


# -- put together ------------------------------------------------------------------------------------------------------


async def test_with_speech_dead_a_new_hour_and_place_are_said_from_what_poles_hold(world: World) -> None:
    await spoken_ahead(world)
    world.studio.broken = DEAD
    assert (await world.phrases.desk.preview("lu", FLOOD)).ready
    body = await order(world, await world.phrases.desk.message("lu", FLOOD, by=OPERATOR))
    place = world.phrases.templates.places["kp1"]
    assert said(world, body) == [
        *("Khẩn cấp.", "|", "Lũ đang lên nhanh tại", place, "|", "Trước", "17 giờ", "45 phút"),
        *("đưa người và đồ đạc lên cao.", "|", "Ngắt cầu dao điện.", "|", "Không lội qua dòng nước.", "|"),
        "Cần cứu, gọi 112.",
    ]
    assert {entry.id for entry in body.assets} == {item.asset for item in body.items if item.asset}
    assert (body.repeat.times, body.repeat.gap_ms) == (2, GAP_MS)
    assert {item.dur_ms for item in body.items if item.asset is None} == {SENTENCE_PAUSE_MS}
    assert "17 giờ 45 phút" in body.text


async def test_free_text_is_spoken_now_and_with_speech_dead_its_blank_is_named(world: World) -> None:
    await spoken_ahead(world)
    values = FLOOD | {"noi_den": "trường học"}
    body = await order(world, await world.phrases.desk.message("lu", values, by=OPERATOR))
    assert said(world, body)[-2:] == ["Nơi sơ tán:", "?"], "spoken now, and in its place"
    assert body.items[-1].asset in {entry.id for entry in body.assets}

    world.studio.broken = DEAD
    await world.at(WEDNESDAY_EVENING + timedelta(hours=1))
    with pytest.raises(BadInput) as refused:
        await world.phrases.desk.message("lu", FLOOD | {"noi_den": "chùa làng"}, by=OPERATOR)
    (problem,) = refused.value.problems
    assert (problem.code, problem.path) == ("needs_speech", "blanks.noi_den")
    assert "bỏ trống" in problem.vi
    with pytest.raises(BadInput, match="choose one that is listed"):
        await world.phrases.desk.message("lu", FLOOD | {"noi": "bến đò Bà Đắc"}, by=OPERATOR)
    without = await world.phrases.desk.message("lu", FLOOD, by=OPERATOR)
    assert without.pieces


async def test_before_anything_was_spoken_ahead_it_is_spoken_now_and_with_nothing_at_all_the_siren_goes(
    world: World,
) -> None:
    whole = await world.phrases.desk.message("lu", FLOOD, by=OPERATOR)
    assert whole.pieces
    assert len({piece.audio for piece in whole.pieces if piece.audio}) == 1
    world.studio.broken = DEAD
    body = await order(world, await world.phrases.desk.message("lu", FLOOD, by=OPERATOR))
    assert (body.items, body.siren) == ((), True)
    assert body.text.startswith("Khẩn cấp. Lũ đang lên nhanh")


async def test_a_drill_of_any_template_says_so_first_and_last(world: World) -> None:
    await spoken_ahead(world)
    await world.at(world.local(8, 9))
    for template in shipped_templates().values():
        if template.kind is Kind.EMERGENCY:
            values = example_on(template, world.local(8, 9).date())
            message = await world.phrases.desk.message(template.id, values, by=OPERATOR, drill=True)
            body = await order(world, message)
            assert body.drill
            assert said(world, body)[0] == said(world, body)[-1] == DRILL
            assert body.text.startswith(DRILL)
            assert len(json.dumps(body.payload())) * 4 / 3 < COMMAND_MAX_BYTES * 0.9, "it fits the contract"


async def test_an_everyday_template_is_no_emergency_and_fills_a_bulletin(world: World) -> None:
    values = example_on(shipped_templates()["cat-dien"], world.local(8, 9).date())
    with pytest.raises(BadInput, match="no emergency template"):
        await world.phrases.desk.message("cat-dien", values, by=OPERATOR)
    preview = await world.phrases.desk.preview("cat-dien", values | {"noi": EVERYWHERE})
    assert preview.filled.text.startswith("Điện lực thông báo ngừng cấp điện tại toàn phường, từ 7 giờ đến 11 giờ")
    assert "bảy giờ" in preview.spoken[0]
    assert not any(char.isdigit() for line in preview.spoken for char in line)
