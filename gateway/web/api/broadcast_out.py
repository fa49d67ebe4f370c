"""Lượt phát, as answers describe it. A thousand clusters are a number; only those left out are named."""

from datetime import date, datetime

from pydantic import BaseModel

from devices.model import Priority
from gateway.domain.airing import Airing
from gateway.domain.clash import Clash, ClashKind
from gateway.domain.errors import Problem
from gateway.domain.plan import Broadcast, Status
from gateway.domain.programme import Item


class BroadcastOut(BaseModel):
    id: str
    schedule: str
    programme: str
    title: str
    day: date
    start: datetime
    local_start: datetime
    duration_ms: int
    items: tuple[Item, ...]
    priority: Priority
    level: int
    volume_percent: int
    status: Status
    why: tuple[Problem, ...]
    """Why it does not air, or not everywhere."""
    notes: tuple[Problem, ...]
    """What differs from what was asked although it airs."""
    clusters: int
    airs_on: int
    left_out: list[str]
    """Clusters it is meant for, on which it will not be heard."""
    loses_to: tuple[str, ...]
    moved_from: datetime | None
    holiday: str | None


class AiringOut(BaseModel):
    occ: str
    schedule: str
    title: str
    start: datetime
    end: datetime
    priority: Priority
    level: int


class ClashOut(BaseModel):
    """Trùng giờ: ``first`` is served first unless a decision says otherwise."""

    kind: ClashKind
    first: AiringOut
    other: AiringOut
    clusters: list[str]
    problem: Problem


def broadcast_out(broadcast: Broadcast) -> BroadcastOut:
    """Describe one."""
    return BroadcastOut(
        id=broadcast.id,
        schedule=broadcast.schedule,
        programme=broadcast.programme,
        title=broadcast.title,
        day=broadcast.day,
        start=broadcast.start,
        local_start=broadcast.local_start,
        duration_ms=broadcast.duration_ms,
        items=broadcast.items,
        priority=broadcast.priority,
        level=broadcast.level,
        volume_percent=broadcast.volume_percent,
        status=broadcast.status,
        why=broadcast.why,
        notes=broadcast.notes,
        clusters=len(broadcast.clusters),
        airs_on=len(broadcast.airs_on),
        left_out=sorted(broadcast.clusters - broadcast.airs_on),
        loses_to=broadcast.loses_to,
        moved_from=broadcast.moved_from,
        holiday=broadcast.holiday,
    )


def clash_out(clash: Clash) -> ClashOut:
    """Describe a meeting of two."""
    return ClashOut(
        kind=clash.kind,
        first=_airing(clash.first),
        other=_airing(clash.other),
        clusters=sorted(clash.clusters),
        problem=clash.problem,
    )


def _airing(airing: Airing) -> AiringOut:
    return AiringOut(
        occ=airing.occ,
        schedule=airing.schedule,
        title=airing.title,
        start=airing.start,
        end=airing.end,
        priority=airing.priority,
        level=airing.level,
    )
