"""Số đo camera mô phỏng: thirty days of how each camera of the demo ward answered, made up and said to be.

Looks only, hour by hour: a picture, trouble, or nothing, and how quickly it answered. No alert, no ticket and no
picture is made up. What is broken this morning has been so for some hours or days. The audit log says where it is from.
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices.clock import instant
from gateway.demo.past import CUT_ZONE, OFFICE_DARK, POWER_CUT
from gateway.domain.camera_history import COARSE_MS, KEPT_MS, Slice
from gateway.domain.device import CameraId
from gateway.ports.records import AuditNote
from gateway.store.opening import Store
from simulators.cameras.faults import Fault
from simulators.cameras.spec import CameraSpec

ACTION = "demo.camera_past"
_LOOKS = 60
"""In an hour: one a minute."""
_HOURS = KEPT_MS // COARSE_MS
_DEAF = frozenset({Fault.REFUSE, Fault.HANG})
_PICTURE_ALL_THE_SAME = frozenset({Fault.CLOCK_MINUS_1H})
_RARELY = 0.006
_BROKEN_FOR = range(5, 7 * 24)
"""Hours."""


async def give_camera_past(
    store: Store, specs: Sequence[CameraSpec], faults: Mapping[str, tuple[Fault, ...]], *, now_ms: int
) -> None:
    """Write the thirty days before ``now_ms`` of cameras that are in the registry, and say so in the audit log.

    Raises:
        StoreFailed
    """
    for spec in specs:  # one at a time: proofs that come in meanwhile do not wait for all
        await store.camera_log.keep([], past_of(spec, faults.get(spec.code, ()), now_ms=now_ms))
    await store.audit.add(AuditNote(actor="system", action=ACTION, subject=str(len(specs)), at=instant(now_ms)))


def past_of(spec: CameraSpec, faults: tuple[Fault, ...], *, now_ms: int) -> list[Slice]:
    """Return the hours of a camera before ``now_ms``, the same every time; an hour nobody looked is not there."""
    dna = hashlib.sha256(spec.code.encode()).digest()
    camera = _Camera(spec, frozenset(faults), random.Random(dna))  # noqa: S311 - luck, not a secret
    end_ms = now_ms // COARSE_MS * COARSE_MS
    broken_for = _BROKEN_FOR[int.from_bytes(dna[:2]) % len(_BROKEN_FOR)]
    answer_ms = 1.5 + dna[2] / 64
    return [
        camera.hour(end_ms - age * COARSE_MS, age, answer_ms, broken=age <= broken_for)
        for age in range(_HOURS - 1, 0, -1)
        if age not in OFFICE_DARK
    ]


@dataclass(frozen=True)
class _Camera:
    spec: CameraSpec
    faults: frozenset[Fault]
    dice: random.Random

    def hour(self, start_ms: int, age: int, answer_ms: float, *, broken: bool) -> Slice:
        """Return the hour that began ``age`` hours before now."""
        dice = self.dice
        trouble = dice.uniform(0.1, 0.7) if dice.random() < _RARELY else 0.0
        lost = trouble if dice.random() < 0.5 else 0.0  # noqa: PLR2004 - a toss
        faulty = trouble - lost
        mean_ms = answer_ms * dice.uniform(0.85, 1.3)
        if broken and self.faults & _DEAF:
            lost, faulty = 1.0, 0.0
        elif broken and self.faults - _PICTURE_ALL_THE_SAME:
            lost, faulty = 0.0, 1.0
        if self.spec.zone == CUT_ZONE and age in POWER_CUT:
            lost, faulty = 1.0, 0.0
        answered = round(_LOOKS * (1 - lost))
        lost_ms, faulty_ms = round(COARSE_MS * lost), round(COARSE_MS * faulty)
        return Slice(
            camera=CameraId(self.spec.code),
            start_ms=start_ms,
            width_ms=COARSE_MS,
            good_ms=COARSE_MS - lost_ms - faulty_ms,
            faulty_ms=faulty_ms,
            lost_ms=lost_ms,
            looks=_LOOKS,
            answered=answered,
            answer_ms=round(answered * mean_ms, 1),
        )
