"""What goes wrong on one pole goes wrong as on a real one, and books and truth still agree."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from devices.clusters import Address
from devices.model import ClusterId
from devices.wire.commands import Play
from devices.wire.reports import AckState, AssetReport
from simulators.chaos import ChaosProxy, Trouble
from simulators.faults import Fault, FaultKind, Faults
from simulators.ledger import Tolerance, check
from simulators.ward import SimulatedWard
from tests.simulators.station import THURSDAY_0530, Station, living, speech

T = THURSDAY_0530
POLE = ClusterId("kp1-01")
NEWS = speech(12)
CHIME = speech(3, seed=9)
OCC = "a"
STEP_S = 0.1
"""True time moves in steps here, and a question to the gateway lasts some of them: that is how wrong its answer is."""


async def ward_of(
    station: Station, folder: Path, faults: Sequence[Fault] = (), *, count: int = 1, **more: object
) -> SimulatedWard:
    """Enrol ``count`` poles that all suffer ``faults``."""
    clusters = [ClusterId(f"kp1-{number:02}") for number in range(1, count + 1)]
    ward = SimulatedWard(
        clusters,
        clock=station.clock,
        folder=folder,
        seed=3,
        gateway_url=station.url,
        spread_s=0.5,
        **{"faults_for": lambda _cluster: Faults(faults), **more},
    )
    await ward.enrol({cluster: station.offer(cluster) for cluster in clusters})
    return ward


def forever(kind: FaultKind, at_ms: int = 0, amount: int = 0) -> Fault:
    return Fault(at_ms, kind, for_ms=1 << 50, amount=amount)


@pytest.mark.parametrize("kind", [FaultKind.MUTE, FaultKind.AMP_OFF, FaultKind.NULL_SINK])
async def test_what_nobody_can_hear_is_not_counted(station: Station, tmp_path: Path, kind: FaultKind) -> None:
    ward = await ward_of(station, tmp_path, [forever(kind)])
    await station.plan_all([POLE], NEWS, (OCC, T))
    async with living(ward, station):
        await station.until(lambda: station.all_ready([POLE]))
        await station.until_ms(T + 14_000)
        await station.until(station.outcomes)
        assert station.outcomes() == {(POLE, OCC): ["played_silent"]}
        (span,) = ward.truth()[POLE]
        assert not span.heard
        assert check(ward.truth(), station.stored()) == []


async def test_a_missing_card_is_a_failure_and_said(station: Station, tmp_path: Path) -> None:
    ward = await ward_of(station, tmp_path, [forever(FaultKind.CARD_MISSING)])
    await station.plan_all([POLE], NEWS, (OCC, T))
    async with living(ward, station):
        await station.until(lambda: station.all_ready([POLE]))
        await station.until_ms(T + 3_000)
        await station.until(station.outcomes)
        assert station.outcomes() == {(POLE, OCC): ["failed"]}
        assert ward.truth()[POLE] == []


async def test_a_file_with_a_flipped_bit_is_never_ready_and_fetched_again(station: Station, tmp_path: Path) -> None:
    ward = await ward_of(station, tmp_path, [Fault(0, FaultKind.BAD_HASH, for_ms=T - 25_000)])
    await station.plan_all([POLE], NEWS, (OCC, T))
    (asset,) = (item.asset for item in station.planned[POLE][0].items)

    def told() -> AssetReport | None:
        return station.assets.get((POLE, asset))

    async with living(ward, station):
        await station.until(
            lambda: (report := told()) is not None and report.why == "hash", "the bad file was believed"
        )
        assert not station.all_ready([POLE])
        await station.until(lambda: station.all_ready([POLE]), "it was not fetched again")
        assert station.clock.now_ms() >= T - 25_000


async def test_on_a_full_disk_nothing_begins_that_could_not_be_answered_for(station: Station, tmp_path: Path) -> None:
    ward = await ward_of(station, tmp_path, [Fault(T - 8_000, FaultKind.DISK_FULL, for_ms=30_000)])
    await station.plan_all([POLE], NEWS, (OCC, T), ("b", T + 40_000))
    async with living(ward, station):
        await station.until(lambda: station.all_ready([POLE]))
        await station.until_ms(T + 55_000)
        await station.until(lambda: len(station.outcomes()) == 2, "an outcome is missing")
        truth, outcomes = ward.truth(), station.outcomes()
        assert outcomes[POLE, "b"] == ["played"]
        assert check(truth, station.stored()) == []


async def test_power_goes_in_the_middle_of_a_play_and_comes_back(station: Station, tmp_path: Path) -> None:
    ward = await ward_of(station, tmp_path)
    pole = ward[POLE]
    await station.plan_all([POLE], NEWS, (OCC, T))
    async with living(ward, station):
        await station.until(lambda: station.all_ready([POLE]))
        await station.until_ms(T + 4_000)
        first = pole.agent
        pole.power_cut()
        pole.power_cut()
        assert not pole.playing
        assert not pole.is_up
        await station.until_ms(T + 5_000)
        assert pole.spans()[0].end_root_ms == pytest.approx(T + 4_000, abs=10)
        pole.power_on()
        await station.until(lambda: pole.is_up and pole.boots == 2)
        assert pole.agent is not first
        await station.until(station.outcomes, "it never answered for what had begun")
        assert station.outcomes() == {(POLE, OCC): ["played_partial"]}
        assert check(ward.truth(), station.stored()) == []


async def test_a_dead_pole_writes_nothing_more(station: Station, tmp_path: Path) -> None:
    ward = await ward_of(station, tmp_path)
    pole = ward[POLE]
    await station.plan_all([POLE], NEWS, (OCC, T))
    async with living(ward, station):
        await station.until(lambda: station.all_ready([POLE]))
        await station.until_ms(T + 4_000)
        pole.power_cut()
        before = (pole.folder / "journal.jsonl").read_bytes()
        await station.until_ms(T + 30_000)
        assert (pole.folder / "journal.jsonl").read_bytes() == before


async def test_it_wakes_in_1970_and_sounds_nothing_until_it_knows_the_time(station: Station, tmp_path: Path) -> None:
    cut = Fault(T - 40_000, FaultKind.POWER_CUT, for_ms=5_000)
    ward = await ward_of(station, tmp_path, [forever(FaultKind.BOOT_1970), cut])
    await station.plan_all([POLE], NEWS, (OCC, T), ("old", T + 3_600_000))
    async with living(ward, station):
        await station.until(lambda: station.all_ready([POLE]))
        await station.until(lambda: ward[POLE].boots == 2)
        assert ward[POLE].board.clock.now_ms() < 60_000
        await station.until_ms(T + 14_000)
        await station.until(station.outcomes)
        (span,) = ward.truth()[POLE]
        # Its only source is the gateway, asked over a line that takes a step of the clock or two.
        known = max(entry.clock.unc_ms for entry in station.journal[POLE].values())
        assert 0 < known < 250
        assert span.start_root_ms == pytest.approx(T, abs=known)
        assert station.outcomes() == {(POLE, OCC): ["played"]}


async def test_thirty_percent_of_all_messages_twice_and_every_play_once(station: Station, tmp_path: Path) -> None:
    """As brokers and modems do: a new packet id, no DUP flag, in both directions."""
    async with ChaosProxy(station.broker, seed=1, trouble=lambda _client: Trouble(duplicate=0.3)).open() as proxy:
        ward = await ward_of(station, tmp_path, count=3, through=proxy.address)
        await station.plan_all(ward.clusters, CHIME, (OCC, T))
        async with living(ward, station):
            await station.until(lambda: station.all_ready(ward.clusters))
            await station.until_ms(T + 6_000)
            for number in range(4):
                for cluster in ward.clusters:
                    entry = station.entry(f"adhoc-{number}", station.clock.now_ms() + 3_000, CHIME)
                    station.planned[cluster] += (entry,)
                    body = Play(entry=entry, assets=(station.asset(CHIME),))
                    jti = await station.command("play", Address(cluster=cluster), body)
                    await station.until(lambda jti=jti: any(ack.ref == jti for _, ack in station.acks))
                await station.until_ms(station.clock.now_ms() + 7_000)
            await station.until(lambda: len(station.outcomes()) == 15, "an outcome is missing")
            assert set(map(tuple, station.outcomes().values())) == {("played",)}
            assert check(ward.truth(), station.stored()) == []
            assert all(len(spans) == 5 for spans in ward.truth().values())
            assert {ack.st for _, ack in station.acks} <= {AckState.ACCEPTED, AckState.ARMED, AckState.DONE}
        assert proxy.happened["duplicated"] > 20
        assert proxy.happened["swallowed"] > 5


@pytest.mark.parametrize("seed", range(3))
async def test_power_cuts_at_random_instants_leave_at_most_one_start_and_one_outcome_each(
    station: Station, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(f"cuts/{seed}")
    starts = [(f"occ-{n}", T + 15_000 * n) for n in range(4)]
    ward = await ward_of(station, tmp_path, count=4, faults_for=lambda _cluster: Faults(_cuts(dice, T, T + 60_000)))
    await station.plan_all(ward.clusters, NEWS, *starts)
    async with living(ward, station):
        await station.until(lambda: station.all_ready(ward.clusters))
        await station.until_ms(T + 110_000)
        await station.until(lambda: len(station.outcomes()) == 16, "an outcome is missing")
        await _answered_once(ward, station)
        assert sum(pole.boots for pole in ward.poles.values()) > 4


def _cuts(dice: random.Random, begin_ms: int, end_ms: int) -> list[Fault]:
    instants = [dice.randrange(begin_ms - 5_000, end_ms) for _ in range(dice.randrange(1, 4))]
    return [Fault(at_ms, FaultKind.POWER_CUT, for_ms=dice.randrange(5_000, 20_000)) for at_ms in instants]


async def _answered_once(ward: SimulatedWard, station: Station) -> None:
    assert all(len(outcomes) == 1 for outcomes in station.outcomes().values())
    assert check(ward.truth(), station.stored(), Tolerance(start_ms=2_000 * STEP_S)) == []
    assert all(row.starts <= 1 for row in station.stored())


_SECONDS = {
    FaultKind.POWER_CUT: (5, 20),
    FaultKind.CLOCK_STEP: (0, 0),
    FaultKind.BOOT_1970: (0, 0),
    FaultKind.UNDERRUN: (0, 0),
}
_AMOUNTS = {
    FaultKind.CLOCK_STEP: (-3_600_000, 3_600_000),
    FaultKind.UNDERRUN: (20, 400),
    FaultKind.DROP: (20, 60),
    FaultKind.DUPLICATE: (10, 30),
    FaultKind.REORDER: (10, 30),
}


def _storm(seed: int, cluster: str) -> Faults:
    """Draw a fault every ten seconds, of any kind, none longer than half a minute."""
    dice = random.Random(f"storm/{seed}/{cluster}")
    faults = []
    for at_ms in range(T - 20_000, T + 80_000, 10_000):
        kind = dice.choice(list(FaultKind))
        lasts_s = dice.randint(*_SECONDS.get(kind, (5, 30)))
        faults.append(
            Fault(at_ms + dice.randrange(10_000), kind, 1_000 * lasts_s, dice.randint(*_AMOUNTS.get(kind, (0, 0))))
        )
    return Faults(faults)


@pytest.mark.parametrize("seed", range(3))
async def test_after_a_storm_of_every_fault_the_books_are_the_truth(
    station: Station, tmp_path: Path, seed: int
) -> None:
    starts = [(f"occ-{n}", T + 15_000 * n) for n in range(6)]
    async with ChaosProxy(station.broker, seed=seed).open() as proxy:
        ward = await ward_of(
            station, tmp_path, count=4, through=proxy.address, faults_for=lambda cluster: _storm(seed, cluster)
        )
        await station.plan_all(ward.clusters, NEWS, *starts)
        async with living(ward, station):
            await station.until(lambda: station.all_ready(ward.clusters))
            proxy.trouble = ward.trouble
            await station.until_ms(T + 150_000)
            await station.until(lambda: len(station.outcomes()) == 24, "an outcome is missing")
            await _answered_once(ward, station)
            outcomes = [outcome for (outcome,) in station.outcomes().values()]
            assert "played" in outcomes
            assert len(set(outcomes)) > 2


async def test_a_program_that_breaks_is_noted_and_boots_again(station: Station, tmp_path: Path) -> None:
    ward = await ward_of(station, tmp_path)
    pole = ward[POLE]
    (pole.folder / "marks.json.new").mkdir()
    (pole.folder / "marks.json").write_text("no JSON")
    for number in range(1, 5):
        (pole.folder / f"marks.json.damaged-{number}").mkdir()
    running = asyncio.ensure_future(ward.run())
    await station.until(lambda: len(pole.crashes) == 2, "nobody noted it")
    assert not pole.is_up
    (pole.folder / "marks.json.damaged-4").rmdir()
    (pole.folder / "marks.json.new").rmdir()
    await station.until(lambda: pole.is_up, "it did not come back")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
