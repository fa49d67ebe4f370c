"""A simulated camera with which nothing is wrong."""

import asyncio
import base64
import io
import os

import pytest
from PIL import Image

from devices.clock import SystemClock
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.faults import Fault
from simulators.cameras.pictures import Gallery
from simulators.cameras.spec import AuthWay, make_spec
from tests.simulators.cameras.asking import ask, digest, envelope, raw, right_token, token

SNAPSHOT = "/onvif/snapshot/profile_1"


async def test_it_tells_the_time_to_anybody_and_who_it_is_to_those_who_know_the_password(
    camera: SimulatedCamera,
) -> None:
    time = await ask(camera, "GetSystemDateAndTime")
    assert (time.status, time.text("Year")) == (200, "2026") or int(time.text("Year")) > 2026
    assert (await ask(camera, "GetDeviceInformation")).status == 401
    told = await ask(camera, "GetDeviceInformation", login=True)
    assert (told.status, told.text("SerialNumber")) == (200, camera.spec.serial)
    assert [(seen.action, seen.auth, seen.right) for seen in camera.requests] == [
        ("GetSystemDateAndTime", "none", False),
        ("GetDeviceInformation", "none", False),
        ("GetDeviceInformation", "wsse", True),
    ]


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (token("admin", "khac"), "wrong password"),
        (token("admin", "khac", clear=True), "wrong password"),
        (token("ai-do", "mat-khau-thu"), "unknown user"),
    ],
)
async def test_a_wrong_login_is_refused_and_told_apart_in_the_journal(
    camera: SimulatedCamera, header: str, why: str
) -> None:
    said = await ask(camera, "GetDeviceInformation", header=header)
    assert said.status == 401
    assert b"NotAuthorized" in said.body
    assert camera.requests[-1].why == why
    assert camera.requests[-1].is_wrong_login


async def test_a_token_counts_once_and_only_near_its_own_time(camera: SimulatedCamera) -> None:
    header = right_token(camera)
    assert (await ask(camera, "GetScopes", header=header)).status == 200
    assert (await ask(camera, "GetScopes", header=header)).status == 401
    assert camera.requests[-1].why == "nonce seen before"
    user = camera.spec.users[0]
    late = token(user.name, user.password, at_ms=SystemClock().now_ms() - 121_000)
    assert (await ask(camera, "GetScopes", header=late)).status == 401
    assert camera.requests[-1].why == "not its time"


async def test_it_speaks_http_digest_too(camera: SimulatedCamera) -> None:
    challenge = (await ask(camera, "GetScopes")).headers["www-authenticate"]
    answer = digest(camera, challenge, "POST", "/onvif/device_service")
    assert (await ask(camera, "GetScopes", more=answer)).status == 200
    assert (await ask(camera, "GetScopes", more=answer)).status == 401, "a nonce count is used once"
    wrong = digest(camera, challenge, "POST", "/onvif/device_service", password="khac")
    assert (await ask(camera, "GetScopes", more=wrong)).status == 401
    assert [seen.auth for seen in camera.requests] == ["none", "digest", "digest", "digest"]


async def test_a_camera_that_knows_only_tokens_offers_no_digest(gallery: Gallery) -> None:
    spec = make_spec("c", auth=frozenset({AuthWay.WSSE}))
    async with SimulatedCamera(spec, gallery=gallery) as camera:
        refused = await ask(camera, "GetScopes")
        assert (refused.status, refused.headers.get("www-authenticate")) == (400, None)


async def test_users_may_look_and_only_administrators_see_the_accounts(camera: SimulatedCamera) -> None:
    looker = camera.spec.users[1]
    assert (await ask(camera, "GetProfiles", service="trt", header=token(looker.name, looker.password))).status == 200
    refused = await ask(camera, "GetUsers", header=token(looker.name, looker.password))
    assert b"OperationProhibited" in refused.body
    assert "giamsat" in (await ask(camera, "GetUsers", login=True)).body.decode()


@pytest.mark.parametrize("action", ["SetSystemDateAndTime", "SystemReboot", "SetScopes", "CreateUsers", "GetDot1XAll"])
async def test_nothing_can_be_set_and_who_tries_is_in_the_journal(camera: SimulatedCamera, action: str) -> None:
    refused = await ask(camera, action, login=True)
    assert (refused.status, b"ActionNotSupported" in refused.body) == (500, True)
    assert camera.requests[-1].is_write is (not action.startswith("Get"))


