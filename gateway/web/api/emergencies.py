"""Phát khẩn cấp: a permission, a PIN, and a key of its own."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, StringConstraints

from devices.clock import instant
from devices.model import OccurrenceId, Source, asset_id, asset_sha256
from gateway.domain.errors import BadInput, Problem
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission
from gateway.services.emergency_checked import hear_again, same
from gateway.services.emergency_message import Active, Message
from gateway.services.emergency_watch import EmergencyReport
from gateway.services.sessions import Current
from gateway.web.api.targets import TargetsIn
from gateway.web.api.templates import Blanks
from gateway.web.auth import May
from gateway.web.services import Has, Services
from gateway.web.types import Id, LongText, Reason, Sent, Sha256, Slug

router = APIRouter(prefix="/emergencies", tags=["emergencies"])

Commander = Annotated[Current, Depends(May(Permission.EMERGENCY, hurried=True))]
StrongCommander = Annotated[Current, Depends(May(Permission.EMERGENCY, strong=True, hurried=True))]
Reader = Annotated[Current, Depends(May(Permission.READ))]
Pin = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Said(Sent):
    """A template filled in, an approved bulletin, a recording, or a text that is spoken now; else the siren alone."""

    targets: TargetsIn
    template: Slug | None = None
    """Said twice, unless ``times`` says otherwise."""
    blanks: Blanks = Field(default_factory=dict)
    bulletin: Id | None = None
    audio_sha256: Sha256 | None = None
    text: Annotated[LongText, Field(max_length=2_000)] = ""
    siren: bool = True
    times: Annotated[int, Field(ge=1, le=20)] = 3
    gap_ms: Annotated[int, Field(ge=0, le=60_000)] = 5_000
    lasts_s: Annotated[int, Field(ge=10, le=1_800)] = 600
    drill: bool = False
    source: Source = Source.WARD


class EmergencyIn(Said):
    """What is said, and the PIN."""

    pin: Pin


class CheckedOut(BaseModel):
    """What was made to be heard, as it would go out."""

    id: str
    mark: str
    """SHA-256 of all that the ward would hear, and where: what is sent has this very mark."""
    text: str
    audio_sha256: str | None
    spoken: bool
    """Whether its words sound; otherwise the siren goes alone."""
    targets: int
    until: datetime


class SendIn(Sent):
    """What was heard, and the PIN."""

    mark: Sha256
    pin: Pin


class EndIn(Sent):
    pin: Pin
    why: Reason = ""


class EmergencyOut(BaseModel):
    """By what the clusters themselves say; once ended, who still sounds shows in the clusters' own states."""

    em: str
    by: str
    started_at: datetime
    end_by: datetime
    ended_at: datetime | None
    drill: bool
    text: str
    targets: int
    sounding: list[str]
    unreachable: list[str]
    clock_unsynced: list[str]


@router.post("", status_code=202)
async def start_emergency(body: EmergencyIn, current: StrongCommander, services: Has) -> EmergencyOut:
    """Phát khẩn cấp, now. Interrupts everything but IM LẶNG."""
    message = await _message(body, current, services)
    active = await services.emergency.start(message, body.targets.targets, pin=body.pin, by=current.user)
    return _out(active, services.emergency_watch.report(active.em))


@router.post("/checks", status_code=201)
async def check_emergency(body: Said, current: StrongCommander, services: Has) -> CheckedOut:
    """Nghe trước: what would go out, kept for whoever hears it; nothing goes out."""
    message = await _message(body, current, services)
    checked = await services.emergency.check(message, body.targets.targets, by=current.user)
    return CheckedOut(
        id=checked.id,
        mark=checked.mark,
        text=checked.message.text.strip(),
        audio_sha256=None if checked.clip is None else asset_sha256(checked.clip.asset),
        spoken=checked.spoken,
        targets=len(checked.targets.resolve(services.fleet.registry) & services.fleet.enrolled),
        until=instant(checked.until_ms),
    )


@router.post("/checks/{check}/send", status_code=202)
async def send_emergency(check: Id, body: SendIn, current: StrongCommander, services: Has) -> EmergencyOut:
    """Phát đúng bản đã nghe. Once; what changed meanwhile has to be heard again (``hear_again``)."""
    checked = services.emergency.heard(check, by=current.user)
    if checked is None or not same(body.mark, checked):
        raise hear_again()
    active = await services.emergency.send(checked, pin=body.pin, by=current.user)
    return _out(active, services.emergency_watch.report(active.em))


async def _message(body: Said, current: Current, services: Services) -> Message:
    if body.template is None:
        return Message(
            bulletin=None if body.bulletin is None else BulletinId(body.bulletin),
            recording=None if body.audio_sha256 is None else asset_id(body.audio_sha256),
            text=body.text,
            siren=body.siren,
            times=body.times,
            gap_ms=body.gap_ms,
            lasts=timedelta(seconds=body.lasts_s),
            drill=body.drill,
            source=body.source,
        )
    if body.bulletin or body.audio_sha256 or body.text.strip():
        vi, en = "chỉ chọn một: mẫu, bản tin, ghi âm hoặc nội dung", "choose one of template, bulletin, recording, text"
        raise BadInput([Problem(code="invalid", vi=vi, en=en, path="template")])
    message = await services.phrases.message(body.template, body.blanks, by=current.user, drill=body.drill)
    return replace(
        message,
        siren=body.siren,
        times=body.times if "times" in body.model_fields_set else message.times,
        gap_ms=body.gap_ms if "gap_ms" in body.model_fields_set else message.gap_ms,
        lasts=timedelta(seconds=body.lasts_s),
        source=body.source,
    )


@router.get("")
async def active_emergencies(_: Reader, services: Has) -> list[EmergencyOut]:
    watch = services.emergency_watch
    return [_out(active, watch.report(active.em)) for active in watch.active]


@router.get("/{em}")
async def read_emergency(em: Id, _: Reader, services: Has) -> EmergencyOut:
    """Bao nhiêu cụm đang phát, cụm nào chưa."""
    report = services.emergency_watch.report(OccurrenceId(em))
    return _out(report.active, report)


@router.post("/{em}/end")
async def end_emergency(em: Id, body: EndIn, current: Commander, services: Has) -> EmergencyOut:
    """Hết báo động."""
    ended = await services.emergency.end(OccurrenceId(em), pin=body.pin, by=current.user, why=body.why)
    return _out(ended, None)


def _out(active: Active, report: EmergencyReport | None) -> EmergencyOut:
    return EmergencyOut(
        em=active.em,
        by=active.by,
        started_at=instant(active.started_ms),
        end_by=instant(active.end_by_ms),
        ended_at=None if active.ended_ms is None else instant(active.ended_ms),
        drill=active.drill,
        text=active.text,
        targets=len(active.clusters),
        sounding=sorted(report.sounding) if report else [],
        unreachable=sorted(report.unreachable) if report else [],
        clock_unsynced=sorted(report.clock_unsynced) if report else [],
    )
