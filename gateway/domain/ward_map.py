"""Bản đồ không cần bản đồ: where clusters and zones lie on a plain picture, from their positions, with no tiles.

A cluster without coordinates is drawn in its zone: beside the others of it, or in a row of its own.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from devices.model import ClusterId, ZoneId
from gateway.domain.counting import counting
from gateway.domain.targets import Cluster, Registry

SIZE = 100.0
_MARGIN = 12.0
_MIN_SPREAD_DEG = 0.0005
"""Some 50 m: nearer than this, several clusters are one place."""
_PAD = 7.0
_EDGE = 3.0
_NAME_DOWN = 4.0
"""From the top of a zone: above its clusters, not among them."""
_CORNERS = 8


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A cluster; ``x`` to the right and ``y`` down, 0 to ``SIZE``."""

    cluster: Cluster
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A zone: the outline around its clusters, with room for a thumb, and where its name stands."""

    zone: ZoneId
    name: str
    outline: tuple[tuple[float, float], ...]
    x: float
    y: float
    clusters: int

    @property
    def points(self) -> str:
        """The outline as SVG writes it."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.outline)


@dataclass(frozen=True, kw_only=True)
class WardMap:
    """Everything to draw."""

    patches: tuple[Patch, ...]
    dots: tuple[Dot, ...]
    surveyed: bool
    """Whether any position was measured; else the picture is a scheme and must say so."""

    @property
    def view_box(self) -> str:
        """What of the picture is drawn on, as SVG writes it: a ward of one street is no square of empty ground."""
        corners = [corner for patch in self.patches for corner in patch.outline] or [(0.0, 0.0), (SIZE, SIZE)]
        left, top = min(x for x, _ in corners) - _EDGE, min(y for _, y in corners) - _EDGE
        width, height = max(x for x, _ in corners) + _EDGE - left, max(y for _, y in corners) + _EDGE - top
        wide = max(width, SIZE * 0.6)  # two clusters are not blown up to fill a phone
        return f"{left - (wide - width) / 2:.1f} {top:.1f} {wide:.1f} {height:.1f}"


def ward_map(registry: Registry) -> WardMap:
    """Lay the ward out."""
    clusters = sorted(registry.clusters.values(), key=lambda each: each.id)
    placed = _projected([each for each in clusters if each.latitude is not None and each.longitude is not None])
    _place_the_rest(clusters, placed)
    dots = [Dot(cluster=each, x=placed[each.id][0], y=placed[each.id][1]) for each in clusters]
    by_zone: dict[ZoneId, list[Dot]] = {}
    for dot in dots:
        by_zone.setdefault(dot.cluster.zone, []).append(dot)
    names = {zone.id: zone.name for zone in registry.zones.values()}
    return WardMap(
        patches=tuple(
            _patch(zone, names.get(zone, zone), inside)
            for zone, inside in sorted(by_zone.items(), key=lambda each: counting(each[0]))
        ),
        dots=tuple(dots),
        surveyed=any(each.latitude is not None for each in clusters),
    )


def _projected(clusters: Sequence[Cluster]) -> dict[ClusterId, tuple[float, float]]:
    """Project onto a plane: a ward is small, so one scale for both ways will do."""
    known = [(each.id, each.latitude or 0.0, each.longitude or 0.0) for each in clusters]
    if not known:
        return {}
    lats, lons = [lat for _, lat, _ in known], [lon for _, _, lon in known]
    narrow = math.cos(math.radians(sum(lats) / len(lats)))
    width, height = (max(lons) - min(lons)) * narrow, max(lats) - min(lats)
    spread = max(width, height, _MIN_SPREAD_DEG)
    scale = (SIZE - 2 * _MARGIN) / spread
    left, top = SIZE / 2 - width * scale / 2, SIZE / 2 - height * scale / 2
    return {
        name: (left + (lon - min(lons)) * narrow * scale, top + (max(lats) - lat) * scale) for name, lat, lon in known
    }


def _place_the_rest(clusters: Sequence[Cluster], placed: dict[ClusterId, tuple[float, float]]) -> None:
    lost = [each for each in clusters if each.id not in placed]
    zones = sorted({each.zone for each in lost}, key=counting)
    surveyed = dict(placed)
    columns = max(1, math.ceil(math.sqrt(len(zones))))
    rows = max(1, math.ceil(len(zones) / columns))
    for number, zone in enumerate(zones):
        near = [surveyed[each.id] for each in clusters if each.zone == zone and each.id in surveyed]
        mine = [each for each in lost if each.zone == zone]
        if near:
            centre, room = _middle(near), _PAD / 2
        else:
            centre = (SIZE * (number % columns + 0.5) / columns, SIZE * (number // columns + 0.5) / rows)
            room = SIZE / max(columns, rows) / 2 - _PAD - 1
        for place, each in enumerate(mine):
            placed[each.id] = _in_a_ring(centre, max(room, 2.0), place, len(mine))


def _in_a_ring(centre: tuple[float, float], radius: float, place: int, of: int) -> tuple[float, float]:
    if of == 1:
        return centre
    angle = 2 * math.pi * place / of
    return _inside(centre[0] + radius * math.cos(angle)), _inside(centre[1] + radius * math.sin(angle))


def _inside(value: float) -> float:
    return min(max(value, 2.0), SIZE - 2.0)


def _middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _patch(zone: ZoneId, name: str, inside: Sequence[Dot]) -> Patch:
    around = [
        (
            dot.x + _PAD * math.cos(2 * math.pi * corner / _CORNERS),
            dot.y + _PAD * math.sin(2 * math.pi * corner / _CORNERS),
        )
        for dot in inside
        for corner in range(_CORNERS)
    ]
    outline = _hull(around)
    x, _ = _middle([(dot.x, dot.y) for dot in inside])
    y = min(y for _, y in outline) + _NAME_DOWN
    return Patch(zone=zone, name=name, outline=outline, x=x, y=y, clusters=len(inside))


def _hull(points: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return the convex hull (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    lower, upper = _chain(ordered), _chain(list(reversed(ordered)))
    return tuple(lower[:-1] + upper[:-1])


def _chain(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for point in points:
        while len(found) > 1 and _turn(found[-2], found[-1], point) <= 0:
            found.pop()
        found.append(point)
    return found


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def tally(registry: Registry) -> Mapping[ZoneId, int]:
    """Count each zone's clusters that can be spoken to."""
    found: dict[ZoneId, int] = dict.fromkeys(registry.zones, 0)
    for cluster in registry.clusters.values():
        if cluster.controllable:
            found[cluster.zone] = found.get(cluster.zone, 0) + 1
    return found
