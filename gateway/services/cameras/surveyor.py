"""Khảo sát: twice a day every well camera is asked who it is; what the registry did not know is written into it.

A list from paper has no UUID and no MAC; with them a camera is found again when its address changes. What a person
wrote is never written over.
"""

import logging

from devices.clock import Clock
from gateway.domain.camera_watch import Health
from gateway.domain.device import Camera, CameraId
from gateway.ports.cameras import CameraEyes
from gateway.services.cameras.registry import CameraRegistry
from gateway.services.cameras.watcher import CameraWatcher
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

EVERY_S = 43_200.0
LONGEST_PAUSE_S = 10.0
"""Between two cameras: a survey is a dozen calls, and nobody is in a hurry."""


class Surveyor:
    """One camera after the other, so that it never disturbs the minute's round."""

    def __init__(self, *, eyes: CameraEyes, registry: CameraRegistry, watcher: CameraWatcher, clock: Clock) -> None:
        self._eyes = eyes
        self._registry = registry
        self._watcher = watcher
        self._clock = clock
        self._done_s: dict[CameraId, float] = {}

    async def run(self, beat: Beat = no_beat) -> None:
        """Survey until cancelled."""
        while True:
            beat()
            camera = self._next()
            if camera is not None:
                await self.survey(camera)
            cameras = max(1, len(self._registry.cameras))
            await self._clock.sleep(min(LONGEST_PAUSE_S, EVERY_S / cameras / 2))

    async def survey(self, camera: Camera) -> None:
        """Ask one camera, and learn what was not known."""
        self._done_s[camera.id] = self._clock.mono_ns() / 1e9
        memory = self._watcher.watch(camera.id).memory
        found = await self._eyes.survey(self._registry.door(camera.id), memory)
        if found is None:
            logger.info("camera %s could not be surveyed", camera.id)
            return
        await self._registry.learn(camera.id, found)

    def _next(self) -> Camera | None:
        now_s = self._clock.mono_ns() / 1e9
        for name in self._done_s.keys() - self._registry.cameras.keys():
            del self._done_s[name]
        due = [
            camera
            for camera in self._registry.cameras.values()
            if camera.polled
            and self._watcher.health(camera.id) is Health.GOOD
            and now_s - self._done_s.get(camera.id, -EVERY_S) >= EVERY_S
        ]
        return min(due, key=lambda camera: (self._done_s.get(camera.id, 0.0), camera.id), default=None)
