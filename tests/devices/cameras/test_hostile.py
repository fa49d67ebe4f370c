"""Servers that are no cameras and mean no good: each costs one camera one deadline, and gets nothing for it."""
# ruff: noqa: E501 - a table of answers, one a line

import asyncio
import contextlib
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from devices.cameras.driver import CameraDriver
from devices.cameras.limits import Limits
from devices.cameras.rtsp import describe
from devices.clock import SystemClock
from devices.model.camera import Cause, Depth, Door, Layer, Memory, Secret, Status
from simulators.cameras.faults import Fault
from tests.devices.cameras.conftest import PASSWORD, QUICK, Broken, door_of

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def server(talk: Talk, host: str = "127.0.0.1") -> AsyncIterator[tuple[int, list[bytes]]]:
    """Serve ``talk`` after reading one request; give the port, and what was heard."""
    heard: list[bytes] = []
    writers: list[asyncio.StreamWriter] = []

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            heard.append(await reader.read(65_536))
            await talk(reader, writer)
        writer.close()

    made = await asyncio.start_server(one, host, 0)
    try:
        yield made.sockets[0].getsockname()[1], heard
    finally:
        made.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.05)


def says(*parts: bytes, pause_s: float = 0.0, times: int = 1) -> Talk:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _turn in range(times):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause_s)

    return talk


def door(port: int) -> Door:
    return Door(host="127.0.0.1", port=port, user="admin", password=Secret(PASSWORD))


