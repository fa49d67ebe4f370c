"""Mắt: gives pictures to a process of its own to be measured, and gets numbers back."""

import asyncio
import base64
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import Any

from devices.cameras.eye import HEAD
from devices.errors import CameraTrouble
from devices.model.camera import Cause, Metrics

_LINE_LIMIT = 1 << 20


class EyesBusy(Exception):  # noqa: N818 - says what happened
    """Pictures of others took all the time; this one was not measured, and nothing is known of it."""


class Eyes:
    """Measures one picture after the other. The process starts at the first one, and anew after a bad one kills it."""

    def __init__(self, *, decode_s: float) -> None:
        self._decode_s = decode_s
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def measure(self, jpeg: bytes, *, thumbnail: bool = False) -> tuple[Metrics, bytes | None]:
        """Return what is measured in ``jpeg``, and a small blurred JPEG if asked for.

        Raises:
            CameraTrouble: it is no picture, or not one that can be decoded within time and memory.
            EyesBusy: its turn did not come in time.
        """
        try:
            async with asyncio.timeout(self._decode_s):
                await self._turn.acquire()
        except TimeoutError:
            raise EyesBusy from None
        try:
            return await self._measured(jpeg, thumbnail=thumbnail)
        finally:
            self._turn.release()

    async def _measured(self, jpeg: bytes, *, thumbnail: bool) -> tuple[Metrics, bytes | None]:
        process = self._process or await self._start()
        self._process = None  # whoever is cancelled meanwhile leaves no half-asked process behind
        try:
            async with asyncio.timeout(self._decode_s):
                said = await _ask(process, jpeg, thumbnail=thumbnail)
            self._process = process
        except (TimeoutError, OSError, ValueError, EOFError) as error:
            raise CameraTrouble(Cause.SNAPSHOT_BAD, f"không giải nén được / {type(error).__name__}") from error
        finally:
            if self._process is None:
                await _end(process)
        if "bad" in said:
            raise CameraTrouble(Cause.SNAPSHOT_BAD, str(said["bad"]))
        small = said.pop("thumbnail", None)
        return Metrics(**said), base64.b64decode(small) if small else None

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            if self._process is not None:
                await _end(self._process)
                self._process = None

    async def _start(self) -> Process:
        # one thread: numpy's idle ones would eat the memory it is allowed
        threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "devices.cameras.eye",
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=os.environ | threads, limit=_LINE_LIMIT,
        )  # fmt: skip


async def _ask(process: Process, jpeg: bytes, *, thumbnail: bool) -> dict[str, Any]:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    process.stdin.write(HEAD.pack(thumbnail, len(jpeg)) + jpeg)
    await process.stdin.drain()
    line = await process.stdout.readline()
    if not line:
        raise EOFError
    said: dict[str, Any] = json.loads(line)
    return said


async def _end(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
