"""Nghe camera: what cameras tell by themselves only calls the next look sooner; what is believed, the look says.

Few are listened to at a time, and only those that are well enough to be: the round goes on for everybody, whether
events come, stop or lie.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devices.clock import NS_PER_MS, Clock
from devices.model.camera import Layer
from gateway.domain.camera_watch import CameraWatch, Health
from gateway.domain.device import Camera, CameraId
from gateway.ports.cameras import CameraEyes, Door, Happened, Hint
from gateway.services.cameras.listening import Events, Listening, Why
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

MOST_LISTENED = 100
"""Each holds one connection here and one of the few subscriptions that a camera has."""
TICK_S = 5.0
SILENT_S = 150.0
"""A camera answers at least once a minute, if only that nothing happened; so long without is silence."""
STOPPED_S = (300.0, 900.0, 3_600.0)
"""How long it is left alone after its events stopped: the first time, the second, and from then on."""
LIED_S = 3_600.0
MOST_FALSE = 5
"""So many alarms in a row that a look did not bear out, and its events are left alone."""
TROUBLE_EVERY_S, CALM_EVERY_S = 30.0, 300.0
_LIVED_S = 600.0
"""Events that came for so long had begun well: what stops them then is the first time again."""


@dataclass
class _Ear:
    """What is known of listening to one camera. Times are the monotonic clock's, in seconds."""

    not_before_s: float = 0.0
    stops: int = 0
    false: int = 0
    asked_s: float | None = None
    claimed_ms: int | None = None
    """When it claimed what no look has borne out or denied yet."""
    task: asyncio.Task[None] | None = None
    camera: Camera | None = None
    began_s: float = 0.0
    pulse_s: float | None = None
    live_ms: int | None = None
    """Since when its events come."""
    why: Why | None = None
    """Why it was left alone, and in the driver's words."""
    detail: str = ""
    last: Happened | None = None


