"""Vòng kiểm tra: looks at every camera in its turn. One slow camera delays nobody, and what it cannot do it says.

At most one look per address is in flight. When there are more due than slots, the site (cabinet, else neighbourhood)
with the fewest looks in flight goes first, and no site holds all slots: hanging cameras of a dead cabinet leave room.
"""

import asyncio
import heapq
import itertools
import logging
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from devices.clock import Clock
from devices.model.camera import Depth
from gateway.domain.camera_look import Look, unanswered
from gateway.domain.camera_watch import CameraWatch, Health
from gateway.domain.device import Camera, CameraId
from gateway.ports.cameras import CameraEyes, Door
from gateway.services.cameras import turns
from gateway.services.cameras.turns import Pace, Turn
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

TICK_S = 0.25
_SHARE_OF_ONE_SITE = 0.75
_CAMERAS_A_SLOT, _MOST_SLOTS = 25, 400
"""Where there are thousands of cameras there are more slots; 400 sockets are what one process should hold."""
_POKED_WITHIN_S = 5.0
MOST_BUGS = 5
"""Looks in a row that fell over in our own code before the whole poller counts as broken."""
_SMOOTH = 0.1
_LATE = 1.2

Seen = Callable[[Camera, Look], Awaitable[CameraWatch]]


@dataclass(frozen=True, kw_only=True)
class PollReport:
    """How the poller keeps up, told as it is."""

    cameras: int
    waiting: int
    """Due, and no slot free."""
    in_flight: int
    every_s: float
    """What it aims at."""
    real_every_s: float
    """What it manages: over the last looks, or for whoever waits longest just now if that is worse."""
    oldest_s: float | None
    """Since the camera that waited longest was looked at; ``None``: nobody was yet."""
    looks: int

    @property
    def stretched(self) -> bool:
        """Whether it cannot keep its interval."""
        return self.real_every_s > self.every_s * _LATE

    @property
    def words(self) -> tuple[str, str]:
        """Say it in both languages."""
        if self.stretched:
            return (
                f"Quá tải: mỗi camera được kiểm tra khoảng {self.real_every_s:.0f} giây một lần.",
                f"Overloaded: each camera is looked at about every {self.real_every_s:.0f} s.",
            )
        return f"Kiểm tra mỗi {self.every_s:.0f} giây.", f"Looked at every {self.every_s:.0f} s."


