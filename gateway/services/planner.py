"""Lập kế hoạch: makes each cluster's plan for the coming 14 days, and issues it again when what it says has changed.

A plan in hand is never touched by anything but a change of what it says, or by a new local day. Its numbers only
grow; a cluster that holds it plays from it with gateway and broker gone.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from devices.clock import Clock, instant
from devices.model import AssetId, ClusterId, OccurrenceId
from devices.wire.documents import PlanBody
from gateway.domain.local_time import day_bounds
from gateway.domain.plan import Broadcast, forecast
from gateway.ports.records import PlannedPlay, Severity, StoredAudio
from gateway.ports.store import Audio
from gateway.services import plan_builder
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.bus import Bus
from gateway.services.events import PlansIssued
from gateway.services.fleet import Fleet
from gateway.services.plan_builder import Share, shares
from gateway.services.plan_time import ClockWrong, PlanTime
from gateway.services.publisher import Edition, Publisher
from gateway.services.supervisor import Beat, no_beat
from gateway.services.time_witness import TimeWitness
from gateway.services.ward_view import WardView

logger = logging.getLogger(__name__)

DAYS = 15
"""From local midnight on, so that at any hour of today fourteen whole days lie ahead."""
LOOK_EVERY_S = 0.25
"""Changes that come together, as when a page saves three things, make one plan."""
AGAIN_EVERY_S = 3600.0
_CLOCK = "clock-wrong"
_KEPT_CONTENTS = 1024
_KEPT_SEQS = 4
_OLDEST_CUT = timedelta(hours=36)


@dataclass(frozen=True)
class _Content:
    """What a plan says, by occurrence: enough to tell whether a cluster holds an airtime as it is now."""

    prints: dict[OccurrenceId, str]


class Planner:
    """One per gateway. :meth:`changed` may be called from anywhere; :meth:`run` does the work."""

    def __init__(
        self,
        *,
        view: WardView,
        audio: Audio,
        fleet: Fleet,
        publisher: Publisher,
        alarms: AlarmDesk,
        bus: Bus,
        clock: Clock,
        zone: str,
        witness: TimeWitness | None = None,
        standing: Callable[[], Sequence[StoredAudio]] = tuple,
    ) -> None:
        """``publisher`` is the one of kind ``plan``; ``zone`` says when a day of the ward begins.

        ``standing``: what every pole holds beside what it is to air (phrases for emergencies).

        ``witness``: what the poles with a clock of their own say of ours; without, nobody says anything.
        """
        self._view = view
        self._audio = audio
        self._fleet = fleet
        self._publisher = publisher
        self._alarms = alarms
        self._bus = bus
        self._clock = clock
        self._zone = zone
        self._time = PlanTime(clock, witness or TimeWitness(clock))
        self._standing = standing
        self._why: list[str] = ["start"]
        self._force = False
        self._planned_ns = 0
        self._planned_day: object = None
        self._coming: tuple[Broadcast, ...] = ()
        self._prints: dict[OccurrenceId, str] = {}
        self._contents: dict[str, _Content] = {}
        self._held: dict[ClusterId, dict[int, str]] = {}
        self._full: dict[ClusterId, datetime | None] = {}
        self._one_at_a_time = asyncio.Lock()

    # -- asked -------------------------------------------------------------------------------------------------------

    @property
    def coming(self) -> tuple[Broadcast, ...]:
        """The forecast that the plans were made from: what airs, and what does not and why."""
        return self._coming

    def holds(self, cluster: ClusterId, seq: int, occ: OccurrenceId) -> bool:
        """Tell whether plan ``seq`` of ``cluster`` says of ``occ`` exactly what the newest forecast says."""
        said = self._contents.get(self._held.get(cluster, {}).get(seq, ""))
        return said is not None and occ in self._prints and said.prints.get(occ) == self._prints[occ]

    # -- told --------------------------------------------------------------------------------------------------------

    def changed(self, why: str, *, force: bool = False) -> None:
        """Have plans made again, soon. ``force``: even when they say the same, e.g. with a new key."""
        self._why.append(why)
        self._force = self._force or force

    # -- runs --------------------------------------------------------------------------------------------------------

    async def run(self, beat: Beat = no_beat) -> None:
        """Plan when something changed, when a day begins, and every hour, until cancelled."""
        while True:
            beat()
            if self._why or self._day() != self._planned_day or self._waited_s() >= AGAIN_EVERY_S:
                await self.plan()
            await self._clock.sleep(LOOK_EVERY_S)

    async def plan(self) -> int:
        """Make plans now, and issue those that say something new; return how many.

        Raises:
            StoreFailed: what was not issued is tried again.
            ClockWrong: plans in hand stand, and an alarm says why.
        """
        async with self._one_at_a_time:
            if self._time.must_wait(self._newest()):
                return 0  # what is due stays due
            why, force = list(self._why), self._force
            issued = await self._plan(force=force)
            del self._why[: len(why)]
            self._force = self._force and not force
        if issued:
            told = ", ".join(dict.fromkeys(why)) or "new day"
            logger.info("%d plans issued: %s", issued, told)
            self._bus.publish(PlansIssued(clusters=issued, why=told))
        return issued

    async def _plan(self, *, force: bool) -> int:
        now = instant(self._clock.now_ms())
        clusters = sorted(self._fleet.enrolled)
        await self._expect_clock()
        skipped = self._time.skipped()
        since = now - skipped
        cuts = {cluster: None if force else self._cut(cluster, now, skipped) for cluster in clusters}
        until = self._until(now)
        oldest = min([since, *(cut for cut in cuts.values() if cut is not None)])
        found = await asyncio.to_thread(forecast, await self._view.now(), oldest, until)
        stored = await self._stored(found)
        will, lost = plan_builder.airing(found, stored)
        await self._say_lost(lost)
        prints = [plan_builder.fingerprint(broadcast) for broadcast in will]
        due = self._unchanged_aside(will, prints, cuts)
        again = shares(will, prints, due, cut=since, standing=self._standing())
        issued = await self._publisher.issue([self._edition(share, stored, since, until) for share in again])
        await self._say_full(again)
        self._remember(will, prints, clusters, again)
        self._coming = tuple(broadcast for broadcast in found if broadcast.end > now)
        self._planned_day, self._planned_ns = self._day(), self._clock.mono_ns()
        return issued

    def _cut(self, cluster: ClusterId, now: datetime, skipped: timedelta) -> datetime | None:
        """Return from when on the plan in hand speaks, or ``None`` when there must be a new one whatever it says."""
        last = self._publisher.last(cluster)
        if last is None or not now - _OLDEST_CUT < last.issued_at <= now:
            return None
        zone = ZoneInfo(self._zone)
        today = last.issued_at.astimezone(zone).date() == now.astimezone(zone).date()
        return last.issued_at - skipped if today else None

    def _newest(self) -> datetime | None:
        lasts = (self._publisher.last(cluster) for cluster in self._fleet.enrolled)
        return max((last.issued_at for last in lasts if last is not None), default=None)

    async def _expect_clock(self) -> None:
        try:
            self._time.expect_possible(self._newest())
        except ClockWrong as error:
            if _CLOCK not in self._alarms.standing:
                await self._alarms.raise_(_CLOCK, Severity.CRITICAL, error.vi, error.en)
            raise
        await self._alarms.clear(_CLOCK)

    def _unchanged_aside(
        self, will: Sequence[Broadcast], prints: Sequence[str], cuts: dict[ClusterId, datetime | None]
    ) -> list[ClusterId]:
        """Return the clusters whose plan says something else than it would now."""
        by_cut: dict[datetime, list[ClusterId]] = {}
        due: list[ClusterId] = []
        for cluster, cut in cuts.items():
            if cut is None:
                due.append(cluster)
            else:
                by_cut.setdefault(cut, []).append(cluster)
        for cut, members in by_cut.items():
            for share in shares(will, prints, members, cut=cut, standing=self._standing()):
                self._note_contents(share, dict(zip((b.id for b in will), prints, strict=True)))
                for cluster in share.clusters:
                    last = self._publisher.last(cluster)
                    if last is None or last.content_hash != share.content_hash:
                        due.append(cluster)
        return sorted(due)

    def _edition(self, share: Share, stored: dict[AssetId, StoredAudio], since: datetime, until: datetime) -> Edition:
        standing = tuple(self._standing())

        def body(rev: int) -> PlanBody:
            ends = until if share.full_at is None else max(since, share.full_at)
            return plan_builder.body_of(share.broadcasts, stored, rev=rev, start=since, until=ends, standing=standing)

        def plays(cluster: ClusterId) -> Sequence[PlannedPlay]:
            return plan_builder.promised(cluster, share.broadcasts)

        return Edition(whom=share.clusters, body=body, content_hash=share.content_hash, plays=plays)

    def _remember(
        self,
        will: Sequence[Broadcast],
        prints: Sequence[str],
        clusters: Sequence[ClusterId],
        again: Sequence[Share],
    ) -> None:
        self._prints = dict(zip((broadcast.id for broadcast in will), prints, strict=True))
        for share in again:
            self._note_contents(share, self._prints)
        for cluster in clusters:
            last = self._publisher.last(cluster)
            if last is not None:
                held = self._held.get(cluster, {}) | {last.seq: last.content_hash}
                self._held[cluster] = dict(sorted(held.items())[-_KEPT_SEQS:])

    def _note_contents(self, share: Share, prints: dict[OccurrenceId, str]) -> None:
        self._contents.pop(share.content_hash, None)  # the newest last
        self._contents[share.content_hash] = _Content({b.id: prints[b.id] for b in share.broadcasts})
        while len(self._contents) > _KEPT_CONTENTS:
            del self._contents[next(iter(self._contents))]

    async def _stored(self, broadcasts: Sequence[Broadcast]) -> dict[AssetId, StoredAudio]:
        names = sorted({asset for broadcast in broadcasts for asset in plan_builder.assets_of(broadcast)})
        found = [await self._audio.get(name) for name in names]
        return {audio.asset: audio for audio in found if audio is not None}

    async def _say_lost(self, lost: set[AssetId]) -> None:
        if not lost:
            await self._alarms.clear("audio-lost")
            return
        logger.warning("audio is missing: %s", ", ".join(sorted(lost)))
        await self._alarms.raise_(
            "audio-lost",
            Severity.CRITICAL,
            f"Kho âm thanh thiếu {len(lost)} tệp, các lượt phát cần tệp này không lên kế hoạch được.",
            f"Audio files missing: {len(lost)}. The broadcasts that need them are in no plan.",
        )

    async def _say_full(self, shares_issued: Sequence[Share]) -> None:
        """Tell when the coming days are more than a pole can be told at once. What was not issued anew is as it was."""
        for share in shares_issued:
            self._full.update(dict.fromkeys(share.clusters, share.full_at))
        starts = [at for name, at in self._full.items() if at is not None and name in self._fleet.enrolled]
        if not starts:
            await self._alarms.clear("plan-full")
            return
        first = min(starts).astimezone(ZoneInfo(self._zone))
        await self._alarms.raise_(
            "plan-full",
            Severity.WARNING,
            f"Lịch quá dày: cụm loa chỉ giữ được kế hoạch đến {first:%d/%m/%Y %H:%M}, phần sau được gửi tiếp mỗi ngày.",
            f"Too much for one plan: poles hold it until {first:%d/%m/%Y %H:%M}, and get the rest day by day.",
        )

    def _until(self, now: datetime) -> datetime:
        zone = ZoneInfo(self._zone)
        begin, _ = day_bounds(now.astimezone(zone).date() + timedelta(days=DAYS), zone)
        return begin

    def _day(self) -> object:
        return instant(self._clock.now_ms()).astimezone(ZoneInfo(self._zone)).date()

    def _waited_s(self) -> float:
        return (self._clock.mono_ns() - self._planned_ns) / 1e9
