"""On the air: at the planned instant, once, under every rule, and with exactly one outcome."""

import itertools

import pytest

from devices.wire.commands import Next, Pause, Resume, Stop, Volume
from devices.wire.documents import PlayItem
from tests.devices.agent.pole import Pole, audio
from tests.devices.agent.ward import T, asset_entry, entry

NEWS = audio()
OCC = entry().occ


def news(**more):
    return entry(asset=NEWS[1], **more)


def files(*made):
    return tuple(
        asset_entry(asset=name, size=len(data), dur_ms=int(data.partition(b":")[0])) for data, name in made or (NEWS,)
    )


@pytest.fixture
async def pole(tmp_path):
    pole = Pole(tmp_path)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        yield pole


async def test_a_planned_play_is_heard_at_its_instant_and_proven(pole):
    await pole.plan(news(), assets=files())
    await pole.advance_to(T + 61_000)
    (span,) = pole.heard(OCC)
    assert (span.at_ms, span.from_ms, span.to_ms) == (T, 0, 60_000)
    assert pole.outcomes() == [(OCC, "played", None)]
    body = pole.finished(OCC)
    assert (body["start_ms"], body["start_error_us"], body["end_ms"]) == (T, 0, T + 60_000)
    assert body["frames"]["out"] == body["frames"]["want"] == 60_000 * 48
    assert body["amp"] == {"on": True}
    assert not pole.board.amp_on


async def test_started_is_on_disk_between_five_and_one_and_a_half_seconds_before_the_first_frame(pole):
    await pole.plan(news(), assets=files())
    await pole.advance_to(T - 5_001)
    assert not pole.starts(OCC)
    await pole.advance_to(T - 1_500)
    (started,) = pole.starts(OCC)
    assert T - 5_000 <= started["at_ms"] <= T - 1_500
    assert not pole.heard()


async def test_steps_of_the_wall_clock_after_arming_move_nothing(pole):
    await pole.plan(news(), assets=files())
    await pole.advance_to(T - 8_000)
    pole.clock.step_wall(3_600_000)
    await pole.advance(69)
    (span,) = pole.heard(OCC)
    assert span.at_ms - 3_600_000 == T
    assert [result for _, result, _ in pole.outcomes()] == ["played"]


async def test_a_play_at_a_quarter_past_three_is_refused_by_the_pole_itself(tmp_path):
    night = T - 8_100_000
    pole = Pole(tmp_path, now=night - 60_000)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(news(start_ms=night), assets=files(), from_ms=night - 60_000)
        await pole.advance(180)
        assert pole.outcomes() == [(OCC, "refused", "quiet_hours")]
        assert not pole.heard()


@pytest.mark.parametrize("priority", ["priority", "emergency"])
async def test_no_class_in_a_plan_gets_around_the_quiet_hours(tmp_path, priority):
    night = T - 8_100_000
    pole = Pole(tmp_path, now=night - 60_000)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(news(start_ms=night, priority=priority, level=254), assets=files(), from_ms=night - 60_000)
        await pole.advance(180)
        assert pole.outcomes() == [(OCC, "refused", "quiet_hours")]


async def test_without_a_policy_nothing_sounds(tmp_path):
    pole = Pole(tmp_path)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure(policy=None)
        await pole.plan(news(), assets=files())
        await pole.advance_to(T + 70_000)
        assert pole.outcomes() == [(OCC, "refused", "no_policy")]


async def test_sessions_of_a_day_are_counted_by_the_pole(tmp_path):
    from dataclasses import replace

    from tests.devices.agent.ward import DAY, Ward

    pole = Pole(tmp_path, Ward(rules=replace(DAY, sessions_per_day=2)))
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(*(news(occ=f"o{n}", start_ms=T + n * 120_000) for n in range(3)), assets=files())
        await pole.advance_to(T + 400_000)
        assert [result for _, result, _ in pole.outcomes()] == ["played", "played", "refused"]
        assert pole.outcomes()[-1] == ("o2", "refused", "too_many_sessions")


async def test_a_session_that_was_interrupted_goes_on_although_it_was_the_last_of_the_day(tmp_path):
    from dataclasses import replace

    from tests.devices.agent.ward import DAY, Ward

    short = audio(10_000)
    pole = Pole(tmp_path, Ward(rules=replace(DAY, sessions_per_day=2)))
    pole.hold(NEWS, short)
    async with pole.running():
        await pole.configure()
        await pole.plan(news(), entry("high", T + 20_000, 10_000, short[1], level=150), assets=files(NEWS, short))
        await pole.advance_to(T + 70_000)
        assert sorted(pole.outcomes()) == [("high", "played", None), (OCC, "played_partial", "overridden")]
        assert len(pole.heard(OCC)) == 2


