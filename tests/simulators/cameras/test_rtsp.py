"""RTSP as far as a health check goes."""

import asyncio

import pytest

from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.faults import Fault
from simulators.cameras.pictures import Gallery
from simulators.cameras.spec import MAIN, Profile, make_spec
from tests.simulators.cameras.asking import Said, digest, raw


def target(camera: SimulatedCamera, path: str = "/live/profile_1") -> str:
    return f"rtsp://127.0.0.1:{camera.rtsp_port}{path}"


async def describe(camera: SimulatedCamera, path: str = "/live/profile_1", *, password: str | None = None) -> Said:
    uri = target(camera, path)
    head = f"DESCRIBE {uri} RTSP/1.0\r\nCSeq: 2\r\nConnection: close"
    refused = await raw("127.0.0.1", camera.rtsp_port, head)
    assert refused.status == 401
    answer = digest(camera, refused.headers["www-authenticate"], "DESCRIBE", uri, password=password)
    return await raw("127.0.0.1", camera.rtsp_port, f"{head}\r\n{answer}".rstrip())


async def test_options_are_told_to_anybody(camera: SimulatedCamera) -> None:
    said = await raw(
        "127.0.0.1", camera.rtsp_port, f"OPTIONS {target(camera)} RTSP/1.0\r\nCSeq: 7\r\nConnection: close"
    )
    assert (said.status, said.headers["cseq"]) == (200, "7")
    assert "DESCRIBE" in said.headers["public"]


async def test_describe_wants_the_password_and_tells_the_codec(camera: SimulatedCamera) -> None:
    said = await describe(camera)
    assert (said.status, said.headers["content-type"]) == (200, "application/sdp")
    assert b"m=video" in said.body
    assert b"H264/90000" in said.body
    assert (await describe(camera, password="sai")).status == 401
    assert [(seen.service, seen.auth, seen.right) for seen in camera.requests] == [
        ("rtsp", "none", False),
        ("rtsp", "digest", True),
        ("rtsp", "none", False),
        ("rtsp", "digest", False),
    ]


async def test_h265_is_told_as_such_here_and_by_the_second_media_service_only(gallery: Gallery) -> None:
    main = Profile(token=MAIN.token, name="main", width=2560, height=1440, encoding="H265")
    async with SimulatedCamera(make_spec("c", profiles=(main,)), gallery=gallery) as camera:
        assert b"H265/90000" in (await describe(camera)).body


@pytest.mark.parametrize(
    ("fault", "status", "has", "has_not"),
    [
        (Fault.STREAM_404, 404, b"", b"m="),
        (Fault.STREAM_401, 401, b"", b"m="),
        (Fault.WRONG_PASSWORD, 401, b"", b"m="),
        (Fault.STREAM_453, 453, b"", b"m="),
        (Fault.STREAM_NO_VIDEO, 200, b"m=audio", b"m=video"),
        (Fault.STREAM_WRONG_CODEC, 200, b"H265/90000", b"H264"),
        (Fault.STREAM_GARBAGE, 200, b"\x00\x01\xba", b"m="),
    ],
)
async def test_streams_that_are_not_there(
    gallery: Gallery, fault: Fault, status: int, has: bytes, has_not: bytes
) -> None:
    async with SimulatedCamera(make_spec("c"), [fault], gallery=gallery) as camera:
        said = await describe(camera)
        assert said.status == status
        assert has in said.body
        assert has_not not in said.body


async def test_an_address_that_no_profile_has_is_not_found(camera: SimulatedCamera) -> None:
    assert (await describe(camera, "/live/khac")).status == 404


async def test_a_stream_may_hang_or_refuse_while_the_rest_is_well(gallery: Gallery) -> None:
    async with SimulatedCamera(make_spec("c"), [Fault.STREAM_HANG], gallery=gallery) as camera:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await describe(camera)
        await camera.mend()
        await camera.break_(Fault.STREAM_REFUSE)
        with pytest.raises(ConnectionRefusedError):
            await describe(camera)
        await camera.mend()
        assert (await describe(camera)).status == 200
