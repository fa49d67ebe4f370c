"""Biên tập: what is approved is what was heard, and nothing else ever airs."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.bulletin import Content, State
from gateway.domain.errors import BadInput, NotAllowed, NotFound, Stale, WrongState
from gateway.domain.ids import BulletinId, CategoryId, ProgrammeId
from gateway.domain.people import Role
from gateway.domain.programme import BulletinItem, Clip, ItemRole, Programme
from gateway.domain.targets import EVERYWHERE
from gateway.services.editorial import SpeechFailed
from tests.gateway.services.world import (
    ADMIN,
    APPROVER,
    AUTHOR,
    OPERATOR,
    RULES,
    TECHNICIAN,
    VIEWER,
    WEDNESDAY_EVENING,
    RootKey,
    World,
    person,
    schedule,
)
from tts.errors import SpeechError

TEXT = "Kính thưa bà con nhân dân trong phường."


def content(text: str = TEXT, title: str = "An ninh trật tự") -> Content:
    return Content(title=title, category=CategoryId("an-ninh-trat-tu"), text=text)


async def test_submitting_speaks_the_text_and_the_approver_hears_that_very_sound(world: World) -> None:
    draft = await world.editorial.create(content(), by=AUTHOR)
    assert draft.audio is None
    waiting = await world.editorial.submit(draft.id, by=AUTHOR)
    assert world.studio.spoken == [TEXT]
    audio, path = await world.editorial.audio(draft.id)
    assert waiting.audio is not None
    assert audio.asset == waiting.audio.asset
    assert TEXT in path.read_text()
    approved = await world.approve(waiting)
    assert approved.state is State.APPROVED
    assert approved.approval is not None
    assert approved.approval.asset == audio.asset


async def test_a_failing_engine_leaves_the_bulletin_as_it_was_and_says_why(world: World) -> None:
    draft = await world.editorial.create(content(), by=AUTHOR)
    world.studio.broken = SpeechError("Máy đọc không trả lời.")
    with pytest.raises(SpeechFailed, match="Máy đọc không trả lời"):
        await world.editorial.submit(draft.id, by=AUTHOR)
    assert await world.editorial.get(draft.id) == draft
    world.studio.broken = None
    assert (await world.editorial.submit(draft.id, by=AUTHOR)).state is State.SUBMITTED


async def test_speech_that_is_ready_after_the_text_changed_is_not_attached(world: World) -> None:
    draft = await world.editorial.create(content(), by=AUTHOR)
    world.studio.slow_s = 0.05
    speaking = asyncio.create_task(world.editorial.render(draft.id, by=AUTHOR))
    await asyncio.sleep(0.01)
    await world.editorial.edit(draft.id, content("Nội dung mới."), was_revision=1, by=AUTHOR)
    with pytest.raises(Stale):
        await speaking
    assert (await world.editorial.get(draft.id)).audio is None


async def test_speech_at_another_speed_than_is_asked_for_by_now_is_not_attached(world: World) -> None:
    draft = await world.editorial.create(content(), by=AUTHOR)
    world.studio.slow_s = 0.05
    speaking = asyncio.create_task(world.editorial.render(draft.id, by=AUTHOR))
    await asyncio.sleep(0.01)
    await world.editorial.edit(draft.id, replace(content(), speed=0.9), was_revision=1, by=AUTHOR)
    with pytest.raises(Stale):
        await speaking
    assert (await world.editorial.get(draft.id)).audio is None


async def test_the_author_does_not_approve_their_own_bulletin(world: World) -> None:
    both = person("kiem-nhiem", Role.AUTHOR, Role.APPROVER)
    draft = await world.editorial.create(content(), by=both)
    waiting = await world.editorial.submit(draft.id, by=both)
    assert waiting.audio is not None
    with pytest.raises(NotAllowed):
        await world.editorial.approve(waiting.id, text_sha256=waiting.text_sha256, asset=waiting.audio.asset, by=both)


async def test_an_approval_names_what_is_there_now_or_is_none(world: World) -> None:
    draft = await world.editorial.create(content(), by=AUTHOR)
    heard = await world.editorial.submit(draft.id, by=AUTHOR)
    await world.editorial.edit(draft.id, content("Đã sửa."), was_revision=heard.revision, by=AUTHOR)
    await world.editorial.submit(draft.id, by=AUTHOR)
    assert heard.audio is not None
    with pytest.raises(Stale):
        await world.editorial.approve(draft.id, text_sha256=heard.text_sha256, asset=heard.audio.asset, by=APPROVER)


async def test_what_nobody_can_play_nobody_approves(world: World) -> None:
    draft = await world.editorial.create(content(), by=AUTHOR)
    waiting = await world.editorial.submit(draft.id, by=AUTHOR)
    _, path = await world.editorial.audio(draft.id)
    path.unlink()
    with pytest.raises(NotFound):
        await world.approve(waiting)
    assert (await world.editorial.get(draft.id)).state is State.SUBMITTED


async def test_two_editors_do_not_overwrite_each_other(world: World) -> None:
    draft = await world.editorial.create(content(), by=AUTHOR)
    await world.editorial.edit(draft.id, content("Một."), was_revision=1, by=AUTHOR)
    with pytest.raises(Stale):
        await world.editorial.edit(draft.id, content("Hai."), was_revision=1, by=AUTHOR)
    assert (await world.editorial.get(draft.id)).content.text == "Một."


async def test_a_recording_is_kept_and_whoever_recorded_it_does_not_approve_it(world: World, tmp_path: Path) -> None:
    voice = person("phat-thanh-vien", Role.AUTHOR, Role.APPROVER)
    file = tmp_path / "giong-that.mp3"
    file.write_text("giọng người thật")
    draft = await world.editorial.create(content(), by=AUTHOR)
    recorded = await world.editorial.record(draft.id, file, by=voice)
    assert recorded.audio is not None
    assert recorded.audio.engine == "recorded"
    waiting = await world.editorial.submit(draft.id, by=AUTHOR)
    assert world.studio.spoken == []
    with pytest.raises(NotAllowed):
        await world.editorial.approve(draft.id, text_sha256=waiting.text_sha256, asset=recorded.audio.asset, by=voice)
    assert file.exists()


async def test_an_unreadable_recording_changes_nothing(world: World, tmp_path: Path) -> None:
    file = tmp_path / "trong.mp3"
    file.write_bytes(b"")
    draft = await world.editorial.create(content(), by=AUTHOR)
    with pytest.raises(BadInput):
        await world.editorial.record(draft.id, file, by=AUTHOR)
    assert await world.editorial.get(draft.id) == draft


async def test_the_same_sound_twice_is_one_file(world: World) -> None:
    first = await world.approved()
    second = await world.approved()
    assert world.asset_of(first) == world.asset_of(second)
    assert len(await world.library.all()) == 1


async def test_a_rejection_goes_back_with_its_reason(world: World) -> None:
    draft = await world.editorial.create(content(), by=AUTHOR)
    await world.editorial.submit(draft.id, by=AUTHOR)
    with pytest.raises(BadInput):
        await world.editorial.reject(draft.id, reason=" ", by=APPROVER)
    back = await world.editorial.reject(draft.id, reason="thiếu nguồn", by=APPROVER)
    assert back.remark is not None
    assert back.remark.reason == "thiếu nguồn"
    with pytest.raises(WrongState):
        await world.editorial.submit(draft.id, by=AUTHOR)


async def test_every_step_is_for_those_who_may(world: World) -> None:
    draft = await world.editorial.create(content(), by=AUTHOR)
    for somebody in (VIEWER, APPROVER, OPERATOR, TECHNICIAN, ADMIN):
        with pytest.raises(NotAllowed):
            await world.editorial.create(content(), by=somebody)
        with pytest.raises(NotAllowed):
            await world.editorial.render(draft.id, by=somebody)
    waiting = await world.editorial.submit(draft.id, by=AUTHOR)
    assert waiting.audio is not None
    for somebody in (VIEWER, AUTHOR, OPERATOR, TECHNICIAN, ADMIN):
        with pytest.raises(NotAllowed):
            await world.editorial.approve(
                draft.id, text_sha256=waiting.text_sha256, asset=waiting.audio.asset, by=somebody
            )
    for somebody in (VIEWER, OPERATOR, TECHNICIAN, ADMIN, person("khac", Role.AUTHOR)):
        with pytest.raises(NotAllowed):
            await world.editorial.withdraw(draft.id, reason="không", by=somebody)


async def test_every_step_is_in_the_audit_log(world: World) -> None:
    bulletin = await world.approved()
    await world.editorial.withdraw(bulletin.id, reason="sai", by=APPROVER)
    lines = [line.note for line in await world.store.audit.lines(limit=500) if line.note.subject == bulletin.id]
    assert [note.action.removeprefix("bulletin.") for note in lines] == [
        "create",
        "render",
        "submit",
        "approve",
        "withdraw",
    ]
    assert lines[3].detail["asset"] == world.asset_of(bulletin)


async def test_what_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await world.editorial.get(BulletinId("khong-co"))
    with pytest.raises(NotFound):
        await world.editorial.audio((await world.editorial.create(content(), by=AUTHOR)).id)


# -- chương trình, lịch, quy chế -------------------------------------------------------------------------------------


async def test_a_programme_names_only_audio_that_is_there_and_as_long_as_it_says(world: World, tmp_path: Path) -> None:
    file = tmp_path / "nhac-hieu.mp3"
    file.write_text("nhạc hiệu")
    kept = await world.library.upload(file, title="Nhạc hiệu", by=OPERATOR)
    wrong = Clip(role=ItemRole.CHIME, asset=kept.asset, duration_ms=kept.duration_ms + 1)
    right = Clip(role=ItemRole.CHIME, asset=kept.asset, duration_ms=kept.duration_ms)
    items = (BulletinItem(bulletin=BulletinId("bt-1")),)
    with pytest.raises(BadInput):
        await world.programming.save_programme(
            Programme(id=ProgrammeId("ct"), title="A", items=(wrong, *items)), by=OPERATOR
        )
    await world.programming.save_programme(
        Programme(id=ProgrammeId("ct"), title="A", items=(right, *items)), by=OPERATOR
    )
    assert (await world.programming.programme(ProgrammeId("ct"))).revision == 1


async def test_a_recording_is_heard_only_once_somebody_else_approved_it_and_no_longer_once_withdrawn(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "loi-chao.mp3"
    file.write_text("lời chào")
    both = person("kiem-nhiem", Role.AUTHOR, Role.APPROVER)
    kept = await world.library.upload(file, title="Lời chào", by=both)
    greeting = Clip(role=ItemRole.GREETING, asset=kept.asset, duration_ms=kept.duration_ms)
    bulletin = await world.approved()
    programme = await world.programme(bulletin.id)
    programme = replace(programme, items=(greeting, *programme.items))
    await world.programming.save_programme(programme, by=OPERATOR)
    await world.scheduled()

    async def unready() -> set[str]:
        await world.planner.plan()
        return {problem.code for broadcast in world.planner.coming for problem in broadcast.why}

    assert await unready() == {"recording_not_approved"}
    with pytest.raises(BadInput):
        await world.now.play_programme(programme.id, EVERYWHERE, by=OPERATOR)
    for refused in (both, OPERATOR, AUTHOR):
        with pytest.raises(NotAllowed):
            await world.editorial.approve_recording(kept.asset, by=refused)
    await world.editorial.approve_recording(kept.asset, by=APPROVER)
    assert await unready() == set()
    with pytest.raises(BadInput):
        await world.editorial.withdraw_recording(kept.asset, reason=" ", by=APPROVER)
    await world.editorial.withdraw_recording(kept.asset, reason="sai giọng", by=APPROVER)
    assert await unready() == {"recording_not_approved"}
    actions = [line.note.action for line in await world.store.audit.lines()]
    assert actions.count("recording.approve") == actions.count("recording.withdraw") == 1


async def test_a_text_that_is_not_approved_is_not_heard_by_naming_its_audio_as_a_recording(world: World) -> None:
    both = person("kiem-nhiem", Role.AUTHOR, Role.APPROVER)
    draft = await world.editorial.create(content(), by=both)
    rendered = await world.editorial.render(draft.id, by=AUTHOR)
    assert rendered.audio is not None
    with pytest.raises(NotAllowed):  # who wrote it, though another had it spoken
        await world.editorial.approve_recording(rendered.audio.asset, by=both)
    recordings = await world.library.recordings([rendered.audio.asset])
    refusal = recordings[rendered.audio.asset].airable(WEDNESDAY_EVENING)
    assert refusal is not None
    assert refusal.code == "recording_not_approved"


async def test_programmes_and_schedules_are_not_overwritten_unseen(world: World) -> None:
    bulletin = await world.approved()
    first = await world.programme(bulletin.id)
    await world.programming.save_programme(first, by=OPERATOR)
    with pytest.raises(Stale):
        await world.programming.save_programme(first, by=OPERATOR)
    await world.scheduled()
    with pytest.raises(Stale):
        await world.programming.save_schedule(schedule(), was_revision=None, by=OPERATOR)
    with pytest.raises(NotAllowed):
        await world.programming.delete_schedule(schedule().id, by=AUTHOR)
    await world.programming.delete_schedule(schedule().id, by=OPERATOR)
    with pytest.raises(NotFound):
        await world.programming.schedule(schedule().id)


async def test_one_date_may_be_left_out_with_one_tap(world: World) -> None:
    from datetime import date

    await world.on_the_air()
    await world.programming.skip_date(schedule().id, date(2026, 10, 8), by=OPERATOR)
    days = {broadcast.day for broadcast in await world.programming.forecast(7)}
    assert date(2026, 10, 8) not in days
    assert date(2026, 10, 10) in days


async def test_rules_are_adopted_by_a_leader_with_the_root_key_and_only_forward(world: World) -> None:
    with pytest.raises(NotAllowed):
        await world.rulebook.adopt({**RULES, "version": 2}, by=OPERATOR)
    with pytest.raises(WrongState):
        await world.rulebook.adopt({**RULES, "version": 1}, by=APPROVER)
    with pytest.raises(BadInput):
        await world.rulebook.adopt({**RULES, "version": 2, "sesions_per_day": 2}, by=APPROVER)
    root = RootKey(here=False)
    world.rulebook._seal = root.seal
    with pytest.raises(WrongState, match="root key"):
        await world.rulebook.adopt({**RULES, "version": 2}, by=APPROVER)
    assert world.rulebook.rules.version == 1


async def test_maintenance_is_told_to_the_cluster_and_only_a_technician_sets_it(world: World) -> None:
    pole = world.pole("kp1-01").id
    with pytest.raises(NotAllowed):
        await world.workshop.enter_maintenance(pole, by=OPERATOR, reason="thay loa")
    await world.workshop.enter_maintenance(pole, by=TECHNICIAN, reason="thay loa")
    await world.settle()
    assert world.broker.retained["config", pole]["body"]["maintenance"] is True
    others = [
        said["body"]["maintenance"]
        for (kind, name), said in world.broker.retained.items()
        if kind == "config" and name != pole
    ]
    assert others == [False, False]
    await world.workshop.leave_maintenance(pole, by=TECHNICIAN)
    await world.settle()
    assert world.broker.retained["config", pole]["body"]["maintenance"] is False
