"""Sổ theo dõi camera: takes in every look, keeps what is known now, and writes history in batches."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from devices.clock import Clock
from gateway.domain.camera_history import KEPT_MS, Slice, Uptime, added, credited, uptime
from gateway.domain.camera_look import Look
from gateway.domain.camera_watch import CameraWatch, Health, after
from gateway.domain.device import Camera, CameraId
from gateway.domain.errors import BadInput
from gateway.domain.identity import Marks
from gateway.ports.cameras import CameraLog, Pictures
from gateway.services.bus import Bus
from gateway.services.events import CameraChanged
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

KEEP_EVERY_S = 10.0
MELT_EVERY_MS = 3_600_000
THUMBNAIL_LIFE_MS = 86_400_000
"""Privacy: a blurred thumbnail is gone within a day, also while nobody looks."""
_SWEEP_EVERY_MS = 60_000


class CameraWatcher:
    """One per gateway. What was seen counts at once; it is on the disk within seconds."""

    def __init__(
        self,
        *,
        log: CameraLog,
        pictures: Pictures,
        cameras: Callable[[], Mapping[CameraId, Camera]],
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._log = log
        self._pictures = pictures
        self._cameras = cameras
        self._bus = bus
        self._clock = clock
        self._watches: dict[CameraId, CameraWatch] = {}
        self._dirty: set[CameraId] = set()
        self._slices: dict[tuple[CameraId, int], Slice] = {}
        self._melted_ms = self._swept_ms = 0

    async def load(self) -> None:
        """Read what was known when the gateway stopped."""
        self._watches = {watch.id: watch for watch in await self._log.watches()}

    @property
    def watches(self) -> Mapping[CameraId, CameraWatch]:
        """What is known of each camera that was ever looked at."""
        return self._watches

    def watch(self, name: CameraId) -> CameraWatch:
        """Return what is known of one; nothing is known of one that nobody looked at."""
        return self._watches.get(name) or CameraWatch(id=name)

    def health(self, name: CameraId) -> Health:
        """Return how it is now; not looked at lately is not known."""
        return self.watch(name).at(self._clock.now_ms())

    async def seen(self, camera: Camera, look: Look) -> CameraWatch:
        """Take in one look; return what is known now."""
        before = self.watch(camera.id)
        if camera.id not in self._cameras():  # removed while it was looked at
            return before
        now = after(before, look)
        self._watches[camera.id] = now
        self._dirty.add(camera.id)
        for piece in credited(before, now):
            key = (piece.camera, piece.start_ms)
            self._slices[key] = added(self._slices[key], piece) if key in self._slices else piece
        if look.thumbnail is not None and camera.pictures:
            await self._keep_thumbnail(camera, look)
        if (now.health, _cause(now)) != (before.health, _cause(before)):
            self._tell(camera, before, now)
        return now

    def forget_picture(self, name: CameraId) -> None:
        """Drop the reference picture: it was turned on purpose; later ones are compared with the next."""
        self._forget(name, "picture")

    def forget_identity(self, name: CameraId) -> None:
        """Drop who it was, with its certificate: a person says that the camera hanging there now is the right one."""
        self._forget(name, "picture", "device", "fingerprint")
        if name in self._watches:
            self._watches[name] = replace(self._watches[name], marks=Marks())

    def _forget(self, name: CameraId, *what: str) -> None:
        if name in self._watches:
            watch = self._watches[name]
            kept = {key: value for key, value in watch.memory.items() if key not in what}
            self._watches[name] = replace(watch, memory=kept)
            self._dirty.add(name)

    async def run(self, beat: Beat = no_beat) -> None:
        """Keep, melt and sweep until cancelled."""
        while True:
            beat()
            await self.keep()
            await self._clock.sleep(KEEP_EVERY_S)

    async def keep(self) -> None:
        """Write down what is new; forget what is too old to be kept.

        Raises:
            StoreFailed: it stays to be written at the next call.
        """
        now_ms = self._clock.now_ms()
        known = self._cameras()
        for name in self._watches.keys() - known.keys():
            del self._watches[name]
        dirty, slices = set(self._dirty), dict(self._slices)
        if dirty or slices:
            await self._log.keep([self._watches[n] for n in sorted(dirty) if n in self._watches], list(slices.values()))
            self._dirty -= dirty
            self._forget_written(slices)
        if now_ms - self._melted_ms >= MELT_EVERY_MS:
            await self._log.melt(now_ms=now_ms)
            self._melted_ms = now_ms
        if now_ms - self._swept_ms >= _SWEEP_EVERY_MS:
            with_pictures = frozenset(name for name, camera in known.items() if camera.pictures)
            await self._pictures.forget(before_ms=now_ms - THUMBNAIL_LIFE_MS, keep=with_pictures)
            self._swept_ms = now_ms

    async def history(self, name: CameraId, *, days: int) -> list[Slice]:
        """Return the slices of one camera, oldest first, what is not written yet included."""
        since_ms = self._clock.now_ms() - min(days * 86_400_000, KEPT_MS)
        kept = list(await self._log.slices(since_ms=since_ms, until_ms=self._clock.now_ms() + 1, camera=name))
        pending = [each for each in self._slices.values() if each.camera == name and each.start_ms >= since_ms]
        return _together([*kept, *pending])

    async def uptime(self, names: Iterable[CameraId], *, days: int) -> Uptime:
        """Return how much of the time pictures came from these cameras together."""
        return (await self.uptimes({"": names}, days=days))[""]

    async def uptimes(self, groups: Mapping[str, Iterable[CameraId]], *, days: int) -> dict[str, Uptime]:
        """Return the uptime of each group: an owner's cameras, a neighbourhood's. One reading for all."""
        until_ms = self._clock.now_ms()
        since_ms = until_ms - min(days * 86_400_000, KEPT_MS)
        by_camera: dict[CameraId, list[Slice]] = {}
        kept = await self._log.slices(since_ms=since_ms, until_ms=until_ms + 1)
        for each in (*kept, *self._slices.values()):
            by_camera.setdefault(each.camera, []).append(each)
        found = {}
        for group, names in groups.items():
            members = set(names)
            slices = [each for name in members for each in by_camera.get(name, ())]
            found[group] = uptime(slices, cameras=len(members), since_ms=since_ms, until_ms=until_ms)
        return found

    async def _keep_thumbnail(self, camera: Camera, look: Look) -> None:
        try:
            await self._pictures.keep_thumbnail(camera.id, look.thumbnail or b"", at_ms=look.at_ms)
        except BadInput as error:
            logger.warning("camera %s: its thumbnail is not kept: %s", camera.id, error.en)

    def _forget_written(self, written: Mapping[tuple[CameraId, int], Slice]) -> None:
        for key, piece in written.items():
            now = self._slices[key]
            if now == piece:
                del self._slices[key]
            else:  # more came while it was written: only that is left
                self._slices[key] = added(now, _negative(piece))

    def _tell(self, camera: Camera, before: CameraWatch, now: CameraWatch) -> None:
        fault = now.fault
        logger.info("camera %s: %s -> %s (%s)", camera.id, before.health, now.health, _cause(now) or "well")
        self._bus.publish(
            CameraChanged(
                camera=camera.id,
                health=now.health,
                cause=_cause(now),
                text_vi=fault.vi if fault else now.health.words[0],
                text_en=fault.en if fault else now.health.words[1],
            )
        )


def _cause(watch: CameraWatch) -> str:
    fault = watch.fault
    return "" if fault is None else str(fault.cause)


def _negative(piece: Slice) -> Slice:
    return Slice(
        camera=piece.camera,
        start_ms=piece.start_ms,
        good_ms=-piece.good_ms,
        faulty_ms=-piece.faulty_ms,
        lost_ms=-piece.lost_ms,
        looks=-piece.looks,
        answered=-piece.answered,
        answer_ms=-piece.answer_ms,
    )


def _together(slices: list[Slice]) -> list[Slice]:
    found: dict[tuple[int, int], Slice] = {}
    for each in slices:
        key = (each.start_ms, each.width_ms)
        found[key] = added(found[key], each) if key in found else each
    return [found[key] for key in sorted(found)]
