"""The program ``loa`` as people run it: another process, over the ward's own folder."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.settings import Settings

PATIENCE_S = 110.0
"""Of a machine with much else to do; pytest itself waits a little longer."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def environment(settings: Settings) -> dict[str, str]:
    """Say the ward's settings in variables."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")}
    return clean | {
        "LOA_DATA": str(settings.data),
        "LOA_WARD__SITE": settings.ward.site,
        "LOA_WARD__NAME": settings.ward.name,
        "LOA_HTTP__PORT": str(settings.http.port),
        "LOA_BROKER__PORT": str(settings.broker.port),
        "PYTHONUNBUFFERED": "1",
    }


async def loa(*words: str | Path, env: Mapping[str, str], patience_s: float = PATIENCE_S) -> Ended:
    """Run a command to its end."""
    process = await start(*words, env=env)
    try:
        async with asyncio.timeout(patience_s):
            out, err = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return Ended(process.returncode or 0, out.decode(), err.decode())


async def start(*words: str | Path, env: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Start a command."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        *map(str, words),
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@contextlib.asynccontextmanager
async def running(*words: str | Path, env: Mapping[str, str], until: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command in the background from the moment its output says ``until``; it is killed if it is left so."""
    process = await start(*words, env=env)
    assert process.stdout is not None
    assert process.stderr is not None
    told = asyncio.ensure_future(_read(process.stderr))
    try:
        async with asyncio.timeout(PATIENCE_S):
            while until not in (line := (await process.stdout.readline()).decode()):
                if not line:
                    raise AssertionError(f"it ended: {await told}")
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()
        await told


async def _read(stream: asyncio.StreamReader) -> str:
    return (await stream.read()).decode()
