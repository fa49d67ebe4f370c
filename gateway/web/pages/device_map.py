"""Bản đồ thiết bị: every device on a plain picture of the ward, with no tiles; one zone fills it when asked."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import cos, sin

from devices.model import ClusterId, ZoneId
from gateway.domain.counting import counting
from gateway.domain.targets import Cluster, Registry, Zone
from gateway.domain.ward_map import SIZE, WardMap, ward_map
from gateway.web.api.devices import DeviceState
from gateway.web.pages.device_rows import Row

_PLAIN_DEG = 0.0002
"""Percent of a plain map as degrees: any number would do, the picture is fitted to what is on it."""
_EDGE = 9.0
_GAP = 0.3
_TURNS = 300
"""How many places are tried around the true one; with more neighbours than that, pins lie on each other."""
_GOLDEN = 2.39996
_NEAR, _FAR = 3.0, 1.9
"""Half a pin, when one neighbourhood fills the picture and when the whole ward does."""
_TINY, _MANY = 0.8, 60
"""With more devices than this on the picture, only those that somebody should see have a sign."""
_SMALL, _CROWD = 1.2, 30
"""Half a pin with a sign, where there are more such than this: a ward that plays must not push its troubles aside."""
_LETTER, _LINE = 2.3, 4.8
"""What a name takes: each letter's width, and its height."""
_TROUBLES = (DeviceState.LOST, DeviceState.FAULTY)
_TOLD = (*_TROUBLES, DeviceState.PLAYING)


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One device; ``x`` to the right and ``y`` down, 0 to 100."""

    row: Row
    x: float
    y: float
    half: float
    told: bool
    """Whether somebody should see it: drawn over everything."""


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

    @property
    def name_box(self) -> tuple[float, float, float, float]:
        """Where its name stands: the middle, and half its width and height."""
        return self.x, self.y - _LINE / 4, len(self.name) * _LETTER / 2, _LINE * 0.45


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
    calm = _TINY if len(shown) > _MANY and not zone else half
    sizes = _sizes(shown, half, calm)
    areas = _areas(laid, shown)
    rooms = {size: _Room(2 * size + _GAP, beside=() if zone else areas) for size in sizes.values()}
    pins = []
    for dot in laid.dots:
        row = by_key[dot.cluster.id]
        told, size = row.out.state in _TOLD, sizes[row.out.state]
        x, y = rooms[size].beside(dot.x, dot.y)
        pins.append(Pin(row=row, x=x, y=y, half=size, told=told))
    return DeviceMap(
        areas=tuple(sorted(areas, key=lambda area: counting(area.name))),
        pins=tuple(sorted(pins, key=lambda pin: (pin.told, pin.row.out.state in _TROUBLES))),
        surveyed=any(each.latitude is not None for each in spots),
        view_box=laid.view_box,
        near=bool(zone),
    )


def _sizes(shown: Sequence[Row], half: float, calm: float) -> dict[DeviceState, float]:
    """Return how large a pin of each state is: troubles first, then what plays, as long as there is room."""
    states = Counter(row.out.state for row in shown)
    troubles = states[DeviceState.LOST] + states[DeviceState.FAULTY]
    small = min(half, _SMALL) if calm < half else half
    grave = half if troubles <= _CROWD else small
    playing = half if troubles + states[DeviceState.PLAYING] <= _CROWD else small
    told = {DeviceState.LOST: grave, DeviceState.FAULTY: grave, DeviceState.PLAYING: playing}
    return {state: told.get(state, calm) for state in DeviceState}


class _Room:
    """Keeps pins off each other and off names: a camera on the pole of a loudspeaker is drawn beside it."""

    def __init__(self, apart: float, *, beside: Sequence[Area]) -> None:
        self._apart = apart
        self._names = [area.name_box for area in beside]
        self._taken: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)

    def beside(self, x: float, y: float) -> tuple[float, float]:
        """Return the nearest free place to ``(x, y)``; where nothing is free, that place itself."""
        place = _within(x), _within(y)
        for turn in range(_TURNS):
            away = self._apart * 0.4 * turn**0.5
            tried = _within(x + away * cos(turn * _GOLDEN)), _within(y + away * sin(turn * _GOLDEN))
            if self._free(*tried):
                place = tried
                break
        self._taken[self._cell(*place)].append(place)
        return place

    def _free(self, x: float, y: float) -> bool:
        column, row = self._cell(x, y)
        half = self._apart / 2
        if any(abs(x - at_x) < wide + half and abs(y - at_y) < high + half for at_x, at_y, wide, high in self._names):
            return False
        return all(
            (x - other[0]) ** 2 + (y - other[1]) ** 2 >= self._apart**2
            for near in product((column - 1, column, column + 1), (row - 1, row, row + 1))
            for other in self._taken.get(near, ())
        )

    def _cell(self, x: float, y: float) -> tuple[int, int]:
        return int(x / self._apart), int(y / self._apart)


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
    return _apart(found)


def _apart(areas: Sequence[Area]) -> list[Area]:
    """Move names down from those that they would be written across."""
    placed: list[Area] = []
    for area in sorted(areas, key=lambda each: (each.y, each.x)):
        y = area.y
        for other in sorted(placed, key=lambda each: each.y):
            wide = (len(area.name) + len(other.name)) * _LETTER / 2
            if abs(area.x - other.x) < wide and abs(y - other.y) < _LINE:
                y = other.y + _LINE
        placed.append(replace(area, y=y))
    return placed


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