class Poller:
    """Owns the turns. What was seen goes to ``seen``, which returns what is known now."""

    def __init__(
        self,
        *,
        eyes: CameraEyes,
        door: Callable[[CameraId], Door],
        watch: Callable[[CameraId], CameraWatch],
        seen: Seen,
        clock: Clock,
        pace: Pace | None = None,
    ) -> None:
        self._eyes = eyes
        self._door = door
        self._watch = watch
        self._seen = seen
        self._clock = clock
        self._pace = pace or Pace()
        self._cameras: Mapping[CameraId, Camera] = {}
        self._turns: dict[CameraId, Turn] = {}
        self._heap: list[tuple[float, int, CameraId]] = []
        self._order = itertools.count()
        self._ready: dict[str, deque[CameraId]] = defaultdict(deque)
        self._queued: set[CameraId] = set()
        self._busy: dict[tuple[str, int], CameraId] = {}
        self._sites: Counter[str] = Counter()
        self._group: asyncio.TaskGroup | None = None
        self._many_sites = False
        self._bugs = 0
        self._looks = 0
        self._real_every_s = self._pace.every_s

    def use(self, cameras: Mapping[CameraId, Camera]) -> None:
        """Follow the registry: new cameras get a turn, changed ones at once, removed ones none."""
        polled = {name: camera for name, camera in cameras.items() if camera.polled}
        now_s = self._now_s()
        for name, camera in polled.items():
            if name not in self._turns:
                self._turns[name] = turns.first(name, now_s, self._pace, cameras=len(polled))
                self._push(name)
            elif self._cameras.get(name) != camera:
                self.look_soon(name)
        for name in self._turns.keys() - polled.keys():
            del self._turns[name]
        self._cameras = polled
        self._many_sites = len({_site(camera) for camera in polled.values()}) > 1

    def look_soon(self, name: CameraId, *, within_s: float = 0.0) -> None:
        """Give a camera an early, deep turn: its entry was edited, or a person asks."""
        turn = self._turns.get(name)
        if turn is None:
            return
        turn.due_s = min(turn.due_s, self._now_s() + turns.phase(name, within_s or 0.001))
        turn.full_due_s = turn.picture_due_s = turn.due_s
        self._push(name)

    async def run(self, beat: Beat = no_beat) -> None:
        """Look until cancelled.

        Raises:
            ExceptionGroup: our own code fell over again and again; the supervisor tells and starts it again.
        """
        self._busy.clear()
        self._sites.clear()
        self._bugs = 0
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                try:
                    while True:
                        beat()
                        self._start_due()
                        await self._clock.sleep(TICK_S)
                finally:
                    self._group = None  # those that end now start nobody
        finally:
            self._group = None

    def report(self) -> PollReport:
        """Say how it keeps up."""
        now_s = self._now_s()
        ages = [now_s - turn.started_s for turn in self._turns.values() if turn.started_s is not None]
        overdue_s = max((now_s - self._turns[name].due_s for name in self._queued if name in self._turns), default=0.0)
        return PollReport(
            cameras=len(self._turns),
            waiting=len(self._queued),
            in_flight=len(self._busy),
            every_s=self._pace.every_s,
            real_every_s=round(max(self._real_every_s, self._pace.every_s + overdue_s), 1),
            oldest_s=round(max(ages), 1) if ages else None,
            looks=self._looks,
        )

    @property
    def _slots(self) -> int:
        return max(self._pace.at_once, min(_MOST_SLOTS, len(self._turns) // _CAMERAS_A_SLOT))

    # -- whose turn it is --------------------------------------------------------------------------------------------

    def _push(self, name: CameraId) -> None:
        heapq.heappush(self._heap, (self._turns[name].due_s, next(self._order), name))

    def _start_due(self) -> None:
        now_s = self._now_s()
        while self._heap and self._heap[0][0] <= now_s:
            due_s, _, name = heapq.heappop(self._heap)
            turn = self._turns.get(name)
            # an entry whose turn was moved since is not the one that counts
            if turn is not None and turn.due_s == due_s and name not in self._queued:
                self._queued.add(name)
                self._ready[_site(self._cameras[name])].append(name)
        while self._group is not None and len(self._busy) < self._slots:
            chosen = self._choose()
            if chosen is None:
                return
            self._queued.discard(chosen)
            camera = self._cameras[chosen]
            self._busy[_address(camera)] = chosen
            self._sites[_site(camera)] += 1
            self._group.create_task(self._look(camera), name=f"look at {chosen}")

    def _choose(self) -> CameraId | None:
        share = _SHARE_OF_ONE_SITE if self._many_sites else 1.0
        most = max(1, int(self._slots * share))
        for site in sorted((s for s, names in self._ready.items() if names), key=lambda each: self._sites[each]):
            if self._sites[site] >= most:
                return None
            names = self._ready[site]
            for _ in range(len(names)):
                name = names.popleft()
                camera = self._cameras.get(name)
                if camera is None:
                    self._queued.discard(name)
                elif _address(camera) in self._busy:
                    names.append(name)
                else:
                    return name
        return None

    # -- one look ----------------------------------------------------------------------------------------------------

    async def _look(self, camera: Camera) -> None:
        turn = self._turns.get(camera.id)
        try:
            if turn is not None:
                await self._look_at(camera, turn)
                self._bugs = 0
        except Exception:
            self._bugs += 1
            logger.exception("looking at %s fell over", camera.id)
            if turn is not None:
                turn.due_s = self._now_s() + self._pace.every_s
                turn.started_s = turn.started_s or self._now_s()
            if self._bugs >= MOST_BUGS:
                self._group = None
                raise
        finally:
            self._busy.pop(_address(camera), None)
            self._sites[_site(camera)] -= 1
            if camera.id in self._turns and camera.id not in self._queued:
                self._push(camera.id)
            self._start_due()

    async def _look_at(self, camera: Camera, turn: Turn) -> None:
        before = self._watch(camera.id)
        now_s = self._now_s()
        depth = turns.depth(turn, camera, before, now_s)
        if turn.started_s is not None and turns.back_off(before) == 1.0 and not before.in_doubt:
            self._real_every_s += _SMOOTH * (max(now_s - turn.started_s, 0.0) - self._real_every_s)
        turn.started_s = now_s
        look = await self._bounded(camera, before, depth)
        self._looks += 1
        after = await self._seen(camera, look)
        if camera.id in self._turns:
            turns.looked(turn, depth, after, self._now_s(), self._pace)
        if before.health is Health.LOST and after.health is not Health.LOST:
            self._poke_neighbours(camera)

    async def _bounded(self, camera: Camera, before: CameraWatch, depth: Depth) -> Look:
        at_ms = self._clock.now_ms()
        work = asyncio.ensure_future(self._eyes.look(self._door(camera.id), before.memory, depth))
        limit = asyncio.ensure_future(self._clock.sleep(self._pace.limit_s))
        try:
            await asyncio.wait({work, limit}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            logger.warning("camera %s: no result within %.0f s", camera.id, self._pace.limit_s)
            return unanswered(
                at_ms,
                vi="Không trả lời trong thời hạn",
                en="no answer in time",
                cause="timeout",
                memory=before.memory,
            )
        finally:
            for each in (work, limit):
                each.cancel()
            await asyncio.gather(work, limit, return_exceptions=True)

    def _poke_neighbours(self, camera: Camera) -> None:
        """When one of a cabinet is back, the others are asked at once, however far their back-off went."""
        for name, other in self._cameras.items():
            same = _site(other) == _site(camera) or (camera.switch and other.switch == camera.switch)
            if name != camera.id and same and self._watch(name).health is Health.LOST:
                self.look_soon(name, within_s=_POKED_WITHIN_S)

    def _now_s(self) -> float:
        return self._clock.mono_ns() / 1e9


def _site(camera: Camera) -> str:
    return camera.cabinet or camera.switch or camera.zone


def _address(camera: Camera) -> tuple[str, int]:
    """What only one look at a time may speak to: cameras behind one address and port share one little computer."""
    return camera.host, camera.port
