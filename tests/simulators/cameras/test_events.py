"""PullPoint subscriptions: few, mortal, and gone after a reboot."""

import asyncio
import re

import pytest

from devices.clock import ManualClock
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.events import Topic
from simulators.cameras.faults import Fault
from simulators.cameras.pictures import Gallery
from simulators.cameras.spec import make_spec
from tests.simulators.cameras.asking import Said, ask, token
from tests.simulators.station import THURSDAY_0530

WSNT = "http://docs.oasis-open.org/wsn/b-2"


async def call(camera: SimulatedCamera, action: str, inside: str = "", *, path: str = "") -> Said:
    """Ask as the camera's own clock has it: here time is told, and not the machine's."""
    user = camera.spec.users[0]
    header = token(user.name, user.password, at_ms=camera.state.body.now_ms())
    service = "wsnt" if action in {"Renew", "Unsubscribe"} else "tev"
    return await ask(camera, action, service=service, inside=inside, header=header, path=path or "/onvif/event_service")


async def subscribe(camera: SimulatedCamera, lasts: str = "PT60S") -> str:
    """Return the path of a new subscription."""
    inside = f"<q:InitialTerminationTime>{lasts}</q:InitialTerminationTime>"
    said = await call(camera, "CreatePullPointSubscription", inside)
    assert said.status == 200
    return "/" + said.text("Address").partition("://")[2].partition("/")[2]


async def pull(camera: SimulatedCamera, path: str, *, timeout: str = "PT0S", limit: int = 10) -> Said:
    inside = f"<q:Timeout>{timeout}</q:Timeout><q:MessageLimit>{limit}</q:MessageLimit>"
    return await call(camera, "PullMessages", inside, path=path)


def told(said: Said) -> list[tuple[str, str]]:
    text = said.body.decode()
    topics = re.findall(r"<wsnt:Topic [^>]*>([^<]+)<", text)
    values = re.findall(r'<tt:Data><tt:SimpleItem Name="\w+" Value="(\w+)"', text)
    return list(zip(topics, values, strict=True))


async def test_a_new_subscriber_is_told_how_things_stand_and_then_what_changes(camera: SimulatedCamera) -> None:
    path = await subscribe(camera)
    assert told(await pull(camera, path)) == [(Topic.MOTION, "false"), (Topic.TAMPER, "false")]
    assert told(await pull(camera, path)) == []
    camera.events.happens(Topic.MOTION)
    assert told(await pull(camera, path)) == [(Topic.MOTION, "true")]
    assert told(await pull(camera, await subscribe(camera)))[0] == (Topic.MOTION, "true")


async def test_a_long_poll_ends_when_something_happens(camera: SimulatedCamera) -> None:
    path = await subscribe(camera)
    await pull(camera, path)
    pulling = asyncio.ensure_future(pull(camera, path, timeout="PT30S"))
    await asyncio.wait([pulling], timeout=0.1)
    assert not pulling.done()
    camera.events.happens(Topic.TAMPER)
    async with asyncio.timeout(5):
        assert told(await pulling) == [(Topic.TAMPER, "true")]


async def test_what_is_not_fetched_is_kept_to_a_limit_and_given_in_parts(camera: SimulatedCamera) -> None:
    path = await subscribe(camera)
    for _ in range(150):
        camera.events.happens(Topic.MOTION)
    assert [len(told(await pull(camera, path, limit=60))) for _ in range(3)] == [60, 40, 0]


async def test_there_are_few_and_the_next_is_refused(gallery: Gallery) -> None:
    async with SimulatedCamera(make_spec("c", max_subscriptions=2), gallery=gallery) as camera:
        first = await subscribe(camera)
        await subscribe(camera)
        refused = await call(camera, "CreatePullPointSubscription")
        assert (refused.status, b"maximum number" in refused.body) == (500, True)
        assert (await call(camera, "Unsubscribe", path=first)).status == 200
        await subscribe(camera)
        await camera.break_(Fault.EVENTS_FULL)
        assert (await call(camera, "CreatePullPointSubscription")).status == 500


async def test_they_end_unless_renewed(gallery: Gallery) -> None:
    clock = ManualClock(THURSDAY_0530)
    async with SimulatedCamera(make_spec("c"), clock=clock, gallery=gallery) as camera:
        kept, left = await subscribe(camera, "PT1M"), await subscribe(camera, "PT1M")
        await clock.advance(50)
        inside = "<q:TerminationTime>PT60S</q:TerminationTime>"
        assert (await call(camera, "Renew", inside, path=kept)).status == 200
        await clock.advance(15)
        assert camera.events.subscriptions == 1
        assert (await pull(camera, kept)).status == 200
        assert b"ResourceUnknown" in (await pull(camera, left)).body


async def test_a_reboot_loses_them_and_ends_long_polls(camera: SimulatedCamera) -> None:
    path = await subscribe(camera)
    await pull(camera, path)
    pulling = asyncio.ensure_future(pull(camera, path, timeout="PT30S"))
    await asyncio.wait([pulling], timeout=0.1)
    await camera.reboot()
    async with asyncio.timeout(5):
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await pulling
    assert b"ResourceUnknown" in (await pull(camera, path)).body


@pytest.mark.parametrize(("fault", "same"), [(None, True), (Fault.EVENTS_MOVE_AT_BOOT, False)])
async def test_after_a_boot_addresses_may_be_new(gallery: Gallery, fault: Fault | None, same: bool) -> None:
    async with SimulatedCamera(make_spec("c"), [fault] if fault else [], gallery=gallery) as camera:
        before = await subscribe(camera)
        await camera.reboot()
        assert (await subscribe(camera) == before) is same


async def test_faults_of_the_event_service(gallery: Gallery) -> None:
    async with SimulatedCamera(make_spec("c"), gallery=gallery) as camera:
        path, other = await subscribe(camera), await subscribe(camera)
        await camera.break_(Fault.EVENTS_NO_RENEW)
        assert b"ActionNotSupported" in (await call(camera, "Renew", path=path)).body
        await camera.mend()
        await camera.break_(Fault.EVENTS_PULL_CLOSES)
        with pytest.raises(asyncio.IncompleteReadError):
            await pull(camera, path)
        await camera.mend()
        await camera.break_(Fault.EVENTS_404)
        assert (await call(camera, "GetEventProperties")).status == 404
        assert b"event_service" in (await ask(camera, "GetCapabilities")).body, "and yet it advertises them"
        await camera.mend()
        await camera.break_(Fault.EVENTS_UNSUBSCRIBE_ALL)
        await call(camera, "Unsubscribe", path=path)
        assert (camera.events.subscriptions, (await pull(camera, other)).status) == (0, 400)


async def test_a_pull_that_makes_no_sense_is_refused_and_the_connection_lives(camera: SimulatedCamera) -> None:
    path = await subscribe(camera)
    inside = "<q:Timeout>PT1S</q:Timeout><q:MessageLimit>nhiều</q:MessageLimit>"
    assert (await call(camera, "PullMessages", inside, path=path)).status == 400


async def test_a_camera_without_events_says_so(gallery: Gallery) -> None:
    async with SimulatedCamera(make_spec("c", events=False), gallery=gallery) as camera:
        assert b"event_service" not in (await ask(camera, "GetServices")).body
        assert (await call(camera, "CreatePullPointSubscription")).status == 500