async def test_pictures_need_a_login_and_move(camera: SimulatedCamera) -> None:
    async def shoot() -> bytes:
        refused = await raw(camera.host, camera.port, f"GET {SNAPSHOT} HTTP/1.1\r\nConnection: close")
        answer = digest(camera, refused.headers["www-authenticate"], "GET", SNAPSHOT)
        said = await raw(camera.host, camera.port, f"GET {SNAPSHOT} HTTP/1.1\r\nConnection: close\r\n{answer}".rstrip())
        assert (said.status, said.headers["content-type"]) == (200, "image/jpeg")
        return said.body

    first, second = await shoot(), await shoot()
    assert first != second
    assert Image.open(io.BytesIO(first)).size == camera.spec.size


async def test_one_connection_serves_many_calls_and_even_two_at_once(camera: SimulatedCamera) -> None:
    reader, writer = await asyncio.open_connection(camera.host, camera.port)
    body = envelope("tds", "GetHostname")
    one = f"POST /onvif/device_service HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    for questions in (1, 2):
        writer.write(one * questions)
        for _ in range(questions):
            assert camera.spec.hostname.encode() in await reader.readuntil(b"Envelope>")
    assert (camera.accepted, camera.connections) == (1, 1)
    writer.close()
    await writer.wait_closed()


async def test_who_talks_and_never_listens_is_cut_off(gallery: Gallery) -> None:
    async with SimulatedCamera(make_spec("c"), [Fault.HANG], gallery=gallery) as camera:
        _, writer = await asyncio.open_connection(camera.host, camera.port)
        writer.write(b"POST /onvif/device_service HTTP/1.1\r\nContent-Length: 2\r\n\r\nxx" + bytes(1_000_000))
        async with asyncio.timeout(5):
            while camera.connections or not camera.accepted:
                await asyncio.sleep(0.01)
        writer.close()


async def test_the_same_seed_is_the_same_camera_and_another_code_is_another() -> None:
    assert make_spec("a", seed=1) == make_spec("a", seed=1)
    one, other = make_spec("a", seed=1), make_spec("b", seed=1)
    assert len({one.uuid, other.uuid}) == len({one.serial, other.serial}) == len({one.mac, other.mac}) == 2
    assert one.users[0].password != other.users[0].password


@pytest.mark.parametrize(
    "head",
    [
        "GARBAGE",
        "POST /onvif/device_service HTTP/1.1\r\nContent-Length: x",
        "POST /onvif/device_service HTTP/1.1\r\nTransfer-Encoding: chunked",
        "POST /onvif/device_service HTTP/1.1\r\nContent-Length: 99999999",
        "POST /onvif/device_service HTTP/1.1\r\nConnection: close\r\nContent-Length: 0",
        "GET /onvif/device_service HTTP/1.1\r\nConnection: close",
        "GET /cgi-bin/admin HTTP/1.1\r\nConnection: close",
    ],
)
async def test_what_is_not_onvif_is_refused_and_harms_nothing(camera: SimulatedCamera, head: str) -> None:
    assert 400 <= (await raw(camera.host, camera.port, head)).status < 500
    assert (await ask(camera, "GetSystemDateAndTime")).status == 200


async def test_the_journal_holds_no_password(camera: SimulatedCamera) -> None:
    secret = camera.spec.users[0].password
    await ask(camera, "GetScopes", header=token("admin", secret, clear=True))
    await ask(camera, "GetScopes", header=token("admin", secret, nonce=os.urandom(8)))
    assert camera.requests[-1].right
    assert secret not in repr(list(camera.requests))
    assert base64.b64encode(secret.encode()).decode() not in repr(list(camera.requests))


async def test_a_camera_that_is_open_to_all_asks_nobody_for_a_password(gallery: Gallery) -> None:
    async with SimulatedCamera(make_spec("c"), (Fault.OPEN_TO_ALL,), gallery=gallery) as camera:
        assert (await ask(camera, "GetDeviceInformation")).status == 200
        assert [(each.auth, each.right) for each in camera.requests] == [("none", True)]
        await camera.mend(Fault.OPEN_TO_ALL)
        assert (await ask(camera, "GetDeviceInformation")).status == 401
        await camera.break_(Fault.INFO_OPEN_TO_ALL)
        assert (await ask(camera, "GetDeviceInformation")).status == 200
        assert (await ask(camera, "GetNetworkInterfaces")).status == 401
