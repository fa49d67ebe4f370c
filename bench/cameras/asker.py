"""Those who ask: ``python asker.py KIND PORT CAMERAS AT_ONCE``; prints one JSON object.

Started with whatever Python has the library, so it imports nothing before it knows its kind.
"""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

_PAGE = os.sysconf("SC_PAGE_SIZE")
USER, PASSWORD = "admin", "bench"


def addresses(count: int) -> list[str]:
    """Return ``count`` loopback addresses, each a camera of its own."""
    return [f"127.1.{n // 250}.{n % 250 + 1}" for n in range(count)]


def _rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


async def _all(count: int, at_once: int, one: Callable[[int], Awaitable[object]]) -> None:
    """Ask every camera once, ``at_once`` of them at a time."""
    numbers = iter(range(count))

    async def worker() -> None:
        for n in numbers:
            await one(n)

    await asyncio.gather(*(worker() for _ in range(min(at_once, count))))


async def ours(port: int, count: int, at_once: int) -> dict[str, Any]:
    """TCP, clock and login of every camera, judged, remembered: what the gateway does every minute."""
    from devices.cameras.driver import CameraDriver
    from devices.model.camera import Depth, Door, Memory, Secret

    doors = [Door(host=host, port=port, user=USER, password=Secret(PASSWORD)) for host in addresses(count)]
    memories: list[Memory] = [Memory()] * count
    bad = 0

    async with CameraDriver(allow_local=True) as driver:

        async def one(n: int) -> None:
            nonlocal bad
            seen = await driver.look(doors[n], memories[n], Depth.MINUTE)
            memories[n] = seen.memory
            bad += not all(layer.ok for layer in seen.layers[:3])

        before = _rss_bytes()
        await _all(count, at_once, one)  # the first meeting finds out how to log in
        timed = await _timed(lambda: _all(count, at_once, one))
        return {**timed, "bytes": (_rss_bytes() - before) / count, "bad": bad}


def _bodies() -> list[bytes]:
    from datetime import UTC, datetime

    from devices.cameras.soap import DEVICE, envelope, security
    from devices.model.camera import Secret

    token = security(USER, Secret(PASSWORD), created=datetime.now(UTC), nonce=os.urandom(16))
    return [envelope(DEVICE, "GetSystemDateAndTime"), envelope(DEVICE, "GetDeviceInformation", security=token)]


async def raw(port: int, count: int, at_once: int) -> dict[str, Any]:
    """The limit: the same two bodies over sockets that stand already, and the answers parsed. No HTTP library."""
    from lxml import etree

    hosts, bodies = addresses(count), _bodies()
    lines = [await asyncio.open_connection(host, port) for host in hosts]

    async def one(n: int) -> None:
        reader, writer = lines[n]
        for body in bodies:
            writer.write(
                b"POST /onvif/device_service HTTP/1.1\r\nHost: %b\r\nContent-Type: application/soap+xml\r\n"
                b"Content-Length: %d\r\n\r\n" % (hosts[n].encode(), len(body)) + body
            )
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().split(b"content-length:")[1].split(b"\r\n", 1)[0])
            etree.fromstring(await reader.readexactly(size))

    await _all(count, at_once, one)
    timed = await _timed(lambda: _all(count, at_once, one))
    for _, writer in lines:
        writer.close()
    return timed


async def raw_aiohttp(port: int, count: int, at_once: int) -> dict[str, Any]:
    """The same through aiohttp, as one would build it on a library: its connections stand already, too."""
    import aiohttp
    from lxml import etree

    urls, bodies = [f"http://{host}:{port}/onvif/device_service" for host in addresses(count)], _bodies()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), trust_env=False) as session:

        async def one(n: int) -> None:
            for body in bodies:
                async with session.post(urls[n], data=body) as answer:
                    etree.fromstring(await answer.read())

        await _all(count, at_once, one)
        return await _timed(lambda: _all(count, at_once, one))


async def naive(port: int, count: int, _at_once: int) -> dict[str, Any]:
    """onvif-zeep as its README says: one client for each camera, kept."""
    from onvif import ONVIFCamera

    wsdl = str(Path(sys.prefix, "lib", f"python3.{sys.version_info.minor}", "site-packages", "wsdl"))
    kept = []
    before = _rss_bytes()

    async def round_() -> None:
        for host in addresses(count):
            camera = ONVIFCamera(host, port, USER, PASSWORD, wsdl)
            camera.devicemgmt.GetSystemDateAndTime()
            camera.devicemgmt.GetDeviceInformation()
            kept.append(camera)

    timed = await _timed(round_)
    return {**timed, "bytes": (_rss_bytes() - before) / count}


async def zeep_async(port: int, count: int, at_once: int) -> dict[str, Any]:
    """onvif-zeep-async: one client for each camera, kept; the second round is counted."""
    from onvif import ONVIFCamera

    hosts = addresses(count)
    before = _rss_bytes()
    cameras = [ONVIFCamera(host, port, USER, PASSWORD) for host in hosts]
    services: list[Any] = [None] * count

    async def one(n: int) -> None:
        if services[n] is None:
            await cameras[n].update_xaddrs()
            services[n] = await cameras[n].create_devicemgmt_service()
        await services[n].GetSystemDateAndTime()
        await services[n].GetDeviceInformation()

    await _all(count, at_once, one)
    timed = await _timed(lambda: _all(count, at_once, one))
    found = {**timed, "bytes": (_rss_bytes() - before) / count}
    for camera in cameras:
        await camera.close()
    return found


async def _timed(work: Callable[[], Awaitable[None]]) -> dict[str, float]:
    began, cpu = time.perf_counter(), time.process_time()
    await work()
    return {"took_s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu}


if __name__ == "__main__":
    _, high = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (high, high))
    kind, *numbers = sys.argv[1:]
    asked = {"ours": ours, "raw": raw, "raw_aiohttp": raw_aiohttp, "naive": naive, "zeep_async": zeep_async}[kind]
    print(json.dumps(asyncio.run(asked(*map(int, numbers)))))
