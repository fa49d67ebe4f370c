"""Nhận lại camera: is what answers there one of ours? Weighted, since every single mark was seen to be repeated.

Makers print one serial on a whole batch and one UUID into a whole firmware; so a mark that two cameras share counts for
nothing, and a serial alone never decides.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.domain.device import Camera

UUID_WEIGHT, MAC_WEIGHT, SERIAL_WEIGHT, MODEL_WEIGHT = 4, 5, 2, 1
ENOUGH = 4
"""A UUID or a MAC that is nobody else's; a serial with its model is 3, and not enough."""
_NO_MARK = frozenset({"", "0", "00:00:00:00:00:00", "00000000-0000-0000-0000-000000000000", "unknown", "none"})
_SHORTEST_SERIAL = 4


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What a device says of itself; empty where it says nothing."""

    uuid: str = ""
    mac: str = ""
    serial: str = ""
    maker: str = ""
    model: str = ""

    @property
    def normal(self) -> "Marks":
        """The same marks as they are compared; marks that mean nothing are empty."""
        return Marks(
            uuid=_mark(self.uuid.lower().removeprefix("urn:uuid:")),
            mac=_mark(self.mac.lower().replace("-", ":")),
            serial=_mark(self.serial) if len(self.serial.strip()) >= _SHORTEST_SERIAL else "",
            maker=_mark(self.maker),
            model=_mark(self.model),
        )


def marks_of(camera: Camera) -> Marks:
    """Return what the registry knows of a camera."""
    return Marks(uuid=camera.uuid, mac=camera.mac, serial=camera.serial, maker=camera.maker, model=camera.model).normal


def score(known: Marks, seen: Marks) -> int:
    """Weigh how likely both are the same device; below 0: certainly not. Both are :attr:`Marks.normal`."""
    if known.mac and seen.mac and known.mac != seen.mac:
        return -1  # two network cards are two cameras, whatever else they share
    total = UUID_WEIGHT * _same(known.uuid, seen.uuid) + MAC_WEIGHT * _same(known.mac, seen.mac)
    total += SERIAL_WEIGHT * _same(known.serial, seen.serial) + MODEL_WEIGHT * _same(known.model, seen.model)
    if known.serial and seen.serial and known.serial != seen.serial:
        total -= SERIAL_WEIGHT
    return total


def find(seen: Marks, cameras: Iterable[Camera], *, also_seen: Iterable[Marks] = ()) -> Camera | None:
    """Return the one camera of the registry that this is, or ``None``: nobody, or not sure who.

    ``also_seen``: everything else that answered in the same search; a mark that others there carry too is no mark.
    """
    cameras = list(cameras)
    shared = _shared([marks_of(camera) for camera in cameras]) | _shared([seen.normal, *(m.normal for m in also_seen)])
    wanted = _without(seen.normal, shared)
    ranked = sorted(
        ((score(_without(marks_of(camera), shared), wanted), camera) for camera in cameras),
        key=lambda pair: pair[0],
        reverse=True,
    )
    if not ranked or ranked[0][0] < ENOUGH:
        return None
    if len(ranked) > 1 and ranked[1][0] >= ranked[0][0]:
        return None
    return ranked[0][1]


def doubles(cameras: Iterable[Camera]) -> frozenset[str]:
    """Return the UUIDs, MACs and serials that more than one camera of the registry carries."""
    return _shared([marks_of(camera) for camera in cameras])


def _shared(marks: list[Marks]) -> frozenset[str]:
    counts = Counter(mark for each in marks for mark in (each.uuid, each.mac, each.serial) if mark)
    return frozenset(mark for mark, count in counts.items() if count > 1)


def _without(marks: Marks, shared: frozenset[str]) -> Marks:
    def unless_shared(mark: str) -> str:
        return "" if mark in shared else mark

    return Marks(
        uuid=unless_shared(marks.uuid),
        mac=unless_shared(marks.mac),
        serial=unless_shared(marks.serial),
        maker=marks.maker,
        model=marks.model,
    )


def _same(one: str, other: str) -> int:
    return int(bool(one) and one == other)


def _mark(text: str) -> str:
    folded = text.strip().lower()
    return "" if folded in _NO_MARK else folded