async def test_music_waits_for_its_hour(tmp_path):
    from dataclasses import replace
    from datetime import time

    from tests.devices.agent.ward import DAY, Ward

    pole = Pole(tmp_path, Ward(rules=replace(DAY, music_allowed_from=time(6))))
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        tune = PlayItem(role="recorded", asset=NEWS[1], dur_ms=60_000, music=True)
        await pole.plan(entry(items=(tune,)), assets=files())
        await pole.advance_to(T + 130_000)
        assert pole.outcomes() == [(OCC, "refused", "no_music")]


async def test_volume_obeys_the_lowest_ceiling_and_follows_it_over_the_hour(tmp_path):
    from dataclasses import replace
    from datetime import time

    from devices.model import Ceiling
    from tests.devices.agent.ward import DAY, Ward

    early = Ceiling(start=time(5), end=time(5, 31), max_percent=30)
    pole = Pole(tmp_path, Ward(rules=replace(DAY, ceilings=(early,))))
    long = audio(120_000)
    pole.hold(long)
    async with pole.running():
        await pole.configure(volume={"default_percent": 60, "max_percent": 55})
        await pole.plan(entry(asset=long[1], dur_ms=120_000, volume_percent=100), assets=files(long))
        await pole.advance_to(T + 121_000)
        assert [span.volume for span in pole.heard(OCC)] == [30, 55]
        assert 60_000 <= pole.heard(OCC)[0].to_ms <= 65_000


# -- late, missed, missing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "late_ms", "heard_from"),
    [("seek", 30_000, 30_000), ("from_start", 30_000, 0), ("skip", 30_000, None), ("seek", 121_000, None)],
)
async def test_a_late_pole_joins_by_the_entrys_own_rule(tmp_path, mode, late_ms, heard_from):
    pole = Pole(tmp_path, now=T + late_ms)
    long = audio(600_000)
    pole.hold(long)
    async with pole.running():
        await pole.configure()
        await pole.plan(
            entry(asset=long[1], dur_ms=600_000, late={"mode": mode, "max_ms": 120_000}), assets=files(long)
        )
        await pole.advance(700)
        (outcome,) = pole.outcomes()
        if heard_from is None:
            assert outcome == (OCC, "missed", "power")
            assert not pole.heard()
        else:
            (span,) = pole.heard(OCC)
            assert heard_from <= span.from_ms <= heard_from + 500
            assert outcome[1] == ("played" if mode == "from_start" else "played_partial")
            if mode == "seek":
                assert span.at_ms - span.from_ms == T, "not in step with the others"


async def test_poles_a_second_late_start_together_and_whole(tmp_path):
    heard = []
    for number, late_ms in enumerate((600, 800)):
        pole = Pole(tmp_path / str(number), now=T + late_ms)
        pole.hold(NEWS)
        async with pole.running():
            await pole.configure()
            await pole.plan(news(), assets=files())
            await pole.advance(70)
            heard += [(span.at_ms, span.from_ms, span.to_ms) for span in pole.heard()]
            assert pole.finished(OCC)["start_error_us"] == 1_000_000
    assert heard == [(T + 1_000, 0, 60_000)] * 2


async def test_slots_slept_through_are_missed_on_boot_each_once(tmp_path):
    pole = Pole(tmp_path)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(*(news(occ=f"o{n}", start_ms=T + n * 3_600_000) for n in range(4)), assets=files())
    pole.clock._mono_ns += 9_000 * 10**9  # off for two and a half hours
    for _ in range(2):
        pole.boot()
        async with pole.running():
            await pole.advance(5)
            assert pole.outcomes() == [(f"o{n}", "missed", "power") for n in range(3)]
    assert not pole.heard()


async def test_what_an_older_plan_still_owed_is_answered_although_the_new_plan_no_longer_names_it(tmp_path):
    pole = Pole(tmp_path)
    async with pole.running():
        await pole.configure()
        await pole.plan(news())
    pole.clock._mono_ns += 9_000 * 10**9
    pole.synced = False
    pole.boot()
    async with pole.running():
        await pole.plan(from_ms=pole.clock.now_ms())
        await pole.advance(5)
        assert not pole.outcomes()
    pole.synced = True
    pole.boot()
    async with pole.running():
        await pole.advance(5)
        assert pole.outcomes() == [(OCC, "missed", "power")]


