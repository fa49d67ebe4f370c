"""The poles of a ward in several processes: a call goes to all of them, and what they answer is put together.

A pole has a processor of its own, and a Python process uses one core: a thousand poles in one would wait for each
other while a core is idle. So there are as many processes as the machines that are measured have cores.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench.remote import Remote, remote

PROCESSES = 2


class Fleet:
    """The processes of :mod:`bench.ward`, each with its share of the poles."""

    def __init__(self, processes: Sequence[Remote]) -> None:
        self._processes = processes

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    async def call(self, function: str, **arguments: Any) -> Any:
        """Call ``module:function`` in each at once: numbers are added, lists joined, mappings merged.

        Raises:
            RemoteFailed
        """
        return _together(await asyncio.gather(*(each.call(function, **arguments) for each in self._processes)))

    async def share(self, function: str, shares: Sequence[Mapping[str, Any]]) -> Any:
        """Call it in each with arguments of its own, as many as :data:`PROCESSES`.

        Raises:
            RemoteFailed
        """
        pairs = zip(self._processes, shares, strict=True)
        return _together(await asyncio.gather(*(each.call(function, **own) for each, own in pairs)))


async def fleet(stack: AsyncExitStack, settings: Mapping[str, Any], folder: Path) -> Fleet:
    """Start them; each gets ``settings`` and its ``share``, a folder of its own and a log."""
    processes = []
    for n in range(PROCESSES):
        own = {**settings, "folder": str(folder / f"poles-{n}"), "share": [n, PROCESSES]}
        log = folder / f"poles-{n}.log"
        processes.append(await stack.enter_async_context(remote("bench.ward", own, log=log)))
    return Fleet(processes)


def _together(answers: Sequence[Any]) -> Any:
    first = answers[0]
    if isinstance(first, dict):
        keys = {key: None for answer in answers for key in answer}
        return {key: _together([answer[key] for answer in answers if key in answer]) for key in keys}
    if isinstance(first, list):
        return [each for answer in answers for each in answer]
    if isinstance(first, int | float):
        return sum(answers)
    return first
