"""Commands: done at most once, answered always, never from a recording, never against the rules."""

import asyncio
import json

import pytest

from devices.wire.commands import Play, Reboot, Resync, Stop, TestTone, Volume
from tests.devices.agent.disks import FullDisk
from tests.devices.agent.pole import Pole, audio
from tests.devices.agent.test_airing import NEWS, OCC, files, news
from tests.devices.agent.ward import T, entry, play

NIGHT = T - 8_100_000


def order(occ="adhoc-1", start_ms=T + 1_500, **more):
    return Play(entry=news(occ=occ, start_ms=start_ms, **more), assets=files())


@pytest.fixture
async def pole(tmp_path):
    pole = Pole(tmp_path, now=T, up=True)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        yield pole


async def test_an_ordered_play_sounds_at_its_instant_and_is_answered_twice(pole):
    await pole.command("play", order())
    await pole.advance(70)
    assert [span.at_ms for span in pole.heard("adhoc-1")] == [T + 1_500]
    assert pole.acks("play") == [("accepted", None), ("done", "played")]
    assert pole.outcomes() == [("adhoc-1", "played", None)]


async def test_duplicates_are_one_play_and_one_answer(pole):
    sealed = await pole.command("play", order())
    for _ in range(5):
        await pole.tell(sealed)
        await pole.advance(0.2)
    assert pole.acks("play") == [("accepted", None)] * 6
    await pole.advance(70)
    await pole.tell(pole.ward.seal("play", order(), now=pole.clock.now_ms()))
    await pole.advance(1)
    assert pole.acks("play")[-1] == ("rejected", "dup_occurrence")
    assert len(pole.heard()) == 1


async def test_a_duplicate_after_a_power_cut_is_still_one_play(tmp_path):
    pole = Pole(tmp_path, now=T, up=True)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        sealed = pole.ward.seal("play", order(), now=T, life_ms=600_000)
        await pole.tell(sealed)
        await pole.advance(70)
    pole.boot()
    async with pole.running():
        await pole.tell(sealed)
        await pole.advance(70)
        assert len(pole.heard()) == 1
        assert pole.acks("play")[0][0] == "accepted"


async def test_an_accepted_play_survives_a_power_cut_before_its_hour(tmp_path):
    pole = Pole(tmp_path, now=T)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.command("play", order(start_ms=T + 60_000))
        await pole.advance(5)
    pole.boot()
    async with pole.running():
        await pole.advance(130)
        assert pole.outcomes() == [("adhoc-1", "played", None)]


async def test_a_play_stopped_before_its_hour_is_skipped_and_said(pole):
    await pole.command("play", order(start_ms=T + 60_000))
    await pole.command("stop", Stop(occ="adhoc-1"))
    await pole.advance(130)
    assert not pole.heard()
    assert pole.outcomes() == [("adhoc-1", "skipped", "stopped")]


async def test_a_planned_play_stopped_before_its_hour_is_not_said_to_be_stopped_and_heard_all_the_same(pole):
    await pole.plan(news(start_ms=T + 60_000), assets=files())
    await pole.command("stop", Stop(occ=OCC))
    assert pole.acks("stop") == [("done", None)]
    await pole.advance(130)
    assert not pole.heard()
    assert pole.outcomes() == [(OCC, "skipped", "stopped")]


async def test_the_rules_hold_for_ordered_plays(tmp_path):
    pole = Pole(tmp_path, now=NIGHT, up=True)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.command("play", order(start_ms=NIGHT + 1_500, priority="emergency", level=254))
        await pole.advance(70)
        assert pole.acks("play") == [("rejected", "quiet_hours")]
        assert not pole.heard()


async def test_an_old_or_distant_start_is_refused(pole):
    await pole.command("play", order("old", T - 300_000))
    await pole.command("play", order("far", T + 90_000_000))
    await pole.advance(1)
    assert pole.acks("play") == [("rejected", "expired"), ("rejected", "too_far_ahead")]


async def test_a_play_that_names_a_planned_occurrence_is_a_duplicate(pole):
    await pole.plan(news(start_ms=T + 60_000), assets=files())
    await pole.command("play", order(OCC))
    await pole.advance(1)
    assert pole.acks("play") == [("rejected", "dup_occurrence")]