OK = b"HTTP/1.1 200 OK\r\n"
HOSTILE = {
    "endless head": (says(b"X: " + b"a" * 4_000 + b"\r\n", times=100_000), {Cause.PROTOCOL_ERROR, Cause.TIMEOUT, Cause.CONNECTION_LOST}),
    "head that never ends": (says(OK + b"X: y", pause_s=60), {Cause.TIMEOUT}),
    "a byte at a time": (says(*(bytes([each]) for each in OK), pause_s=0.3), {Cause.TIMEOUT}),
    "endless chunks": (says(OK + b"Transfer-Encoding: chunked\r\n\r\n", *[b"4000\r\n" + b"a" * 0x4000 + b"\r\n"] * 200), {Cause.SUSPICIOUS}),
    "no HTTP": (says(b"\x16\x03\x01\x02\x00\x01"), {Cause.PROTOCOL_ERROR, Cause.CONNECTION_LOST}),
    "SSH": (says(b"SSH-2.0-dropbear\r\n"), {Cause.PROTOCOL_ERROR, Cause.CONNECTION_LOST}),
    "hangs up": (says(), {Cause.CONNECTION_LOST}),
    "negative length": (says(OK + b"Content-Length: -5\r\n\r\n"), {Cause.PROTOCOL_ERROR}),
    "lies about its length": (says(OK + b"Content-Length: 999\r\n\r\nabc"), {Cause.PROTOCOL_ERROR}),
    "says 2 GB": (says(OK + b"Content-Length: 2147483648\r\n\r\nabc"), {Cause.SUSPICIOUS}),
    "chunks of less than nothing": (says(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n0\r\n\r\n"), {Cause.PROTOCOL_ERROR}),
    "a chunk of 4 GB": (says(OK + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n"), {Cause.SUSPICIOUS}),
    "chunks of one byte": (says(OK + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\na\r\n"] * 100_000), {Cause.TIMEOUT, Cause.SUSPICIOUS, Cause.NOT_ONVIF, Cause.PROTOCOL_ERROR}),
    "packed in chunks": (says(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), {Cause.PROTOCOL_ERROR}),
    "two lengths": (says(OK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd"), {Cause.PROTOCOL_ERROR}),
    "thousands of headers": (says(OK + b"X: y\r\n" * 5_000 + b"\r\n"), {Cause.PROTOCOL_ERROR}),
    "a redirect that is no address": (says(b"HTTP/1.1 302 X\r\nLocation: http://[::1/x\r\nContent-Length: 0\r\n\r\n"), {Cause.SUSPICIOUS}),
    "an entity in UTF-16": (says(OK + b"Connection: close\r\n\r\n" + '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16")), {Cause.SUSPICIOUS}),
    "a quarter of a million elements": (says(OK + b"Connection: close\r\n\r\n<a>" + b"<b/>" * 250_000 + b"</a>"), {Cause.NOT_ONVIF}),
    "60,000 attributes": (says(OK + b"Connection: close\r\n\r\n<a " + b" ".join(b'x%d="1"' % each for each in range(60_000)) + b"/>"), {Cause.NOT_ONVIF}),
    "deflate": (says(OK + b"Content-Encoding: deflate\r\nContent-Length: 3\r\n\r\nabc"), {Cause.SUSPICIOUS}),
    "redirect to the cloud": (says(b"HTTP/1.1 307 T\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n"), {Cause.SUSPICIOUS}),
    "redirect to HTTPS": (says(b"HTTP/1.1 301 M\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"), {Cause.NOT_ONVIF}),
    "wants to be a proxy": (says(b"HTTP/1.1 407 P\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"), {Cause.NOT_ONVIF}),
    "switches protocols": (says(b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), {Cause.NOT_ONVIF, Cause.TIMEOUT, Cause.PROTOCOL_ERROR}),
    "only goes on": (says(b"HTTP/1.1 100 Continue\r\n\r\n", pause_s=0.01, times=100_000), {Cause.TIMEOUT, Cause.PROTOCOL_ERROR}),
    "cookies": (says(OK + b"Set-Cookie: a=b\r\n" * 50 + b"Content-Length: 0\r\n\r\n"), {Cause.NOT_ONVIF}),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_server_costs_one_deadline_and_hears_no_password(name: str, driver: CameraDriver) -> None:
    talk, causes = HOSTILE[name]
    async with server(talk) as (port, heard):
        began = time.monotonic()
        seen = await driver.look(door(port), Memory(), Depth.PICTURE)
        took_s = time.monotonic() - began
    assert seen.layer(Layer.CLOCK).cause in causes, seen.layers
    assert seen.layer(Layer.LOGIN).ok is None
    assert seen.status is not Status.OK
    assert len(heard) == 1
    assert not any(b"Authorization" in each or b"UsernameToken" in each for each in heard)
    # the promise, with room for a busy machine
    assert took_s < QUICK.deadline_s + 4


@pytest.mark.parametrize("fault", [Fault.HUGE_ELEMENT, Fault.GZIP_BOMB, Fault.ENDLESS, Fault.ENTITY_BOMB, Fault.DEEP])
async def test_a_bomb_takes_no_memory(fault: Fault, broken: Broken, driver: CameraDriver) -> None:
    camera = await broken(fault)
    tracemalloc.start()
    try:
        await driver.look(door_of(camera), Memory(), Depth.FULL)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


async def test_lies_lead_nobody_to_another_host(broken: Broken, driver: CameraDriver) -> None:
    """A trap stands where the lies lead, and nobody comes."""
    trap = server(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), host="127.0.0.2")
    async with trap as (port, heard):
        for fault in (Fault.XADDR_FOREIGN, Fault.STREAM_FOREIGN, Fault.SNAPSHOT_FOREIGN, Fault.REDIRECT):
            camera = await broken(fault)
            camera.state.elsewhere = f"127.0.0.2:{port}"
            await driver.look(door_of(camera), Memory(), Depth.PICTURE)
            if fault is not Fault.REDIRECT:
                await driver.survey(door_of(camera))
    assert heard == []


async def test_a_third_of_the_cameras_hanging_delays_none_of_the_others(broken: Broken, driver: CameraDriver) -> None:
    hanging = [await broken(Fault.HANG) for _ in range(6)]
    well = [await broken() for _ in range(14)]
    done: list[float] = []

    async def one(camera: object) -> Status:
        seen = await driver.look(door_of(camera), Memory())  # type: ignore[arg-type]
        done.append(time.monotonic())
        return seen.status

    async with asyncio.TaskGroup() as group:
        bad = [group.create_task(one(each)) for each in hanging]
        good = [group.create_task(one(each)) for each in well]
    assert {each.result() for each in good} == {Status.OK}
    assert {each.result() for each in bad} == {Status.CRITICAL}
    order = sorted(done)
    assert order[13] < order[14], "all that are well were done before any that hangs was given up"
    assert order[19] - order[13] > 0.1


RTSP = {
    "endless head": says(b"RTSP/1.0 200 OK\r\n", b"X: " + b"a" * 60_000 + b"\r\n", b"a" * 60_000),
    "no length that is one": says(b"RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n"),
    "2 GB": says(b"RTSP/1.0 200 OK\r\nContent-Length: 2147483648\r\n\r\n"),
    "cut": says(b"RTSP/1.0 200 OK\r\nContent-Length: 99\r\n\r\nv=0"),
    "HTTP": says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "hangs up": says(),
    "drips": says(*(bytes([each]) for each in b"RTSP/1.0 200 OK"), pause_s=0.3),
}


@pytest.mark.parametrize("name", RTSP)
async def test_a_stream_server_that_talks_nonsense_is_down(name: str) -> None:
    async with server(RTSP[name]) as (port, _):
        found = await describe(
            door(port), "127.0.0.1", port, "/live", limits=Limits(connect_s=0.5, deadline_s=1.0), clock=SystemClock()
        )
    assert found.cause is Cause.STREAM_DOWN


async def test_a_stream_that_wants_the_password_in_clear_does_not_get_it() -> None:
    refusal = b'RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n'
    async with server(says(refusal)) as (port, heard):
        found = await describe(door(port), "127.0.0.1", port, "/live", limits=QUICK, clock=SystemClock())
    assert found.cause is Cause.STREAM_AUTH
    assert "Basic" in found.detail
    assert b"Authorization" not in b"".join(heard)
