"""Khẩn cấp: heard at once, over everything but the kill switch, and over when it must be."""

import pytest

from devices.wire.commands import EmergencyEnd, EmergencyRepeat, Pause, Play, Stop, Volume
from devices.wire.documents import PlayItem
from tests.devices.agent.pole import Pole, audio
from tests.devices.agent.test_airing import NEWS, OCC, files, news
from tests.devices.agent.ward import T, alarm

CLIP = audio(8_000, b"storm")
NIGHT = T - 8_100_000
ITEM = PlayItem(role="bulletin", asset=CLIP[1], dur_ms=8_000)


def storm(em="E-1", start_ms=T, **more):
    values = {"items": (ITEM,), "assets": files(CLIP), "repeat": EmergencyRepeat(times=2, gap_ms=2_000), **more}
    return alarm(em, start_ms, **values)


@pytest.fixture
async def pole(tmp_path):
    pole = Pole(tmp_path, now=T - 60_000, up=True)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        yield pole


async def test_a_clip_in_hand_sounds_at_its_instant_as_often_as_ordered(pole):
    pole.hold(CLIP)
    await pole.advance_to(T)
    await pole.command("emergency", storm(start_ms=T + 1_000), to=pole.ward.everyone)
    await pole.advance(30)
    heard = [(span.at_ms - T, span.siren) for span in pole.heard("E-1")]
    assert [at for at, _ in heard] == [1_000, 11_000]
    assert not any(siren for _, siren in heard)
    assert pole.outcomes() == [("E-1", "played", None)]
    assert pole.acks("emergency") == [("accepted", None), ("done", "played")]


async def test_a_warning_sounds_first_and_is_told_of_afterwards_and_kept_on_disk_meanwhile(pole):
    pole.hold(CLIP)
    await pole.advance_to(T)
    told = len(pole.line.sent)
    await pole.command("emergency", storm(start_ms=T + 400), to=pole.ward.everyone)
    await pole.advance(0.55)
    assert [body["typ"] for body in pole.entries] == ["started"]
    assert len((pole.folder / "commands.jsonl").read_bytes().splitlines()) == 1
    assert len(pole.line.sent) == told
    await pole.advance(0.65)
    assert pole.acks("emergency") == [("accepted", None)]
    assert [(body["typ"], body["occ"]) for body in pole.said("journal")] == [("started", "E-1")]
    assert pole.said("birth")[-1]["activity"] == "playing"


async def test_a_warning_for_later_is_answered_before_it_sounds(pole):
    pole.hold(CLIP)
    await pole.advance_to(T)
    await pole.command("emergency", storm(start_ms=T + 10_000), to=pole.ward.everyone)
    await pole.advance(2)
    assert pole.acks("emergency") == [("accepted", None)]
    assert not pole.heard("E-1")


async def test_without_the_clip_the_siren_sounds_at_once_and_the_clip_when_it_arrives(pole):
    await pole.advance_to(T)
    await pole.command("emergency", storm(start_ms=T + 500), to=pole.ward.everyone)
    await pole.advance(7)
    assert [span.siren for span in pole.spans] == []
    assert pole.agent.studio.activity == "playing"
    pole.hold(CLIP)
    await pole.advance(40)
    siren, *clips = pole.heard("E-1")
    assert siren.siren
    assert siren.at_ms - T == pytest.approx(500, abs=1)
    assert [clip.siren for clip in clips] == [False, False]
    assert clips[0].at_ms - T < 20_000
    assert pole.outcomes() == [("E-1", "played", None)]


async def test_when_the_clip_never_comes_the_siren_was_at_least_heard_and_that_is_said(pole):
    await pole.advance_to(T)
    await pole.command("emergency", storm(end_by_ms=T + 120_000), to=pole.ward.everyone)
    await pole.advance(200)
    assert [span.siren for span in pole.heard()] == [True, True]
    assert pole.outcomes() == [("E-1", "played_partial", "asset_missing")]


async def test_a_siren_alone_is_a_whole_emergency(pole):
    await pole.advance_to(T)
    await pole.command("emergency", alarm(start_ms=T, end_by_ms=T + 300_000), to=pole.ward.everyone)
    await pole.advance(120)
    assert [span.siren for span in pole.heard()] == [True] * 3
    assert pole.outcomes() == [("E-1", "played", None)]


async def test_it_interrupts_at_once_and_the_programme_goes_on_afterwards(pole):
    pole.hold(CLIP)
    await pole.plan(news(), assets=files())
    await pole.advance_to(T + 20_000)
    await pole.command("emergency", storm(start_ms=T + 20_500), to=pole.ward.everyone)
    await pole.advance_to(T + 70_000)
    assert [span.occ for span in pole.spans] == [OCC, "E-1", "E-1", OCC]
    assert pole.heard("E-1")[0].at_ms == T + 20_500
    assert sorted(pole.outcomes()) == [("E-1", "played", None), (OCC, "played_partial", "overridden")]


