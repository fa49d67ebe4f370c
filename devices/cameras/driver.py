"""Trình điều khiển camera: what the gateway is given. Build one, use it for all cameras, close it."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from devices.cameras.addresses import Policy
from devices.cameras.discovery import PORT, folded, multicast, unicast
from devices.cameras.events import CameraEvent, listen
from devices.cameras.eyes import Eyes
from devices.cameras.limits import Limits
from devices.cameras.look import Look, Wish
from devices.cameras.survey import survey
from devices.cameras.sweep import PORTS, sweep
from devices.cameras.wsdl import Library
from devices.clock import Clock, SystemClock
from devices.model.camera import Depth, Door, Found, Memory, Sighting, Survey

_THREADS = 8
"""Surveys wait for cameras, one thread each; they are asked for every few hours."""


class CameraDriver:
    """Looks at cameras. ``allow_local``: addresses of this very machine too, for simulated cameras and for tests.

    Looks may run at the same time, one per camera.
    """

    def __init__(self, clock: Clock | None = None, *, limits: Limits | None = None, allow_local: bool = False) -> None:
        self._clock = clock or SystemClock()
        self._limits = limits or Limits()
        self._policy = Policy(allow_local=allow_local)
        self._eyes = Eyes(decode_s=self._limits.decode_s)
        self._library: Library | None = None
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="camera-survey")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End what runs beside."""
        await self._eyes.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def look(
        self, door: Door, memory: Memory | None = None, depth: Depth = Depth.MINUTE, *, wish: Wish | None = None
    ) -> Sighting:
        """Look at one camera, and say what was found. Nothing a camera does is raised, and none takes longer than:

        `Limits.budget_s`: MINUTE 11 s, FULL 27 s, PICTURE 51 s with the limits as they are; one that does not answer
        at all 8 s, one that is not there 3 s. Of two looks at one camera at once neither is harmed, nor of use.
        """
        look = Look(
            door,
            memory or Memory(),
            limits=self._limits,
            clock=self._clock,
            policy=self._policy,
            eyes=self._eyes,
            wish=wish or Wish(),
        )
        return await look.take(depth)

    async def survey(self, door: Door, memory: Memory | None = None, *, after: Sighting | None = None) -> Survey:
        """Ask a camera everything it says of itself: at enrolment, and every few hours. Takes up to a minute.

        ``after``: a look at it just now, `Depth.FULL` or deeper, so that it need not be looked at again.

        Raises:
            CameraTrouble: it cannot be reached, or does not take the password; ``cause`` says which.
        """
        sighting = after or await self.look(door, memory, Depth.FULL, wish=Wish(enrolling=True))
        if self._library is None:
            self._library = Library()
        return await survey(
            door,
            sighting,
            library=self._library,
            pool=self._pool,
            limits=self._limits,
            clock=self._clock,
            policy=self._policy,
        )

    async def discover(
        self,
        *,
        seconds: float = 4.0,
        interfaces: Iterable[str] | None = None,
        hosts: Sequence[str] = (),
        sweeping: bool = False,
        ports: Sequence[int] = PORTS,
        port: int = PORT,
    ) -> tuple[Found, ...]:
        """Search: everybody on this network's segments, then ``hosts`` one by one, which a person entered.

        ``sweeping``: also try ``ports`` of those ``hosts`` that said nothing.
        """
        found = list(await multicast(self._clock, seconds=seconds, interfaces=interfaces, port=port))
        if hosts:
            found += await unicast(self._clock, hosts, seconds=seconds, port=port)
        if sweeping:
            known = {each.host for each in found}
            silent = [host for host in hosts if host not in known]
            found += await sweep(silent, self._clock, policy=self._policy, ports=ports)
        once: dict[tuple[str, str, int], Found] = {}
        for each in folded(found):
            if not self._policy.refusal(each.host):
                once.setdefault((each.uuid, each.host, each.port), each)
        return tuple(once.values())

    def listen(self, door: Door, memory: Memory, *, pulse: Callable[[], None]) -> AsyncIterator[CameraEvent]:
        """Yield what the camera tells by itself. ``memory`` is of a look that knows its services (`Depth.FULL`).

        ``pulse`` is called whenever it answers, if only that nothing happened: about once a minute.

        Raises:
            CameraTrouble: it offers no events, refuses, or stopped. Wait, and come again; the polls go on meanwhile.
        """
        return listen(door, memory, limits=self._limits, clock=self._clock, policy=self._policy, pulse=pulse)
