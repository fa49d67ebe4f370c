"""Cả bãi camera: hundreds of cameras in one process, found by code, place in the network, or by looking for them."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from devices.clock import Clock, SystemClock
from simulators.cameras.camera import MOST_SEEN, SimulatedCamera
from simulators.cameras.faults import Fault
from simulators.cameras.pictures import Gallery
from simulators.cameras.spec import CameraSpec
from simulators.cameras.state import ELSEWHERE

LOOPBACK = "127.0.0.1"
_MOST_ADDRESSES = 1 << 22


def one_host(_number: int) -> str:
    """Put every camera on 127.0.0.1, each with ports of its own."""
    return LOOPBACK


def own_host(number: int) -> str:
    """Give each camera an address of its own, 127.16.0.1 and up (Linux only), as in a real network.

    Raises:
        ValueError: there are no more.
    """
    if not 0 <= number < _MOST_ADDRESSES:
        raise ValueError(f"no address for camera {number}")
    high, low = divmod(number, 250)
    return f"127.{16 + high // 250}.{high % 250}.{low + 1}"


class CameraPark:
    """Serves all ``specs`` while entered. ``faults`` by code; ``host_of`` the how-manieth camera's address.

    ``first_port``: the first camera's HTTP port, its RTSP port is the next, and so on; 0 lets the system choose.
    """

    def __init__(
        self,
        specs: Iterable[CameraSpec],
        *,
        clock: Clock | None = None,
        faults: Mapping[str, Iterable[Fault]] | None = None,
        host_of: Callable[[int], str] = one_host,
        first_port: int = 0,
        elsewhere: str = ELSEWHERE,
        remembers: int = MOST_SEEN,
        seed: int | str = 0,
    ) -> None:
        self.clock = clock or SystemClock()
        gallery, given = Gallery(seed), faults or {}
        self.cameras: dict[str, SimulatedCamera] = {}
        """By code, in the order of ``specs``."""
        for number, spec in enumerate(specs):
            if spec.code in self.cameras:
                raise ValueError(f"two cameras are called {spec.code}")
            port = first_port + 2 * number if first_port else 0
            self.cameras[spec.code] = SimulatedCamera(
                spec,
                given.get(spec.code, ()),
                clock=self.clock,
                host=host_of(number),
                port=port,
                rtsp_port=port + 1 if port else 0,
                gallery=gallery,
                elsewhere=elsewhere,
                remembers=remembers,
            )
        self._stack = AsyncExitStack()

    def __getitem__(self, code: str) -> SimulatedCamera:
        return self.cameras[code]

    def __iter__(self) -> Iterator[SimulatedCamera]:
        return iter(self.cameras.values())

    def __len__(self) -> int:
        return len(self.cameras)

    def on_switch(self, switch: str) -> list[SimulatedCamera]:
        """Return the cameras of one cabinet."""
        return [camera for camera in self if camera.spec.switch == switch]

    @property
    def asked(self) -> int:
        """How many connections its cameras have accepted."""
        return sum(camera.accepted for camera in self)

    async def __aenter__(self) -> Self:
        """Listen everywhere.

        Raises:
            OSError: a port is taken, or there are too many for this process.
        """
        async with AsyncExitStack() as stack:
            for camera in self:
                await stack.enter_async_context(camera)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def mend(self) -> None:
        """Mend everything, everywhere, and give power to whoever has none."""
        await asyncio.gather(*(self._mend(camera) for camera in self))

    async def _mend(self, camera: SimulatedCamera) -> None:
        await camera.mend()
        if not camera.powered:
            await camera.power_on()
