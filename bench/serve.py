"""The inside of a benchmark's process: answers calls read from standard input, one JSON document a line.

A call names a function of a module (``bench.cases.zone:order``); it is given this process's world, and what it returns
goes back. So each benchmark is one module, whichever processes its parts run in.
"""

import asyncio
import importlib
import json
import os
import sys
import traceback
from collections.abc import AsyncIterator
from typing import Any


async def serve(world: Any) -> None:
    """Answer calls until standard input ends: who started this process is gone, or is done with it."""
    replies = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints, prints elsewhere
    async with asyncio.TaskGroup() as group:
        calls: set[asyncio.Task[None]] = set()
        _reply(replies, {"ready": True})
        async for line in _lines():
            task = group.create_task(_answer(world, json.loads(line), replies))
            calls.add(task)
            task.add_done_callback(calls.discard)
        for task in calls:
            task.cancel()


async def _lines() -> AsyncIterator[bytes]:
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line


async def _answer(world: Any, call: dict[str, Any], replies: int) -> None:
    try:
        module, _, name = call["call"].partition(":")
        work = getattr(importlib.import_module(module), name)
        answer = {"id": call["id"], "value": await work(world, **call["with"])}
    except Exception:  # noqa: BLE001 - it is raised again where the call was made
        answer = {"id": call["id"], "error": traceback.format_exc()}
    _reply(replies, answer)


def _reply(replies: int, answer: dict[str, Any]) -> None:
    data = memoryview(json.dumps(answer).encode() + b"\n")
    while data:
        data = data[os.write(replies, data) :]
