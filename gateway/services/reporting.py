"""Lập báo cáo: gathers what is stored of a period, and has it counted."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from devices.clock import Clock, instant
from devices.model import ClusterId
from gateway.domain.bulletin import Bulletin
from gateway.domain.category import Category
from gateway.domain.counting import counting
from gateway.domain.device import Owner
from gateway.domain.errors import NotFound
from gateway.domain.ids import BulletinId, CategoryId
from gateway.domain.report import Report, Stock, bulletins_behind, draw_up, lines_behind
from gateway.domain.report_facts import Facts
from gateway.domain.report_period import Period
from gateway.domain.targets import Registry
from gateway.ports.attendance import AttendanceBook
from gateway.ports.cameras import Cameras
from gateway.ports.records import AuditQuery, PlannedPlay
from gateway.ports.store import Audio, Audit, Bulletins, Inventory, Proofs

_MOST_ACTS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Shelves:
    """Where facts are kept, as far as reports look; a store fits by shape."""

    proofs: Proofs
    bulletins: Bulletins
    inventory: Inventory
    audio: Audio
    audit: Audit
    attendance: AttendanceBook
    cameras: Cameras


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Các dòng behind one number: plays, or bulletins."""

    plays: Sequence[PlannedPlay] = ()
    bulletins: Sequence[Bulletin] = ()


class Reporting:
    """Draws reports up anew every time: what they say is what is stored now."""

    def __init__(self, shelves: Shelves, *, clock: Clock, zone: str) -> None:
        self._shelves = shelves
        self._clock = clock
        self._zone = ZoneInfo(zone)

    @property
    def today(self) -> date:
        """The ward's own day."""
        return self._now().astimezone(self._zone).date()

    async def draw_up(self, period: Period) -> Report:
        """Return the report of ``period``, compared with the one before it.

        Of a period that is not over, what came before now.
        """
        stock = await self._cameras()
        earlier = period.before()
        before = await self._one(earlier) if earlier is not None else None
        return await self._one(period, before=before, stock=stock)

    async def lines(self, period: Period, what: str) -> Lines:
        """Return what the number ``what`` of the report was counted from; see :func:`lines_behind`.

        Raises:
            NotFound: no number is called so.
        """
        facts = await self._facts(period)
        if (named := bulletins_behind(facts, what)) is not None:
            found = [await self._shelves.bulletins.get(BulletinId(name)) for name in named]
            return Lines(bulletins=[each for each in found if each is not None])
        behind = lines_behind(facts, what)
        if behind is None:
            raise NotFound(f"Báo cáo không có số “{what}”.", f"No number of the report is called “{what}”.")
        keys = {(play.occ, play.cluster) for play in behind}
        plays = await self._plays(period)
        return Lines(plays=[play for play in plays if (play.occ, play.cluster) in keys])

    async def categories(self) -> dict[CategoryId, Category]:
        """Return the chuyên mục by id: what tables call them."""
        return {each.id: each for each in await self._shelves.inventory.categories()}

    async def attended(self, period: Period) -> dict[ClusterId, tuple[int, int]]:
        """Return for every cluster how many seconds it was watched, and there, in ``period``."""
        found: dict[ClusterId, tuple[int, int]] = {}
        for row in await self._shelves.attendance.between(period.first, period.last):
            watched, online = found.get(row.cluster, (0, 0))
            found[row.cluster] = watched + row.watched_s, online + row.online_s
        return found

    async def _cameras(self) -> Sequence[Stock]:
        """Count the cameras of the registry by who owns them, and by where they hang."""
        cameras = await self._shelves.cameras.all()
        owners, zones = Counter(each.owner for each in cameras), Counter(each.zone for each in cameras)
        names = {zone.id: zone.name for zone in await self._shelves.inventory.zones()}
        hung = sorted(
            ((names.get(zone, zone), many) for zone, many in zones.items()), key=lambda each: counting(each[0])
        )
        return [
            *(Stock(key=f"camera.{owner.value}", count=owners[owner]) for owner in Owner if owners[owner]),
            *(Stock(key="camera_zone", count=many, name=name) for name, many in hung),
        ]

    async def _one(self, period: Period, *, before: Report | None = None, stock: Sequence[Stock] = ()) -> Report:
        facts = await self._facts(period)
        # A year of two hundred clusters is 40,000 rows: counted beside the loop that keeps the poles company.
        return await asyncio.to_thread(
            draw_up, facts, period, upto=self._upto(period), before=before, stock=tuple(stock)
        )

    async def _facts(self, period: Period) -> Facts:
        shelves = self._shelves
        plays = await self._plays(period)
        bulletins = {each.id: each for each in await shelves.bulletins.all()}
        registry = Registry.of(list(await shelves.inventory.zones()), list(await shelves.inventory.clusters()))
        since, upto = period.since(self._zone), self._upto(period)
        begun = await self._acts("bulletin.create", since, upto)
        return Facts(
            plays=plays,
            bulletins=bulletins,
            lengths_ms={each.asset: each.duration_ms for each in await shelves.audio.all()},
            categories=await self.categories(),
            registry=registry,
            begun=begun,
            approved=await self._acts("bulletin.approve", since, upto) if begun else frozenset(),
            attendance=await shelves.attendance.between(period.first, period.last),
        )

    async def _plays(self, period: Period) -> Sequence[PlannedPlay]:
        return await self._shelves.proofs.plays(since=period.since(self._zone), until=self._upto(period))

    async def _acts(self, action: str, since: datetime, until: datetime) -> frozenset[BulletinId]:
        query = AuditQuery(kind=action, since=since, until=until)
        lines = await self._shelves.audit.find(query, limit=_MOST_ACTS)
        return frozenset(BulletinId(line.note.subject) for line in lines)

    def _upto(self, period: Period) -> datetime:
        return max(period.since(self._zone), min(period.until(self._zone), self._now()))

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())
