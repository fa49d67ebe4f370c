"""Bảng phát sóng: what is on the air now, cluster by cluster, and what became of it. Reads only."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from devices.clock import Clock, instant
from devices.model import ClusterId, OccurrenceId
from gateway.domain.errors import NotFound
from gateway.domain.programme import MAX_AIRTIME_MS
from gateway.ports.records import CommandRow, CommandState, PlannedPlay
from gateway.ports.store import Proofs
from gateway.services.command_log import CommandLog
from gateway.services.fleet import Fleet
from gateway.services.monitor import Monitor
from gateway.services.strips import Sound, Strip, ends, ordered, sound_of

BEFORE = timedelta(minutes=2)
"""So long before its hour a broadcast is on the board."""
AFTER = timedelta(minutes=3)
"""And so long after it, while proofs come in."""
PAST = timedelta(days=1)
_ORDERED = timedelta(minutes=2)
_LONGEST = timedelta(milliseconds=MAX_AIRTIME_MS)
_DONE = frozenset({CommandState.DONE})
_OBEYED = {typ: _DONE | {CommandState.ACCEPTED} for typ in ("play", "emergency")}
"""What lasts is done only when it is over: taken on is as much as can be said until then."""
_UNANSWERED = frozenset({CommandState.SENT, CommandState.NO_ANSWER, CommandState.NOT_SENT})


@dataclass(frozen=True, kw_only=True)
class Board:
    """One broadcast over all its clusters."""

    occ: OccurrenceId
    title: str
    priority: str
    start: datetime
    end: datetime
    strips: tuple[Strip, ...]
    """What is wrong first."""
    now: datetime

    @cached_property
    def counts(self) -> Counter[Sound]:
        """How many clusters stand how."""
        return Counter(strip.sound for strip in self.strips)

    @property
    def total(self) -> int:
        """How many clusters it is meant for."""
        return len(self.strips)

    @property
    def playing(self) -> int:
        """How many say now that they play it, audibly."""
        return self.counts[Sound.PLAYING]

    @property
    def proven(self) -> int:
        """Lượt phát: heard whole, with proof."""
        return self.counts[Sound.PROVEN]

    @property
    def sounding(self) -> frozenset[ClusterId]:
        """Who plays or holds it now: whom pause, next and volume are for."""
        on = (Sound.PLAYING, Sound.MUTE, Sound.PAUSED)
        return frozenset(strip.cluster for strip in self.strips if strip.sound in on)

    @property
    def clusters(self) -> frozenset[ClusterId]:
        """Everybody it is meant for."""
        return frozenset(strip.cluster for strip in self.strips)

    @property
    def over(self) -> bool:
        """Whether it is over everywhere, as far as its hour and the clusters say."""
        return not self.sounding and (self.now >= self.end or all(strip.play.outcome for strip in self.strips))

    @property
    def wrong(self) -> tuple[Strip, ...]:
        """Whom somebody should look at."""
        return tuple(strip for strip in self.strips if strip.sound.wrong)

    @property
    def right(self) -> tuple[Strip, ...]:
        """The others."""
        return tuple(strip for strip in self.strips if not strip.sound.wrong)


@dataclass(frozen=True, kw_only=True)
class Order:
    """A command of the last minutes: how many did it, and who has not answered."""

    typ: str
    at: datetime
    total: int
    done: int
    unanswered: tuple[ClusterId, ...]


class AirBoard:
    """Puts promises, proofs and the live picture side by side."""

    def __init__(self, *, proofs: Proofs, monitor: Monitor, fleet: Fleet, log: CommandLog, clock: Clock) -> None:
        self._proofs = proofs
        self._monitor = monitor
        self._fleet = fleet
        self._log = log
        self._clock = clock

    async def on_air(self) -> list[Board]:
        """Return what sounds, is about to, or has just ended; the one that began first first."""
        now = self._now()
        plays = await self._proofs.plays(since=now - _LONGEST - AFTER, until=now + BEFORE)
        told = {live.occ for live in self._monitor.all().values() if live.playing and live.occ}
        boards = [self._board(group, now) for group in _grouped(plays)]
        return [each for each in boards if (now < each.end + AFTER and not _long_over(each)) or each.occ in told]

    def strangers(self, boards: Iterable[Board]) -> tuple[ClusterId, ...]:
        """Return who says that it plays something that is on none of ``boards``: a voice nobody ordered."""
        known = {board.occ for board in boards}
        live = self._monitor.all()
        return tuple(sorted(name for name, each in live.items() if each.playing and each.occ not in known))

    async def past(self) -> list[Board]:
        """Return what ended within the last day, the newest first."""
        now = self._now()
        boards = [self._board(group, now) for group in _grouped(await self._proofs.plays(since=now - PAST, until=now))]
        return sorted((each for each in boards if each.over), key=lambda each: each.start, reverse=True)

    async def of(self, occ: OccurrenceId) -> Board:
        """Return one broadcast as it stands or as it ended.

        Raises:
            NotFound
        """
        plays = await self._proofs.airing(occ)
        groups = _grouped(plays)
        if not groups:
            raise NotFound("Không có lượt phát này.", "There is no such broadcast.")
        return self._board(groups[0], self._now())

    async def orders(self, clusters: frozenset[ClusterId]) -> list[Order]:
        """Return what was ordered of ``clusters`` within the last two minutes, the newest first."""
        rows = await self._log.history(since=self._now() - _ORDERED, limit=5_000)
        grouped: dict[tuple[datetime, str], list[CommandRow]] = {}
        for row in rows:
            if row.cluster in clusters:
                grouped.setdefault((row.sent_at, row.typ), []).append(row)
        newest = sorted(grouped.items(), reverse=True, key=lambda each: each[0])
        return [_order(typ, at, some) for (at, typ), some in newest]

    def _board(self, plays: Sequence[PlannedPlay], now: datetime) -> Board:
        first = plays[0]
        strips = (
            Strip(
                cluster=play.cluster,
                name=self._fleet.name(play.cluster),
                sound=sound_of(play, live := self._monitor.get(play.cluster), now),
                play=play,
                live=live,
            )
            for play in plays
        )
        return Board(
            occ=first.occ,
            title=first.title,
            priority=first.priority,
            start=min(play.start_at for play in plays),
            end=max(ends(play) for play in plays),
            strips=ordered(strips),
            now=now,
        )

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())


def _grouped(plays: Iterable[PlannedPlay]) -> list[list[PlannedPlay]]:
    groups: dict[OccurrenceId, list[PlannedPlay]] = {}
    for play in plays:
        if not play.cancelled or play.outcome is not None:
            groups.setdefault(play.occ, []).append(play)
    return list(groups.values())


def _long_over(board: Board) -> bool:
    """Tell whether it was ended everywhere some time ago, well before its planned end."""
    settled = [strip.play.settled_at for strip in board.strips]
    newest = max((at for at in settled if at is not None), default=None)
    return board.over and newest is not None and board.now - newest > AFTER


def _order(typ: str, at: datetime, rows: Sequence[CommandRow]) -> Order:
    return Order(
        typ=typ,
        at=at,
        total=len(rows),
        done=sum(row.state in _OBEYED.get(typ, _DONE) for row in rows),
        unanswered=tuple(sorted(row.cluster for row in rows if row.state in _UNANSWERED)),
    )
