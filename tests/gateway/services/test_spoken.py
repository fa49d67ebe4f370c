"""Như sẽ đọc: nothing is approved while a word of it may be misread, and whoever answers for a reading is named."""

from pathlib import Path

import pytest

from gateway.domain.bulletin import Bulletin, Content, State
from gateway.domain.checklist import CheckState
from gateway.domain.errors import BadInput, NotAllowed, Stale, WrongState
from gateway.domain.ids import BulletinId, CategoryId
from gateway.domain.lexicon import WardEntry
from tests.gateway.services.world import APPROVER, AUTHOR, OPERATOR, VIEWER, World
from tts.errors import NothingToSay

DOUBTFUL = "Đội XQZT mời bà con họp. Đội XQZT làm việc với Krzysztof tại CT của phường."
SURE = "Kính thưa bà con nhân dân trong phường."


def content(text: str = DOUBTFUL) -> Content:
    return Content(title="Mời họp", category=CategoryId("thong-tin-chung"), text=text)


async def submitted(world: World, text: str = DOUBTFUL) -> Bulletin:
    written = await world.editorial.create(content(text), by=AUTHOR)
    return await world.editorial.submit(written.id, by=AUTHOR)


async def accept_all(world: World, bulletin: BulletinId) -> None:
    while unsure := (shown := await world.wording.spoken.show(bulletin)).open:
        await world.wording.spoken.accept(
            bulletin, unsure[0].n, token=unsure[0].token, was_revision=shown.bulletin.revision, by=APPROVER
        )


async def test_what_may_be_misread_is_not_approved_until_each_place_is_answered_for(world: World) -> None:
    waiting = await submitted(world)
    shown = await world.wording.spoken.show(waiting.id)
    assert [question.token for question in shown.open][:2] == ["XQZT", "XQZT"]
    assert {"Krzysztof", "CT"} <= {question.token for question in shown.open}
    with pytest.raises(WrongState) as caught:
        await world.approve(waiting)
    assert caught.value.code == "unresolved_doubts"
    assert "XQZT" in caught.value.vi
    await accept_all(world, waiting.id)
    assert (await world.approve(waiting)).state is State.APPROVED


async def test_an_acceptance_is_kept_with_person_token_and_revision_and_in_the_audit_log(world: World) -> None:
    waiting = await submitted(world)
    after = await world.wording.spoken.accept(
        waiting.id, 0, token="XQZT", was_revision=waiting.revision, by=APPROVER, everywhere=True
    )
    kept = after.bulletin.accepted
    assert {(each.token, each.by, each.revision) for each in kept} == {("XQZT", APPROVER.id, waiting.revision)}
    assert len(kept) == 2
    assert "XQZT" not in {question.token for question in after.open}
    assert after.bulletin.state is State.SUBMITTED
    line = (await world.store.audit.lines(limit=1_000))[-1].note
    assert (line.action, line.actor, line.detail["token"]) == ("bulletin.accept_reading", APPROVER.id, "XQZT")
    again = await world.wording.spoken.accept(
        waiting.id, 0, token="XQZT", was_revision=after.bulletin.revision, by=APPROVER
    )
    assert again.bulletin.revision == after.bulletin.revision


async def test_an_acceptance_falls_with_the_sentence_or_its_reading_and_only_with_them(world: World) -> None:
    waiting = await submitted(world, "Đội XQZT mời bà con họp. Xin cảm ơn.")
    await accept_all(world, waiting.id)
    now = await world.editorial.get(waiting.id)
    other = await world.editorial.edit(
        now.id, content("Đội XQZT mời bà con họp. Xin chào."), was_revision=now.revision, by=AUTHOR
    )
    assert not (await world.wording.spoken.show(now.id)).open
    await world.editorial.edit(now.id, content("Đội XQZT hoãn họp. Xin chào."), was_revision=other.revision, by=AUTHOR)
    assert [question.token for question in (await world.wording.spoken.show(now.id)).open] == ["XQZT"]