async def test_it_sounds_at_night_without_policy_and_louder_than_the_technicians_ceiling(tmp_path):
    pole = Pole(tmp_path, now=NIGHT)
    async with pole.running():
        await pole.configure(policy=None, volume={"max_percent": 20})
        await pole.command("emergency", storm(start_ms=NIGHT, items=()), to=pole.ward.everyone)
        await pole.advance(30)
        assert pole.heard("E-1")[0].volume == 90


async def test_its_volume_stays_under_the_policys_own_ceiling_for_emergencies(tmp_path):
    from dataclasses import replace

    from tests.devices.agent.ward import DAY, Ward

    pole = Pole(tmp_path, Ward(rules=replace(DAY, max_percent=60, emergency_min_percent=75)), now=T)
    async with pole.running():
        await pole.configure()
        await pole.command("emergency", storm(items=()), to=pole.ward.everyone)
        await pole.command("volume", Volume(percent=5))
        await pole.advance(30)
        assert {span.volume for span in pole.heard("E-1")} == {75}


async def test_a_drill_keeps_the_quiet_hours(tmp_path):
    pole = Pole(tmp_path, now=NIGHT, up=True)
    async with pole.running():
        await pole.configure()
        await pole.command("emergency", storm(start_ms=NIGHT, drill=True), to=pole.ward.everyone)
        await pole.advance(60)
        assert not pole.spans
        assert pole.acks("emergency") == [("rejected", "quiet_hours")]


async def test_only_the_kill_switch_silences_it_for_others(pole):
    pole.hold(CLIP)
    await pole.advance_to(T)
    await pole.command("emergency", storm(repeat=EmergencyRepeat(times=9, gap_ms=0)), to=pole.ward.everyone)
    await pole.advance(3)
    await pole.command("stop", Stop())
    await pole.command("pause", Pause())
    assert pole.acks("stop") == pole.acks("pause") == [("rejected", "emergency")]
    await pole.silence(True)
    await pole.advance(1)
    assert 2_800 <= pole.heard_ms("E-1") <= 3_100
    assert pole.finished("E-1")["by"] == "silence"
    await pole.command("emergency", storm("E-2", T + 4_000), to=pole.ward.everyone)
    assert pole.acks("emergency")[-1] == ("rejected", "silence")


async def test_its_own_key_ends_it(pole):
    pole.hold(CLIP)
    await pole.advance_to(T)
    await pole.command("emergency", storm(repeat=EmergencyRepeat(times=9, gap_ms=0)), to=pole.ward.everyone)
    await pole.advance(10)
    await pole.command("emergency_end", EmergencyEnd(em="E-1"), to=pole.ward.everyone)
    await pole.advance(1)
    assert 9_800 <= pole.heard_ms("E-1") <= 10_100
    assert pole.finished("E-1")["by"] == "emergency_end"


async def test_its_end_may_arrive_before_a_repetition_of_it(pole):
    await pole.advance_to(T)
    await pole.command("emergency_end", EmergencyEnd(em="E-1"), to=pole.ward.everyone)
    await pole.command("emergency", storm(), to=pole.ward.everyone)
    await pole.advance(30)
    assert not pole.spans


async def test_it_ends_by_itself_when_its_time_is_over(pole):
    long = audio(600_000)
    pole.hold(long)
    item = PlayItem(role="bulletin", asset=long[1], dur_ms=600_000)
    await pole.advance_to(T)
    order = alarm(start_ms=T, end_by_ms=T + 60_000, items=(item,), assets=files(long))
    await pole.command("emergency", order, to=pole.ward.everyone)
    await pole.advance(200)
    assert 59_000 <= pole.heard_ms("E-1") <= 60_500
    assert pole.finished("E-1")["by"] == "time_limit"


async def test_repetitions_and_a_second_order_of_the_same_alarm_are_one_alarm(pole):
    pole.hold(CLIP)
    await pole.advance_to(T)
    sealed = await pole.command("emergency", storm(repeat=EmergencyRepeat(times=1)), to=pole.ward.everyone)
    for _ in range(9):
        await pole.advance(2)
        await pole.tell(sealed, pole.ward.topics.emergency)
    await pole.command("emergency", storm(), to=pole.ward.everyone)
    await pole.advance(60)
    assert len(pole.heard("E-1")) == 1
    assert pole.acks("emergency")[-1] == ("duplicate", None)


