"""Chương trình: what one airtime is made of."""

import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from devices.model import Priority, Source, asset_id
from gateway.domain.errors import Stale
from gateway.domain.ids import BulletinId, ProgrammeId
from gateway.domain.people import Permission
from gateway.domain.programme import (
    MAX_AIRTIME_MS,
    MAX_PAUSE_MS,
    MAX_REPEATS,
    BulletinItem,
    Clip,
    ItemRole,
    Pause,
    Programme,
    ProgrammeItem,
    WhenUnready,
)
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Id, Line, Sent, Sha256, Slug

router = APIRouter(prefix="/programmes", tags=["programmes"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
Scheduler = Annotated[Current, Depends(May(Permission.SCHEDULE))]


class ClipIn(Sent):
    kind: Literal["clip"]
    role: Literal[ItemRole.CHIME, ItemRole.GREETING, ItemRole.RECORDED, ItemRole.SIGN_OFF]
    audio_sha256: Sha256
    duration_ms: Annotated[int, Field(ge=1, le=MAX_AIRTIME_MS)]
    title: Line = ""
    music: bool = False


class BulletinItemIn(Sent):
    kind: Literal["bulletin"]
    bulletin: Id


class PauseIn(Sent):
    kind: Literal["pause"]
    duration_ms: Annotated[int, Field(ge=1, le=MAX_PAUSE_MS)]


ItemIn = Annotated[ClipIn | BulletinItemIn | PauseIn, Field(discriminator="kind")]


class ProgrammeIn(Sent):
    title: Line
    items: Annotated[list[ItemIn], Field(max_length=200)]
    repeats: Annotated[int, Field(ge=1, le=MAX_REPEATS)] = 1
    priority: Priority = Priority.ROUTINE
    source: Source = Source.WARD
    when_unready: WhenUnready = WhenUnready.HOLD


class NewProgramme(ProgrammeIn):
    id: Slug | None = None
    """Drawn when not given."""


class ProgrammeEdit(ProgrammeIn):
    was_revision: Annotated[int, Field(ge=1, le=2**31)]


@router.get("")
async def list_programmes(_: Reader, services: Has) -> list[Programme]:
    return list(await services.programming.programmes())


@router.post("", status_code=201)
async def create_programme(body: NewProgramme, current: Scheduler, services: Has) -> Programme:
    programme = _programme(ProgrammeId(body.id or f"ct-{secrets.token_hex(5)}"), body, revision=1)
    if any(each.id == programme.id for each in await services.programming.programmes()):
        raise Stale("Mã chương trình này đã có.", "There is a programme of that name already.", code="name_taken")
    return await services.programming.save_programme(programme, by=current.user)


@router.get("/{programme}")
async def read_programme(programme: Slug, _: Reader, services: Has) -> Programme:
    return await services.programming.programme(ProgrammeId(programme))


@router.put("/{programme}")
async def edit_programme(programme: Slug, body: ProgrammeEdit, current: Scheduler, services: Has) -> Programme:
    await services.programming.programme(ProgrammeId(programme))
    edited = _programme(ProgrammeId(programme), body, revision=body.was_revision)
    return await services.programming.save_programme(edited, by=current.user)


def _programme(name: ProgrammeId, body: ProgrammeIn, *, revision: int) -> Programme:
    return Programme(
        id=name,
        title=body.title,
        items=tuple(_item(item) for item in body.items),
        repeats=body.repeats,
        priority=body.priority,
        source=body.source,
        when_unready=body.when_unready,
        revision=revision,
    )


def _item(item: ClipIn | BulletinItemIn | PauseIn) -> ProgrammeItem:
    match item:
        case ClipIn():
            return Clip(
                role=item.role,
                asset=asset_id(item.audio_sha256),
                duration_ms=item.duration_ms,
                title=item.title,
                music=item.music,
            )
        case BulletinItemIn():
            return BulletinItem(bulletin=BulletinId(item.bulletin))
        case PauseIn():
            return Pause(duration_ms=item.duration_ms)
