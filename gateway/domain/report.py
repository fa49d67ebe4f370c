"""Báo cáo: what the ward did in a period and who could hear it, counted from stored facts. Pure.

Only what was heard whole and proven counts as a play; what is unproven is listed apart and counted nowhere else. One
lượt phát is one bulletin in one airtime, on however many clusters: "viết 6 bài, phát 18 lượt".
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from devices.model import ClusterId, OccurrenceId, Outcome, Priority, Source, ZoneId
from gateway.domain.attendance import Attended, Working, working
from gateway.domain.ids import BulletinId
from gateway.domain.reach import Neighbourhoods, Reach
from gateway.domain.reasons import reason_of
from gateway.domain.report_facts import NO_CATEGORY, About, Facts, Origin, Play, Standing
from gateway.domain.report_period import Period
from gateway.domain.targets import ClusterKind


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Số bài, số lượt, thời lượng."""

    bulletins: int = 0
    """Different bulletins heard."""
    airings: int = 0
    """Lượt phát."""
    heard_ms: int = 0
    """Time on the air."""

    @property
    def minutes(self) -> float:
        """``heard_ms`` as reports say it, to a tenth of a minute."""
        return round(self.heard_ms / 60_000, 1)


@dataclass(frozen=True, kw_only=True)
class Group:
    """One line of a table: a category, a source, an origin or a priority."""

    key: str
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class ZoneLine:
    """Một khu phố."""

    zone: ZoneId
    name: str
    tally: Tally
    clusters: int
    owed: int
    """Airtimes promised on its clusters."""
    heard: int
    """Of them, heard."""
    reach: Reach
    """Households reached at least once in the period."""
    working: Working


@dataclass(frozen=True, kw_only=True)
class Miss:
    """Chưa phát được: how often, for one reason, and on how many clusters."""

    outcome: Outcome
    why: str
    """As :func:`reason_of` counts them."""
    plays: int
    clusters: int