async def test_an_entry_that_a_newer_plan_drops_before_its_hour_is_cancelled_without_a_word(pole):
    await pole.plan(news(), assets=files())
    await pole.advance_to(T - 7_000)
    await pole.plan(assets=files())
    await pole.advance_to(T + 200_000)
    assert not pole.entries
    assert not pole.heard()


async def test_an_entry_that_has_begun_is_not_taken_back(pole):
    await pole.plan(news(), assets=files())
    await pole.advance_to(T + 5_000)
    await pole.plan(assets=files())
    await pole.advance_to(T + 70_000)
    assert pole.outcomes() == [(OCC, "played", None)]


async def test_an_entry_moved_by_a_newer_plan_sounds_at_the_new_hour_only(pole):
    await pole.plan(news(), assets=files())
    await pole.advance_to(T - 8_000)
    await pole.plan(news(start_ms=T + 60_000), assets=files())
    await pole.advance_to(T + 130_000)
    assert [span.at_ms for span in pole.heard()] == [T + 60_000]


async def test_audio_that_comes_within_the_late_window_is_joined_in_step(tmp_path):
    pole = Pole(tmp_path)
    async with pole.running():
        await pole.configure()
        await pole.plan(news(), assets=files())
        await pole.advance_to(T + 20_000)
        assert not pole.heard()
        assert "asset_missing" in pole.agent.studio.faults
        pole.hold(NEWS)
        await pole.advance_to(T + 70_000)
        (span,) = pole.heard()
        assert span.at_ms - span.from_ms == T
        assert pole.outcomes() == [(OCC, "played_partial", "late")]


async def test_audio_that_never_comes_is_a_failure_and_the_next_item_is_on_time(tmp_path):
    pole = Pole(tmp_path)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        gone = audio(60_000, b"gone")
        await pole.plan(entry(asset=gone[1]), news(occ="next", start_ms=T + 30_000), assets=files(NEWS, gone))
        await pole.advance_to(T + 150_000)
        assert sorted(pole.outcomes()) == [("next", "played", None), (OCC, "failed", "asset_missing")]
        assert [span.at_ms for span in pole.heard()] == [T + 30_000]


async def test_a_file_deleted_a_second_before_the_start_is_a_failure_not_a_play(pole):
    await pole.plan(news(), assets=files())
    await pole.advance_to(T - 1_000)
    (pole.folder / "audio" / NEWS[1].removeprefix("sha256:")).unlink()
    await pole.advance_to(T + 70_000)
    assert pole.outcomes() == [(OCC, "failed", "asset_missing")]
    assert not pole.agent.assets.is_ready(NEWS[1])


@pytest.mark.parametrize(
    ("fault", "why"), [("muted", "muted"), ("amp_dead", "amplifier_off"), ("volume", "silent_audio")]
)
async def test_green_is_not_audible(pole, fault, why):
    pole.horn.muted = fault == "muted"
    pole.board.amp_dead = fault == "amp_dead"
    await pole.plan(news(volume_percent=0 if fault == "volume" else 70), assets=files())
    await pole.advance_to(T + 70_000)
    assert pole.outcomes() == [(OCC, "played_silent", why)]


async def test_without_a_sound_card_the_play_fails_and_the_pole_lives(pole):
    pole.horn.gone = True
    await pole.plan(news(), news(occ="later", start_ms=T + 120_000), assets=files())
    await pole.advance_to(T + 70_000)
    assert pole.outcomes() == [(OCC, "failed", "no_card")]
    pole.horn.gone = False
    await pole.advance_to(T + 190_000)
    assert pole.outcomes()[-1] == ("later", "played", None)


async def test_a_player_that_never_ends_is_stopped_and_said(pole):
    class Stuck(type(pole.horn)):
        async def _play(self, job):
            while not self._stopped:
                await self._clock.sleep(1)
            return await super()._play(job)

    pole.horn.__class__ = Stuck
    await pole.plan(news(), assets=files())
    await pole.advance_to(T + 110_000)
    assert pole.outcomes() == [(OCC, "interrupted", None)]
    assert pole.finished(OCC)["by"] == "overrun"


async def test_a_pole_without_trusted_time_plays_nothing_and_says_missed_when_it_learns_the_hour(tmp_path):
    pole = Pole(tmp_path, synced=False)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(news(), assets=files())
        await pole.advance_to(T + 300_000)
        assert not pole.entries
        pole.board.synced = True
        await pole.advance(60)
        assert pole.outcomes() == [(OCC, "missed", "clock")]
        assert not pole.heard()