async def test_an_answer_to_another_list_than_the_one_now_is_refused(world: World) -> None:
    waiting = await submitted(world)
    spoken = world.wording.spoken
    with pytest.raises(Stale):
        await spoken.accept(waiting.id, 0, token="CT", was_revision=waiting.revision, by=APPROVER)
    with pytest.raises(Stale):
        await spoken.accept(waiting.id, 99, token="XQZT", was_revision=waiting.revision, by=APPROVER)
    with pytest.raises(Stale):
        await spoken.accept(waiting.id, 0, token="XQZT", was_revision=waiting.revision + 1, by=APPROVER)
    for stranger in (VIEWER, OPERATOR):
        with pytest.raises(NotAllowed):
            await spoken.accept(waiting.id, 0, token="XQZT", was_revision=waiting.revision, by=stranger)
    with pytest.raises(NotAllowed):
        await spoken.choose(
            waiting.id, 0, token="XQZT", reading="xung kích", was_revision=waiting.revision, by=APPROVER
        )


async def test_a_choice_is_written_into_the_text_and_voids_what_was_said_of_it(world: World) -> None:
    waiting = await submitted(world, "Mời CT của phường họp.\nCT số 5 đã ban hành. Đội XQZT đến dự.")
    shown = await world.wording.spoken.show(waiting.id)
    place = next(question for question in shown.open if question.token == "CT")
    assert "chủ tịch" in place.choices
    for wrong in ("", "ct 2", "a" * 300, "x\ny!"):
        with pytest.raises(BadInput):
            await world.wording.spoken.choose(
                waiting.id, place.n, token="CT", reading=wrong, was_revision=waiting.revision, by=AUTHOR
            )
    after = await world.wording.spoken.choose(
        waiting.id, place.n, token="CT", reading="chủ tịch", was_revision=waiting.revision, by=AUTHOR
    )
    assert after.bulletin.content.text == "Mời chủ tịch của phường họp.\nCT số 5 đã ban hành. Đội XQZT đến dự."
    assert (after.bulletin.state, after.bulletin.audio) == (State.DRAFT, None)
    assert [question.token for question in after.open] == ["XQZT"]
    line = (await world.store.audit.lines(limit=1_000))[-1].note
    assert (line.action, line.detail["reading"]) == ("bulletin.choose_reading", "chủ tịch")


async def test_a_recording_is_not_asked_about_words_that_no_machine_reads(world: World, tmp_path: Path) -> None:
    file = tmp_path / "giong-that.mp3"
    file.write_text("giọng người thật")
    written = await world.editorial.create(content(), by=AUTHOR)
    await world.editorial.record(written.id, file, by=AUTHOR)
    waiting = await world.editorial.submit(written.id, by=AUTHOR)
    assert not (await world.wording.spoken.show(waiting.id)).open
    assert (await world.approve(waiting)).state is State.APPROVED


async def test_audio_that_says_other_words_than_are_shown_is_not_approved(world: World) -> None:
    waiting = await submitted(world, "Trạm y tế phường mời bà con đến khám.")
    await world.store.lexicon.write(
        [WardEntry(surface="trạm y tế", reading="trạm xá")], (), note=world.note("lexicon.put")
    )
    from gateway.services.lexicon_book import built

    world.studio.use_lexicon(built([WardEntry(surface="trạm y tế", reading="trạm xá")]))
    with pytest.raises(Stale) as caught:
        await world.approve(waiting)
    assert caught.value.code == "read_otherwise"


async def test_one_sentence_can_be_heard_alone(world: World) -> None:
    waiting = await submitted(world)
    heard = await world.wording.spoken.preview(waiting.id, 1)
    assert "Krzysztof" in heard.path.read_text()
    with pytest.raises(NothingToSay):
        await world.wording.spoken.preview(waiting.id, 9)


async def test_the_approver_sees_source_personal_data_unread_words_and_length(world: World) -> None:
    text = f"{DOUBTFUL} Liên hệ anh Nguyễn Văn An, số 0912 345 678."
    waiting = await submitted(world, text)
    found = await world.wording.checklist(waiting.id, slot_ms=30_000)
    states = {check.code: check.state for check in found.checks}
    assert states == {
        "source": CheckState.LOOK,
        "personal_data": CheckState.LOOK,
        "readings": CheckState.WRONG,
        "audio": CheckState.OK,
        "length": CheckState.WRONG,
    }
    assert [each.text for each in found.personal] == ["0912 345 678"]
    assert not found.clean
    plain = Content(title="Tin", category=CategoryId("x"), text=SURE, source_name="Văn phòng UBND phường")
    written = await world.editorial.create(plain, by=AUTHOR)
    assert not (await world.wording.checklist(written.id)).clean
    await world.editorial.submit(written.id, by=AUTHOR)
    assert (await world.wording.checklist(written.id, slot_ms=60_000)).clean
