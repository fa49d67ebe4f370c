"""Bản đồ thiết bị: every device on a plain picture of the ward, with no tiles; one zone fills it when asked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from devices.model import ClusterId, ZoneId
from gateway.domain.targets import Cluster, Registry, Zone
from gateway.domain.ward_map import SIZE, WardMap, ward_map
from gateway.web.api.devices import DeviceState
from gateway.web.pages.device_rows import Row

_PLAIN_DEG = 0.0002
"""Percent of a plain map as degrees: any number would do, the picture is fitted to what is on it."""
_EDGE = 9.0
_NEAR, _FAR = 3.2, 1.9
"""Half a pin, when one neighbourhood fills the picture and when the whole ward does."""


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One device; ``x`` to the right and ``y`` down, 0 to 100."""

    row: Row
    x: float
    y: float
    half: float


@dataclass(frozen=True, kw_only=True)
class Area:
    """A neighbourhood: its outline, and how its devices do."""

    zone: str
    name: str
    points: str
    x: float
    y: float
    devices: int
    lost: int
    faulty: int


@dataclass(frozen=True, kw_only=True)
class DeviceMap:
    """Everything to draw."""

    areas: tuple[Area, ...]
    pins: tuple[Pin, ...]
    surveyed: bool
    """Whether any position was measured or put down; else the picture is a scheme and must say so."""
    view_box: str
    """As SVG writes it."""
    near: bool
    """Whether one neighbourhood fills it."""


def device_map(rows: Sequence[Row], zones: Sequence[Zone], *, zone: str = "") -> DeviceMap:
    """Lay ``rows`` out; of ``zone`` alone, where one is asked for."""
    shown = [row for row in rows if not zone or row.out.zone == zone]
    plain = not any(row.out.latitude is not None for row in shown)
    spots = [_spot(row, plain=plain) for row in shown]
    laid = ward_map(Registry.of(list(zones), spots))
    by_key = {_key(row): row for row in shown}
    half = _NEAR if zone else _FAR
    # a camera on the pole of a loudspeaker is drawn beside it, not over it
    taken: Counter[tuple[int, int]] = Counter()
    pins = []
    for dot in laid.dots:
        cell = round(dot.x / half / 2), round(dot.y / half / 2)
        nth = taken[cell]
        taken[cell] += 1
        pins.append(Pin(row=by_key[dot.cluster.id], x=_within(dot.x + 2 * half * nth), y=_within(dot.y), half=half))
    return DeviceMap(
        areas=tuple(_areas(laid, shown)),
        pins=tuple(sorted(pins, key=lambda pin: pin.row.out.state in (DeviceState.LOST, DeviceState.FAULTY))),
        surveyed=any(each.latitude is not None for each in spots),
        view_box=laid.view_box,
        near=bool(zone),
    )


def _areas(laid: WardMap, shown: Sequence[Row]) -> list[Area]:
    found = []
    for patch in laid.patches:
        states = Counter(row.out.state for row in shown if row.out.zone == patch.zone)
        found.append(
            Area(
                zone=patch.zone,
                name=patch.name,
                points=" ".join(f"{_inside(x):.1f},{_inside(y):.1f}" for x, y in patch.outline),
                x=patch.x,
                y=max(5.0, min(y for _, y in patch.outline) + 4.5),
                devices=states.total(),
                lost=states[DeviceState.LOST],
                faulty=states[DeviceState.FAULTY],
            )
        )
    return found


def _key(row: Row) -> ClusterId:
    return ClusterId(f"{row.out.kind}/{row.out.code}")


def _spot(row: Row, *, plain: bool) -> Cluster:
    """A device as the ward's map knows them: by position and neighbourhood."""
    latitude, longitude = row.out.latitude, row.out.longitude
    if plain and row.out.map_x is not None and row.out.map_y is not None:
        latitude, longitude = -row.out.map_y * _PLAIN_DEG, row.out.map_x * _PLAIN_DEG
    return Cluster(id=_key(row), name=row.out.name, zone=ZoneId(row.out.zone), latitude=latitude, longitude=longitude)


def _within(value: float) -> float:
    return min(max(value, _EDGE / 2), SIZE - _EDGE / 2)


def _inside(value: float) -> float:
    return min(max(value, 0.5), SIZE - 0.5)
