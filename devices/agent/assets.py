"""Kho âm thanh trên loa: which files this pole must hold, fetched ahead in the right order and kept while planned."""

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from devices.agent.disk import Disk
from devices.agent.fetch import Fetcher, FetchFailed
from devices.agent.waiting import Bell, event_or_sleep
from devices.clock import Clock
from devices.link import backoff
from devices.model import AssetId, Level, asset_sha256
from devices.wire.documents import AssetEntry
from devices.wire.reports import AssetReport

logger = logging.getLogger(__name__)

URGENT_LEVEL = Level.EMERGENCY_WARD
"""From here on a file does not wait for the one being fetched."""
SPREAD_S = 300.0
"""Poles begin over this span, each at its own moment, when there is time."""
SOON_MS = 900_000
RETRY_SOON_S = 10.0
LOOK_AGAIN_NS = 2_000_000_000
"""A file that was on the card this long ago is taken to be there still."""
PLAN = "plan"

Stamp = tuple[int, int, int]
"""Size, when it was last written to, and which file it is: nobody writes into it or puts another in its place without.

Without its ctime: that changes with every other name it is given, as by a backup, and harms nothing."""


@dataclass
class _Wanted:
    """One file this pole must hold."""

    entry: AssetEntry
    level: int
    due_ns: int
    """Not before this instant: spread over the ward, or after a failed attempt."""
    waits: Iterator[float]
    report: AssetReport
    tries: int = 0

    @property
    def order(self) -> tuple[int, int, str]:
        return -self.level, self.entry.need_by_ms, self.entry.id


