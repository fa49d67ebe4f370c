"""What goes wrong on purpose: the faults of real wards, drawn from a seed, each at its instant and for its time.

A fault is data. Boards and cards ask :class:`Faults` what is wrong now; nothing runs in the background, so the same
seed breaks the same things at the same instants whatever the load of the machine.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """Each has a row in the failure table it comes from; ``amount`` is in the unit named here."""

    DROP = "drop"
    """Messages lost on the link; amount: share of them, in percent."""
    DUPLICATE = "duplicate"
    """Messages delivered twice, with a new packet id; amount: percent."""
    REORDER = "reorder"
    """Messages overtaken by later ones; amount: percent."""
    CLOCK_STEP = "clock_step"
    """The wall clock jumps; amount: milliseconds, signed."""
    BOOT_1970 = "boot_1970"
    """The board has no battery behind its clock: it wakes in 1970 after a power cut."""
    NTP_OFF = "ntp_off"
    """The time server cannot be reached: the wall clock runs free."""
    DISK_FULL = "disk_full"
    BAD_HASH = "bad_hash"
    """A fetched file has a flipped bit."""
    MUTE = "mute"
    """Somebody turned the mixer down."""
    AMP_OFF = "amp_off"
    """The amplifier has no power or its relay is stuck."""
    CARD_MISSING = "card_missing"
    UNDERRUN = "underrun"
    """The card ran dry once; amount: milliseconds it stood still."""
    NULL_SINK = "null_sink"
    """The output goes nowhere: a wrong default device."""
    POWER_CUT = "power_cut"


_USUAL: dict[FaultKind, tuple[tuple[int, int], tuple[int, int]]] = {
    # kind: (seconds it lasts), (amount)
    FaultKind.DROP: ((5, 60), (10, 60)),
    FaultKind.DUPLICATE: ((5, 60), (10, 30)),
    FaultKind.REORDER: ((5, 60), (10, 30)),
    FaultKind.CLOCK_STEP: ((0, 0), (-3_600_000, 3_600_000)),
    FaultKind.BOOT_1970: ((0, 0), (0, 0)),
    FaultKind.NTP_OFF: ((60, 7_200), (0, 0)),
    FaultKind.DISK_FULL: ((60, 600), (0, 0)),
    FaultKind.BAD_HASH: ((10, 60), (0, 0)),
    FaultKind.MUTE: ((30, 900), (0, 0)),
    FaultKind.AMP_OFF: ((30, 900), (0, 0)),
    FaultKind.CARD_MISSING: ((5, 300), (0, 0)),
    FaultKind.UNDERRUN: ((0, 0), (20, 400)),
    FaultKind.NULL_SINK: ((60, 900), (0, 0)),
    FaultKind.POWER_CUT: ((5, 600), (0, 0)),
}


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that goes wrong, from ``at_ms`` (root clock, epoch) for ``for_ms``; 0 is an instant."""

    at_ms: int
    kind: FaultKind
    for_ms: int = 0
    amount: int = 0

    def active(self, now_ms: float) -> bool:
        return self.at_ms <= now_ms < self.at_ms + self.for_ms


class Faults:
    """The faults of one cluster. Tests add to them as they go."""

    def __init__(self, planned: Iterable[Fault] = ()) -> None:
        self._by_kind: dict[FaultKind, list[Fault]] = {}
        for fault in planned:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        self._by_kind.setdefault(fault.kind, []).append(fault)
        self._by_kind[fault.kind].sort()

    def begin(self, kind: FaultKind, at_ms: int, *, amount: int = 0) -> None:
        """Break it from ``at_ms`` until :meth:`end`."""
        self.add(Fault(at_ms, kind, for_ms=1 << 50, amount=amount))

    def end(self, kind: FaultKind, at_ms: int) -> None:
        """Mend it at ``at_ms``."""
        self._by_kind[kind] = [
            Fault(fault.at_ms, kind, max(0, at_ms - fault.at_ms), fault.amount) if fault.active(at_ms) else fault
            for fault in self._by_kind.get(kind, [])
        ]

    def active(self, kind: FaultKind, now_ms: float) -> Fault | None:
        """Return the fault of this kind that holds at ``now_ms``, if any."""
        if kind not in self._by_kind:
            return None
        return next((fault for fault in self._by_kind[kind] if fault.active(now_ms)), None)

    def between(self, kind: FaultKind, after_ms: float, until_ms: float) -> list[Fault]:
        """Return the faults of this kind that begin in ``(after_ms, until_ms]``, in order."""
        return [fault for fault in self._by_kind.get(kind, ()) if after_ms < fault.at_ms <= until_ms]

    def __iter__(self) -> Iterator[Fault]:
        return iter(sorted(fault for faults in self._by_kind.values() for fault in faults))


def draw(
    seed: int | str,
    cluster: str,
    *,
    start_ms: int,
    end_ms: int,
    per_hour: float,
    kinds: Iterable[FaultKind] = FaultKind,
) -> Faults:
    """Draw the faults of ``cluster`` between two instants: the same for the same seed, and no two clusters alike."""
    dice = random.Random(f"{seed}/{cluster}")
    among = sorted(kinds)
    faults: list[Fault] = []
    at = float(start_ms)
    while per_hour > 0 and among:
        at += dice.expovariate(per_hour / 3_600_000)
        if at >= end_ms:
            break
        kind = dice.choice(among)
        lasts, amounts = _USUAL[kind]
        faults.append(Fault(round(at), kind, 1000 * dice.randint(*lasts), dice.randint(*amounts)))
    return Faults(faults)
