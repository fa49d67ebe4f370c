"""Many poles in one process, over a real broker: they enrol, start together, and their truth is what they report."""

import asyncio
from pathlib import Path

import pytest

from devices.clock import SystemClock
from devices.clusters import Address
from devices.errors import DeviceError, EnrolmentFailed
from devices.link import BrokerAddress
from devices.model import ClusterId
from devices.wire.commands import Reboot
from simulators.faults import Fault, FaultKind, Faults
from simulators.ledger import check, start_errors_ms
from simulators.throwaway import names, throwaway
from simulators.ward import SimulatedWard
from tests.ports import free_port
from tests.simulators.station import THURSDAY_0530, Station, living, speech

CLUSTERS = [ClusterId(f"kp1-{number:02}") for number in range(1, 6)]
NEWS = speech(12)


def ward_of(station: Station, folder: Path, **more: object) -> SimulatedWard:
    return SimulatedWard(
        CLUSTERS, clock=station.clock, folder=folder, seed=11, gateway_url=station.url, spread_s=0.5, **more
    )


async def enrolled(station: Station, folder: Path, **more: object) -> SimulatedWard:
    ward = ward_of(station, folder, **more)
    await ward.enrol({cluster: station.offer(cluster) for cluster in CLUSTERS})
    return ward


async def test_poles_enrol_fetch_start_together_and_their_truth_is_their_journal(
    station: Station, tmp_path: Path
) -> None:
    ward = await enrolled(station, tmp_path / "poles")
    await station.plan_all(CLUSTERS, NEWS, ("a", THURSDAY_0530), ("b", THURSDAY_0530 + 20_000))
    async with living(ward, station):
        await station.until(lambda: station.all_ready(CLUSTERS), "not every pole is ready")
        await station.until_ms(THURSDAY_0530 + 5_000)
        assert ward.playing == len(CLUSTERS)
        await station.until_ms(THURSDAY_0530 + 40_000)
        await station.until(lambda: len(station.outcomes()) == 10, "not every outcome came")
        assert set(map(tuple, station.outcomes().values())) == {("played",)}
        assert check(ward.truth(), station.stored()) == []
        errors = start_errors_ms(ward.truth(), station.stored())
        assert len(errors) == 10
        # a milliseconds or two of NTP, and nothing of the order in which messages came
        assert all(abs(error) < 10 for error in errors.values())
        assert not station.refused


async def test_a_ward_over_the_same_folder_is_the_same_poles(station: Station, tmp_path: Path) -> None:
    ward = await enrolled(station, tmp_path / "poles")
    await station.plan_all(CLUSTERS, NEWS, ("a", THURSDAY_0530))
    async with living(ward, station):
        await station.until(lambda: station.all_ready(CLUSTERS))
        boots = [station.births[cluster].boot for cluster in CLUSTERS]
        with pytest.raises(DeviceError, match="already running"):
            await ward_of(station, tmp_path / "poles").run()
    again = ward_of(station, tmp_path / "poles")
    await again.enrol({})
    async with living(again, station):
        await station.until(lambda: [station.births[each].boot for each in CLUSTERS] == [boot + 1 for boot in boots])
        await station.until_ms(THURSDAY_0530 + 14_000)
        await station.until(lambda: len(station.outcomes()) == len(CLUSTERS))
        assert check(again.truth(), station.stored()) == []


async def test_one_copy_of_the_audio_serves_the_whole_ward(station: Station, tmp_path: Path) -> None:
    ward = await enrolled(station, tmp_path / "poles")
    await station.plan_all(CLUSTERS, NEWS, ("a", THURSDAY_0530))
    async with living(ward, station):
        await station.until(lambda: station.all_ready(CLUSTERS))
        name = next(iter(station.files))
        copies = [tmp_path / "poles" / cluster / "audio" / name for cluster in CLUSTERS]
        assert len({path.stat().st_ino for path in copies}) == 1


