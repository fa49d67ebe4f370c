"""Contexts that a task of their own holds open, so that fixtures and tests may close them from anywhere."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Held(Generic[T]):
    """``async with`` for as long as nobody calls :meth:`close`."""

    def __init__(self, context: AbstractAsyncContextManager[T]) -> None:
        self._context = context
        self._enough = asyncio.Event()
        self._opened: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._hold())

    async def opened(self) -> T:
        """Return what was opened, or raise what it failed of."""
        waits: list[asyncio.Future[Any]] = [self._task, self._opened]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if not self._opened.done():
            await self._task
        return self._opened.result()

    async def close(self) -> None:
        """Close it, and raise what it failed of meanwhile."""
        self._enough.set()
        await self._task

    async def _hold(self) -> None:
        async with self._context as value:
            self._opened.set_result(value)
            await self._enough.wait()
