"""One piece of work for many callers: whoever asks while it runs shares the next run, which begins after they asked."""

import asyncio
from collections.abc import Awaitable, Callable


class Together:
    """Call it: it returns when a run that began after the call is done, and raises what that run raised."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._running = asyncio.Lock()
        self._next: asyncio.Future[None] | None = None

    async def __call__(self) -> None:
        if self._next is not None:
            await asyncio.shield(self._next)
            return
        mine = self._next = asyncio.ensure_future(self._run())
        await asyncio.shield(mine)

    async def _run(self) -> None:
        async with self._running:
            self._next = None  # from here on a newcomer needs a run of its own
            await self._work()