async def test_an_airing_that_breaks_down_has_an_outcome_and_the_next_one_airs(pole):
    class Broken(type(pole.horn)):
        async def _play(self, job):
            if job.name == OCC:
                raise RuntimeError("a bug")
            return await super()._play(job)

    pole.horn.__class__ = Broken
    await pole.plan(news(), news(occ="later", start_ms=T + 120_000), assets=files())
    await pole.advance_to(T + 190_000)
    assert pole.outcomes() == [(OCC, "failed", "fault"), ("later", "played", None)]


# -- the ladder --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "segments", "outcome"),
    [
        ("seek", [(0, 29_600), (40_150, 60_000)], ("played_partial", "overridden")),
        ("restart", [(0, 29_600), (0, 60_000)], ("played", None)),
        ("drop", [(0, 29_600)], ("interrupted", None)),
    ],
)
async def test_the_higher_is_heard_on_time_and_the_lower_goes_on_by_its_own_rule(pole, after, segments, outcome):
    short = audio(10_000)
    pole.hold(short)
    low = news(after_override=after)
    high = entry("high", T + 30_000, 10_000, short[1], level=150, priority="priority")
    await pole.plan(low, high, assets=files(NEWS, short))
    await pole.advance_to(T + 150_000)
    (span,) = pole.heard("high")
    assert (span.at_ms, span.from_ms, span.to_ms) == (T + 30_000, 0, 10_000)
    heard = [(span.from_ms, span.to_ms) for span in pole.heard(OCC)]
    assert [(round(a, -3), round(b, -3)) for a, b in heard] == [(round(a, -3), round(b, -3)) for a, b in segments]
    assert pole.outcomes(OCC) == [(OCC, *outcome)]
    assert len(pole.starts(OCC)) == 1
    if after == "seek":
        assert pole.heard(OCC)[1].at_ms - pole.heard(OCC)[1].from_ms == T


async def test_among_equals_the_first_is_heard_and_the_other_has_an_outcome(pole):
    await pole.plan(news(occ="b"), news(occ="a"), assets=files())
    await pole.advance_to(T + 200_000)
    assert [span.occ for span in pole.heard()] == ["a"]
    assert sorted(pole.outcomes()) == [("a", "played", None), ("b", "skipped", "lower_priority")]


async def test_an_equal_that_overlaps_waits_and_joins_in_step(pole):
    long = audio(120_000)
    pole.hold(long)
    await pole.plan(news(), entry("b", T + 30_000, 120_000, long[1]), assets=files(NEWS, long))
    await pole.advance_to(T + 200_000)
    (second,) = pole.heard("b")
    assert second.at_ms - second.from_ms == T + 30_000
    assert T + 60_000 <= second.at_ms <= T + 61_000
    assert ("b", "played_partial", "late") in pole.outcomes()


async def test_programmes_back_to_back_are_each_heard_whole(pole):
    await pole.plan(
        *(news(occ=f"o{n}", start_ms=T + n * 60_000, late={"mode": "skip", "max_ms": 0}) for n in range(3)),
        assets=files(),
    )
    await pole.advance_to(T + 300_000)
    assert pole.outcomes() == [(f"o{n}", "played", None) for n in range(3)]
    assert all(abs(span.at_ms - T - n * 60_000) <= 1_500 for n, span in enumerate(pole.heard()))


async def test_a_higher_one_that_begins_where_a_lower_ends_does_not_cut_off_its_last_word(pole):
    await pole.plan(news(), news(occ="high", start_ms=T + 60_000, level=150), assets=files())
    await pole.advance_to(T + 130_000)
    assert pole.outcomes() == [(OCC, "played", None), ("high", "played", None)]
    assert pole.heard("high")[0].at_ms <= T + 60_500


async def test_nobody_is_heard_over_another(pole):
    pole.hold(audio(30_000))
    entries = [entry(f"o{n}", T + n * 7_000, 30_000, audio(30_000)[1], level=70 + 20 * (n % 3)) for n in range(6)]
    await pole.plan(*entries, assets=files(audio(30_000)))
    await pole.advance_to(T + 300_000)
    spans = sorted(pole.heard(), key=lambda span: span.at_ms)
    for one, two in itertools.pairwise(spans):
        assert one.at_ms + one.to_ms - one.from_ms <= two.at_ms
    assert len(pole.outcomes()) == 6


# -- the kill switch and maintenance -----------------------------------------------------------------------------------


