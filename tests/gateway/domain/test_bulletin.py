"""Bản tin: nothing is heard that a second person did not approve, exactly as it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.bulletin import MAX_TEXT, Bulletin, Content, State, text_sha256
from gateway.domain.errors import BadInput, GatewayError, NotAllowed, Stale, WrongState
from gateway.domain.ids import CategoryId
from tests.gateway.domain.builders import (
    APPROVER,
    AUTHOR,
    NOON,
    OTHER,
    approved,
    asset,
    audio_of,
    content,
    draft,
    submitted,
)


def test_a_bulletin_goes_from_draft_to_air() -> None:
    bulletin = approved()
    assert bulletin.state is State.APPROVED
    assert bulletin.airable(NOON) is None


def test_the_author_may_not_approve_their_own_bulletin() -> None:
    waiting = submitted()
    with pytest.raises(NotAllowed) as refused:
        waiting.approve(by=AUTHOR, at=NOON, text_sha256=waiting.text_sha256, asset=asset("a"))
    assert refused.value.code == "own_bulletin"


def test_who_edits_a_bulletin_of_another_may_not_approve_it_either() -> None:
    edited = draft().edit(content(text="Lời khác."), by=APPROVER)
    waiting = edited.attach_audio(audio_of(edited)).submit()
    with pytest.raises(NotAllowed):
        waiting.approve(by=APPROVER, at=NOON, text_sha256=waiting.text_sha256, asset=asset("a"))


def test_who_recorded_the_voice_may_not_approve_it() -> None:
    fresh = draft()
    waiting = fresh.attach_audio(audio_of(fresh), recorded_by=APPROVER).submit()
    with pytest.raises(NotAllowed):
        waiting.approve(by=APPROVER, at=NOON, text_sha256=waiting.text_sha256, asset=asset("a"))


def test_an_approval_of_another_text_is_refused() -> None:
    with pytest.raises(Stale) as refused:
        submitted().approve(by=APPROVER, at=NOON, text_sha256=text_sha256("lời cũ"), asset=asset("a"))
    assert refused.value.code == "approval_of_other_content"


def test_an_approval_of_other_audio_is_refused() -> None:
    waiting = submitted()
    with pytest.raises(Stale):
        waiting.approve(by=APPROVER, at=NOON, text_sha256=waiting.text_sha256, asset=asset("b"))


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Kính thưa bà con, giờ họp đã đổi."},
        {"title": "Tiêu đề khác"},
        {"category": CategoryId("chuyen-doi-so")},
        {"voice": "vi-nam"},
        {"speed": 0.9},
        {"valid_until": datetime(2027, 1, 1, tzinfo=UTC)},
    ],
)
def test_any_edit_after_approval_voids_it(change: dict[str, Any]) -> None:
    bulletin = approved()
    edited = bulletin.edit(replace(bulletin.content, **change), by=AUTHOR)
    assert edited.state is State.DRAFT
    assert edited.approval is None
    assert edited.revision == bulletin.revision + 1
    refusal = edited.airable(NOON)
    assert refusal is not None
    assert refusal.code == "not_approved"


def test_audio_is_let_go_when_it_no_longer_says_the_text_and_kept_when_it_does() -> None:
    bulletin = approved()
    assert bulletin.edit(replace(bulletin.content, text="Khác."), by=AUTHOR).audio is None
    assert bulletin.edit(replace(bulletin.content, speed=1.1), by=AUTHOR).audio is None
    assert bulletin.edit(replace(bulletin.content, title="Khác"), by=AUTHOR).audio == bulletin.audio


def test_new_audio_voids_an_approval_and_the_same_audio_again_does_not() -> None:
    bulletin = approved()
    assert bulletin.audio is not None
    assert bulletin.attach_audio(bulletin.audio) is bulletin
    voided = bulletin.attach_audio(audio_of(bulletin, "b"))
    assert voided.state is State.DRAFT
    assert voided.approval is None


def test_audio_swapped_while_it_waits_cannot_be_approved_unheard() -> None:
    waiting = submitted()
    swapped = waiting.attach_audio(audio_of(waiting, "b"))
    assert swapped.state is State.SUBMITTED
    with pytest.raises(Stale):
        swapped.approve(by=APPROVER, at=NOON, text_sha256=swapped.text_sha256, asset=asset("a"))


def test_audio_of_another_text_is_refused() -> None:
    with pytest.raises(Stale) as refused:
        draft().attach_audio(audio_of(draft(text="Một bài khác.")))
    assert refused.value.code == "audio_of_other_text"


def test_nothing_is_submitted_without_audio() -> None:
    with pytest.raises(WrongState) as refused:
        draft().submit()
    assert refused.value.code == "no_audio"


@pytest.mark.parametrize(
    ("altered", "code"),
    [
        (replace(approved(), content=content(text="Ai đó sửa thẳng trong cơ sở dữ liệu.")), "text_changed"),
        (replace(approved(), audio=audio_of(draft(), "b")), "audio_changed"),
        (replace(approved(), audio=None), "no_audio"),
        (replace(approved(), approval=None), "not_approved"),
        (replace(approved(), author=APPROVER), "own_bulletin"),
    ],
)
def test_a_row_altered_behind_the_products_back_does_not_air(altered: Bulletin, code: str) -> None:
    refusal = altered.airable(NOON)
    assert refusal is not None
    assert refusal.code == code
    assert altered.title in refusal.vi


def test_a_bulletin_is_heard_only_while_it_is_valid() -> None:
    bulletin = approved(valid_from=NOON, valid_until=NOON + timedelta(days=1))
    codes = [
        refusal.code if refusal else None
        for refusal in (
            bulletin.airable(NOON - timedelta(milliseconds=1)),
            bulletin.airable(NOON),
            bulletin.airable(NOON + timedelta(days=1, milliseconds=-1)),
            bulletin.airable(NOON + timedelta(days=1)),
        )
    ]
    assert codes == ["not_yet_valid", None, None, "expired"]


def test_a_rejection_needs_a_reason_and_the_author_may_mend_it() -> None:
    with pytest.raises(BadInput):
        submitted().reject(by=APPROVER, at=NOON, reason="  ")
    rejected = submitted().reject(by=APPROVER, at=NOON, reason="Thiếu ngày họp")
    assert rejected.state is State.REJECTED
    assert rejected.remark is not None
    assert rejected.edit(content(text="Họp ngày 3/10."), by=AUTHOR).state is State.DRAFT


def test_a_withdrawn_bulletin_is_not_heard() -> None:
    gone = approved().withdraw(by=OTHER, at=NOON, reason="Thông tin đã cũ")
    assert gone.airable(NOON) is not None
    with pytest.raises(WrongState):
        gone.submit()


def test_speech_that_comes_too_late_does_not_bring_a_withdrawn_bulletin_back() -> None:
    gone = draft().withdraw(by=AUTHOR, at=NOON, reason="Thông tin đã cũ")
    late = gone.attach_audio(audio_of(gone))
    assert late.state is State.WITHDRAWN
    with pytest.raises(WrongState):
        late.submit()


def test_a_new_recording_mends_a_rejected_bulletin() -> None:
    rejected = submitted().reject(by=APPROVER, at=NOON, reason="Tiếng nhỏ quá")
    again = rejected.attach_audio(audio_of(rejected, "b"), recorded_by=AUTHOR)
    assert again.submit().state is State.SUBMITTED


def test_only_what_was_submitted_is_approved_or_rejected() -> None:
    fresh = draft()
    with pytest.raises(WrongState):
        fresh.approve(by=APPROVER, at=NOON, text_sha256=fresh.text_sha256, asset=asset("a"))
    with pytest.raises(WrongState):
        approved().reject(by=APPROVER, at=NOON, reason="muộn")


def test_every_mistake_in_a_bulletin_is_told_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        Content(
            title=" ",
            category=CategoryId(""),
            text="x" * (MAX_TEXT + 1),
            speed=3.0,
            valid_from=NOON,
            valid_until=NOON,
        )
    assert {p.path for p in refused.value.problems} == {"title", "category", "text", "speed", "valid_until"}
    with pytest.raises(BadInput) as naive:
        content(valid_from=datetime(2026, 1, 1))  # noqa: DTZ001 - a naive time is the point
    assert [p.path for p in naive.value.problems] == ["valid_from"]


def test_the_same_words_from_two_keyboards_have_one_hash() -> None:
    assert text_sha256("đấu giá ế") == text_sha256("đấu giá e\u0302\u0301".replace("đấu", "đa\u0302\u0301u"))


@given(steps=st.lists(st.sampled_from(["edit", "audio", "submit", "approve", "reject", "withdraw"]), max_size=12))
def test_whatever_people_do_only_a_second_persons_yes_to_this_very_content_airs(steps: list[str]) -> None:
    bulletin = draft()
    blessed: tuple[str, str] | None = None
    for number, step in enumerate(steps):
        try:
            match step:
                case "edit":
                    bulletin, blessed = bulletin.edit(content(text=f"Lời thứ {number}."), by=AUTHOR), None
                case "audio":
                    fresh = audio_of(bulletin, "abcdef"[number % 6])
                    if fresh != bulletin.audio:
                        blessed = None
                    bulletin = bulletin.attach_audio(fresh)
                case "submit":
                    bulletin = bulletin.submit()
                case "approve":
                    there = bulletin.audio.asset if bulletin.audio else asset("0")
                    bulletin = bulletin.approve(by=APPROVER, at=NOON, text_sha256=bulletin.text_sha256, asset=there)
                    blessed = (bulletin.text_sha256, there)
                case "reject":
                    bulletin = bulletin.reject(by=APPROVER, at=NOON, reason="lý do")
                    blessed = None
                case _:
                    bulletin = bulletin.withdraw(by=APPROVER, at=NOON, reason="lý do")
                    blessed = None
        except GatewayError:
            continue
    may_air = bulletin.airable(NOON) is None
    assert may_air == (blessed is not None)
    if may_air:
        assert bulletin.audio is not None
        assert blessed == (bulletin.text_sha256, bulletin.audio.asset)
