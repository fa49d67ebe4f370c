"""Chương trình."""

from datetime import timedelta

import pytest

from gateway.domain.errors import BadInput, NotAllowed
from gateway.domain.ids import BulletinId
from gateway.domain.programme import BulletinItem, Clip, ItemRole, Pause, WhenUnready
from gateway.domain.recording import CHIME_ENGINE, Release
from tests.gateway.domain.builders import (
    APPROVER,
    NOON,
    OTHER,
    RECORDINGS,
    approved,
    asset,
    chime,
    programme,
    recording,
    submitted,
)

A, B = BulletinItem(bulletin=BulletinId("bt-1")), BulletinItem(bulletin=BulletinId("bt-2"))
GREETING = Clip(role=ItemRole.GREETING, asset=asset("e"), duration_ms=4_000)
SIGN_OFF = Clip(role=ItemRole.SIGN_OFF, asset=asset("f"), duration_ms=3_000)
READY = {BulletinId("bt-1"): approved("bt-1", "a", 60_000), BulletinId("bt-2"): approved("bt-2", "b", 30_000)}


def test_opening_and_sign_off_are_said_once_and_the_middle_as_often_as_asked() -> None:
    whole = programme(items=(chime(), GREETING, A, Pause(duration_ms=1_500), B, SIGN_OFF), repeats=2)
    resolved = whole.resolve(READY, RECORDINGS, NOON)
    assert [item.role.value for item in resolved.items] == [
        "chime",
        "greeting",
        *["bulletin", "pause", "bulletin"] * 2,
        "sign_off",
    ]
    assert resolved.duration_ms == 5_000 + 4_000 + 2 * (60_000 + 1_500 + 30_000) + 3_000
    assert resolved.unready == ()
    assert [item.asset for item in resolved.items if item.role is ItemRole.BULLETIN] == [asset("a"), asset("b")] * 2


def test_a_programme_with_an_unapproved_bulletin_says_which_one() -> None:
    resolved = programme(bulletins=("bt-1", "bt-2")).resolve(
        {**READY, BulletinId("bt-2"): submitted("bt-2")}, RECORDINGS, NOON
    )
    assert [(p.code, p.path) for p in resolved.unready] == [("not_approved", "bt-2")]


def test_a_bulletin_that_is_gone_is_a_reason_not_a_crash() -> None:
    assert [p.code for p in programme(bulletins=("bt-9",)).resolve(READY, RECORDINGS, NOON).unready] == ["no_bulletin"]


def test_left_out_bulletins_are_told_and_the_rest_airs() -> None:
    lenient = programme(bulletins=("bt-1", "bt-9"), when_unready=WhenUnready.LEAVE_OUT)
    resolved = lenient.resolve(READY, RECORDINGS, NOON)
    assert resolved.unready == ()
    assert [p.path for p in resolved.left_out] == ["bt-9"]
    assert resolved.duration_ms == 65_000


def test_a_chime_alone_is_never_aired() -> None:
    lenient = programme(bulletins=("bt-9",), when_unready=WhenUnready.LEAVE_OUT)
    assert [p.path for p in lenient.resolve(READY, RECORDINGS, NOON).unready] == ["bt-9"]


def test_every_mistake_in_a_programme_is_told_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        programme(title="", items=(chime(0), Pause(duration_ms=600_000)), repeats=0)
    assert [p.path for p in refused.value.problems] == [
        "title",
        "items",
        "items.0.duration_ms",
        "items.1.duration_ms",
        "repeats",
    ]


def test_a_voice_that_nobody_approved_is_not_heard_as_greeting_recording_or_sign_off() -> None:
    for role in (ItemRole.CHIME, ItemRole.GREETING, ItemRole.RECORDED, ItemRole.SIGN_OFF):
        clip = Clip(role=role, asset=asset("d"), duration_ms=4_000)
        whole = programme(items=(clip, A))
        unheard = {**RECORDINGS, asset("d"): recording("d", release=None)}
        assert [p.code for p in whole.resolve(READY, unheard, NOON).unready] == ["recording_not_approved"]
        own = {**RECORDINGS, asset("d"): recording("d", release=Release(by=OTHER, at=NOON))}
        assert [p.code for p in whole.resolve(READY, own, NOON).unready] == ["own_recording"]
        assert whole.resolve(READY, RECORDINGS, NOON).unready == ()


def test_a_recording_that_is_not_in_the_folder_is_a_reason_not_a_crash() -> None:
    assert [p.code for p in programme(items=(SIGN_OFF, A)).resolve(READY, {}, NOON).unready] == ["no_audio"]


def test_a_chime_of_our_own_needs_nobody() -> None:
    ours = {asset("c"): recording("c", engine=CHIME_ENGINE, release=None)}
    assert programme().resolve(READY, ours, NOON).unready == ()


def test_a_recording_is_not_heard_after_its_licence_ended() -> None:
    until = {asset("c"): recording("c", usable_until=NOON)}
    assert [p.code for p in programme().resolve(READY, until, NOON).unready] == ["recording_expired"]
    assert programme().resolve(READY, until, NOON - timedelta(seconds=1)).unready == ()


def test_a_programme_cannot_say_that_music_is_none() -> None:
    songs = {asset("c"): recording("c", music=True)}
    assert programme().resolve(READY, songs, NOON).music


def test_nobody_approves_their_own_recording() -> None:
    with pytest.raises(NotAllowed) as refused:
        recording("d", release=None).approve(by=OTHER, at=NOON)
    assert refused.value.code == "own_recording"
    assert recording("d", release=None).approve(by=APPROVER, at=NOON).by == APPROVER