@dataclass(kw_only=True)
class Assets:
    """The audio folder of one pole. :meth:`run` keeps it complete."""

    folder: Path
    disk: Disk
    fetcher: Fetcher
    clock: Clock
    cluster: str
    utc_ms: Callable[[], int]
    base_url: Callable[[], str]
    cache_mb: Callable[[], int]
    tell: Callable[[AssetReport], None]
    spread_s: float = SPREAD_S
    bell: Bell = field(default_factory=Bell)
    """Rung when a file became ready."""

    def __post_init__(self) -> None:
        self._sources: dict[str, dict[str, tuple[AssetEntry, int]]] = {}
        self._wanted: dict[str, _Wanted] = {}
        self._ready: dict[str, Stamp] = {}
        self._seen_ns: dict[str, int] = {}
        self._news = Bell()

    # -- the shelf ---------------------------------------------------------------------------------------------------

    def is_ready(self, asset: str) -> bool:
        """Tell whether ``asset`` was checked in this boot and is on disk now, untouched since.

        One that is not, as when somebody emptied the card or wrote over it, is told, checked and fetched again.
        """
        stamp = self._ready.get(asset)
        if stamp is None:
            return False
        now_ns = self.clock.mono_ns()
        seen_ns = self._seen_ns.get(asset)
        if seen_ns is not None and now_ns - seen_ns < LOOK_AGAIN_NS:
            return True  # asked for every airtime of the plan, at every change of state
        try:
            whole = _stamp(self.path(asset)) == stamp
        except OSError:
            whole = False
        if whole:
            self._seen_ns[asset] = now_ns
        else:
            self._gone(asset)
        return whole

    def path(self, asset: str) -> Path:
        """Return where ``asset`` is, or will be."""
        return self.folder / asset_sha256(AssetId(asset))

    def reports(self) -> list[AssetReport]:
        """Return where every wanted file stands."""
        return [wanted.report for wanted in self._wanted.values()]

    def used(self, assets: tuple[str, ...]) -> None:
        """Note that ``assets`` were just played; one that is gone from the disk is fetched again."""
        for asset in assets:
            path = self.path(asset)
            try:
                written_ns = path.stat().st_mtime_ns
                os.utime(path)
                os.utime(path, ns=(path.stat().st_atime_ns, written_ns))  # it was read, and not written to
            except OSError:
                self._gone(asset)

    def _gone(self, asset: str) -> None:
        self._seen_ns.pop(asset, None)
        if self._ready.pop(asset, None) is None:
            return
        logger.error("%s was ready and is gone from the disk, or was written over", asset)
        wanted = self._wanted.get(asset)
        if wanted is not None:
            wanted.due_ns = self.clock.mono_ns()
            self._say(wanted, st="failed", why="disk", detail="gone")
        self._news.ring()

    # -- wanting -----------------------------------------------------------------------------------------------------

    def want(self, source: str, entries: tuple[AssetEntry, ...], *, level: int | None = None) -> None:
        """Hold ``entries`` from now on for ``source``, instead of what it wanted before."""
        self._sources[source] = {
            entry.id: (entry, entry.level if level is None else max(level, entry.level)) for entry in entries
        }
        self._settle()

    def unwant(self, source: str) -> None:
        """Forget what ``source`` wanted. The files go when room is needed."""
        if self._sources.pop(source, None) is not None:
            self._settle()

    def _settle(self) -> None:
        needed: dict[str, tuple[AssetEntry, int]] = {}
        for entries in self._sources.values():
            for asset, (entry, level) in entries.items():
                if asset not in needed or level > needed[asset][1]:
                    needed[asset] = entry, level
        for asset, (entry, level) in needed.items():
            known = self._wanted.get(asset)
            if known is None or known.entry.bytes != entry.bytes:
                self._wanted[asset] = self._new(entry, level)
            elif (known.level, known.entry) != (level, entry):
                known.entry, known.level = entry, level
                if level >= URGENT_LEVEL:
                    known.due_ns = self.clock.mono_ns()
                    known.waits = _waits(urgent=True)
        for asset in self._wanted.keys() - needed.keys():
            del self._wanted[asset]
        self._news.ring()

    def _new(self, entry: AssetEntry, level: int) -> _Wanted:
        urgent = level >= URGENT_LEVEL
        wanted = _Wanted(
            entry=entry,
            level=level,
            due_ns=self.clock.mono_ns() + int(self._delay_s(entry, urgent=urgent) * 1e9),
            waits=_waits(urgent=urgent),
            report=AssetReport(id=entry.id, st="queued", at_ms=max(0, self.utc_ms())),
        )
        if entry.id in self._ready:
            self._say(wanted, st="ready", bytes=entry.bytes)
        else:
            self._say(wanted, st="queued")
        return wanted

    def _delay_s(self, entry: AssetEntry, *, urgent: bool) -> float:
        """Spread the ward's poles over the time there is, but never what is on disk or needed soon."""
        left_ms = entry.need_by_ms - self.utc_ms()
        if urgent or left_ms <= SOON_MS or self.path(entry.id).exists():
            return 0.0
        share = int.from_bytes(hashlib.sha256(self.cluster.encode()).digest()[:4]) / 2**32
        return share * min(self.spread_s, (left_ms - SOON_MS) / 2000)

    # -- fetching ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Bring what is wanted, the most needed first, until cancelled."""
        await self.disk.run(lambda: self.folder.mkdir(parents=True, exist_ok=True))
        while True:
            rung = self._news.next
            missing = [wanted for asset, wanted in self._wanted.items() if asset not in self._ready]
            now_ns = self.clock.mono_ns()
            due = [wanted for wanted in missing if wanted.due_ns <= now_ns]
            if due:
                await self._bring_unless_urgent(min(due, key=lambda wanted: wanted.order))
                continue
            wait_s = min(((wanted.due_ns - now_ns) / 1e9 for wanted in missing), default=None)
            await event_or_sleep(rung, self.clock, wait_s)

    async def _bring_unless_urgent(self, wanted: _Wanted) -> None:
        """Bring one file, but let go of it (keeping what is there) when an urgent one is wanted."""
        bringing = asyncio.ensure_future(self._bring(wanted))
        try:
            while not bringing.done():
                news = asyncio.ensure_future(self._news.next.wait())
                try:
                    await asyncio.wait({bringing, news}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    news.cancel()
                if self._must_yield(wanted):
                    break
        finally:
            if not bringing.done():
                bringing.cancel()
            (failed,) = await asyncio.gather(bringing, return_exceptions=True)
        if isinstance(failed, Exception):
            raise failed

    def _must_yield(self, wanted: _Wanted) -> bool:
        if self._wanted.get(wanted.entry.id) is not wanted:
            return True  # nobody wants it any more
        return wanted.level < URGENT_LEVEL and any(
            other.level >= URGENT_LEVEL and asset not in self._ready for asset, other in self._wanted.items()
        )

    async def _bring(self, wanted: _Wanted) -> None:
        entry = wanted.entry
        path = self.path(entry.id)
        wanted.tries += 1
        try:
            if path.exists():
                stamp = _stamp(path)  # before it is read: what is changed meanwhile is not what was checked
                await self.disk.run(lambda: self.fetcher.check(entry, path))
            else:
                self._say(wanted, st="fetching")
                await self._make_room(entry.bytes)
                await self.fetcher.bring(entry, self.base_url() + path.name, path)
                stamp = _stamp(path)
        except (FetchFailed, OSError) as caught:
            error = caught if isinstance(caught, FetchFailed) else FetchFailed("disk", str(caught.strerror))
            wait_s = next(wanted.waits)
            if entry.need_by_ms - self.utc_ms() <= SOON_MS:
                wait_s = min(wait_s, RETRY_SOON_S)
            wanted.due_ns = self.clock.mono_ns() + int(wait_s * 1e9)
            logger.warning("%s: %s; again in %.0f s", entry.id, error, wait_s)
            self._say(wanted, st="failed", why=error.why, detail=error.detail[:200])
            return
        self._ready[entry.id] = stamp
        self._say(wanted, st="ready", bytes=entry.bytes)
        self.bell.ring()

    def _say(self, wanted: _Wanted, **more: object) -> None:
        before, report = (
            wanted.report,
            AssetReport.model_validate({"id": wanted.entry.id, "at_ms": max(0, self.utc_ms()), **more}),
        )
        if report.st == "fetching" and before.st == "failed":
            return  # the hundredth attempt is no news
        wanted.report = report
        if (report.st, report.why) != (before.st, before.why) or wanted.tries == 0:
            self.tell(report)

    # -- room --------------------------------------------------------------------------------------------------------

    async def _make_room(self, needed_bytes: int) -> None:
        """Delete the longest unused files that nobody wants until ``needed_bytes`` fit under the limit."""
        await self.disk.run(lambda: self._evict(needed_bytes))

    def _evict(self, needed_bytes: int) -> None:
        wanted = {asset_sha256(AssetId(asset)) for asset in self._wanted}
        files = [(path, path.stat()) for path in self.folder.iterdir() if path.is_file()]
        total = sum(state.st_size for _, state in files) + needed_bytes
        limit = self.cache_mb() * 1_000_000
        short = self.disk.free_mb(self.folder) * 1_000_000 < needed_bytes
        for path, state in sorted(files, key=lambda file: file[1].st_atime_ns):
            if total <= limit and not short:
                return
            if path.name.removesuffix(".part") in wanted:
                continue
            path.unlink(missing_ok=True)
            self._ready.pop(f"sha256:{path.name}", None)
            total -= state.st_size
            short = short and self.disk.free_mb(self.folder) * 1_000_000 < needed_bytes
            logger.info("%s made room", path.name)


def _stamp(path: Path) -> Stamp:
    state = path.stat()
    return state.st_size, state.st_mtime_ns, state.st_ino


def _waits(*, urgent: bool) -> Iterator[float]:
    return backoff(first_s=1.0, limit_s=5.0) if urgent else backoff(first_s=2.0, limit_s=300.0)
