"""Bản tin: written, heard, submitted, approved by another person."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from devices.model import Priority, Source, asset_id
from gateway.domain.bulletin import FASTEST, SLOWEST, Approval, AudioRef, Bulletin, Content, Remark, State
from gateway.domain.errors import BadInput, Problem
from gateway.domain.ids import BulletinId, CategoryId
from gateway.domain.people import Permission
from gateway.services.sessions import Current
from gateway.web.api.templates import Blanks
from gateway.web.auth import May
from gateway.web.files import audio_file
from gateway.web.services import Has
from gateway.web.types import Id, Instant, Line, LongText, Reason, Sent, Sha256, Slug
from gateway.web.uploads import AUDIO_BODY, received
from tts.model import NormalizedText, Voice

router = APIRouter(prefix="/bulletins", tags=["bulletins"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
Author = Annotated[Current, Depends(May(Permission.WRITE_BULLETIN))]
Approver = Annotated[Current, Depends(May(Permission.APPROVE))]
StrongApprover = Annotated[Current, Depends(May(Permission.APPROVE, strong=True))]


class ContentIn(Sent):
    title: Line
    category: Slug
    text: LongText
    source: Source = Source.WARD
    source_name: Line = ""
    priority: Priority = Priority.ROUTINE
    language: Annotated[str, Field(pattern="^[a-z]{2,3}(-[a-z0-9]{2,8})*$", max_length=20)] = "vi"
    voice: Line = ""
    """Giọng đọc; empty is the ward's usual one."""
    second_voice: Line = ""
    """Giọng thứ hai, in turns with the first in a long text; ``none``: nobody; empty: as usual beside that voice."""
    speed: Annotated[float, Field(ge=SLOWEST, le=FASTEST)] | None = None
    """Left out: as usual in this ward."""
    valid_from: Instant | None = None
    valid_until: Instant | None = None

    def content(self, usual_speed: float) -> Content:
        """In the domain's words.

        Raises:
            BadInput
        """
        return content_of(dict(self), usual_speed)


def content_of(fields: dict[str, Any], usual_speed: float) -> Content:
    """Return what was sent in the domain's words.

    Raises:
        BadInput
    """
    speed = usual_speed if fields["speed"] is None else fields["speed"]
    return Content(**{**fields, "category": CategoryId(fields["category"]), "speed": speed})


class NewBulletin(ContentIn):
    """A text, or a template filled in: its text is then the bulletin's own, to be edited and approved like any."""

    text: LongText = ""
    template: Slug | None = None
    blanks: Blanks = Field(default_factory=dict)


class Edit(ContentIn):
    was_revision: Annotated[int, Field(ge=1, le=2**31)]
    """The revision the editor read: somebody else's change meanwhile is not overwritten."""


class Judged(Sent):
    """Exactly what the approver read and heard."""

    text_sha256: Sha256
    audio_sha256: Sha256


class Why(Sent):
    reason: Reason


class Draft(Sent):
    text: LongText


class BulletinBrief(BaseModel):
    id: str
    title: str
    category: str
    source: Source
    priority: Priority
    state: State
    revision: int
    author: str
    duration_ms: int | None
    approved_at: datetime | None


class BulletinOut(BaseModel):
    id: str
    author: str
    writers: list[str]
    """None of them may approve it."""
    state: State
    revision: int
    content: Content
    text_sha256: str
    audio: AudioRef | None
    audio_is_current: bool
    """Whether it says the text as it is now."""
    approval: Approval | None
    remark: Remark | None


class SpokenOut(BaseModel):
    """Văn bản như sẽ được đọc."""

    normalised: NormalizedText
    spoken: str
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]


class BulletinPage(BaseModel):
    bulletins: list[BulletinBrief]
    total: int


