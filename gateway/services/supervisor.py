"""Trực ban: keeps the gateway's long tasks running, and tells the truth about each of them.

One exception in a forgotten loop is how other stations went silent for days with every light green. Here a task that
raises, or ends, is started again; until it has run steadily it counts as ill, and so does one that stopped beating.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from devices.clock import Clock
from gateway.services.bus import Bus
from gateway.services.events import TaskFailed

logger = logging.getLogger(__name__)

STEADY_S = 15.0
"""How long a restarted task counts as ill: long enough for whoever polls the health every few seconds to see it."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0

Beat = Callable[[], None]
"""Called by a task on every turn of its loop."""
Work = Callable[[Beat], Awaitable[None]]


def no_beat() -> None:
    """Beat for a task that nobody watches."""


class TaskState(StrEnum):
    WAITING = "waiting"
    """Not started yet."""
    RUNNING = "running"
    RESTARTED = "restarted"
    """It fell over lately, and runs again."""
    FAILED = "failed"
    """It fell over, and is about to be started again."""
    STUCK = "stuck"
    """It runs, and has not beaten for too long."""


@dataclass(frozen=True, kw_only=True)
class TaskReport:
    name: str
    state: TaskState
    failures: int
    last_error: str
    """Type and text of the last exception, for the people who repair it."""

    @property
    def ok(self) -> bool:
        return self.state is TaskState.RUNNING


@dataclass
class _Watched:
    name: str
    work: Work
    silent_after_s: float | None
    state: TaskState = TaskState.WAITING
    failures: int = 0
    last_error: str = ""
    started_ns: int = 0
    beat_ns: int = 0


class Supervisor:
    """Owns every long task of the gateway."""

    def __init__(self, clock: Clock, bus: Bus) -> None:
        self._clock = clock
        self._bus = bus
        self._tasks: dict[str, _Watched] = {}

    def watch(self, name: str, work: Work, *, silent_after_s: float | None = None) -> None:
        """Add a task, before :meth:`run`. With ``silent_after_s`` it is ill when it has not beaten for so long.

        Raises:
            ValueError: there is one of that name.
        """
        if name in self._tasks:
            raise ValueError(f"two tasks named {name!r}")
        self._tasks[name] = _Watched(name, work, silent_after_s)

    async def run(self) -> None:
        """Run every task until cancelled."""
        async with asyncio.TaskGroup() as group:
            for task in self._tasks.values():
                group.create_task(self._keep(task), name=f"supervised {task.name}")

    def reports(self) -> tuple[TaskReport, ...]:
        """Say how each task does at this moment."""
        return tuple(
            TaskReport(name=t.name, state=self._state(t), failures=t.failures, last_error=t.last_error)
            for t in self._tasks.values()
        )

    async def _keep(self, task: _Watched) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            task.started_ns = task.beat_ns = self._clock.mono_ns()
            task.state = TaskState.RESTARTED if task.failures else TaskState.RUNNING
            error = await self._once(task)
            if self._seconds_since(task.started_ns) >= STEADY_S:
                pause_s = FIRST_PAUSE_S
            task.state = TaskState.FAILED
            task.failures += 1
            task.last_error = error
            self._bus.publish(TaskFailed(name=task.name, error=error, failures=task.failures))
            await self._clock.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _once(self, task: _Watched) -> str:
        def beat() -> None:
            task.beat_ns = self._clock.mono_ns()

        try:
            await task.work(beat)
        except asyncio.CancelledError:
            own = asyncio.current_task()
            if own is None or own.cancelling():
                raise
            # Something inside was cancelled, not we: the task is over, which it never should be.
            logger.exception("task %s was cancelled from inside", task.name)
            return "CancelledError"
        except Exception as error:
            logger.exception("task %s fell over", task.name)
            return f"{type(error).__name__}: {error}"
        logger.error("task %s ended, which it never should", task.name)
        return "ended"

    def _state(self, task: _Watched) -> TaskState:
        if task.state not in (TaskState.RUNNING, TaskState.RESTARTED):
            return task.state
        if task.silent_after_s is not None and self._seconds_since(task.beat_ns) > task.silent_after_s:
            return TaskState.STUCK
        if task.state is TaskState.RESTARTED and self._seconds_since(task.started_ns) >= STEADY_S:
            return TaskState.RUNNING
        return task.state

    def _seconds_since(self, ns: int) -> float:
        return (self._clock.mono_ns() - ns) / 1e9
