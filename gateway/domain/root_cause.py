"""Nguyên nhân gốc: six cameras that went together are one fault, told by what they share. Pure.

The narrowest thing that explains the loss is named: the switch, the cabinet, the neighbourhood, or the ward's own line.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.device import Camera, CameraId

LEAST_SHARED = 2
"""Cameras that a switch or a cabinet must have lost, all of them, to be blamed."""
LEAST_ZONE = 3
SHARED_LOSS_PERCENT = 40
"""cameras.md: when so many of all are lost in one round, the line to them is."""
LEAST_WARD = 5


class Scope(StrEnum):
    """What is blamed, from the narrowest to the widest."""

    CAMERA = "camera"
    SWITCH = "switch"
    CABINET = "cabinet"
    ZONE = "zone"
    WARD = "ward"
    OWNER = "owner"
    """Nothing is lost: whoever owns them has something to do."""


@dataclass(frozen=True, kw_only=True)
class SharedLoss:
    """Several cameras lost for one reason."""

    scope: Scope
    subject: str
    """The switch's, cabinet's or zone's name; empty for the ward."""
    cameras: tuple[CameraId, ...]
    watched: int
    """How many cameras hang there."""

    def words(self, zone_names: Mapping[str, str]) -> tuple[str, str]:
        """Return the sentence for the alert, in both languages."""
        lost = len(self.cameras)
        match self.scope:
            case Scope.SWITCH:
                return (
                    f"Cả bộ chia mạng {self.subject} mất: {lost} camera.",
                    f"Everything on switch {self.subject} is lost: {lost} cameras.",
                )
            case Scope.CABINET:
                return (
                    f"Cả tủ {self.subject} mất: {lost} camera.",
                    f"Everything on cabinet {self.subject} is lost: {lost} cameras.",
                )
            case Scope.ZONE:
                name = zone_names.get(self.subject, self.subject)
                return f"Cả {name} mất: {lost} camera.", f"All of {name} is lost: {lost} cameras."
            case _:
                return (
                    f"Mất {lost} trong {self.watched} camera cùng lúc: kiểm tra đường truyền của phường.",
                    f"{lost} of {self.watched} cameras are lost together: look at the ward's own line.",
                )

    @property
    def advice(self) -> tuple[str, str]:
        """What to do first."""
        if self.scope is Scope.WARD:
            return (
                "Kiểm tra bộ định tuyến, cáp quang và nguồn tại trụ sở.",
                "Look at the router, the fibre and the power at the office.",
            )
        return (
            "Kiểm tra nguồn điện và đường mạng của tủ trước, chưa cần tháo từng camera.",
            "Look at the power and the uplink first; leave the single cameras alone.",
        )


def shared_losses(cameras: Iterable[Camera], lost: Iterable[CameraId]) -> tuple[SharedLoss, ...]:
    """Explain which of the ``lost`` went together; those in no answer are faults of their own.

    ``cameras``: all that are watched.
    """
    watched = list(cameras)
    gone = set(lost) & {camera.id for camera in watched}
    found = [
        *_groups(watched, gone, Scope.CABINET, lambda each: each.cabinet, LEAST_SHARED),
        *_groups(watched, gone, Scope.SWITCH, lambda each: each.switch, LEAST_SHARED),
    ]
    found = _narrowest(found)
    for zone in _groups(watched, gone, Scope.ZONE, lambda each: each.zone, LEAST_ZONE):
        inside = [loss for loss in found if set(loss.cameras) <= set(zone.cameras)]
        if not any(set(loss.cameras) == set(zone.cameras) for loss in inside):
            found = [loss for loss in found if loss not in inside] + [zone]
    if (
        len(gone) >= LEAST_WARD
        and len(gone) * 100 >= SHARED_LOSS_PERCENT * len(watched)
        and not any(set(loss.cameras) == gone for loss in found)
    ):
        return (SharedLoss(scope=Scope.WARD, subject="", cameras=tuple(sorted(gone)), watched=len(watched)),)
    return tuple(found)


def _groups(
    watched: Sequence[Camera], gone: set[CameraId], scope: Scope, key: Callable[[Camera], str], least: int
) -> list[SharedLoss]:
    members: dict[str, list[CameraId]] = defaultdict(list)
    for camera in watched:
        if key(camera):
            members[key(camera)].append(camera.id)
    return [
        SharedLoss(scope=scope, subject=subject, cameras=tuple(sorted(ids)), watched=len(ids))
        for subject, ids in sorted(members.items())
        if len(ids) >= least and gone.issuperset(ids)
    ]


def _narrowest(found: list[SharedLoss]) -> list[SharedLoss]:
    """Of two that name the same cameras, or one within the other, keep the wider; of equals, the first given."""
    kept: list[SharedLoss] = []
    for loss in found:
        if not any(set(loss.cameras) <= set(other.cameras) for other in kept):
            kept = [other for other in kept if not set(other.cameras) < set(loss.cameras)] + [loss]
    return kept
