"""Phát ngay: an approved bulletin on the air now, outside the plan. The air rules hold here, and again on the pole."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_hex
from zoneinfo import ZoneInfo

from devices.clock import Clock, epoch_ms, instant
from devices.model import AssetId, ClusterId, OccurrenceId, Priority, level_of
from devices.wire.commands import Play
from devices.wire.documents import LatePolicy, PlanEntry
from gateway.domain.airing import Airing
from gateway.domain.errors import BadInput, NotFound, PolicyRefusal, Problem, WrongState
from gateway.domain.ids import BroadcastId, BulletinId, ProgrammeId, ScheduleId, occurrence_id
from gateway.domain.local_time import day_bounds
from gateway.domain.people import Permission, expect
from gateway.domain.plan import Status, draft_airing, forecast
from gateway.domain.policy import check
from gateway.domain.programme import BulletinItem, Clip, ItemRole, Programme, Resolved
from gateway.domain.schedule import AfterOverride
from gateway.domain.targets import Targets
from gateway.ports.records import CommandRow, PlannedPlay, StoredAudio
from gateway.ports.store import Bulletins, Programmes, Proofs
from gateway.services.actor import Actor
from gateway.services.commands import Commands
from gateway.services.fleet import Fleet
from gateway.services.library import Library
from gateway.services.plan_builder import asset_entry, play_item
from gateway.services.rulebook import Rulebook
from gateway.services.silence import SilenceSwitch
from gateway.services.ward_view import WardView

logger = logging.getLogger(__name__)

LEAD_S = 5.0
"""From the order to the first sound when nothing has to be fetched: every pole hears it, and all start together."""
SLOWEST_LINK_BYTES_S = 64_000
"""What a pole on a poor 4G link fetches; the start waits for it, up to the longest lead."""
LONGEST_LEAD_S = 120.0
JOIN_LATE_MS = 120_000
_PERCENT = 70
_TAPS_KEPT = 100


@dataclass(frozen=True, kw_only=True)
class _Manner:
    volume_percent: int
    priority: Priority
    anyway: bool


@dataclass(frozen=True, kw_only=True)
class NowOnAir:
    """What was ordered."""

    occ: OccurrenceId
    start_at: datetime
    duration_ms: int
    rows: tuple[CommandRow, ...]
    """One per cluster; what became of each is in the command log and, at the end, in the proofs."""


class BroadcastNow:
    """Immediate broadcasts of what is approved."""

    def __init__(
        self,
        *,
        bulletins: Bulletins,
        programmes: Programmes,
        library: Library,
        proofs: Proofs,
        commands: Commands,
        fleet: Fleet,
        rulebook: Rulebook,
        silence: SilenceSwitch,
        view: WardView,
        clock: Clock,
    ) -> None:
        self._bulletins = bulletins
        self._programmes = programmes
        self._library = library
        self._proofs = proofs
        self._commands = commands
        self._fleet = fleet
        self._rulebook = rulebook
        self._silence = silence
        self._view = view
        self._clock = clock
        self._tapping = asyncio.Lock()
        self._taps: OrderedDict[Hashable, NowOnAir] = OrderedDict()

    async def play_bulletins(
        self,
        bulletins: Sequence[BulletinId],
        targets: Targets,
        *,
        by: Actor,
        volume_percent: int = _PERCENT,
        priority: Priority = Priority.ROUTINE,
        tap: str = "",
        anyway: bool = False,
    ) -> NowOnAir:
        """Phát ngay bản tin: chime, then the bulletins.

        ``tap`` names one press of a button: sent again, by a phone that got no answer, it is the same broadcast.
        Another choice under it is another one. ``anyway``: although it runs into what is planned.

        Raises:
            NotAllowed
            BadInput: a name is unknown, or one of them may not be heard now, and why.
            PolicyRefusal: the air rules refuse it at this hour.
            WrongState: the ward is silenced; or ``sent_already``: what this very tap ordered is over; or
                ``meets_planned``: something planned for the same poles begins before this has ended, or is on the air.
            StoreFailed: nothing was sent.
        """
        expect(by, Permission.BROADCAST_NOW)
        how = _Manner(volume_percent=volume_percent, priority=priority, anyway=anyway)
        if not tap:
            return await self._bulletins_now(bulletins, targets, by, how)
        async with self._tapping:
            tapped = (by.id, tap, *bulletins, targets, volume_percent, priority)
            if (first := self._taps.get(tapped)) is not None:
                self._expect_on(first)
                return first
            made = await self._bulletins_now(bulletins, targets, by, how)
            self._taps[tapped] = made
            while len(self._taps) > _TAPS_KEPT:
                self._taps.popitem(last=False)
            return made

    def _expect_on(self, first: NowOnAir) -> None:
        end = first.start_at + timedelta(milliseconds=first.duration_ms)
        if instant(self._clock.now_ms()) >= end:
            raise WrongState(
                "Lần bấm trước đã phát xong. Muốn phát thêm một lần: bấm lại.",
                "What was ordered here is over. To broadcast it once more, press again.",
                code="sent_already",
            )

    async def _bulletins_now(
        self, bulletins: Sequence[BulletinId], targets: Targets, by: Actor, how: _Manner
    ) -> NowOnAir:
        known = [await self._bulletins.get(name) for name in bulletins]
        chime = await self._library.chime(how.priority.value)
        opening = Clip(role=ItemRole.CHIME, asset=chime.asset, duration_ms=chime.duration_ms)
        programme = Programme(
            id=ProgrammeId("now"),
            title=", ".join(found.title for found in known if found is not None) or "Phát ngay",
            items=(opening, *(BulletinItem(bulletin=name) for name in bulletins)),
            priority=how.priority,
        )
        return await self._play(programme, targets, by=by, volume_percent=how.volume_percent, anyway=how.anyway)

    async def play_programme(
        self,
        programme: ProgrammeId,
        targets: Targets,
        *,
        by: Actor,
        volume_percent: int = _PERCENT,
        anyway: bool = False,
    ) -> NowOnAir:
        """Phát ngay chương trình. Raises as :meth:`play_bulletins`, and NotFound."""
        expect(by, Permission.BROADCAST_NOW)
        found = await self._programmes.get(programme)
        if found is None:
            raise NotFound(f"Không có chương trình “{programme}”.", f"No programme “{programme}”.")
        return await self._play(found, targets, by=by, volume_percent=volume_percent, anyway=anyway)

    async def _play(
        self, programme: Programme, targets: Targets, *, by: Actor, volume_percent: int, anyway: bool
    ) -> NowOnAir:
        if programme.priority is Priority.EMERGENCY:
            raise BadInput(
                [Problem(code="emergency", vi="khẩn cấp có nút riêng", en="an emergency has its own button")]
            )
        self._commands.expect_charge()
        if self._silence.state.silent:
            raise WrongState("Toàn phường đang IM LẶNG.", "The whole ward is silenced.", code="silenced")
        clusters = targets.resolve(self._fleet.registry) & self._fleet.enrolled
        now = instant(self._clock.now_ms())
        named = [await self._bulletins.get(name) for name in programme.bulletins]
        recordings = await self._library.recordings(programme.recordings)
        sound = programme.resolve({found.id: found for found in named if found is not None}, recordings, now)
        if sound.unready:
            raise BadInput(sound.unready)
        stored = await self._stored(sound)
        start = now + self._lead(stored)
        airing = self._airing(programme, sound, clusters, start=start, volume_percent=volume_percent)
        await self._expect_allowed(airing, anyway=anyway)
        entry = self._entry(airing, sound)
        body = Play(
            entry=entry,
            assets=tuple(
                asset_entry(audio, need_by_ms=entry.start_at_ms, level=entry.level) for audio in stored.values()
            ),
        )
        plays = [_promise(cluster, airing, sound, tuple(stored)) for cluster in sorted(clusters)]
        await self._proofs.promise(plays)
        rows = await self._commands.send(
            "play",
            body,
            targets,
            by=by,
            exp_ms=entry.start_at_ms + JOIN_LATE_MS,
            action="broadcast.now",
        )
        return NowOnAir(occ=airing.occ, start_at=start, duration_ms=sound.duration_ms, rows=tuple(rows))

    async def _stored(self, sound: Resolved) -> dict[AssetId, StoredAudio]:
        found: dict[AssetId, StoredAudio] = {}
        for asset in sorted({item.asset for item in sound.items if item.asset is not None}):
            audio, _ = await self._library.file(asset)
            found[asset] = audio
        return found

    def _lead(self, stored: dict[AssetId, StoredAudio]) -> timedelta:
        fetch_s = sum(audio.bytes for audio in stored.values()) / SLOWEST_LINK_BYTES_S
        return timedelta(seconds=min(LEAD_S + fetch_s, LONGEST_LEAD_S))

    def _airing(
        self,
        programme: Programme,
        sound: Resolved,
        clusters: frozenset[ClusterId],
        *,
        start: datetime,
        volume_percent: int,
    ) -> Airing:
        rules, priority = self._rulebook.rules, programme.priority
        zone = ZoneInfo(rules.zone)
        name = BroadcastId(f"now-{token_hex(4)}")
        ceiling = rules.ceiling_over(start, timedelta(milliseconds=sound.duration_ms), priority)
        return Airing(
            occ=occurrence_id(name, start.astimezone(zone)),
            schedule=ScheduleId(name),
            title=programme.title,
            day=start.astimezone(zone).date(),
            start=start,
            duration_ms=sound.duration_ms,
            clusters=clusters,
            priority=priority,
            level=level_of(priority, programme.source),
            volume_percent=min(volume_percent, ceiling),
            music=any(item.music for item in sound.items),
            after_override=AfterOverride.SEEK,
        )

    async def _expect_allowed(self, airing: Airing, *, anyway: bool) -> None:
        rules = self._rulebook.rules
        begin, end = day_bounds(airing.day, ZoneInfo(rules.zone))
        today = await asyncio.to_thread(forecast, await self._view.now(), begin, end)
        planned = [replace(draft_airing(b), clusters=b.airs_on) for b in today if b.status is Status.WILL_AIR]
        known = set(check(planned, rules))
        refusals = [problem for problem in check([*planned, airing], rules) if problem not in known]
        if refusals:
            raise PolicyRefusal(refusals)
        met = [each for each in planned if each.clusters & airing.clusters and _run_into(airing, each)]
        if met and not anyway:
            raise _meets(min(met, key=lambda each: each.start), ZoneInfo(rules.zone))

    def _entry(self, airing: Airing, sound: Resolved) -> PlanEntry:
        return PlanEntry(
            occ=airing.occ,
            start_at_ms=epoch_ms(airing.start),
            dur_ms=airing.duration_ms,
            priority=airing.priority,
            level=airing.level,
            items=tuple(play_item(item) for item in sound.items),
            volume_percent=airing.volume_percent,
            late=LatePolicy(mode="seek", max_ms=JOIN_LATE_MS),
            title=airing.title[:200],
        )


def _run_into(now: Airing, planned: Airing) -> bool:
    """Tell whether one would be late or lose a part for the other. A lower level gives way, and comes back."""
    ends = now.start + timedelta(milliseconds=now.duration_ms)
    planned_ends = planned.start + timedelta(milliseconds=planned.duration_ms)
    return planned.start < ends and now.start < planned_ends and planned.level >= now.level


def _meets(planned: Airing, zone: ZoneInfo) -> WrongState:
    at = planned.start.astimezone(zone)
    return WrongState(
        f"Trùng “{planned.title}” lúc {at:%H:%M}: phát bây giờ thì một trong hai bị trễ hoặc mất một phần. Chờ chương"
        " trình ấy xong, hoặc nói rõ là vẫn phát ngay.",
        f"It meets “{planned.title}” at {at:%H:%M}: one of the two would be late or lose a part. Wait until that is"
        " over, or say that it shall air all the same.",
        code="meets_planned",
    )


def _promise(cluster: ClusterId, airing: Airing, sound: Resolved, assets: tuple[AssetId, ...]) -> PlannedPlay:
    return PlannedPlay(
        occ=airing.occ,
        cluster=cluster,
        schedule=None,
        title=airing.title,
        priority=airing.priority,
        start_at=airing.start,
        duration_ms=airing.duration_ms,
        bulletins=tuple(dict.fromkeys(item.bulletin for item in sound.items if item.bulletin is not None)),
        assets=assets,
    )
