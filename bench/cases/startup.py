"""From the command to a green ``/healthz``: with the data of the large ward, and of the demo's."""

import asyncio
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from bench.context import Context, free_port, open_ward
from bench.report import Row, percentile

DEMO_CLUSTERS = 20
TURNS = 3
LOOK_S = 0.01
PATIENCE_S, GOODBYE_S = 60.0, 15.0


async def run(context: Context) -> list[Row]:
    async with AsyncExitStack() as stack:
        small = (await open_ward(stack, context.folder / "small", DEMO_CLUSTERS)).data
    large = await context.leave_ward()
    imported = [await _import_s() for _ in range(TURNS)]
    peer = percentile(imported, 0.5)
    rows = []
    for data, clusters in ((large, context.clusters), (small, DEMO_CLUSTERS)):
        took = percentile([await _ready_s(data, context.folder / "startup.log") for _ in range(TURNS)], 0.5)
        rows.append(
            Row(
                what=f"`loa run` to a green /healthz, broker included, {clusters:,} clusters in the data folder",
                measured=f"{took:.2f} s",
                beside=f'`python -c "import fastapi"`: {peer:.2f} s',
                ratio=f"{took / peer:.1f}",
            )
        )
    return rows


async def _import_s() -> float:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "import fastapi")
    await process.wait()
    return time.monotonic() - began


async def _ready_s(data: Path, log: Path) -> float:
    """Start the product on ``data``, wait until it says that it is well, and stop it."""
    port = free_port()
    config = data.parent / "gateway.toml"
    config.write_text(f'[ward]\nsite = "phuong-mau"\n[http]\nport = {port}\n[broker]\nport = {free_port()}\n')
    began = time.monotonic()
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "run", "--config", str(config), "--data", str(data),
            stdout=errors, stderr=errors,
        )  # fmt: skip
    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            while (ill := await _illness(http, port)) is not None:
                if time.monotonic() - began > PATIENCE_S:
                    raise RuntimeError(f"it is not well after {PATIENCE_S:.0f} s: {ill}")
                if process.returncode is not None:
                    raise RuntimeError(f"it did not start:\n{log.read_text()[-2000:]}")
                await asyncio.sleep(LOOK_S)
        return time.monotonic() - began
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(GOODBYE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _illness(http: httpx.AsyncClient, port: int) -> str | None:
    """Return what ``/healthz`` complains of, or ``None`` when it is green."""
    try:
        answer = await http.get(f"http://127.0.0.1:{port}/healthz")
    except httpx.TransportError as error:
        return str(error)
    return None if answer.status_code == httpx.codes.OK else answer.text
