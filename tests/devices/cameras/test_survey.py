"""onvif-zeep as we use it: it reads all of a camera, leaves nothing behind on it, and none of its own traps is open."""

import asyncio
import logging
import os

import pytest

from devices.cameras.driver import CameraDriver
from devices.cameras.limits import Limits
from devices.cameras.line import Line
from devices.cameras.login import Login
from devices.cameras.soap import DEVICE, EVENTS, MEDIA
from devices.cameras.wsdl import Library
from devices.cameras.zeepline import connect, trouble
from devices.clock import SystemClock
from devices.errors import CameraTrouble
from devices.model.camera import AuthKind, Cause, Memory, Secret
from simulators.cameras.events import Topic
from simulators.cameras.faults import Fault
from tests.devices.cameras.conftest import PASSWORD, Broken, door_of


async def test_a_survey_reads_who_and_what_a_camera_is(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    found = await driver.survey(door_of(camera))
    spec = camera.spec
    assert (found.device.serial, found.device.mac, found.device.uuid) == (spec.serial, spec.mac, str(spec.uuid))
    assert found.services[MEDIA] == "/onvif/media_service"
    assert {DEVICE, MEDIA, EVENTS} <= set(found.services)
    assert found.onvif == ("Streaming", "T")
    assert [each.name for each in found.profiles] == ["mainStream", "subStream"]
    assert (found.hostname, found.events, found.refused) == (spec.hostname, True, ())
    assert found.ntp == ("vn.pool.ntp.org",)
    assert found.stream_uri == f"rtsp://127.0.0.1:{camera.rtsp_port}/live/profile_2"
    assert found.memory.device == found.device


async def test_twelve_surveys_leave_no_subscription_and_change_nothing(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    memory = Memory()
    for _ in range(12):
        memory = (await driver.survey(door_of(camera), memory)).memory
    assert camera.events.subscriptions == 0
    assert not [each.action for each in camera.requests if each.is_write or each.is_wrong_login]


@pytest.mark.parametrize(
    "fault",
    [Fault.AUTH_DIGEST_ONLY, Fault.CLOCK_MINUS_1H, Fault.CLOCK_STRICT, Fault.OUT_OF_ORDER, Fault.XADDR_FOREIGN,
     Fault.XADDR_LOOPBACK, Fault.XADDR_NO_PATH, Fault.NOT_UTF8, Fault.TLS_SELF_SIGNED, Fault.IPV6_ONLY, Fault.SOAP_11],
)  # fmt: skip
async def test_what_the_lean_path_takes_the_survey_takes_too(
    fault: Fault, broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken(fault)
    found = await driver.survey(door_of(camera))
    assert found.device.mac == camera.spec.mac
    assert not [each for each in camera.requests if each.is_wrong_login]


async def test_a_call_that_a_camera_does_not_offer_is_told_and_the_rest_is_read(
    broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken(Fault.NO_HOSTNAME)
    found = await driver.survey(door_of(camera))
    assert [each.partition(":")[0] for each in found.refused] == ["GetHostname"]
    assert found.device.uuid == str(camera.spec.uuid)


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (Fault.REFUSE, Cause.REFUSED),
        (Fault.HANG, Cause.TIMEOUT),
        (Fault.WRONG_PASSWORD, Cause.AUTH_FAILED),
        (Fault.ENTITY_BOMB, Cause.SUSPICIOUS),
        (Fault.GZIP_BOMB, Cause.SUSPICIOUS),
        (Fault.REDIRECT, Cause.SUSPICIOUS),
        (Fault.CUT_IN_VALUE, Cause.PROTOCOL_ERROR),
        (Fault.LOGIN_PAGE, Cause.NOT_ONVIF),
    ],
)
async def test_a_survey_that_cannot_be_made_says_why(
    fault: Fault, cause: Cause, broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken(fault)
    with pytest.raises(CameraTrouble) as caught:
        await driver.survey(door_of(camera))
    assert caught.value.cause is cause
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    "fault", [Fault.ENTITY_BOMB, Fault.HUGE_ELEMENT, Fault.DRIP, Fault.CUT_IN_VALUE, Fault.REDIRECT]
)
async def test_a_camera_that_turns_hostile_in_the_middle_is_stopped_by_the_same_limits(
    fault: Fault, broken: Broken, driver: CameraDriver
) -> None:
    camera = await broken()
    sighting = await driver.look(door_of(camera), Memory())
    await camera.break_(fault)
    limits, clock, loop = Limits(deadline_s=1.0), SystemClock(), asyncio.get_running_loop()
    async with Line(door_of(camera), camera.host, limits, clock) as line:
        login = Login(line, sighting.memory, limits, clock)
        login.kind = AuthKind.WSSE
        with pytest.raises(CameraTrouble):
            await loop.run_in_executor(None, connect, door_of(camera), login, Library(), loop)


async def test_the_topic_of_an_event_is_not_lost_and_writing_is_impossible(
    broken: Broken, driver: CameraDriver, caplog: pytest.LogCaptureFixture
) -> None:
    camera = await broken()
    sighting = await driver.look(door_of(camera), Memory())
    clock, loop = SystemClock(), asyncio.get_running_loop()
    with caplog.at_level(logging.DEBUG):
        async with Line(door_of(camera), camera.host, Limits(), clock) as line:
            login = Login(line, sighting.memory, Limits(), clock)
            login.kind = sighting.auth
            topics, said = await loop.run_in_executor(None, _pull, door_of(camera), login, loop)
    assert set(topics) == {Topic.MOTION, Topic.TAMPER}
    assert said.cause is Cause.PROTOCOL_ERROR
    assert not [each.action for each in camera.requests if each.is_write]
    assert PASSWORD not in caplog.text
    assert "PasswordDigest" not in caplog.text, "a digest can be guessed from at leisure"


def _pull(door: object, login: Login, loop: asyncio.AbstractEventLoop) -> tuple[list[str], CameraTrouble]:
    camera = connect(door, login, Library(), loop)  # type: ignore[arg-type]
    camera.create_events_service()
    made = camera.events.CreatePullPointSubscription()
    camera.xaddrs[f"{EVENTS}/PullPointSubscription"] = made.SubscriptionReference.Address._value_1
    pull = camera.create_pullpoint_service()
    messages = pull.PullMessages({"Timeout": "PT1S", "MessageLimit": 10}).NotificationMessage
    try:
        camera.devicemgmt.SystemReboot()
    except Exception as error:  # noqa: BLE001 - onvif-zeep wraps it in its own
        return [each.Topic._value_1 for each in messages], trouble(error)
    raise AssertionError("it let a camera be rebooted")


async def test_importing_onvif_zeep_leaves_logging_and_proxies_as_they_were(
    broken: Broken, driver: CameraDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    handlers = list(logging.getLogger().handlers)
    camera = await broken()
    await driver.survey(door_of(camera, password=Secret(PASSWORD)))
    assert logging.getLogger().handlers == handlers
    assert os.environ["http_proxy"] == "http://127.0.0.1:9"


def test_the_descriptions_are_where_the_wheel_put_them_and_are_read_once() -> None:
    library = Library()
    assert library.document("devicemgmt.wsdl") is library.document("devicemgmt.wsdl")
    with pytest.raises(CameraTrouble):
        Library(library.folder / "nowhere")