class CameraListener:
    """Listens. ``look_soon`` is the poller's: a hint is answered by a look, and by nothing else."""

    def __init__(
        self,
        *,
        eyes: CameraEyes,
        door: Callable[[CameraId], Door],
        cameras: Callable[[], Mapping[CameraId, Camera]],
        watch: Callable[[CameraId], CameraWatch],
        look_soon: Callable[[CameraId], None],
        clock: Clock,
    ) -> None:
        self._eyes = eyes
        self._door = door
        self._cameras = cameras
        self._watch = watch
        self._look_soon = look_soon
        self._clock = clock
        self._ears: dict[CameraId, _Ear] = {}

    def events(self, name: CameraId) -> Events:
        """Say whether this camera's events come just now."""
        ear = self._ears.get(name)
        live = ear is not None and ear.task is not None and ear.pulse_s is not None
        return Events.LIVE if live else Events.POLLING

    def listening(self, name: CameraId) -> Listening:
        """Say how it stands with this camera's events, and why they do not come where they do not."""
        ear = self._ears.get(name) or _Ear()
        if self.events(name) is Events.LIVE:
            return Listening(events=Events.LIVE, since_ms=ear.live_ms, last=ear.last)
        wait_s = ear.not_before_s - self._now_s()
        waits = ear.why is not None and wait_s > 0
        why = ear.why if waits else self._why_not(name, ear)
        return Listening(
            events=Events.POLLING,
            why=why,
            detail=ear.detail if waits else "",
            again_ms=self._clock.now_ms() + round(wait_s * 1_000) if waits else None,
            last=ear.last,
        )

    def _why_not(self, name: CameraId, ear: _Ear) -> Why:
        camera, watch = self._cameras().get(name), self._watch(name)
        if camera is None or not camera.polled:
            return Why.UNWATCHED
        if ear.task is not None:
            return Why.ASKING
        if watch.looked_ms is not None and not self._well(camera):
            return Why.NOT_WELL
        if not watch.memory.get("events_path"):
            return Why.NOT_OFFERED if Layer.STREAM in watch.layers else Why.UNKNOWN
        return Why.FULL if self._free <= 0 else Why.ASKING

    @property
    def _free(self) -> int:
        return MOST_LISTENED - sum(ear.task is not None for ear in self._ears.values())

    @property
    def live(self) -> int:
        """How many cameras' events come just now."""
        return sum(self.events(name) is Events.LIVE for name in self._ears)

    async def run(self, beat: Beat = no_beat) -> None:
        """Listen until cancelled."""
        self._ears.clear()
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    beat()
                    self._check()
                    self._begin(group)
                    await self._clock.sleep(TICK_S)
        finally:
            self._ears.clear()

    # -- who is listened to ------------------------------------------------------------------------------------------

    def _check(self) -> None:
        """End what is of no use any more."""
        cameras, now_s = self._cameras(), self._now_s()
        for name, ear in list(self._ears.items()):
            if name not in cameras:
                self._end(ear)
                del self._ears[name]
                continue
            self._weigh(name, ear)
            if ear.task is None:
                continue
            heard_s = ear.began_s if ear.pulse_s is None else ear.pulse_s
            if ear.camera != cameras[name]:
                self._end(ear)  # its address or password was edited: anew, with what it is now
            elif ear.false >= MOST_FALSE:
                logger.info("camera %s: its events are not borne out by looks; left alone", name)
                ear.false = 0
                self._leave(ear, LIED_S, Why.LIED)
            elif not self._able(cameras[name]):
                self._stopped(ear, Why.NOT_WELL)
            elif now_s - heard_s > SILENT_S:
                self._stopped(ear, Why.SILENT)

    def _begin(self, group: asyncio.TaskGroup) -> None:
        free = self._free
        now_s = self._now_s()
        for name, camera in sorted(self._cameras().items()):
            if free <= 0:
                return
            ear = self._ears.get(name)
            if (ear is not None and (ear.task is not None or now_s < ear.not_before_s)) or not self._able(camera):
                continue
            ear = self._ears.setdefault(name, _Ear())
            ear.camera, ear.began_s, ear.pulse_s, ear.claimed_ms = camera, now_s, None, None
            ear.why, ear.detail = None, ""
            ear.task = group.create_task(self._listen(name, ear), name=f"listen to {name}")
            free -= 1

    def _able(self, camera: Camera) -> bool:
        """Whether it answers, takes our password and said that it has events."""
        return self._well(camera) and bool(self._watch(camera.id).memory.get("events_path"))

    def _well(self, camera: Camera) -> bool:
        watch = self._watch(camera.id)
        login = watch.layers.get(Layer.LOGIN)
        takes = login is not None and login.holds.ok is True and not login.in_doubt
        there = watch.at(self._clock.now_ms()) in {Health.GOOD, Health.FAULTY}
        return camera.polled and there and takes

    # -- one camera --------------------------------------------------------------------------------------------------

    async def _listen(self, name: CameraId, ear: _Ear) -> None:
        mine, why = ear.task, ""

        def told(hint: Hint, happened: Happened | None = None) -> None:
            self._told(name, ear, hint, happened)

        try:
            why = await self._eyes.listen(self._door(name), self._watch(name).memory, told=told)
            logger.info("camera %s: no events: %s", name, why)
        except Exception:
            logger.exception("listening to %s fell over", name)
        if ear.task is mine:
            if ear.pulse_s is not None:
                self._look_soon(name)  # it told, and stopped: perhaps it is gone
            self._stopped(ear, Why.STOPPED, why)

    def _told(self, name: CameraId, ear: _Ear, hint: Hint, happened: Happened | None) -> None:
        now_s = self._now_s()
        ear.live_ms = self._clock.now_ms() if ear.pulse_s is None else ear.live_ms
        ear.pulse_s = now_s
        ear.last = happened or ear.last
        if hint is Hint.PULSE:
            return
        apart_s = TROUBLE_EVERY_S if hint is Hint.TROUBLE else CALM_EVERY_S
        if ear.asked_s is not None and now_s - ear.asked_s < apart_s:
            return
        ear.asked_s = now_s
        if hint is Hint.TROUBLE and ear.claimed_ms is None:
            ear.claimed_ms = self._clock.now_ms()
        self._look_soon(name)

    def _weigh(self, name: CameraId, ear: _Ear) -> None:
        """Hold what it claimed against the look that came of it."""
        watch = self._watch(name)
        if ear.claimed_ms is None or watch.looked_ms is None or watch.looked_ms < ear.claimed_ms:
            return
        ear.claimed_ms = None
        ear.false = ear.false + 1 if watch.fault is None and not watch.in_doubt else 0

    def _stopped(self, ear: _Ear, why: Why, detail: str = "") -> None:
        """Fall back to the round, and come again later."""
        lived_s = 0.0 if ear.pulse_s is None else ear.pulse_s - ear.began_s
        ear.stops = 1 if lived_s >= _LIVED_S else ear.stops + 1
        self._leave(ear, STOPPED_S[min(ear.stops, len(STOPPED_S)) - 1], why, detail)

    def _leave(self, ear: _Ear, seconds: float, why: Why, detail: str = "") -> None:
        ear.why, ear.detail = why, detail
        ear.not_before_s = self._now_s() + seconds
        self._end(ear)

    @staticmethod
    def _end(ear: _Ear) -> None:
        task, ear.task, ear.pulse_s = ear.task, None, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def _now_s(self) -> float:
        return self._clock.mono_ns() / NS_PER_MS / 1_000