async def test_an_ordered_play_interrupts_what_is_lower_at_once(pole):
    await pole.plan(news(start_ms=T + 20_000), assets=files())
    await pole.advance(40)
    await pole.command("play", order(start_ms=T + 41_500, level=150, priority="priority"))
    await pole.advance(100)
    assert [span.occ for span in pole.spans] == [OCC, "adhoc-1"]
    assert pole.heard("adhoc-1")[0].at_ms == T + 41_500


async def test_a_missing_file_of_an_order_is_a_failure_with_a_reason(pole):
    gone = audio(5_000, b"gone")
    body = Play(entry=entry("x", T + 1_500, 5_000, gone[1], late={"mode": "skip", "max_ms": 3_000}), assets=files(gone))
    await pole.command("play", body)
    await pole.advance(30)
    assert pole.outcomes() == [("x", "failed", "asset_missing")]


async def test_on_a_full_disk_an_order_is_not_obeyed(tmp_path):
    pole = Pole(tmp_path, now=T, disk=FullDisk())
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        pole.disk.room = 0
        pole.up = True
        pole.line.switch(up=True)
        await pole.command("play", order())
        await pole.command("reboot", Reboot())
        await pole.advance(70)
        assert not pole.heard()
        assert not pole.board.reboots
        assert pole.acks("play") == pole.acks("reboot") == [("rejected", "disk_full")]
        assert "disk_full" in pole.agent.studio.faults


async def test_on_a_full_disk_a_planned_play_fails_aloud_and_stop_still_stops(tmp_path):
    pole = Pole(tmp_path, now=T - 60_000, disk=FullDisk())
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(news(), news(occ="later", start_ms=T + 120_000), assets=files())
        await pole.advance_to(T + 10_000)
        pole.disk.room = 0
        await pole.command("stop", Stop())
        await pole.advance_to(T + 200_000)
        assert 10_000 <= pole.heard_ms(OCC) <= 10_100
        assert not pole.heard("later")
        pole.disk.room = 10**9
        await pole.advance(120)
        assert pole.outcomes(OCC)[0][1] == "interrupted"
        assert pole.outcomes("later") == [("later", "failed", "disk_full")]


@pytest.mark.parametrize("typ", ["stop", "pause", "resume", "next"])
async def test_with_nothing_on_the_air_there_is_nothing_to_stop(pole, typ):
    from devices.wire.commands import COMMANDS

    await pole.command(typ, COMMANDS[typ]())
    await pole.advance(1)
    assert pole.acks(typ)[0][0] == "rejected"


async def test_a_volume_stays_through_a_reboot_until_it_is_taken_back(tmp_path):
    pole = Pole(tmp_path, now=T)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.command("volume", Volume(percent=12))
    pole.boot()
    async with pole.running():
        await pole.command("play", order(start_ms=T + 5_000))
        await pole.advance(10)
        await pole.command("volume", Volume())
        await pole.advance(80)
        assert [span.volume for span in pole.heard()] == [12, 70]


async def test_a_volume_taken_back_a_moment_before_a_power_cut_stays_taken_back(tmp_path):
    pole = Pole(tmp_path, now=T)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.command("volume", Volume(percent=12))
        await pole.advance(5)
        await pole.command("volume", Volume())
    assert json.loads((tmp_path / "marks.json").read_bytes())["volume_percent"] == 12, "nothing was left to recall"
    pole.boot()
    async with pole.running():
        await pole.command("play", order(start_ms=pole.clock.now_ms() + 5_000))
        await pole.advance(80)
        assert [span.volume for span in pole.heard()] == [70]


async def test_a_volume_that_was_told_stays_when_the_order_itself_is_forgotten(tmp_path):
    pole = Pole(tmp_path, now=T, up=True)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.command("volume", Volume(percent=12))
        await pole.advance(5)
        assert pole.said("birth")[-1]["volume_percent"] == 12
    (tmp_path / "commands.jsonl").unlink()
    pole.boot()
    async with pole.running():
        await pole.command("play", order(start_ms=pole.clock.now_ms() + 5_000))
        await pole.advance(80)
        assert [span.volume for span in pole.heard()] == [12]


async def test_a_volume_that_cannot_be_kept_is_refused_and_changes_nothing(tmp_path):
    pole = Pole(tmp_path, now=T, up=True, disk=FullDisk())
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.command("play", order(start_ms=T + 5_000))
        pole.disk.room = 0
        await pole.command("volume", Volume(percent=12))
        await pole.advance(1)
        assert pole.acks("volume") == [("rejected", "disk_full")]
        pole.disk.room = 10**9
        await pole.advance(80)
        assert [span.volume for span in pole.heard()] == [70]


