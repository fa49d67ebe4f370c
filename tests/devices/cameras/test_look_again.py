"""What is remembered from look to look: how to sign in, when not to, who the camera is; and never its password."""

import json
import logging
from dataclasses import replace

import pytest

from devices.cameras.driver import CameraDriver
from devices.clock import ManualClock
from devices.model.camera import AuthKind, BootSign, Cause, Depth, Layer, Memory, Secret, Status
from simulators.cameras.faults import Fault
from tests.devices.cameras.conftest import PASSWORD, QUICK, Broken, door_of

START_MS = 1_795_000_000_000


async def test_the_way_that_worked_is_tried_first(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken(Fault.AUTH_DIGEST_ONLY)
    memory = (await driver.look(door_of(camera), Memory())).memory
    assert memory.auth is AuthKind.DIGEST
    camera.requests.clear()
    assert (await driver.look(door_of(camera), memory)).status is Status.OK
    assert "wsse" not in [each.auth for each in camera.requests]


async def test_memory_kept_as_json_serves_as_well(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    first = await driver.look(door_of(camera), Memory(), Depth.PICTURE)
    again = Memory.from_json(json.loads(json.dumps(first.memory.as_json())))
    assert again == first.memory
    camera.requests.clear()
    assert (await driver.look(door_of(camera), again, Depth.PICTURE)).status is Status.OK
    assert "GetProfiles" not in [each.action for each in camera.requests]


async def test_a_refused_password_is_not_tried_into_a_lock(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken(Fault.LOCKS_OUT)
    door = door_of(camera, password=Secret("sai-roi"))
    memory = Memory()
    for _ in range(10):
        seen = await driver.look(door, memory, Depth.FULL)
        memory = seen.memory
        assert seen.layer(Layer.LOGIN).cause is Cause.AUTH_FAILED
    assert sum(each.is_wrong_login for each in camera.requests) == 2
    edited = door_of(camera, credential=1)
    assert (await driver.look(edited, memory)).status is Status.OK, "an edited password is tried at once"


async def test_after_the_pause_it_is_tried_once(broken: Broken) -> None:
    clock = ManualClock(START_MS)
    camera = await broken(Fault.WRONG_PASSWORD)
    async with CameraDriver(clock, limits=QUICK, allow_local=True) as driver:
        memory = (await driver.look(door_of(camera), Memory())).memory
        camera.requests.clear()
        await clock.advance(QUICK.pause_s + 1)
        memory = (await driver.look(door_of(camera), memory)).memory
        assert sum(each.is_wrong_login for each in camera.requests) == 1
        assert memory.paused_until_ms >= clock.now_ms() + 2 * 1000 * QUICK.pause_s - 1000


async def test_a_camera_that_says_it_is_locked_is_left_alone_for_as_long_as_it_says(
    broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken(Fault.LOCKED_OUT)
    seen = await driver.look(door_of(camera), Memory())
    assert seen.memory.locked
    assert seen.memory.paused_until_ms >= seen.at_ms + 30 * 60_000
    camera.requests.clear()
    again = await driver.look(door_of(camera), seen.memory)
    assert again.layer(Layer.LOGIN).cause is Cause.LOCKED_OUT
    assert {each.auth for each in camera.requests} == {"none"}
    await camera.mend()
    assert (await driver.look(door_of(camera), again.memory.forgive())).status is Status.OK


async def test_a_wrong_clock_is_blamed_before_the_password_where_it_may_be_why(
    broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken(Fault.CLOCK_PLUS_1H, Fault.AUTH_400, Fault.WRONG_PASSWORD)
    seen = await driver.look(door_of(camera), Memory())
    assert seen.layer(Layer.LOGIN).cause is Cause.AUTH_CLOCK
    assert sum(each.is_wrong_login for each in camera.requests) == 2


async def test_a_camera_whose_utc_is_local_time_is_signed_in_to_by_true_time(
    broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken(Fault.CLOCK_LOCAL_AS_UTC, Fault.AUTH_400)
    seen = await driver.look(door_of(camera), Memory())
    assert (seen.auth, seen.layer(Layer.LOGIN).ok) == (AuthKind.WSSE_OURS, True)
    assert seen.clock_offset_s == pytest.approx(7 * 3600, abs=3)
    camera.requests.clear()
    await driver.look(door_of(camera), seen.memory)
    assert not any(each.is_wrong_login for each in camera.requests)


async def test_without_a_password_a_camera_that_wants_one_says_so(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    seen = await driver.look(door_of(camera, user="", password=Secret("")), Memory(), Depth.FULL)
    assert (seen.layer(Layer.LOGIN).cause, seen.layer(Layer.STREAM).ok) == (Cause.NO_PASSWORD, None)
    assert seen.memory.paused_until_ms == 0


async def test_another_certificate_is_told_no_password(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken(Fault.TLS_SELF_SIGNED)
    first = await driver.look(door_of(camera), Memory())
    assert first.status is Status.OK
    assert len(first.fingerprint) == 64
    await camera.mend(Fault.TLS_SELF_SIGNED)
    await camera.break_(Fault.TLS_CHANGED)
    camera.requests.clear()
    for door, memory in (
        (door_of(camera), first.memory),
        (door_of(camera, fingerprint=first.fingerprint), Memory()),
    ):
        seen = await driver.look(door, memory, Depth.PICTURE)
        assert seen.cause is Cause.CERT_CHANGED
        assert "SHA-256" in seen.layer(Layer.CLOCK).detail
        assert not camera.requests


async def test_a_replaced_camera_is_noted_until_a_person_accepts_it(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    memory = (await driver.look(door_of(camera), Memory())).memory
    await camera.break_(Fault.REPLACED)
    for _ in range(2):
        seen = await driver.look(door_of(camera), memory)
        memory = seen.memory
        assert (seen.notes, seen.status) == ((Cause.REPLACED,), Status.WARNING)
    assert (await driver.look(door_of(camera), memory.meet_anew())).status is Status.OK


async def test_new_firmware_is_noted_once(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    memory = (await driver.look(door_of(camera), Memory())).memory
    await camera.break_(Fault.NEW_FIRMWARE)
    seen = await driver.look(door_of(camera), memory)
    assert (seen.notes, seen.status) == ((Cause.FIRMWARE_CHANGED,), Status.OK)
    assert (await driver.look(door_of(camera), seen.memory)).notes == ()


async def test_a_clock_that_jumps_back_hints_at_a_reboot(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken(Fault.CLOCK_LOST_AT_BOOT)
    memory = (await driver.look(door_of(camera), Memory())).memory
    await camera.reboot()
    seen = await driver.look(door_of(camera), memory)
    assert seen.boot_signs == (BootSign.CLOCK_BACK,)
    assert seen.layer(Layer.CLOCK).cause is Cause.CLOCK_INVALID
    assert seen.layer(Layer.LOGIN).ok, "it is signed in to by its own time"
    assert (await driver.look(door_of(camera), seen.memory)).boot_signs == ()


async def test_a_stream_that_moved_is_asked_for_again(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    memory = (await driver.look(door_of(camera), Memory(), Depth.FULL)).memory
    lost = replace(memory, stream_path="/live/gone")
    seen = await driver.look(door_of(camera), lost, Depth.FULL)
    assert seen.layer(Layer.STREAM).cause is Cause.STREAM_MISSING
    assert (await driver.look(door_of(camera), seen.memory, Depth.FULL)).status is Status.OK


async def test_a_slow_camera_is_slow_and_not_dead(broken: Broken) -> None:
    camera = await broken(Fault.SLOW_6S)
    async with CameraDriver(limits=replace(QUICK, deadline_s=8.0, slow_s=3.0), allow_local=True) as driver:
        seen = await driver.look(door_of(camera), Memory())
    assert (seen.layer(Layer.CLOCK).cause, seen.layer(Layer.LOGIN).ok) == (Cause.SLOW, None)
    assert seen.status is Status.WARNING


async def test_this_machine_is_no_camera_unless_allowed(broken: Broken) -> None:
    camera = await broken()
    async with CameraDriver(limits=QUICK) as strict:
        for host in ("127.0.0.1", "localhost", "::1", "169.254.169.254", "224.0.0.1", "0.0.0.0", "::ffff:127.0.0.1"):
            seen = await strict.look(door_of(camera, host=host), Memory())
            assert seen.layer(Layer.TCP).cause is Cause.ADDRESS_REFUSED, host
    assert not camera.accepted


async def test_a_name_that_leads_nowhere_is_its_own_cause(driver: CameraDriver, broken: Broken) -> None:
    seen = await driver.look(door_of(await broken(), host="khong-co.invalid"), Memory())
    assert seen.layer(Layer.TCP).cause is Cause.NAME_UNKNOWN


@pytest.mark.parametrize(
    "faults",
    [
        (),
        (Fault.AUTH_DIGEST_ONLY,),
        (Fault.WRONG_PASSWORD,),
        (Fault.STREAM_401,),
        (Fault.MALFORMED,),
        (Fault.RESET,),
        (Fault.TLS_SELF_SIGNED,),
    ],
    ids=str,
)
async def test_a_password_stands_in_no_log_no_repr_and_no_memory(
    faults: tuple[Fault, ...], broken: Broken, driver: CameraDriver, caplog: pytest.LogCaptureFixture
) -> None:
    camera = await broken(*faults)
    door = door_of(camera)
    with caplog.at_level(logging.DEBUG):
        seen = await driver.look(door, Memory(), Depth.PICTURE)
    said = "\n".join([caplog.text, repr(seen), repr(door), str(seen.memory.as_json()), repr(seen.layers)])
    for form in (PASSWORD, "Tuyet-Mat", "Tuyet-Mat%2F2026"):
        assert form not in said
