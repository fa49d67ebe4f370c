"""Logins that everybody knows: said of a camera that takes one, found without guessing, and never with the password."""

import dataclasses
import logging
import re
from pathlib import Path

import pytest

from devices.cameras.driver import CameraDriver
from devices.clock import ManualClock
from devices.model.camera import AuthKind, Cause, Depth, Door, Layer, Memory, Secret, Status
from devices.model.camera_cause import SEVERITY, WEAK_LOGIN, Severity
from devices.model.camera_logins import FACTORY_PASSWORDS, is_factory_login
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.faults import Fault
from simulators.cameras.pictures import Gallery
from simulators.cameras.spec import AuthWay, make_spec
from tests.devices.cameras.conftest import PASSWORD, QUICK, Broken, door_of

DAY_S = 86_400


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("admin", "admin"), ("admin", "12345"), ("admin", "123456"), ("root", "pass"), ("admin", ""), ("root", ""),
        ("admin", "888888"), ("admin", "Admin123"), ("ubnt", "ubnt"), ("giamsat", "GiamSat"),
        ("admin", "ds-2cd1023g2-i"), ("root", "0002D1A1B2C3"), ("root", "00:02:d1:a1:b2:c3"),
    ],
)  # fmt: skip
def test_a_login_that_everybody_knows_is_one(user: str, password: str) -> None:
    assert is_factory_login(user, password, ("DS-2CD1023G2-I", "", "00:02:d1:a1:b2:c3"))


@pytest.mark.parametrize(("user", "password"), [("admin", PASSWORD), ("", ""), ("admin", "DS-"), ("admin", "x1234")])
def test_a_login_that_nobody_could_know_is_none(user: str, password: str) -> None:
    assert not is_factory_login(user, password, ("DS-", "", "00:02:d1:a1:b2:c3"))


def test_a_weak_login_is_a_warning_and_no_fault() -> None:
    assert {SEVERITY[cause] for cause in WEAK_LOGIN} == {Severity.WARNING}


