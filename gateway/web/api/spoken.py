"""Như sẽ đọc: a bulletin as written beside as spoken, its doubts answered one by one, and the approver's list."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from gateway.domain.bulletin import FASTEST, SLOWEST, State
from gateway.domain.checklist import CheckState
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission
from gateway.domain.personal_data import PersonalKind
from gateway.services.sessions import Current
from gateway.services.spoken_desk import MOST_READING, Answered, AsSpoken
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Id, Line, Sent
from tts.model import Change

router = APIRouter(prefix="/bulletins", tags=["bulletins"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
Author = Annotated[Current, Depends(May(Permission.WRITE_BULLETIN))]
Judge = Annotated[Current, Depends(May(Permission.APPROVE, Permission.WRITE_BULLETIN))]
Number = Annotated[int, Path(ge=0, le=20_000)]
Revision = Annotated[int, Field(ge=1, le=2**31)]


class Accept(Sent):
    token: Annotated[Line, Field(min_length=1)]
    """As the person saw it: a list that changed meanwhile is not answered by mistake."""
    was_revision: Revision
    everywhere: bool = False
    """Wherever the same token is doubted for the same reason."""


class Choose(Sent):
    token: Annotated[Line, Field(min_length=1)]
    reading: Annotated[str, Field(min_length=1, max_length=MOST_READING)]
    was_revision: Revision


class AcceptedOut(BaseModel):
    by: str
    at: datetime
    revision: int


class DoubtOut(BaseModel):
    n: int
    start: int
    token: str
    kind: str
    note: str
    choices: list[str]
    accepted: AcceptedOut | None


class SentenceOut(BaseModel):
    n: int
    written: str
    spoken: str
    changes: list[Change]
    doubts: list[DoubtOut]
    ends_paragraph: bool


class AsSpokenOut(BaseModel):
    bulletin: str
    revision: int
    state: State
    sentences: list[SentenceOut]
    open: int
    """How many doubts stand in the way of an approval."""
    audio_says_this: bool


class PersonalOut(BaseModel):
    kind: PersonalKind
    kind_vi: str
    kind_en: str
    start: int
    end: int
    text: str


class CheckLineOut(BaseModel):
    code: str
    state: CheckState
    vi: str
    en: str
    details: list[str]


class ChecklistOut(BaseModel):
    revision: int
    clean: bool
    checks: list[CheckLineOut]
    personal: list[PersonalOut]


@router.get(
    "/voices/sample",
    response_class=FileResponse,
    responses={200: {"content": {"audio/mpeg": {}}}},
)
async def listen_to_voice(
    current: Author,
    services: Has,
    text: Annotated[Line, Query()] = "",
    voice: Annotated[Line, Query()] = "",
    speed: Annotated[float | None, Query(ge=SLOWEST, le=FASTEST)] = None,
) -> Response:
    """Nghe thử giọng: the first sentence of ``text``, else a greeting; without ``voice``, in the usual one."""
    usual = services.editorial.usual
    made = await services.wording.spoken.sample(
        text, voice=voice, speed=usual.speed if speed is None else speed, by=current.user
    )
    return FileResponse(made.path, media_type=made.mime, headers={"cache-control": "no-store"})


@router.get("/{bulletin}/spoken")
async def read_as_spoken(bulletin: Id, _: Reader, services: Has) -> AsSpokenOut:
    """Văn bản và lời đọc, từng câu: each change with its rule, each doubt with who answered for it."""
    return _out(await services.wording.spoken.show(BulletinId(bulletin)))


@router.post("/{bulletin}/doubts/{n}/accept")
async def accept_reading(bulletin: Id, n: Number, body: Accept, current: Judge, services: Has) -> AsSpokenOut:
    """Chấp nhận cách đọc: by name, in the bulletin's record and in the audit log."""
    shown = await services.wording.spoken.accept(
        BulletinId(bulletin),
        n,
        token=body.token,
        was_revision=body.was_revision,
        everywhere=body.everywhere,
        by=current.actor,
    )
    return _out(shown)


@router.post("/{bulletin}/doubts/{n}/choose")
async def choose_reading(bulletin: Id, n: Number, body: Choose, current: Author, services: Has) -> AsSpokenOut:
    """Chọn cách đọc: the words are written into the text. An edit like any other: it voids an approval."""
    shown = await services.wording.spoken.choose(
        BulletinId(bulletin),
        n,
        token=body.token,
        reading=body.reading,
        was_revision=body.was_revision,
        by=current.user,
    )
    return _out(shown)


@router.get(
    "/{bulletin}/sentences/{n}/audio",
    response_class=FileResponse,
    responses={200: {"content": {"audio/mpeg": {}}}},
)
async def listen_to_sentence(
    bulletin: Id,
    n: Number,
    _: Annotated[Current, Depends(May(Permission.WRITE_BULLETIN, Permission.APPROVE))],
    services: Has,
) -> Response:
    """Nghe thử một câu. May take a few seconds."""
    made = await services.wording.spoken.preview(BulletinId(bulletin), n)
    return FileResponse(made.path, media_type=made.mime, headers={"cache-control": "no-store"})


@router.get("/{bulletin}/checklist")
async def read_checklist(
    bulletin: Id,
    _: Reader,
    services: Has,
    slot_s: Annotated[int | None, Query(ge=1, le=14_400)] = None,
) -> ChecklistOut:
    """Việc cần xem trước khi duyệt. ``slot_s``: how many seconds the airtime leaves for it."""
    found = await services.wording.checklist(BulletinId(bulletin), slot_ms=None if slot_s is None else slot_s * 1000)
    return ChecklistOut(
        revision=found.revision,
        clean=found.clean,
        checks=[CheckLineOut(**{**asdict(check), "details": list(check.details)}) for check in found.checks],
        personal=[
            PersonalOut(kind_vi=each.kind.words[0], kind_en=each.kind.words[1], **asdict(each))
            for each in found.personal
        ],
    )


def _out(shown: AsSpoken) -> AsSpokenOut:
    doubts: dict[int, list[DoubtOut]] = {}
    for each in shown.questions:
        doubts.setdefault(each.question.sentence, []).append(_doubt(each))
    return AsSpokenOut(
        bulletin=shown.bulletin.id,
        revision=shown.bulletin.revision,
        state=shown.bulletin.state,
        sentences=[
            SentenceOut(
                n=place,
                written=sentence.written,
                spoken=sentence.spoken,
                changes=list(sentence.changes),
                doubts=doubts.get(place, []),
                ends_paragraph=sentence.ends_paragraph,
            )
            for place, sentence in enumerate(shown.text.sentences)
        ],
        open=len(shown.open),
        audio_says_this=shown.audio_says_this,
    )


def _doubt(each: Answered) -> DoubtOut:
    question, accepted = each.question, each.acceptance
    return DoubtOut(
        n=question.n,
        start=question.start,
        token=question.token,
        kind=question.kind,
        note=question.note,
        choices=list(question.choices),
        accepted=None if accepted is None else AcceptedOut(by=accepted.by, at=accepted.at, revision=accepted.revision),
    )
