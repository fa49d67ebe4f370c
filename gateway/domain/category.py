"""Chuyên mục: what a bulletin is about, and the duty (chỉ tiêu) a ward has to speak of it every month."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.domain.ids import BulletinId, CategoryId


@dataclass(frozen=True, kw_only=True)
class Duty:
    """Chỉ tiêu: e.g. at least one bulletin a month, each heard again twice."""

    bulletins_a_month: int
    replays: int = 0


@dataclass(frozen=True, kw_only=True)
class Category:
    """Chuyên mục, e.g. An ninh trật tự, Chuyển đổi số."""

    id: CategoryId
    label_vi: str
    label_en: str
    duty: Duty | None = None


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One airing of one bulletin that was heard, proven. The same airing on many clusters is one."""

    bulletin: BulletinId
    category: CategoryId
    start: datetime
    """Aware."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a category stands in one month."""

    bulletins: int
    """Different bulletins heard."""
    airings: int
    """Lượt phát, first plays and replays."""
    complete: int
    """Bulletins heard as often as the duty asks."""
    wanted: int

    @property
    def met(self) -> bool:
        """Whether the duty is done."""
        return self.complete >= self.wanted

    @property
    def missing(self) -> int:
        """How many bulletins still lack plays."""
        return max(0, self.wanted - self.complete)


def progress(category: Category, heard: Iterable[Heard], *, year: int, month: int, zone: ZoneInfo) -> Progress:
    """Count what was heard of ``category`` in a local month; ``zone`` says when a month begins."""
    airings = {
        (play.bulletin, play.start)
        for play in heard
        if play.category == category.id and _month(play.start, zone) == (year, month)
    }
    times = Counter(bulletin for bulletin, _ in airings)
    often = 1 + (category.duty.replays if category.duty else 0)
    return Progress(
        bulletins=len(times),
        airings=len(airings),
        complete=sum(1 for count in times.values() if count >= often),
        wanted=category.duty.bulletins_a_month if category.duty else 0,
    )


def _month(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    if at.tzinfo is None:
        raise ValueError(f"naive time: {at!r}")
    local = at.astimezone(zone)
    return local.year, local.month