async def test_im_lang_stops_everything_at_once_and_survives_a_reboot(tmp_path):
    pole = Pole(tmp_path)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(news(), news(occ="later", start_ms=T + 120_000, late={"max_ms": 10_000}), assets=files())
        await pole.advance_to(T + 10_000)
        await pole.silence(True)
        await pole.advance(1)
        assert 10_000 <= pole.heard_ms(OCC) <= 10_500
        assert pole.finished(OCC)["by"] == "silence"
        assert not pole.board.amp_on
    pole.boot()
    async with pole.running():
        assert pole.agent.studio.activity == "silenced"
        await pole.advance_to(T + 200_000)
        assert pole.outcomes("later") == [("later", "refused", "silence")]
        await pole.silence(False)
        await pole.plan(news(occ="third", start_ms=T + 300_000), assets=files())
        await pole.advance_to(T + 370_000)
        assert pole.outcomes("third") == [("third", "played", None)]


async def test_a_full_disk_does_not_keep_im_lang_from_working(tmp_path):
    from tests.devices.agent.disks import FullDisk

    pole = Pole(tmp_path, disk=FullDisk(), up=True)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(news(), assets=files())
        await pole.advance_to(T + 10_000)
        pole.disk.room = 0
        await pole.silence(True)
        await pole.advance(1)
        assert 10_000 <= pole.heard_ms(OCC) <= 10_500
        assert pole.acks("silence") == [("rejected", "disk_full")]


async def test_in_maintenance_nothing_is_aired_and_leaving_it_restores_the_signed_plan(pole):
    await pole.configure(maintenance=True)
    await pole.plan(news(late={"max_ms": 5_000}), news(occ="later", start_ms=T + 120_000), assets=files())
    await pole.advance_to(T + 60_000)
    assert pole.outcomes() == [(OCC, "refused", "maintenance")]
    await pole.configure()
    await pole.advance_to(T + 190_000)
    assert pole.outcomes()[-1] == ("later", "played", None)


# -- people ------------------------------------------------------------------------------------------------------------


async def test_a_person_may_stop_pause_resume_and_turn_down(pole):
    await pole.plan(news(), assets=files())
    await pole.advance_to(T + 10_000)
    await pole.command("volume", Volume(percent=20))
    await pole.advance(5)
    await pole.command("pause", Pause())
    assert pole.agent.studio.activity == "paused"
    await pole.advance(30)
    assert pole.heard_ms(OCC) == 15_000
    await pole.command("resume", Resume())
    await pole.advance(10)
    assert [span.volume for span in pole.heard(OCC)][:2] == [70, 20]
    await pole.command("stop", Stop())
    await pole.advance(1)
    assert pole.finished(OCC)["by"] == "person"
    assert 25_000 <= pole.heard_ms(OCC) <= 25_100


async def test_a_paused_play_that_was_let_run_to_its_end_is_a_whole_play(pole):
    await pole.plan(news(), assets=files())
    await pole.advance_to(T + 10_000)
    await pole.command("pause", Pause())
    await pole.advance(20)
    await pole.command("resume", Resume())
    await pole.advance(60)
    assert pole.outcomes() == [(OCC, "played", None)]


async def test_a_pause_does_not_carry_a_play_into_the_night(tmp_path):
    evening = T + 59_100_000  # 21:55
    pole = Pole(tmp_path, now=evening - 60_000, up=True)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(news(start_ms=evening + 200_000), assets=files())
        await pole.advance_to(evening + 210_000)
        await pole.command("pause", Pause())
        await pole.advance(300)
        await pole.command("resume", Resume())
        assert pole.acks("resume") == [("rejected", "quiet_hours")]
        await pole.advance(2_000)
        assert pole.finished(OCC)["by"] == "paused"
        assert pole.heard_ms(OCC) == 10_000


async def test_a_paused_play_yields_to_its_equal_for_good(pole):
    await pole.plan(news(after_override="restart"), news(occ="next", start_ms=T + 60_000), assets=files())
    await pole.advance_to(T + 10_000)
    await pole.command("pause", Pause())
    await pole.advance_to(T + 200_000)
    assert [span.at_ms for span in pole.heard("next")] == [T + 60_000]
    assert pole.heard_ms(OCC) == 10_000
    assert pole.finished(OCC)["by"] == "next"


async def test_next_leaves_the_current_item(pole):
    items = tuple(PlayItem(role="bulletin", asset=NEWS[1], dur_ms=60_000) for _ in range(2))
    await pole.plan(entry(items=items, dur_ms=120_000), assets=files())
    await pole.advance_to(T + 10_000)
    await pole.command("next", Next())
    await pole.advance_to(T + 130_000)
    assert [(span.from_ms, span.to_ms) for span in pole.heard(OCC)] == [(0, 10_000), (60_000, 120_000)]
    assert [result for _, result, _ in pole.outcomes()] == ["played_partial"]
