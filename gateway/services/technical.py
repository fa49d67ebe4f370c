"""Thông số kỹ thuật của cụm: trims and ceilings a technician sets at the pole, and its maintenance mode."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from devices.clock import Clock, instant
from devices.model import ClusterId
from gateway.domain.errors import BadInput, NotFound, Problem
from gateway.domain.ids import UserId
from gateway.domain.people import Permission, expect
from gateway.domain.silence import Maintenance, Mark
from gateway.ports.records import AuditNote
from gateway.ports.store import Values
from gateway.services.actor import Actor
from gateway.services.bus import Bus
from gateway.services.events import ContentChanged
from gateway.services.fleet import Fleet

_KEPT = "technical"
_LIMITS = {
    "dac_offset_ms": (-1000, 1000),
    "amp_wake_ms": (0, 5000),
    "default_percent": (0, 100),
    "max_percent": (0, 100),
    "cache_mb": (64, 1_000_000),
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one cluster is told about itself. Checked when made.

    Raises:
        BadInput: every value out of its bounds.
    """

    dac_offset_ms: int = 0
    """Added to every start; positive is later."""
    amp_wake_ms: int = 600
    default_percent: int = 70
    max_percent: int = 85
    """The technician's own ceiling, e.g. next to a school; the policy's may be lower, never higher."""
    cache_mb: int = 2048

    def __post_init__(self) -> None:
        problems = [
            Problem(code="invalid", vi=f"từ {low} đến {high}", en=f"needs {low} to {high}", path=name)
            for name, (low, high) in _LIMITS.items()
            if not low <= getattr(self, name) <= high
        ]
        if problems:
            raise BadInput(problems)


@dataclass(frozen=True, kw_only=True)
class Technical:
    """Settings and maintenance of one cluster."""

    cluster: ClusterId
    settings: Settings = field(default_factory=Settings)
    maintenance: Maintenance


class Workshop:
    """Xưởng kỹ thuật: keeps them, and has the configuration issued again when they change."""

    def __init__(self, *, values: Values, fleet: Fleet, changed: Callable[[str], None], bus: Bus, clock: Clock) -> None:
        self._values = values
        self._fleet = fleet
        self._changed = changed
        self._bus = bus
        self._clock = clock
        self._known: dict[ClusterId, Technical] = {}

    async def load(self) -> None:
        """Read what was set. Once, at start."""
        kept = await self._values.get(_KEPT) or {}
        self._known = {ClusterId(name): _read(ClusterId(name), row) for name, row in kept.items()}

    def get(self, cluster: ClusterId) -> Technical:
        """Return what holds for ``cluster``, defaults where nobody set anything."""
        return self._known.get(cluster) or Technical(cluster=cluster, maintenance=Maintenance(cluster=cluster))

    async def set(self, cluster: ClusterId, settings: Settings, *, by: Actor) -> Technical:
        """Keep ``settings`` for ``cluster``.

        Raises:
            NotAllowed: not a technician.
            NotFound: no such cluster.
        """
        expect(by, Permission.TECHNICIAN)
        after = replace(self._existing(cluster), settings=settings)
        return await self._keep(after, by=by, action="cluster.settings", detail=asdict(settings))

    async def enter_maintenance(self, cluster: ClusterId, *, by: Actor, reason: str) -> Technical:
        """Vào bảo trì: only a test tone sounds there until somebody ends it.

        Raises:
            NotAllowed, NotFound: as :meth:`set`.
            BadInput: no reason given.
            WrongState: it is in maintenance.
        """
        expect(by, Permission.TECHNICIAN)
        before = self._existing(cluster)
        mark = Mark(by=by.id, at=instant(self._clock.now_ms()), reason=reason)
        after = replace(before, maintenance=before.maintenance.enter(mark))
        return await self._keep(after, by=by, action="cluster.maintenance_on", detail={"reason": mark.reason})

    async def leave_maintenance(self, cluster: ClusterId, *, by: Actor) -> Technical:
        """Ra khỏi bảo trì.

        Raises:
            NotAllowed, NotFound: as :meth:`set`.
            WrongState: it is not in maintenance.
        """
        expect(by, Permission.TECHNICIAN)
        before = self._existing(cluster)
        after = replace(before, maintenance=before.maintenance.leave())
        return await self._keep(after, by=by, action="cluster.maintenance_off", detail={})

    def _existing(self, cluster: ClusterId) -> Technical:
        if cluster not in self._fleet.controllable:
            raise NotFound(f"Không có cụm loa “{cluster}”.", f"No cluster “{cluster}”.")
        return self.get(cluster)

    async def _keep(self, after: Technical, *, by: Actor, action: str, detail: dict[str, Any]) -> Technical:
        known = self._known | {after.cluster: after}
        note = AuditNote(
            actor=by.id, action=action, subject=after.cluster, at=instant(self._clock.now_ms()), detail=detail
        )
        await self._values.set(_KEPT, {name: _write(row) for name, row in known.items()}, note=note)
        self._known = known
        self._changed(action)
        self._bus.publish(ContentChanged(what="cluster", id=after.cluster))
        return after


def _write(row: Technical) -> dict[str, Any]:
    since = row.maintenance.since
    mark = None if since is None else {"by": since.by, "at": since.at.isoformat(), "reason": since.reason}
    return {"settings": asdict(row.settings), "maintenance": mark}


def _read(cluster: ClusterId, row: dict[str, Any]) -> Technical:
    kept = row["maintenance"]
    since = (
        None
        if kept is None
        else Mark(by=UserId(kept["by"]), at=datetime.fromisoformat(kept["at"]), reason=kept["reason"])
    )
    maintenance = Maintenance(cluster=cluster, since=since)
    return Technical(cluster=cluster, settings=Settings(**row["settings"]), maintenance=maintenance)
