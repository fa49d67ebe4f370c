"""Dữ kiện của báo cáo: what was stored, and which of it counts. Every number of a report counts these rows. Pure.

One rule decides what a row counts as, and the numbers, the tables and the log lines behind a number all ask it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from devices.model import AssetId, ClusterId, OccurrenceId, Outcome, Proof, Source, ZoneId
from gateway.domain.attendance import Attended
from gateway.domain.bulletin import Bulletin
from gateway.domain.category import Category
from gateway.domain.ids import BulletinId, CategoryId
from gateway.domain.targets import Registry

NO_CATEGORY = CategoryId("")
"""What has no bulletin: recordings, greetings alone, an alarm tone."""


class Play(Protocol):
    """One airtime on one cluster, as kept; a stored row fits by shape."""

    @property
    def occ(self) -> OccurrenceId: ...

    @property
    def cluster(self) -> ClusterId: ...

    @property
    def title(self) -> str: ...

    @property
    def priority(self) -> str: ...

    @property
    def start_at(self) -> datetime: ...

    @property
    def bulletins(self) -> tuple[str, ...]: ...

    @property
    def assets(self) -> tuple[AssetId, ...]: ...

    @property
    def cancelled(self) -> bool: ...

    @property
    def outcome(self) -> Outcome | None: ...

    @property
    def proof(self) -> Proof: ...

    @property
    def why(self) -> str: ...

    @property
    def heard_ms(self) -> int: ...

    @property
    def unplanned(self) -> bool: ...


class Standing(StrEnum):
    """What a row counts as."""

    HEARD = "heard"
    """Lượt phát: heard whole, and proven. Nothing else is a play."""
    MISSED = "missed"
    """Not heard, or not whole; the cluster's own word says why."""
    UNPROVEN = "unproven"
    """No word came, or a word without evidence: perhaps heard, never counted."""
    WAITING = "waiting"
    """Its outcome may still come."""
    STRANGE = "strange"
    """Tiếng lạ: nobody planned it."""
    CANCELLED = "cancelled"
    """Taken back before it began: nothing was owed."""

    @property
    def owed(self) -> bool:
        """Whether the ward had promised it to people."""
        return self not in (Standing.STRANGE, Standing.CANCELLED)


def standing_of(play: Play) -> Standing:
    """Say what ``play`` counts as."""
    if play.unplanned:
        return Standing.STRANGE
    if play.outcome is None:
        return Standing.CANCELLED if play.cancelled else Standing.WAITING
    if play.outcome.heard:
        return Standing.UNPROVEN if play.proof is Proof.NONE else Standing.HEARD
    return Standing.UNPROVEN if play.outcome is Outcome.UNPROVEN else Standing.MISSED


class Origin(StrEnum):
    """Tự sản xuất / phát lại nội dung của cấp trên."""

    OWN = "own"
    RELAYED = "relayed"


@dataclass(frozen=True, kw_only=True)
class About:
    """What a play says, as far as reports sort it."""

    category: CategoryId
    source: Source
    origin: Origin


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything stored of one period."""

    plays: Sequence[Play]
    """Planned to start in the period, and before now."""
    bulletins: Mapping[BulletinId, Bulletin]
    """Every bulletin the plays name, as it stands now."""
    lengths_ms: Mapping[AssetId, int]
    """How long files are."""
    categories: Mapping[CategoryId, Category]
    registry: Registry
    begun: frozenset[BulletinId] = frozenset()
    """Bulletins begun in the period."""
    approved: frozenset[BulletinId] = frozenset()
    """Of all bulletins, those that were ever approved by the end of it."""
    attendance: Sequence[Attended] = ()
    zone_of: Mapping[ClusterId, ZoneId] = field(init=False)

    def __post_init__(self) -> None:
        zones = {cluster.id: cluster.zone for cluster in self.registry.clusters.values()}
        object.__setattr__(self, "zone_of", zones)

    @property
    def written(self) -> frozenset[BulletinId]:
        """Bài viết: begun in the period and approved; a draft that nobody approved is no bài."""
        return self.begun & self.approved

    @cached_property
    def by_standing(self) -> Mapping[Standing, Sequence[Play]]:
        """The plays, by what they count as."""
        found: dict[Standing, list[Play]] = {standing: [] for standing in Standing}
        for play in self.plays:
            found[standing_of(play)].append(play)
        return found

    def about(self, bulletin: str | None) -> About:
        """Say what ``bulletin`` (``None``: a recording) counts among."""
        known = self.bulletins.get(BulletinId(bulletin)) if bulletin is not None else None
        if known is None:
            return About(category=NO_CATEGORY, source=Source.WARD, origin=Origin.OWN)
        source = known.content.source
        return About(
            category=known.content.category,
            source=source,
            origin=Origin.OWN if source is Source.WARD else Origin.RELAYED,
        )

    def parts(self, play: Play) -> tuple[str | None, ...]:
        """Return what one airtime counts as: each bulletin once, however often repeated; a recording alone as one."""
        return tuple(dict.fromkeys(play.bulletins)) or (None,)

    def shares_ms(self, play: Play, whole_ms: int) -> Mapping[str | None, int]:
        """Part ``whole_ms`` of an airtime among its bulletins by their length; the parts add up to it exactly.

        Chimes and pauses go with what they frame. Of a bulletin whose audio is no longer the one that aired, the
        length is not known: it counts as long as the others are on the average.
        """
        parts, aired = self.parts(play), set(play.assets)
        known = {each: self._length_ms(each, aired) for each in parts}
        lengths = [length for length in known.values() if length]
        usual = sum(lengths) / len(lengths) if lengths else 1.0
        weights = [known[each] or usual for each in parts]
        total, given, so_far = sum(weights), 0, 0.0
        shares: dict[str | None, int] = {}
        for each, weight in zip(parts, weights, strict=True):
            so_far += weight
            upto = round(whole_ms * so_far / total)
            shares[each], given = upto - given, upto
        return shares

    def _length_ms(self, bulletin: str | None, aired: set[AssetId]) -> int:
        known = self.bulletins.get(BulletinId(bulletin)) if bulletin is not None else None
        if known is None or known.audio is None or known.audio.asset not in aired:
            return 0
        return self.lengths_ms.get(known.audio.asset, known.audio.duration_ms)
