"""Tìm camera: who answers in the ward's network, which of them we know, and which of ours moved.

An answer proves nothing: whoever copies a UUID would be told the password's digest. So a camera that seems to have
moved is shown, and moves when a person says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from devices.clock import Clock
from devices.model.camera import Cause
from gateway.domain.camera_watch import CameraWatch, Health
from gateway.domain.device import Camera, CameraId
from gateway.domain.errors import NotFound, TryLater
from gateway.domain.identity import find
from gateway.domain.people import Permission, expect
from gateway.ports.cameras import CameraEyes, Found
from gateway.services.actor import Actor
from gateway.services.cameras.registry import CameraRegistry
from gateway.services.supervisor import Beat, no_beat

SEARCH_S = 4.0
LOOK_EVERY_S = 30.0
SEARCH_AGAIN_S = 900.0
LOST_LONG_ENOUGH_MS = 300_000


@dataclass(frozen=True, kw_only=True)
class Match:
    """One answer, and what it means."""

    found: Found
    camera: Camera | None
    """Whose it is; ``None``: not in the registry."""
    moved: bool
    """It is one of ours at another address than the registry says."""


class CameraFinder:
    """One search at a time; the last answers stay to be looked at."""

    def __init__(
        self,
        *,
        eyes: CameraEyes,
        registry: CameraRegistry,
        watches: Callable[[], Mapping[CameraId, CameraWatch]],
        clock: Clock,
    ) -> None:
        self._eyes = eyes
        self._registry = registry
        self._watches = watches
        self._clock = clock
        self._busy = False
        self._found: tuple[Found, ...] = ()
        self._searched_ns: int | None = None

    @property
    def matches(self) -> Sequence[Match]:
        """What the last search found, against the registry as it is now."""
        return [self._match(found) for found in self._found]

    async def search(self, *, by: Actor, seconds: float = SEARCH_S) -> Sequence[Match]:
        """Ask the network who is there.

        Raises:
            NotAllowed
            TryLater: a search is under way.
        """
        expect(by, Permission.KEEP_DEVICES)
        if self._busy:
            raise TryLater("Đang tìm, chờ một lát.", "A search is under way.", retry_after_s=seconds)
        await self._search(seconds)
        return self.matches

    async def accept(self, name: CameraId, *, by: Actor) -> Camera:
        """Nhận địa chỉ mới: a person looked, and this camera did move.

        Raises:
            NotAllowed, BadInput
            NotFound: nothing that answered seems to be this camera at another address.
        """
        for match in self.matches:
            if match.moved and match.camera is not None and match.camera.id == name:
                return await self._registry.move(name, host=match.found.host, port=match.found.port, by=by)
        raise NotFound("Không thấy camera này ở địa chỉ khác.", "This camera was not found anywhere else.")

    async def run(self, beat: Beat = no_beat) -> None:
        """Search by itself while one that has marks is lost, or another stands in its place; a few times an hour."""
        while True:
            beat()
            if self._worth_it():
                await self._search(SEARCH_S)
            await self._clock.sleep(LOOK_EVERY_S)

    async def _search(self, seconds: float) -> None:
        self._busy = True
        try:
            self._found = tuple(await self._eyes.search(seconds=seconds))
            self._searched_ns = self._clock.mono_ns()
        finally:
            self._busy = False

    def _worth_it(self) -> bool:
        searched = self._searched_ns
        if self._busy or (searched is not None and self._clock.mono_ns() - searched < SEARCH_AGAIN_S * 1e9):
            return False
        now_ms = self._clock.now_ms()
        return any(
            (camera := self._registry.cameras.get(watch.id)) is not None
            and camera.polled
            and bool(camera.uuid or camera.mac)
            and (watch.health is Health.LOST or any(fault.cause == Cause.REPLACED for fault in watch.faults))
            and watch.since_ms is not None
            and now_ms - watch.since_ms >= LOST_LONG_ENOUGH_MS
            for watch in self._watches().values()
        )

    def _match(self, found: Found) -> Match:
        cameras = self._registry.cameras.values()
        others = [each.marks for each in self._found if each is not found]
        same_place = next((each for each in cameras if (each.host, each.port) == (found.host, found.port)), None)
        known = find(found.marks, cameras, also_seen=others) or same_place
        moved = known is not None and (known.host, known.port) != (found.host, found.port)
        return Match(found=found, camera=known, moved=moved)
