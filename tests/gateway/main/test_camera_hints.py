"""What a camera's own words are worth, and the driver's ears over real sockets."""

import asyncio

import pytest

from devices.cameras.driver import CameraDriver
from devices.cameras.events import CameraEvent, EventKind
from devices.clock import SystemClock
from devices.model.camera import Depth, Found
from gateway.main.camera_eyes import DriverEyes, hint_of
from gateway.ports.cameras import Door, Happened, Hint
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.events import Topic
from simulators.cameras.faults import Fault
from simulators.cameras.spec import make_spec


def event(kind: EventKind, value: bool | str = True, *, first: bool = False) -> CameraEvent:
    return CameraEvent(at_ms=0, kind=kind, topic="tns1:X", value=value, first=first)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        (event(EventKind.TAMPER), Hint.TROUBLE),
        (event(EventKind.TAMPER, value=False), Hint.PULSE),
        (event(EventKind.TAMPER, first=True), Hint.PULSE),
        (event(EventKind.SIGNAL_LOSS), Hint.TROUBLE),
        (event(EventKind.TOO_DARK), Hint.TROUBLE),
        (event(EventKind.REBOOT, "2026-11-26T05:30:00Z"), Hint.TROUBLE),
        (event(EventKind.MOTION), Hint.PULSE),
        (event(EventKind.MOTION, value=False), Hint.CALM),
        (event(EventKind.STORAGE), Hint.PULSE),
        (event(EventKind.OTHER, "rm -rf"), Hint.PULSE),
    ],
)
def test_only_what_touches_the_picture_is_a_reason_to_look(said: CameraEvent, hint: Hint) -> None:
    assert hint_of(said) is hint


async def test_a_camera_that_is_tampered_with_is_heard_and_why_it_stopped_is_told() -> None:
    clock = SystemClock()
    password = "Nghe-Thu-2026"
    async with (
        SimulatedCamera(make_spec("cam-nghe", password=password)) as camera,
        CameraDriver(clock, allow_local=True) as driver,
    ):
        eyes = DriverEyes(driver, driver_search, zone="Asia/Ho_Chi_Minh", clock=clock)
        door = Door(
            host=camera.host, port=camera.port, tls=False, fingerprint="", user="admin", password=password, credential=1
        )
        memory = (await eyes.look(door, {}, Depth.FULL)).memory
        heard: list[Hint] = []
        happenings: list[Happened] = []
        trouble = asyncio.Event()

        def told(hint: Hint, happened: Happened | None = None) -> None:
            heard.append(hint)
            happenings.extend([] if happened is None else [happened])
            if hint is Hint.TROUBLE:
                trouble.set()

        listening = asyncio.create_task(eyes.listen(door, memory, told=told))
        async with asyncio.timeout(30):
            while not camera.events.subscriptions:
                await asyncio.sleep(0.02)
            camera.events.happens(Topic.TAMPER, value=True)
            await trouble.wait()
            await camera.break_(Fault.EVENTS_404)
            camera.events.forget()
            why = await listening
        assert heard[0] is Hint.PULSE
        assert heard.count(Hint.TROUBLE) == 1
        assert [(each.kind, each.on) for each in happenings] == [("tamper", True)], "what it said of itself is no event"
        assert why
        assert password not in why


async def driver_search(seconds: float) -> list[Found]:
    raise AssertionError(f"nobody searches here, for {seconds} s")
