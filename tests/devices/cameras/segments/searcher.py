"""The near end: searches as the gateway does, on every interface and on each by itself; one JSON object."""

import asyncio
import json
import sys

from devices.cameras.discovery import multicast
from devices.cameras.driver import CameraDriver
from devices.clock import SystemClock


async def main() -> dict[str, dict[str, list[str]]]:
    seen: dict[str, dict[str, list[str]]] = {}
    for segment in (1, 2):
        for name, interfaces in (("all", None), ("near1", ["near1"]), ("near2", ["near2"])):
            found = await multicast(SystemClock(), seconds=0.9, interfaces=interfaces, port=3700 + segment)
            seen.setdefault(f"cam-{segment}", {})[name] = sorted(each.host for each in found)
        async with CameraDriver() as driver:
            found = await driver.discover(seconds=0.9, port=3700 + segment)
            seen[f"cam-{segment}"]["driver"] = sorted(each.host for each in found)
    return seen


sys.stdout.write(json.dumps(asyncio.run(main())))
