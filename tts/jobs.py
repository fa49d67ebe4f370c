"""Hàng đợi: slow work off the event loop, in order, below the priority of everything on the air.

Two lanes: bulletins one after another, and a short lane for what somebody is waiting for (a preview, an emergency), so
that a hundred bulletins in a queue keep nobody from hearing one sentence.
"""

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import TypeVar

from tts.errors import StudioBusy

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_WAITING = 256
"""Jobs waiting or in progress in a lane; one more is refused rather than forgotten."""
_POLITENESS = 10  # nice: below the gateway itself and everything on the air


class Lane(StrEnum):
    """Which queue a job stands in."""

    BULLETINS = "bulletins"
    URGENT = "urgent"


class Jobs:
    """Owns one thread for each lane."""

    def __init__(self) -> None:
        self._executors: dict[Lane, ThreadPoolExecutor] = {}
        self._waiting = dict.fromkeys(Lane, 0)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Open the lanes."""
        self._stopping.clear()
        self._executors = {
            lane: ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"speech {lane}", initializer=_be_polite)
            for lane in Lane
        }

    def close(self) -> None:
        """Take no more jobs; those in progress end at their next :meth:`expect_running`."""
        self._stopping.set()

    async def drain(self) -> None:
        """Wait for what is in progress; what waits is dropped."""
        executors, self._executors = self._executors, {}
        for executor in executors.values():
            await asyncio.to_thread(executor.shutdown, wait=True, cancel_futures=True)

    def expect_running(self) -> None:
        """Called within a job between two steps.

        Raises:
            StudioBusy: the studio is stopping.
        """
        if self._stopping.is_set():
            raise StudioBusy("Bộ phận đọc đang dừng (speech is stopping).")

    async def run(self, work: Callable[[], T], lane: Lane = Lane.BULLETINS) -> T:
        """Do ``work`` on the lane's thread, after what was asked before.

        Raises:
            StudioBusy: not running, stopping, or the queue is full.
        """
        executor = self._executors.get(lane)
        if executor is None:
            raise StudioBusy("Bộ phận đọc chưa chạy hoặc đã dừng (speech is not running).")
        if self._waiting[lane] >= MAX_WAITING:
            raise StudioBusy(f"Đang có {self._waiting[lane]} việc chờ đọc, hãy thử lại sau (queue full).")
        self._waiting[lane] += 1
        try:
            future = asyncio.get_running_loop().run_in_executor(executor, self._guarded, work)
        except RuntimeError as error:
            self._waiting[lane] -= 1
            raise StudioBusy("Bộ phận đọc đang dừng (speech is stopping).") from error
        future.add_done_callback(lambda done: self._done(lane, done))
        # shielded: an impatient caller goes away, the work is finished and kept for the next one
        return await asyncio.shield(future)

    def _guarded(self, work: Callable[[], T]) -> T:
        self.expect_running()
        return work()

    def _done(self, lane: Lane, future: "asyncio.Future[T]") -> None:
        self._waiting[lane] -= 1
        if not future.cancelled() and future.exception() is not None:
            logger.debug("speech job failed: %s", future.exception())


def _be_polite() -> None:
    """Lower this thread's priority; the processes it starts inherit it."""
    with contextlib.suppress(OSError, AttributeError):  # not Linux: nothing to lower
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _POLITENESS)