@pytest.mark.parametrize("password", ["12345", "admin", ""])
async def test_a_camera_that_takes_a_factory_password_is_noted_with_every_layer_well(
    password: str, gallery: Gallery, driver: CameraDriver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with SimulatedCamera(make_spec("cam-yeu", password=password), gallery=gallery) as camera:
        seen = await driver.look(door_of(camera, password=Secret(password)), Memory(), Depth.PICTURE)
        again = await driver.look(door_of(camera, password=Secret(password)), seen.memory)
    assert [each.ok for each in seen.layers] == [True] * 5
    assert seen.notes == again.notes == (Cause.FACTORY_LOGIN,)
    assert seen.status is Status.WARNING
    assert not password or f'"{password}"' not in str(seen)
    assert not any(each.is_wrong_login for each in camera.requests), "nothing was guessed"


async def test_a_factory_password_that_a_camera_refuses_is_a_wrong_one_and_no_more(
    broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken()
    seen = await driver.look(door_of(camera, password=Secret("12345")), Memory(), Depth.FULL)
    assert seen.layer(Layer.LOGIN).cause is Cause.AUTH_FAILED
    assert seen.notes == ()
    assert sum(each.is_wrong_login for each in camera.requests) <= 2


async def test_a_camera_that_asks_for_no_password_is_noted_and_is_sent_none(
    broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken(Fault.OPEN_TO_ALL)
    for door in (door_of(camera), Door(host=camera.host, port=camera.port)):
        seen = await driver.look(door, Memory(), Depth.MINUTE)
        assert (seen.auth, seen.notes, seen.status) == (AuthKind.NONE, (Cause.OPEN_LOGIN,), Status.WARNING)
        assert seen.layer(Layer.LOGIN).ok
    assert {each.auth for each in camera.requests} == {"none"}


@pytest.mark.parametrize("ways", [frozenset({AuthWay.WSSE}), frozenset({AuthWay.DIGEST}), frozenset(AuthWay)])
async def test_a_camera_that_only_says_who_it_is_to_anybody_is_told_the_password_for_its_streams(
    ways: frozenset[AuthWay], broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken(Fault.INFO_OPEN_TO_ALL, auth=ways)
    first = await driver.look(door_of(camera), Memory(), Depth.MINUTE)
    assert first.auth is AuthKind.NONE
    seen = await driver.look(door_of(camera), first.memory, Depth.PICTURE)
    assert [each.ok for each in seen.layers] == [True] * 5
    assert seen.auth is not AuthKind.NONE
    assert seen.notes == (Cause.OPEN_LOGIN,)
    again = await driver.look(door_of(camera), seen.memory, Depth.FULL)
    assert (again.auth, again.notes, again.layer(Layer.STREAM).ok) == (seen.auth, (Cause.OPEN_LOGIN,), True)
    assert not any(each.is_wrong_login for each in camera.requests)


async def test_a_wrong_password_behind_an_open_name_is_tried_no_more_than_twice_and_then_left(broken: Broken) -> None:
    clock = ManualClock(1_795_000_000_000)
    camera = await broken(Fault.INFO_OPEN_TO_ALL)
    limits = dataclasses.replace(QUICK, deadline_s=10)
    async with CameraDriver(clock, limits=limits, allow_local=True) as driver:
        door, memory = door_of(camera, password=Secret("sai-roi-2026")), Memory()
        for turn in range(5):
            seen = await driver.look(door, memory, Depth.FULL)
            memory = seen.memory
            layer = Layer.STREAM if turn == 0 else Layer.LOGIN
            assert seen.layer(layer).cause is Cause.AUTH_FAILED
            await clock.advance(300)
        assert 0 < sum(each.is_wrong_login for each in camera.requests) <= 2
        memory = (await driver.look(door_of(camera, credential=1), memory, Depth.FULL)).memory
        assert memory.paused_until_ms == 0, "an edited password is tried at once"
        assert memory.auth is not AuthKind.NONE


async def test_a_camera_that_is_opened_later_is_found_out_within_a_day_and_once_it_is_shut_again(
    broken: Broken,
) -> None:
    clock = ManualClock(1_795_000_000_000)
    limits = dataclasses.replace(QUICK, deadline_s=10)
    camera = await broken()
    async with CameraDriver(clock, limits=limits, allow_local=True) as driver:
        seen = await driver.look(door_of(camera), Memory(), Depth.FULL)
        assert (seen.auth, seen.notes) == (AuthKind.WSSE, ())
        asked = sum(each.auth == "none" for each in camera.requests)
        await camera.break_(Fault.OPEN_TO_ALL)
        for later_s, noted in ((3_600, ()), (DAY_S, (Cause.OPEN_LOGIN,)), (60, (Cause.OPEN_LOGIN,))):
            await clock.advance(later_s)
            seen = await driver.look(door_of(camera), seen.memory, Depth.FULL)
            assert seen.auth is AuthKind.WSSE, "it is told the password as before"
            assert tuple(note for note in seen.notes if note in WEAK_LOGIN) == noted
        await camera.mend(Fault.OPEN_TO_ALL)
        await clock.advance(DAY_S)
        seen = await driver.look(door_of(camera), seen.memory, Depth.FULL)
        assert Cause.OPEN_LOGIN not in seen.notes
    assert not any(each.is_wrong_login for each in camera.requests)
    assert asked > 0


def test_what_is_remembered_of_it_survives_a_restart() -> None:
    memory = Memory(lets_anybody_in=True, asked_openly_ms=7)
    assert Memory.from_json(memory.as_json()) == memory


def test_every_password_that_the_manual_names_is_held_against_what_is_entered() -> None:
    text = (Path(__file__).parents[3] / "docs" / "cameras.md").read_text(encoding="utf-8")
    table = text.partition("| Maker | Factory login |")[2].partition("\n\n")[0]
    cells = [line.split("|")[2] for line in table.splitlines() if line.startswith("| ") and line.count("|") > 3]
    words = {word for cell in cells for word in re.split(r"[\s,;/]+", cell) if word}
    said = words - {"root", "or", "admin", "no", "password", "the", "model", "MAC"}
    assert len(said) > 25
    assert said <= FACTORY_PASSWORDS
