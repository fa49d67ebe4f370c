"""Rules that come while a voice is on the air are obeyed by it too, and by nothing that they do not concern."""

from dataclasses import replace
from datetime import time

import pytest

from devices.model import Window
from devices.wire.commands import Pause, Resume
from tests.devices.agent.pole import Pole, audio
from tests.devices.agent.test_alarm import CLIP, storm
from tests.devices.agent.ward import DAY, T, asset_entry, entry

NEWS = audio()
OCC = entry().occ
AT_NIGHT_ONLY = replace(DAY, version=DAY.version + 1, windows=(Window(start=time(20), end=time(21)),))


def files():
    return (asset_entry(asset=NEWS[1], size=len(NEWS[0]), dur_ms=60_000),)


@pytest.fixture
async def on_the_air(tmp_path):
    pole = Pole(tmp_path)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(entry(asset=NEWS[1]), assets=files())
        await pole.advance_to(T + 20_000)
        assert pole.starts(OCC)
        yield pole


async def test_a_voice_at_an_hour_that_is_closed_meanwhile_falls_silent_at_once_and_for_good(on_the_air):
    await on_the_air.configure(rules=AT_NIGHT_ONLY)
    await on_the_air.advance(60)
    (span,) = on_the_air.heard(OCC)
    assert 20_000 <= span.to_ms < 21_000
    assert on_the_air.finished(OCC)["by"] == "quiet_hours"
    assert [result for _, result, _ in on_the_air.outcomes()] == ["interrupted"]


async def test_rules_that_still_allow_it_leave_it_alone_and_their_ceiling_is_kept(on_the_air):
    await on_the_air.configure(rules=replace(DAY, version=DAY.version + 1, max_percent=20))
    await on_the_air.advance(60)
    assert on_the_air.outcomes() == [(OCC, "played", None)]
    assert [span.volume for span in on_the_air.heard(OCC)][-1] == 20


async def test_rules_that_close_the_hour_as_the_last_word_is_said_let_it_be_said(tmp_path):
    pole = Pole(tmp_path)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(entry(start_ms=T + 1_000, asset=NEWS[1]), assets=files())
        await pole.advance_to(T + 20_000)
        closes = Window(start=time(5), end=time(5, 31))
        await pole.configure(rules=replace(DAY, version=DAY.version + 1, windows=(closes,)))
        await pole.advance(60)
        assert pole.outcomes() == [(OCC, "played", None)]


async def test_a_paused_voice_ends_too_and_what_waits_is_refused_in_its_turn(on_the_air):
    await on_the_air.plan(entry(asset=NEWS[1]), entry("later", T + 120_000, asset=NEWS[1]), assets=files())
    await on_the_air.command("pause", Pause())
    await on_the_air.configure(rules=AT_NIGHT_ONLY)
    await on_the_air.command("resume", Resume())
    await on_the_air.advance(240)
    assert [(occ, result) for occ, result, _ in on_the_air.outcomes()] == [(OCC, "interrupted"), ("later", "refused")]
    assert all(span.to_ms < 21_000 for span in on_the_air.heard(OCC))
    assert not on_the_air.heard("later")


async def test_an_emergency_is_not_silenced_by_closed_hours(on_the_air):
    on_the_air.hold(CLIP)
    await on_the_air.command("emergency", storm(start_ms=T + 21_000), to=on_the_air.ward.everyone)
    await on_the_air.advance(3)
    await on_the_air.configure(rules=AT_NIGHT_ONLY)
    await on_the_air.advance(60)
    assert len(on_the_air.heard("E-1")) == 2
    assert ("E-1", "played", None) in on_the_air.outcomes()