async def test_a_pole_that_an_order_keeps_too_soft_to_be_heard_says_so_before_its_hour(pole):
    await pole.command("volume", Volume(percent=5))
    await pole.advance(31)
    assert "volume_low" in pole.said("telemetry")[-1]["faults"]
    await pole.command("volume", Volume())
    await pole.advance(31)
    assert "volume_low" not in pole.said("telemetry")[-1]["faults"]


async def test_a_ceiling_of_the_technician_that_leaves_nothing_to_hear_is_said_before_the_hour_too(pole):
    await pole.configure(volume={"default_percent": 0, "max_percent": 0})
    await pole.advance(31)
    assert "volume_low" in pole.said("telemetry")[-1]["faults"]
    await pole.configure(volume={"default_percent": 60, "max_percent": 60})
    await pole.advance(31)
    assert "volume_low" not in pole.said("telemetry")[-1]["faults"]


# -- test tone ---------------------------------------------------------------------------------------------------------


async def test_a_tone_sounds_by_day_in_maintenance_and_counts_as_nothing(pole):
    await pole.configure(maintenance=True)
    await pole.command("test_tone", TestTone(dur_ms=2_000, percent=30))
    await pole.advance(5)
    (span,) = pole.spans
    assert (span.tone, span.to_ms, span.volume) == (True, 2_000, 30)
    assert pole.acks("test_tone") == [("accepted", None), ("done", "played")]
    assert not pole.entries


async def test_a_tone_never_sounds_at_night_in_silence_or_above_anything(tmp_path):
    pole = Pole(tmp_path, now=NIGHT, up=True)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.command("test_tone", TestTone())
        await pole.advance_to(T)
        await pole.silence(True)
        await pole.command("test_tone", TestTone())
        await pole.silence(False)
        await pole.command("play", order())
        await pole.advance(5)
        await pole.command("test_tone", TestTone())
        await pole.advance(70)
        assert [why for _, why in pole.acks("test_tone")] == ["quiet_hours", "silence", "lower_priority"]
        assert not any(span.tone for span in pole.spans)


async def test_a_play_pushes_a_tone_off_the_air(pole):
    await pole.plan(news(start_ms=T + 15_000), assets=files())
    await pole.advance(1)
    await pole.command("test_tone", TestTone(dur_ms=10_000))
    await pole.advance(100)
    assert [span.at_ms for span in pole.heard(OCC)] == [T + 15_000]


# -- reboot, resync ----------------------------------------------------------------------------------------------------


async def test_a_reboot_waits_for_no_play_and_happens_once(pole):
    await pole.command("play", order())
    await pole.advance(5)
    await pole.command("reboot", Reboot())
    await pole.advance(5)
    assert pole.acks("reboot") == [("rejected", "playing")]
    await pole.advance(70)
    commanding = asyncio.ensure_future(pole.command("reboot", Reboot()))
    await pole.advance(5)
    await pole.tell(await commanding)
    await pole.advance(5)
    assert pole.board.reboots == 1
    assert pole.acks("reboot")[1:] == [("done", None)] * 2


async def test_refusals_are_counted_with_and_without_answer(pole):
    await pole.tell(pole.ward.seal("play", play(), now=T - 3_600_000))
    await pole.tell(pole.ward.seal("play", play(), now=T, to="cluster:other"))
    await pole.tell(pole.ward.seal("play", play(), now=T), retain=True)
    await pole.advance(61)
    assert pole.agent.gate.rejections == {"expired": 1}
    assert pole.said("telemetry")[-1]["drops"] == {"not_for_me": 1, "retained_command": 1}


async def test_a_resync_sends_the_journal_again_from_where_the_gateway_has_a_gap(pole):
    for number in range(3):
        await pole.command("play", order(f"o{number}", pole.clock.now_ms() + 1_500))
        await pole.advance(70)
    sent = len(pole.said("journal"))
    assert sent >= 6
    await pole.agent.studio.journal.ack(6)
    await pole.tell(pole.ward.seal("resync", Resync(from_n=3), now=pole.clock.now_ms(), epoch=0))
    await pole.advance(1)
    assert [body["n"] for body in pole.said("journal")[-4:]] == [3, 4, 5, 6]