async def test_a_pole_told_to_reboot_comes_back_as_a_new_boot(station: Station, tmp_path: Path) -> None:
    ward = await enrolled(station, tmp_path / "poles")
    await station.plan_all(CLUSTERS, NEWS)
    async with living(ward, station):
        await station.until(lambda: len(station.births) == len(CLUSTERS))
        await station.command("reboot", Address(cluster=CLUSTERS[0]), Reboot())
        await station.until(lambda: ward[CLUSTERS[0]].boots == 2 and ward[CLUSTERS[0]].is_up, "no reboot")
        assert [ward[cluster].boots for cluster in CLUSTERS[1:]] == [1, 1, 1, 1]


async def test_a_power_cut_of_the_faults_comes_at_its_instant_and_ends(station: Station, tmp_path: Path) -> None:
    cut = Fault(THURSDAY_0530 + 4_000, FaultKind.POWER_CUT, for_ms=20_000)
    ward = await enrolled(
        station, tmp_path / "poles", faults_for=lambda cluster: Faults([cut] if cluster == CLUSTERS[2] else [])
    )
    await station.plan_all(CLUSTERS, NEWS, ("a", THURSDAY_0530))
    async with living(ward, station):
        await station.until(lambda: station.all_ready(CLUSTERS))
        await station.until_ms(THURSDAY_0530 + 10_000)
        assert not ward[CLUSTERS[2]].powered
        assert ward.playing == len(CLUSTERS) - 1
        await station.until_ms(THURSDAY_0530 + 25_000)
        await station.until(lambda: len(station.outcomes()) == len(CLUSTERS))
        (span,) = ward.truth()[CLUSTERS[2]]
        assert span.end_root_ms == pytest.approx(cut.at_ms, abs=60)
        assert station.outcomes()[CLUSTERS[2], "a"] == ["played_partial"]
        assert check(ward.truth(), station.stored()) == []


async def test_the_same_seed_is_the_same_ward(station: Station, tmp_path: Path) -> None:
    one, two = (SimulatedWard(names(4), clock=station.clock, folder=tmp_path / n, seed=5) for n in "ab")
    for ward in (one, two):
        ward.keep(throwaway(names(4), station.broker, now_ms=1))
    for cluster in names(4):
        assert one[cluster].board.ppm == two[cluster].board.ppm
        assert one[cluster].board.health() == two[cluster].board.health()
    assert len({pole.board.ppm for pole in one.poles.values()}) == 4


async def test_without_a_code_or_a_gateway_nobody_is_enrolled(station: Station, tmp_path: Path) -> None:
    ward = ward_of(station, tmp_path / "poles")
    with pytest.raises(EnrolmentFailed, match="kp1-01"):
        await ward.enrol({})
    with pytest.raises(EnrolmentFailed, match="not enrolled"):
        await ward.run()
    codes = {cluster: station.offer(cluster) for cluster in CLUSTERS}
    swapped = codes | {CLUSTERS[0]: codes[CLUSTERS[1]], CLUSTERS[1]: codes[CLUSTERS[0]]}
    with pytest.raises(EnrolmentFailed, match="not the code of"):
        await ward.enrol(swapped)
    assert set(ward.poles) == set(CLUSTERS[2:])


async def test_a_ward_without_a_broker_boots_and_comes_up_when_there_is_one(tmp_path: Path, unused_port: int) -> None:
    clock = SystemClock()
    ward = SimulatedWard(names(3), clock=clock, folder=tmp_path)
    ward.keep(throwaway(names(3), BrokerAddress("127.0.0.1", unused_port), now_ms=clock.now_ms()))
    running = asyncio.ensure_future(ward.run())
    async with asyncio.timeout(10):
        while not all(pole.boots for pole in ward.poles.values()):
            await asyncio.sleep(0.01)
    assert ward.connected == 0
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def unused_port() -> int:
    return free_port()
