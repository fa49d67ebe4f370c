"""The outside of a benchmark's process: starts it, calls into it, ends it."""

import asyncio
import contextlib
import itertools
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

READY_S, GOODBYE_S = 120.0, 30.0


class RemoteFailed(Exception):  # noqa: N818 - it says what happened
    """A call raised over there, or the process is gone."""


class Remote:
    """One process that runs :func:`bench.serve.serve`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.ready = asyncio.get_running_loop().create_future()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def call(self, function: str, **arguments: Any) -> Any:
        """Run ``module:function`` over there with its world and ``arguments``; return what it returns.

        Raises:
            RemoteFailed
        """
        if self._process.stdin is None or self._process.returncode is not None:
            raise RemoteFailed("the process is gone")
        number = next(self._ids)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        call = {"id": number, "call": function, "with": arguments}
        self._process.stdin.write(json.dumps(call).encode() + b"\n")
        return await answer

    async def listen(self) -> None:
        """Take answers until the process ends."""
        if self._process.stdout is None:
            raise RemoteFailed("nothing to listen to")
        while line := await self._process.stdout.readline():
            answer = json.loads(line)
            if "ready" in answer:
                self.ready.set_result(None)
            elif "error" in answer:
                self._waiting.pop(answer["id"]).set_exception(RemoteFailed(answer["error"]))
            else:
                self._waiting.pop(answer["id"]).set_result(answer["value"])
        gone = RemoteFailed(f"process {self.pid} ended")
        for waiting in [self.ready, *self._waiting.values()]:
            if not waiting.done():
                waiting.set_exception(gone)


@asynccontextmanager
async def remote(module: str, settings: dict[str, Any], *, log: Path) -> AsyncIterator[Remote]:
    """Run ``python -m module SETTINGS``; what it writes to standard error goes to ``log``.

    Raises:
        RemoteFailed: it ended before it was ready; the end of ``log`` says why.
    """
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, json.dumps(settings),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=errors, limit=2**24,
        )  # fmt: skip
    one = Remote(process)
    listening = asyncio.create_task(one.listen(), name=f"answers of {module}")
    try:
        try:
            async with asyncio.timeout(READY_S):
                await one.ready
        except RemoteFailed as error:
            raise RemoteFailed(f"{module}: {error}\n{log.read_text()[-4000:]}") from error
        yield one
    finally:
        await _end(process)
        await listening


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close its standard input, which asks it to end; kill it when it does not."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(GOODBYE_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