@dataclass(frozen=True, kw_only=True)
class Stock:
    """Hiện có: what stands in the registry, by kind, owner or zone."""

    key: str
    """``cluster.ip``, ``camera.ward``, ``camera_zone``."""
    count: int
    name: str = ""
    """The zone's own, for ``camera_zone``."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """Báo cáo of one period."""

    period: Period
    upto: datetime
    """What begins after it is not in here: the end of the period, or when the report was drawn up."""
    written: int
    begun: int
    """Bulletins begun, drafts that were never approved too."""
    total: Tally
    sessions: int
    """Buổi phát: airtimes of which at least one cluster proved something."""
    owed: int
    """Airtimes × clusters that were promised to people."""
    heard: int
    """Of them, heard."""
    unproven: int
    waiting: int
    strange: int
    by_category: tuple[Group, ...]
    by_source: tuple[Group, ...]
    by_origin: tuple[Group, ...]
    by_priority: tuple[Group, ...]
    by_zone: tuple[ZoneLine, ...]
    missed: tuple[Miss, ...]
    reach: Reach
    """Households reached at least once in the period."""
    mean_reach_percent: float | None
    """Households reached by a lượt phát, on the average."""
    working: Working
    zones_served: int
    """Khu phố that have a cluster, of any kind."""
    stock: tuple[Stock, ...]
    before: "Report | None" = None
    """The period before it, itself without one."""

    @property
    def heard_percent(self) -> float | None:
        """Of what was promised and has an outcome, 0..100; ``None`` when nothing was."""
        settled = self.owed - self.waiting
        return 100 * self.heard / settled if settled else None


@dataclass
class _Tallying:
    bulletins: set[str] = field(default_factory=set)
    airings: int = 0
    heard_ms: int = 0

    def add(self, bulletin: str | None, heard_ms: int) -> None:
        self.airings += 1
        self.heard_ms += heard_ms
        if bulletin is not None:
            self.bulletins.add(bulletin)

    def done(self) -> Tally:
        return Tally(bulletins=len(self.bulletins), airings=self.airings, heard_ms=self.heard_ms)


def draw_up(
    facts: Facts, period: Period, *, upto: datetime, before: Report | None = None, stock: Sequence[Stock] = ()
) -> Report:
    """Count everything. ``stock``: what the registry adds to the clusters, such as cameras by owner."""
    heard, by_standing = facts.by_standing[Standing.HEARD], facts.by_standing
    airtimes = _by_airtime(heard)
    people = Neighbourhoods(facts.registry)
    total = _Tallying()
    groups: dict[str, dict[str, _Tallying]] = {name: defaultdict(_Tallying) for name in _KEYS}
    reached: list[float] = []
    for plays in airtimes.values():
        whole_ms = max(play.heard_ms for play in plays)
        reach = people.everywhere({play.cluster for play in plays}).percent
        for bulletin, share_ms in facts.shares_ms(plays[0], whole_ms).items():
            about = facts.about(bulletin)
            total.add(bulletin, share_ms)
            for name, key in _KEYS.items():
                groups[name][key(about, plays[0])].add(bulletin, share_ms)
            if reach is not None:
                reached.append(reach)
    return Report(
        period=period,
        upto=upto,
        written=len(facts.written),
        begun=len(facts.begun),
        total=total.done(),
        sessions=len(airtimes),
        owed=sum(len(plays) for standing, plays in by_standing.items() if standing.owed),
        heard=len(heard),
        unproven=len(by_standing[Standing.UNPROVEN]),
        waiting=len(by_standing[Standing.WAITING]),
        strange=len(by_standing[Standing.STRANGE]),
        by_category=_grouped(groups["category"], first=[*sorted(facts.categories)], last=[NO_CATEGORY]),
        by_source=_grouped(groups["source"], first=[each.value for each in Source]),
        by_origin=_grouped(groups["origin"], first=[each.value for each in Origin]),
        by_priority=_grouped(groups["priority"], first=[each.value for each in Priority]),
        by_zone=_zones(facts, people),
        missed=_misses(by_standing[Standing.MISSED]),
        reach=people.everywhere({play.cluster for play in heard}),
        mean_reach_percent=sum(reached) / len(reached) if reached else None,
        working=working(facts.attendance),
        zones_served=len({cluster.zone for cluster in facts.registry.clusters.values()}),
        stock=(*_clusters(facts), *stock),
        before=before,
    )


_KEYS: Mapping[str, Callable[[About, Play], str]] = {
    "category": lambda about, _: about.category,
    "source": lambda about, _: about.source.value,
    "origin": lambda about, _: about.origin.value,
    "priority": lambda _, play: play.priority,
}


def _by_airtime(plays: Iterable[Play]) -> Mapping[OccurrenceId, Sequence[Play]]:
    found: dict[OccurrenceId, list[Play]] = defaultdict(list)
    for play in plays:
        found[play.occ].append(play)
    return found


def _grouped(found: Mapping[str, _Tallying], *, first: Sequence[str], last: Sequence[str] = ()) -> tuple[Group, ...]:
    """List every known key, also with nothing, then strangers; of ``last`` only what there is."""
    strangers = sorted(found.keys() - set(first) - set(last))
    keys = [*first, *strangers, *(key for key in last if key in found)]
    return tuple(Group(key=key, tally=found[key].done() if key in found else Tally()) for key in keys)


def _zones(facts: Facts, people: Neighbourhoods) -> tuple[ZoneLine, ...]:
    zone_of = facts.zone_of
    heard: dict[ZoneId, list[Play]] = defaultdict(list)
    owed: dict[ZoneId, int] = defaultdict(int)
    for standing, plays in facts.by_standing.items():
        for play in plays:
            zone = zone_of.get(play.cluster)
            if zone is None or not standing.owed:
                continue
            owed[zone] += 1
            if standing is Standing.HEARD:
                heard[zone].append(play)
    attended: dict[ZoneId, list[Attended]] = defaultdict(list)
    for each in facts.attendance:
        if (zone := zone_of.get(each.cluster)) is not None:
            attended[zone].append(each)
    homes: dict[ZoneId, set[ClusterId]] = defaultdict(set)
    for cluster, zone in zone_of.items():
        homes[zone].add(cluster)
    return tuple(
        ZoneLine(
            zone=zone.id,
            name=zone.name,
            tally=_tally(facts, heard[zone.id]),
            clusters=len(homes[zone.id]),
            owed=owed[zone.id],
            heard=len(heard[zone.id]),
            reach=people.in_zone(zone.id, {play.cluster for play in heard[zone.id]}),
            working=working(attended[zone.id]),
        )
        for zone in sorted(facts.registry.zones.values(), key=lambda zone: _natural(zone.id))
    )


def _tally(facts: Facts, plays: Sequence[Play]) -> Tally:
    tally = _Tallying()
    for same in _by_airtime(plays).values():
        for bulletin, share_ms in facts.shares_ms(same[0], max(play.heard_ms for play in same)).items():
            tally.add(bulletin, share_ms)
    return tally.done()


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """Sort kp2 before kp10."""
    digits = "".join(char if char.isdigit() else " " for char in text).split()
    return *((int(each), "") for each in digits), (0, text)


def _misses(plays: Sequence[Play]) -> tuple[Miss, ...]:
    found: dict[tuple[Outcome, str], list[Play]] = defaultdict(list)
    for play in plays:
        if play.outcome is not None:
            found[play.outcome, reason_of(play.why)].append(play)
    lines = [
        Miss(outcome=outcome, why=why, plays=len(same), clusters=len({play.cluster for play in same}))
        for (outcome, why), same in found.items()
    ]
    return tuple(sorted(lines, key=lambda miss: (-miss.plays, miss.outcome, miss.why)))


def _clusters(facts: Facts) -> Iterable[Stock]:
    for kind in ClusterKind:
        many = sum(cluster.kind is kind for cluster in facts.registry.clusters.values())
        if many or kind is ClusterKind.IP:
            yield Stock(key=f"cluster.{kind.value}", count=many)


def lines_behind(facts: Facts, what: str) -> Sequence[Play] | None:
    """Return the plays that a number was counted from; ``None`` when ``what`` names no number.

    ``heard``, ``owed``, ``missed``, ``unproven``, ``waiting``, ``strange``; ``category:ID`` and the like: heard ones;
    ``zone:ID``: heard there; ``zone-owed:ID``; ``missed:OUTCOME:WHY``, as :func:`reason_of` counts reasons.
    """
    name, colon, rest = what.partition(":")
    if not colon:
        return _lines_of(facts, name)
    heard, owed = facts.by_standing[Standing.HEARD], _lines_of(facts, "owed") or ()
    if name in _KEYS:
        key = _KEYS[name]
        return [play for play in heard if any(key(facts.about(each), play) == rest for each in facts.parts(play))]
    if name in ("zone", "zone-owed"):
        return [play for play in (heard if name == "zone" else owed) if facts.zone_of.get(play.cluster) == rest]
    if name == "missed":
        outcome, _, why = rest.partition(":")
        missed = facts.by_standing[Standing.MISSED]
        return [play for play in missed if (play.outcome, reason_of(play.why)) == (outcome, why)]
    return None


def _lines_of(facts: Facts, standing: str) -> Sequence[Play] | None:
    if standing == "owed":
        return [play for each, plays in facts.by_standing.items() if each.owed for play in plays]
    return facts.by_standing[Standing(standing)] if standing in set(Standing) else None


def bulletins_behind(facts: Facts, what: str) -> Sequence[BulletinId] | None:
    """Return the bulletins that a number was counted from: ``written``, ``begun``; ``None`` for any other."""
    match what:
        case "written":
            return sorted(facts.written)
        case "begun":
            return sorted(facts.begun)
        case _:
            return None
