"""Many cameras at once: the demo ward's, and what goes wrong with them together."""

import asyncio
from collections import Counter

import pytest

from devices.clock import ManualClock
from simulators.cameras.faults import Fault
from simulators.cameras.park import CameraPark, own_host
from simulators.cameras.scenarios import Act, cabinet_lost, dirty_lens_week, play, power_flap, storm, usual_faults
from simulators.cameras.spec import Owner
from simulators.cameras.ward import demo_cameras, plain_cameras
from tests.simulators.cameras.asking import ask
from tests.simulators.station import THURSDAY_0530

WARD = demo_cameras()


def test_the_demo_ward_has_the_76_cameras_of_the_report_by_owner() -> None:
    assert Counter(spec.owner for spec in WARD) == {
        Owner.WARD: 32 + 15,
        Owner.CREDIT_FUND: 6,
        Owner.POLICE: 2,
        Owner.SCHOOL: 17 + 4,
    }
    points = [spec for spec in WARD if spec.code.startswith("cam-diem-")]
    assert (len(points), len({spec.place for spec in points})) == (32, 28)
    assert Counter(spec.switch for spec in WARD)["tu-nga-tu"] == 6


def test_no_two_cameras_of_a_large_park_share_anything_that_names_them() -> None:
    many = plain_cameras(2_000)
    assert len(many) == 2_000
    for name in ("code", "uuid", "serial", "mac"):
        assert len({getattr(spec, name) for spec in many}) == 2_000, name
    assert len({own_host(number) for number in range(100_000)}) == 100_000


async def test_a_whole_ward_stands_in_one_process_and_every_camera_is_itself() -> None:
    async with CameraPark(WARD) as park:
        answers = await asyncio.gather(*(ask(camera, "GetDeviceInformation", login=True) for camera in park))
        assert [said.text("SerialNumber") for said in answers] == [spec.serial for spec in WARD]
        assert park.asked == len(WARD)


async def test_each_camera_may_have_an_address_of_its_own() -> None:
    async with CameraPark(plain_cameras(3), host_of=own_host) as park:
        assert [camera.host for camera in park] == ["127.16.0.1", "127.16.0.2", "127.16.0.3"]
        for camera in park:
            assert (await ask(camera, "GetHostname")).text("Name") == camera.spec.hostname


async def test_a_lost_cabinet_takes_its_cameras_and_no_other_and_brings_them_back() -> None:
    clock = ManualClock(THURSDAY_0530)
    async with CameraPark(WARD, clock=clock) as park:
        playing = asyncio.ensure_future(play(park, cabinet_lost(WARD, "tu-nga-tu", lasts_s=600), clock))
        await asyncio.sleep(0.05)
        gone = park.on_switch("tu-nga-tu")
        assert len(gone) == 6
        for camera in gone:
            with pytest.raises(ConnectionRefusedError):
                await ask(camera, "GetHostname")
        assert (await ask(park["cam-ubnd-01"], "GetHostname")).status == 200
        await clock.advance(601, settle_s=0.05)
        await playing
        for camera in gone:
            assert (await ask(camera, "GetHostname")).status == 200


async def test_flapping_power_boots_a_cabinet_again_and_again_into_1970() -> None:
    clock = ManualClock(THURSDAY_0530)
    async with CameraPark(WARD, clock=clock) as park:
        playing = asyncio.ensure_future(play(park, power_flap(WARD, "tu-quy", times=3), clock))
        await asyncio.sleep(0.02)
        await clock.advance(2_000, settle_s=0.02)
        await playing
        for camera in park.on_switch("tu-quy"):
            assert camera.state.boots == 4
            assert (await ask(camera, "GetSystemDateAndTime")).text("Year") == "1970"


def test_a_storm_hangs_three_in_ten_and_is_the_same_for_the_same_seed() -> None:
    turns = storm(WARD, seed=1)
    assert len(turns[0].codes) == round(0.3 * 76)
    assert turns == storm(WARD, seed=1)
    assert turns[0].codes != storm(WARD, seed=2)[0].codes
    assert {code for turn in turns[1:] for code in turn.codes} == set(turns[0].codes), "everybody comes back"


def test_in_a_dirty_week_lenses_get_worse_before_somebody_wipes_them() -> None:
    turns = dirty_lens_week(WARD)
    broken = {code for turn in turns if turn.act is Act.BREAK for code in turn.codes}
    wiped = {code for turn in turns if turn.act is Act.MEND for code in turn.codes}
    assert len(broken) == round(0.15 * 76)
    assert wiped < broken
    assert max(turn.at_s for turn in turns if turn.act is Act.BREAK) < min(
        turn.at_s for turn in turns if turn.act is Act.MEND
    )


def test_on_a_usual_day_most_cameras_are_well() -> None:
    wrong = usual_faults(plain_cameras(1_000))
    assert 100 < len(wrong) < 200
    assert len({fault for faults in wrong.values() for fault in faults}) == 10


async def test_mending_mends_everything() -> None:
    async with CameraPark(plain_cameras(2), faults={"cam-diem-01": [Fault.REFUSE]}) as park:
        await park["cam-diem-02"].power_off()
        await park.mend()
        assert all([(await ask(camera, "GetHostname")).status == 200 for camera in park])


async def test_a_scenario_for_a_cabinet_that_is_not_there_says_so() -> None:
    with pytest.raises(ValueError, match="tu-khong-co"):
        cabinet_lost(WARD, "tu-khong-co")
