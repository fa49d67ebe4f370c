"""The gateway's side of reading a file: starts the reading process, waits no longer than it may, believes little."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.domain.errors import BadInput, Problem, TryLater
from gateway.domain.paper import Block, BlockKind
from gateway.papers.refusal import Why

MOST_BYTES = 10_000_000
DEADLINE_S = 25.0
MOST_AT_ONCE, MOST_WAITING = 2, 6
_MOST_ANSWER = 16_000_000


class PaperReader:
    """Fits :class:`gateway.ports.papers.Papers`."""

    def __init__(self, *, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._seats = asyncio.Semaphore(MOST_AT_ONCE)
        self._here = 0

    async def read(self, path: Path) -> Sequence[Block]:
        """Return the text of a file.

        Raises:
            BadInput: why not, and what to do instead.
            TryLater: too many at once.
        """
        if (await asyncio.to_thread(path.stat)).st_size > MOST_BYTES:
            raise _refused(Why.TOO_LARGE)
        if self._here >= MOST_WAITING:
            raise TryLater("Đang đọc nhiều tệp, thử lại sau.", "Busy with other files; try again.", retry_after_s=10)
        self._here += 1
        try:
            async with self._seats:
                return await self._read(path)
        finally:
            self._here -= 1

    async def _read(self, path: Path) -> Sequence[Block]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-m", "gateway.papers.reader", str(path)),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
            start_new_session=True,
            limit=_MOST_ANSWER,
        )
        try:
            async with asyncio.timeout(self._deadline_s):
                answer = await _answer(process)
                await process.wait()
        except TimeoutError as error:
            raise _refused(Why.TOO_SLOW) from error
        finally:
            await _end(process)
        if process.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            raise _refused(Why.TOO_SLOW)
        return _blocks(answer)


async def _answer(process: Process) -> bytes:
    if process.stdout is None:  # pragma: no cover - asked for above; the types cannot know
        raise AssertionError
    whole = bytearray()
    while chunk := await process.stdout.read(1 << 16):
        whole += chunk
        if len(whole) > _MOST_ANSWER:
            raise _refused(Why.TOO_MUCH)
    return bytes(whole)


async def _end(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _blocks(answer: bytes) -> list[Block]:
    try:
        said: dict[str, Any] = json.loads(answer)
        if "refused" in said:
            raise _refused(Why[said["refused"]])
        return [
            Block(kind=BlockKind(each["kind"]), text=each["text"], rows=tuple(map(tuple, each["rows"])))
            for each in said["blocks"]
        ]
    except (ValueError, KeyError, TypeError) as error:  # it died of the file
        raise _refused(Why.DAMAGED) from error


def _refused(why: Why) -> BadInput:
    return BadInput([Problem(code=why.code, vi=why.vi, en=why.en, path="file")])
