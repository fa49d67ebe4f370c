"""Cameras asked in a minute: TCP, clock, login, beside other clients and the bare limit; and one snapshot measured."""

import asyncio
import io
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.context import Context
from bench.report import Row, percentile
from devices.cameras.metrics import measure

ROOT = Path(__file__).parents[2]
ASKER = ROOT / "bench" / "cameras" / "asker.py"
MANY, MOST = 1_000, 10_000
FEW = 40
"""Of naive onvif-zeep: it takes as long for each, and megabytes."""
AT_ONCE = 200
INTERVAL_S = 60
PATIENCE_S = 180
FRAMES = 25
GOAL_PERCENT = 50


async def run(_context: Context) -> list[Row]:
    peer = await _peer()
    async with _cameras() as port:
        rows = [await _row(port, MANY, peer), await _row(port, MOST, None)]
    return [*rows, *_snapshots()]


async def _row(port: int, count: int, peer: Path | None) -> Row:
    ours = await _ask(sys.executable, "ours", port, count)
    limit = await _ask(sys.executable, "raw", port, count)
    library = await _ask(sys.executable, "raw_aiohttp", port, count)
    beside = [f"bare sockets and lxml {_each(limit, count)}", f"bare aiohttp and lxml {_each(library, count)}"]
    ratios = [
        f"{100 * limit['cpu_s'] / ours['cpu_s']:.0f} % of the bare sockets' rate",
        f"{100 * library['cpu_s'] / ours['cpu_s']:.0f} % of bare aiohttp's",
    ]
    if peer is not None:
        naive = await _ask(sys.executable, "naive", port, FEW)
        other = await _ask(str(peer), "zeep_async", port, count)
        beside += [
            f"onvif-zeep as its README says {_each(naive, FEW)}, {naive['bytes'] / 1e6:.1f} MB a camera",
            f"onvif-zeep-async {_each(other, count)}, {other['bytes'] / 1e3:.0f} kB a camera",
        ]
        ratios += [
            f"{naive['cpu_s'] / FEW / (ours['cpu_s'] / count):.0f} times onvif-zeep's",
            f"{other['cpu_s'] / ours['cpu_s']:.1f} times onvif-zeep-async's",
        ]
    return Row(
        what=f"{count:,} cameras asked once (TCP, clock, login; a new connection each), {AT_ONCE} at a time",
        measured=f"{ours['took_s']:.1f} s, {count / ours['took_s']:,.0f} a second, {_each(ours, count)},"
        f" {ours['bytes'] / 1e3:.0f} kB a camera; {ours['bad']} not well",
        beside="; ".join(beside),
        ratio="; ".join(ratios) + f"; {ours['took_s'] / INTERVAL_S:.2f} of the minute it has",
        goal=f"≥ {GOAL_PERCENT} % of the limit, {MOST:,} within their minute",
    )


def _each(found: dict[str, Any], count: int) -> str:
    return f"{1_000 * found['cpu_s'] / count:.2f} ms of CPU each"


async def _ask(python: str, kind: str, port: int, count: int) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        python, str(ASKER), kind, str(port), str(count), str(AT_ONCE),
        stdout=asyncio.subprocess.PIPE, cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE_S):
        told, _ = await process.communicate()
    found: dict[str, Any] = json.loads(told)
    return found


async def _peer() -> Path:
    """Return the Python that has onvif-zeep-async; it owns the import name of onvif-zeep."""
    making = await asyncio.create_subprocess_exec(
        str(ROOT / "scripts" / "peers"), "onvif-async", stdout=asyncio.subprocess.PIPE
    )
    told, _ = await making.communicate()
    return Path(told.decode().split()[-1]) / "bin" / "python"


@asynccontextmanager
async def _cameras() -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.cameras.server",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


def _snapshots() -> list[Row]:
    return [_snapshot(640, 360), _snapshot(1920, 1080)]


def _snapshot(width: int, height: int) -> Row:
    jpeg = _street(width, height)
    ours = [_ms(lambda: measure(jpeg)) for _ in range(FRAMES)]
    decoded = [_ms(lambda: Image.open(io.BytesIO(jpeg)).convert("L").load()) for _ in range(FRAMES)]
    typical, bare = percentile(ours, 0.5), percentile(decoded, 0.5)
    return Row(
        what=f"one snapshot measured: {width}x{height}, {len(jpeg) / 1e3:.0f} kB",
        measured=f"{typical:.1f} ms",
        beside=f"only decoding it: {bare:.1f} ms",
        ratio=f"{typical / bare:.2f}",
    )


def _street(width: int, height: int) -> bytes:
    """Return a picture as hard to decode as a real one: shapes, texture and noise."""
    dice = np.random.default_rng(7)
    small = Image.fromarray(dice.integers(0, 255, (height // 40, width // 40, 3), dtype=np.uint8))
    picture = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC)).astype(np.int16)
    picture += dice.normal(0, 6, picture.shape).astype(np.int16)
    out = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=80)
    return out.getvalue()


def _ms(work: Any) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e3