@router.get("")
async def list_bulletins(
    _: Reader,
    services: Has,
    state: Annotated[State | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> BulletinPage:
    """Các bản tin, without their texts."""
    found = list(await services.editorial.all(state=state))
    return BulletinPage(bulletins=[_brief(each) for each in found[skip : skip + limit]], total=len(found))


@router.post("", status_code=201)
async def create_bulletin(body: NewBulletin, current: Author, services: Has) -> BulletinOut:
    """Soạn bản tin."""
    fields = body.model_dump(exclude={"template", "blanks"})
    if body.template is not None:
        if body.text.strip():
            vi, en = "chỉ chọn một: mẫu hoặc nội dung", "choose one of template and text"
            raise BadInput([Problem(code="invalid", vi=vi, en=en, path="template")])
        book = services.phrases.book
        fields["text"] = book.fill(book.get(body.template).template, body.blanks).text
    content = content_of(fields, services.editorial.usual.speed)
    return _out(await services.editorial.create(content, by=current.user))


@router.post("/spoken")
async def preview_spoken(body: Draft, _: Reader, services: Has) -> SpokenOut:
    """Nghe thử bằng mắt: how a text will be read out, and what its author should look at."""
    text = await asyncio.to_thread(services.editorial.spoken, body.text)
    return SpokenOut(normalised=text, spoken=text.spoken, unknown=text.unknown, ambiguous=text.ambiguous)


@router.get("/voices")
async def list_voices(_: Reader, services: Has) -> list[Voice]:
    """Các giọng đọc."""
    return services.editorial.voices()


@router.get("/{bulletin}")
async def read_bulletin(bulletin: Id, _: Reader, services: Has) -> BulletinOut:
    return _out(await services.editorial.get(BulletinId(bulletin)))


@router.put("/{bulletin}")
async def edit_bulletin(bulletin: Id, body: Edit, current: Author, services: Has) -> BulletinOut:
    """Sửa. Voids an approval; what was approved leaves every plan at once."""
    changed = ContentIn(**body.model_dump(exclude={"was_revision"}))
    edited = await services.editorial.edit(
        BulletinId(bulletin),
        changed.content(services.editorial.usual.speed),
        was_revision=body.was_revision,
        by=current.user,
    )
    return _out(edited)


@router.post("/{bulletin}/render")
async def render_bulletin(bulletin: Id, current: Author, services: Has) -> BulletinOut:
    """Tạo giọng đọc of the text as it is now. May take a minute."""
    return _out(await services.editorial.render(BulletinId(bulletin), by=current.user))


@router.post("/{bulletin}/recording", openapi_extra=AUDIO_BODY)
async def record_bulletin(bulletin: Id, request: Request, current: Author, services: Has) -> BulletinOut:
    """Gắn bản ghi âm. Whoever recorded it may not approve it."""
    async with received(request) as path:
        return _out(await services.editorial.record(BulletinId(bulletin), path, by=current.user))


@router.get("/{bulletin}/audio", response_class=FileResponse, responses={200: {"content": {"audio/mpeg": {}}}})
async def listen_to_bulletin(bulletin: Id, _: Reader, services: Has) -> Response:
    """Nghe bản tin as it stands, with Range."""
    audio, _path = await services.editorial.audio(BulletinId(bulletin))
    answer = await audio_file(services, audio.asset.removeprefix("sha256:"), public=False)
    answer.headers["cache-control"] = "no-store"  # the next listener may be approving another recording
    return answer


@router.post("/{bulletin}/submit")
async def submit_bulletin(bulletin: Id, current: Author, services: Has) -> BulletinOut:
    """Trình duyệt; rendered first if it has no audio yet."""
    return _out(await services.editorial.submit(BulletinId(bulletin), by=current.user))


@router.post("/{bulletin}/approve")
async def approve_bulletin(bulletin: Id, body: Judged, current: StrongApprover, services: Has) -> BulletinOut:
    """Duyệt exactly the text and the audio named."""
    approved = await services.editorial.approve(
        BulletinId(bulletin), text_sha256=body.text_sha256, asset=asset_id(body.audio_sha256), by=current.actor
    )
    return _out(approved)


@router.post("/{bulletin}/reject")
async def reject_bulletin(bulletin: Id, body: Why, current: Approver, services: Has) -> BulletinOut:
    """Trả lại, with a reason its author can act on."""
    return _out(await services.editorial.reject(BulletinId(bulletin), reason=body.reason, by=current.actor))


@router.post("/{bulletin}/withdraw")
async def withdraw_bulletin(
    bulletin: Id,
    body: Why,
    current: Annotated[Current, Depends(May(Permission.APPROVE, Permission.WRITE_BULLETIN))],
    services: Has,
) -> BulletinOut:
    """Thu hồi: out of every plan at once. An approver may, and whoever wrote it."""
    return _out(await services.editorial.withdraw(BulletinId(bulletin), reason=body.reason, by=current.actor))


def _brief(bulletin: Bulletin) -> BulletinBrief:
    return BulletinBrief(
        id=bulletin.id,
        title=bulletin.title,
        category=bulletin.content.category,
        source=bulletin.content.source,
        priority=bulletin.content.priority,
        state=bulletin.state,
        revision=bulletin.revision,
        author=bulletin.author,
        duration_ms=bulletin.audio.duration_ms if bulletin.audio else None,
        approved_at=bulletin.approval.at if bulletin.approval else None,
    )


def _out(bulletin: Bulletin) -> BulletinOut:
    return BulletinOut(
        id=bulletin.id,
        author=bulletin.author,
        writers=sorted(bulletin.writers),
        state=bulletin.state,
        revision=bulletin.revision,
        content=bulletin.content,
        text_sha256=bulletin.text_sha256,
        audio=bulletin.audio,
        audio_is_current=bulletin.audio is not None and bulletin.audio.text_sha256 == bulletin.text_sha256,
        approval=bulletin.approval,
        remark=bulletin.remark,
    )
