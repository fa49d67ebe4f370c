"""Trình điều khiển camera: what the gateway is given. Build one, use it for all cameras, close it."""

from types import TracebackType
from typing import Self

from devices.cameras.addresses import Policy
from devices.cameras.eyes import Eyes
from devices.cameras.limits import Limits
from devices.cameras.look import Look, Wish
from devices.clock import Clock, SystemClock
from devices.model.camera import Depth, Door, Memory, Sighting


class CameraDriver:
    """Looks at cameras. ``allow_local``: addresses of this very machine too, for simulated cameras and for tests.

    Looks may run at the same time, one per camera.
    """

    def __init__(self, clock: Clock | None = None, *, limits: Limits | None = None, allow_local: bool = False) -> None:
        self._clock = clock or SystemClock()
        self._limits = limits or Limits()
        self._policy = Policy(allow_local=allow_local)
        self._eyes = Eyes(decode_s=self._limits.decode_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End what runs beside."""
        await self._eyes.close()

    async def look(
        self, door: Door, memory: Memory | None = None, depth: Depth = Depth.MINUTE, *, wish: Wish | None = None
    ) -> Sighting:
        """Look at one camera, and say what was found. Nothing a camera does is raised, and none takes longer than:

        MINUTE 8 s, FULL 24 s, PICTURE 40 s with the limits as they are; one that does not answer at all 8 s, one that
        is not there 3 s. Of two looks at one camera at the same time neither is harmed, nor of use.
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
