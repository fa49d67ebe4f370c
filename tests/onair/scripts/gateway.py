"""A gateway in a process of its own, on a clock shared with the test: ``gateway.py START_MS SPEED ORIGIN_NS``.

Settings come from the environment. It says ``ready`` once it is, and runs until it is killed or told to stop.
"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from gateway.cli.serve import until_stopped
from gateway.main.gateway import open_gateway
from gateway.settings import load_settings
from tests.onair.clocks import FastClock


async def main(start_ms: int, speed: float, origin_ns: int) -> None:
    clock = FastClock(start_ms, speed=speed, origin_ns=origin_ns)
    async with open_gateway(load_settings(), clock):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await until_stopped()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
