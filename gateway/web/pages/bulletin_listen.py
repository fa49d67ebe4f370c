"""Nghe thử: each sentence as written beside as read, heard one by one; what is in doubt is settled in one tap."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.bulletin import State
from gateway.domain.errors import BadInput, GatewayError, Stale
from gateway.domain.ids import BulletinId
from gateway.domain.lexicon import WardEntry
from gateway.domain.people import Permission
from gateway.services.editorial import SpeechFailed
from gateway.services.spoken_desk import Answered, AsSpoken
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash, Tone
from gateway.web.pages.reading_why import Why, whys
from gateway.web.types import Id, Line
from tts.model import Sentence

router = APIRouter()

Author = Annotated[Visit, Depends(Door(Permission.WRITE_BULLETIN))]
Number = Annotated[int, Form(ge=0, le=100_000)]
Revision = Annotated[int, Form(ge=1, le=2**31)]


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """One place that may be misread."""

    n: int
    token: str
    note: str
    choices: tuple[str, ...]
    read_as: str
    """How the machine reads it now; empty when it does not."""


@dataclass(frozen=True, kw_only=True)
class SpokenLine:
    """One sentence."""

    n: int
    written: str
    spoken: str
    """Empty when it is read as it is written."""
    whys: tuple[Why, ...]
    doubts: tuple[Doubt, ...]
    accepted: int
    """How many doubts somebody has answered for."""
    ends_paragraph: bool


@router.get("/bulletins/{bulletin}/listen")
async def listen_page(visit: Author, bulletin: Id) -> Response:
    """Show it sentence by sentence."""
    return await _show(visit, bulletin)


@router.post("/bulletins/{bulletin}/render")
async def render(visit: Author, bulletin: Id, again: Annotated[bool, Form()] = False) -> Response:
    """Tạo giọng đọc of the whole, then the airtime; ``again``: another voice had stood in for the chosen one."""
    editorial = visit.screen.services.editorial
    found = await editorial.get(BulletinId(bulletin))
    if found.audio is None or (again and found.audio.stood_in and found.state is State.DRAFT):
        try:
            await editorial.render(found.id, by=visit.user)
        except (BadInput, SpeechFailed, Stale) as error:
            return await _show(visit, bulletin, error=error)
    return visit.go(f"/bulletins/{bulletin}/air")


@router.post("/bulletins/{bulletin}/doubts/{n}/accept")
async def accept(visit: Author, bulletin: Id, n: int, token: Annotated[Line, Form()], revision: Revision) -> Response:
    """Đọc thế này là đúng, wherever it stands in this bulletin."""
    try:
        await visit.screen.services.wording.spoken.accept(
            BulletinId(bulletin), n, token=token, was_revision=revision, everywhere=True, by=visit.actor
        )
    except Stale:
        return _changed(visit, bulletin)
    return visit.go(f"/bulletins/{bulletin}/listen#lines", Flash("listen.accepted", values={"token": token}))


@router.post("/bulletins/{bulletin}/doubts/{n}/choose")
async def choose(
    visit: Author,
    bulletin: Id,
    n: int,
    *,
    token: Annotated[Line, Form()],
    reading: Annotated[Line, Form()],
    revision: Revision,
) -> Response:
    """Chọn cách đọc: written into the text."""
    try:
        await visit.screen.services.wording.spoken.choose(
            BulletinId(bulletin), n, token=token, reading=reading, was_revision=revision, by=visit.user
        )
    except Stale:
        return _changed(visit, bulletin)
    except BadInput as error:
        return await _show(visit, bulletin, error=error, at=n)
    said = Flash("listen.chosen", values={"token": token, "reading": reading})
    return visit.go(f"/bulletins/{bulletin}/listen#lines", said)


@router.post("/bulletins/{bulletin}/doubts/{n}/lexicon")
async def teach(
    visit: Author,
    bulletin: Id,
    n: int,
    token: Annotated[Line, Form()],
    reading: Annotated[Line, Form()],
) -> Response:
    """Thêm vào từ điển: every bulletin reads it so from now on."""
    capitals = "cs" if token.isupper() else ""
    try:
        followed = await visit.screen.services.wording.lexicon.put(
            WardEntry(surface=token, reading=" ".join(reading.split()), flags=capitals), by=visit.user
        )
    except BadInput as error:
        return await _show(visit, bulletin, error=error, at=n)
    others = [each for each in followed.read_otherwise if each != bulletin]
    key = "listen.taught.others" if others else "listen.taught"
    said = {"token": token, "reading": reading, "n": str(len(others))}
    return visit.go(f"/bulletins/{bulletin}/listen#lines", Flash(key, values=said))


async def _show(visit: Visit, bulletin: str, *, error: GatewayError | None = None, at: int = -1) -> Response:
    services = visit.screen.services
    try:
        shown = await services.wording.spoken.show(BulletinId(bulletin))
    except BadInput:
        return visit.go(f"/bulletins/{bulletin}/edit", Flash("listen.unreadable", Tone.BAD))
    return visit.show(
        "bulletin_listen.html",
        status=status_of(error) if error else 200,
        bulletin=shown.bulletin,
        lines=_lines(shown),
        open_doubts=len(shown.open),
        wrong=visit.screen.t.pair(error.vi, error.en) if error else "",
        wrong_at=at,
        drafts=shown.bulletin.state is State.DRAFT,
        can_write=True,
    )


def _changed(visit: Visit, bulletin: str) -> Response:
    return visit.go(f"/bulletins/{bulletin}/listen", Flash("bulletin.changed", Tone.WARN))


def _lines(shown: AsSpoken) -> list[SpokenLine]:
    recorded = shown.bulletin.audio is not None and shown.bulletin.audio.recorded
    found = []
    for n, sentence in enumerate(shown.text.sentences):
        mine = [each for each in shown.questions if each.question.sentence == n]
        unsure = () if recorded else tuple(_doubt(each, sentence) for each in mine if each.acceptance is None)
        found.append(
            SpokenLine(
                n=n,
                written=sentence.written,
                spoken="" if _bare(sentence.written) == _bare(sentence.spoken) else sentence.spoken,
                whys=whys(sentence),
                doubts=unsure,
                accepted=sum(each.acceptance is not None for each in mine),
                ends_paragraph=sentence.ends_paragraph,
            )
        )
    return found


def _doubt(each: Answered, sentence: Sentence) -> Doubt:
    question = each.question
    at = question.start
    read = next((change.spoken for change in sentence.changes if change.start <= at < change.end), "")
    return Doubt(n=question.n, token=question.token, note=question.note, choices=question.choices, read_as=read)


def _bare(text: str) -> str:
    """Letters alone: how a sentence sounds does not hang on its commas."""
    return " ".join("".join(char if char.isalnum() else " " for char in text.casefold()).split())