@pytest.mark.parametrize(
    ("where", "heard"),
    [
        ({"zones": ("kp3",)}, True),
        ({"zones": ("kp4",)}, False),
        ({"clusters": ("kp3-02",)}, True),
        ({"clusters": ("x",)}, False),
    ],
)
async def test_it_sounds_only_where_it_was_ordered(pole, where, heard):
    pole.hold(CLIP)
    await pole.advance_to(T)
    await pole.command("emergency", storm(**where), to=pole.ward.everyone)
    await pole.advance(30)
    assert bool(pole.spans) is heard
    assert bool(pole.acks("emergency")) is heard


async def test_a_greater_alarm_is_heard_first_and_the_lesser_one_is_then_said_whole(pole):
    pole.hold(CLIP)
    await pole.advance_to(T)
    await pole.command("emergency", storm("E-ward", repeat=EmergencyRepeat(times=1)), to=pole.ward.everyone)
    await pole.advance(3)
    await pole.command("emergency", storm("E-top", T + 3_000, level=250), to=pole.ward.everyone)
    await pole.advance(60)
    assert [span.occ for span in pole.spans] == ["E-ward", "E-top", "E-top", "E-ward"]
    assert sorted(pole.outcomes()) == [("E-top", "played", None), ("E-ward", "played", None)]


async def test_after_a_power_cut_it_goes_on_until_its_end(tmp_path):
    pole = Pole(tmp_path, now=T)
    pole.hold(CLIP)
    async with pole.running():
        await pole.configure()
        await pole.command("emergency", storm(repeat=EmergencyRepeat(times=1)), to=pole.ward.everyone)
        await pole.advance(3)
    pole.clock._mono_ns += 60 * 10**9
    pole.boot()
    async with pole.running():
        await pole.advance(60)
        assert [span.to_ms - span.from_ms for span in pole.heard("E-1")][-1] == 8_000
        assert [body["att"] for body in pole.starts("E-1")] == [1, 2]
        assert pole.outcomes() == [("E-1", "played_partial", "power")]


async def test_in_1970_it_sounds_with_this_boots_nonce_and_not_without(tmp_path):
    pole = Pole(tmp_path, now=5_000, synced=False, up=True)
    pole.hold(CLIP)
    async with pole.running():
        await pole.configure()
        nonce = pole.said("birth")[-1]["nonce"]
        await pole.command("emergency", storm(), to=pole.ward.everyone, now=T)
        await pole.advance(20)
        assert not pole.spans
        await pole.command("emergency", storm(nonce=nonce), to=pole.ward.everyone, now=T)
        await pole.advance(40)
        assert [span.occ for span in pole.spans] == ["E-1", "E-1"]


async def test_on_a_full_disk_it_sounds_all_the_same(tmp_path):
    from tests.devices.agent.disks import FullDisk

    pole = Pole(tmp_path, now=T, disk=FullDisk())
    pole.hold(CLIP)
    async with pole.running():
        await pole.configure()
        pole.disk.room = 0
        (tmp_path / "journal.reserve").unlink()
        await pole.command("emergency", storm(), to=pole.ward.everyone)
        await pole.advance(30)
        assert [span.occ for span in pole.spans] == ["E-1", "E-1"]
        pole.disk.room = 10**9
        await pole.advance(120)
        assert pole.outcomes() == [("E-1", "played", None)]


async def test_a_player_that_ignores_stop_does_not_keep_an_alarm_from_sounding(pole):
    pole.hold(CLIP)
    await pole.plan(news(), assets=files())
    await pole.advance_to(T + 10_000)
    pole.horn.deaf = True
    await pole.command("emergency", storm(start_ms=T + 10_500), to=pole.ward.everyone)
    await pole.advance(60)
    assert pole.heard("E-1")[0].at_ms <= T + 13_000
    assert pole.outcomes("E-1") == [("E-1", "played", None)]
    assert pole.outcomes(OCC) == [(OCC, "failed", "no_card")]


async def test_the_amplifier_stays_on_from_one_play_to_the_next_and_rests_afterwards(pole):
    pole.hold(CLIP)
    switched = []
    switch = pole.board.switch_amp

    def note(*, on):
        if on is not pole.board.amp_on:
            switched.append(on)
        switch(on=on)

    pole.board.switch_amp = note
    await pole.plan(news(), assets=files())
    await pole.advance_to(T + 20_000)
    await pole.command("emergency", storm(start_ms=T + 20_500), to=pole.ward.everyone)
    await pole.advance_to(T + 70_000)
    assert switched == [True, False]


async def test_no_order_of_the_gateways_key_reaches_the_level_of_an_alarm(pole):
    pole.hold(CLIP)
    await pole.advance_to(T)
    await pole.command("emergency", storm(), to=pole.ward.everyone)
    await pole.advance(2)
    await pole.command("play", Play(entry=news(occ="loud", start_ms=T + 3_500, level=254), assets=files()))
    await pole.advance(100)
    assert [span.occ for span in pole.spans] == ["E-1", "E-1", "loud"]
    assert pole.outcomes("E-1") == [("E-1", "played", None)]
