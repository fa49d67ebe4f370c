"""Phát ngay: what is approved, on the air now."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from devices.model import Priority
from gateway.domain.ids import BulletinId, ProgrammeId
from gateway.domain.people import Permission
from gateway.ports.records import CommandRow
from gateway.services.broadcast_now import NowOnAir
from gateway.services.sessions import Current
from gateway.web.api.targets import TargetsIn
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Id, Sent, Slug

router = APIRouter(prefix="/broadcasts", tags=["broadcasts"])

Speaker = Annotated[Current, Depends(May(Permission.BROADCAST_NOW))]
Volume = Annotated[int, Field(ge=1, le=100)]


class BulletinsNow(Sent):
    bulletins: Annotated[list[Id], Field(min_length=1, max_length=50)]
    targets: TargetsIn
    volume_percent: Volume = 70
    priority: Literal[Priority.ROUTINE, Priority.PRIORITY] = Priority.ROUTINE
    anyway: bool = False
    """Although it runs into what is planned for the same poles."""


class ProgrammeNow(Sent):
    programme: Slug
    targets: TargetsIn
    volume_percent: Volume = 70
    anyway: bool = False
    """Although it runs into what is planned for the same poles."""


class OnAir(BaseModel):
    """Đã ra lệnh. What became of it on each cluster is in the commands and, at the end, in the plays."""

    occ: str
    start_at: datetime
    duration_ms: int
    commands: tuple[CommandRow, ...]


@router.post("/bulletins", status_code=202)
async def play_bulletins_now(body: BulletinsNow, current: Speaker, services: Has) -> OnAir:
    """Phát ngay bản tin đã duyệt. The air rules hold here, and again on the pole."""
    ordered = await services.broadcast_now.play_bulletins(
        [BulletinId(each) for each in body.bulletins],
        body.targets.targets,
        by=current.user,
        volume_percent=body.volume_percent,
        priority=body.priority,
        anyway=body.anyway,
    )
    return _out(ordered)


@router.post("/programmes", status_code=202)
async def play_programme_now(body: ProgrammeNow, current: Speaker, services: Has) -> OnAir:
    """Phát ngay chương trình."""
    ordered = await services.broadcast_now.play_programme(
        ProgrammeId(body.programme),
        body.targets.targets,
        by=current.user,
        volume_percent=body.volume_percent,
        anyway=body.anyway,
    )
    return _out(ordered)


def _out(ordered: NowOnAir) -> OnAir:
    return OnAir(occ=ordered.occ, start_at=ordered.start_at, duration_ms=ordered.duration_ms, commands=ordered.rows)
