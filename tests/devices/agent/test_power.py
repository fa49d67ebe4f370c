"""Power cuts at any moment: no occurrence starts twice unless declared, and every one ends in exactly one outcome."""

import itertools
import random
from collections import Counter

import pytest

from tests.devices.agent.disks import CutDisk, QuickDisk
from tests.devices.agent.pole import Pole, audio
from tests.devices.agent.test_airing import files
from tests.devices.agent.ward import T, entry

NEWS = audio(40_000)
SLOTS = [("a", T), ("b", T + 60_000), ("c", T + 100_000)]


def slots(late):
    return [entry(occ, start, 40_000, NEWS[1], late=late, level=70 + 10 * n) for n, (occ, start) in enumerate(SLOTS)]


def truth(pole):
    """How often each occurrence was heard from its beginning, and whether one was heard over another."""
    beginnings = Counter(span.occ for span in pole.spans if span.from_ms == 0)
    spans = sorted(pole.spans, key=lambda span: span.at_ms)
    overlaps = [
        (one, two) for one, two in itertools.pairwise(spans) if one.at_ms + one.to_ms - one.from_ms > two.at_ms + 1
    ]
    return beginnings, overlaps


def check(pole, *, mode):
    finals = Counter(occ for occ, _, _ in pole.outcomes())
    assert finals == {occ: 1 for occ, _ in SLOTS}
    for occ, _ in SLOTS:
        started = pole.starts(occ)
        assert [body["att"] for body in started] in ([], [1], [1, 2])
        if len(started) == 2:
            assert pole.finished(occ)["result"] in {"played_partial", "interrupted"}
        (result,) = [result for name, result, _ in pole.outcomes(occ)]
        if result == "played":
            assert pole.heard_ms(occ) >= 39_950, "counted, and nobody could hear all of it"
        if pole.heard(occ):
            assert started, "heard, and the journal does not know"
    beginnings, overlaps = truth(pole)
    assert not overlaps
    assert all(count <= 1 for count in beginnings.values()) or mode == "from_start"


@pytest.mark.parametrize("seed", range(120))
async def test_power_is_cut_at_random_instants_around_the_hour(tmp_path, seed):
    dice = random.Random(seed)
    late = {"mode": dice.choice(["seek", "skip"]), "max_ms": dice.choice([0, 10_000, 120_000])}
    pole = Pole(tmp_path, now=T - 30_000)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        await pole.plan(*slots(late), assets=files(NEWS), from_ms=T - 60_000)
        await pole.advance(dice.uniform(20, 60))
    for _ in range(dice.randrange(1, 4)):
        pole.clock._mono_ns += int(dice.uniform(0, 20) * 1e9)
        pole.boot()
        async with pole.running():
            await pole.advance(dice.uniform(0, 40))
    pole.boot()
    async with pole.running():
        await pole.advance_to(max(T + 300_000, pole.clock.now_ms() + 200_000))
        check(pole, mode=late["mode"])


@pytest.mark.parametrize("seed", range(60))
async def test_power_is_cut_in_the_middle_of_any_write(tmp_path, seed):
    dice = random.Random(seed)
    pole = Pole(tmp_path, now=T - 30_000)
    pole.hold(NEWS)
    late = {"mode": "seek", "max_ms": 120_000}
    async with pole.running():
        await pole.configure()
        await pole.plan(*slots(late), assets=files(NEWS), from_ms=T - 60_000)
    for _ in range(3):
        pole.boot(disk=CutDisk(dice.randrange(1, 12), part=dice.random()))
        async with pole.running():
            await pole.advance(dice.uniform(30, 80))
        pole.clock._mono_ns += int(dice.uniform(0, 15) * 1e9)
    pole.boot(disk=QuickDisk())
    async with pole.running():
        await pole.advance_to(max(T + 300_000, pole.clock.now_ms() + 200_000))
        check(pole, mode="seek")


async def test_when_the_journal_is_lost_what_may_have_begun_does_not_begin_again(tmp_path):
    pole = Pole(tmp_path, now=T - 30_000)
    pole.hold(NEWS)
    late = {"mode": "seek", "max_ms": 120_000}
    async with pole.running():
        await pole.configure()
        await pole.plan(*slots(late), assets=files(NEWS), from_ms=T - 60_000)
        await pole.advance_to(T + 10_000)
    (tmp_path / "journal.jsonl").unlink()
    pole.boot()
    async with pole.running():
        await pole.advance_to(T + 300_000)
        assert len(pole.heard("a")) == 1
        assert pole.outcomes("a") == [("a", "missed", "journal_lost")]
        assert pole.outcomes("b") == [("b", "played", None)]
        assert "journal_damaged" in pole.agent.studio.faults


async def test_a_lost_journal_does_not_keep_a_warning_that_goes_on_from_being_heard(tmp_path):
    from tests.devices.agent.test_alarm import CLIP, storm

    pole = Pole(tmp_path, now=T - 30_000, up=True)
    pole.hold(NEWS, CLIP)
    async with pole.running():
        await pole.configure()
    (tmp_path / "journal.jsonl").unlink()
    pole.clock._mono_ns += 60 * 10**9
    pole.boot()
    async with pole.running():
        await pole.advance(1)
        body = storm(start_ms=T - 20_000)  # told again to whoever comes online
        await pole.command("emergency", body, to=pole.ward.everyone)
        await pole.advance(40)
        assert pole.heard("E-1")
        assert pole.outcomes("E-1") == [("E-1", "played", None)]


async def test_an_order_that_waited_out_a_power_cut_is_still_answered_for(tmp_path):
    from devices.wire.commands import Play

    pole = Pole(tmp_path, now=T - 30_000)
    pole.hold(NEWS)
    async with pole.running():
        await pole.configure()
        body = Play(entry=slots({"mode": "skip", "max_ms": 0})[0], assets=files(NEWS))
        await pole.command("play", body)
    pole.clock._mono_ns += 600 * 10**9
    pole.boot()
    async with pole.running():
        await pole.advance(5)
        assert pole.outcomes() == [("a", "missed", "power")]
