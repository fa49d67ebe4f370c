"""Từ điển phát âm: the ward's own words by thumb; what a change would touch is said before it is saved."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.domain.bulletin import Bulletin
from gateway.domain.errors import BadInput, Problem
from gateway.domain.lexicon import Version, WardEntry
from gateway.domain.people import Permission, permissions_of
from gateway.services.lexicon_book import Change
from gateway.services.lexicon_desk import Followed
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.received_file import fields_in, file_in
from gateway.web.types import Line
from gateway.web.words import Words
from gateway.web.words.lexicon import WORDS

router = APIRouter(prefix="/lexicon")

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Author = Annotated[Visit, Depends(Door(Permission.WRITE_BULLETIN))]
Seen = Annotated[str, Form(max_length=64)]
MOST_BYTES = 1_000_000
_MOST_CHARS = 200_000
_SHOWN_BAD = 200
_PAST = 500
_EMPTY = WardEntry(surface="", reading="")


class Sheet(BaseModel):
    """A file that was looked at already: its text, and what was shown of it."""

    tsv: Annotated[str, Field(max_length=2 * _MOST_CHARS)] = ""
    seen: Annotated[str, Field(max_length=64)] = ""


@router.get("")
async def lexicon_page(visit: Reader, q: Annotated[Line, Query()] = "") -> Response:
    """List the ward's words, who changed what, and the names of its places."""
    return await _page(visit, q=q)


@router.post("/entry")
async def change(
    visit: Author,
    *,
    surface: Annotated[Line, Form()],
    reading: Annotated[Line, Form()] = "",
    flags: Annotated[Line, Form()] = "",
    act: Annotated[Literal["put", "remove"], Form()] = "put",
    seen: Seen = "",
) -> Response:
    """Xem trước, rồi lưu: what it would touch is shown; saved when that is what the person saw."""
    desk = visit.screen.services.wording.lexicon
    entry = WardEntry(surface=surface.strip(), reading=" ".join(reading.split()), flags=flags)
    try:
        if act == "put":
            planned = await desk.book.plan_put(entry, by=visit.user)
        else:
            planned = await desk.book.plan_remove(entry, by=visit.user)
        touched = await desk.foresee(planned)
        mark = _mark(planned, touched)
        if seen == mark:
            kept = await (desk.put if act == "put" else desk.remove)(entry, by=visit.user)
            return _saved(visit, kept)
        before, after = await desk.readings(planned)
    except BadInput as error:
        return await _page(visit, error=error, typed=entry)
    return visit.show(
        "lexicon_check.html",
        entry=planned.named,
        act=act,
        tsv=None,
        changes=len(planned.put) + len(planned.removed),
        before=before,
        after=after,
        touched=touched,
        seen=mark,
        moved=bool(seen),
    )


@router.post("/import")
async def take_in(visit: Author, request: Request) -> Response:
    """Nhập tệp: every bad row is named and nothing taken in; a good file is shown first, as one word is."""
    asked = await fields_in(request, Sheet)
    desk = visit.screen.services.wording.lexicon
    try:
        text = asked.tsv or await _text_in(request)
        planned = await desk.book.plan_import(text, by=visit.user)
        if planned.bad:
            return await _page(visit, bad=planned)
        touched = await desk.foresee(planned)
        mark = _mark(planned, touched)
        if asked.seen == mark:
            return _saved(visit, await desk.import_(text, by=visit.user))
    except BadInput as error:
        return await _page(visit, error=error)
    return visit.show(
        "lexicon_check.html",
        entry=_EMPTY,
        act="",
        tsv=text,
        changes=len(planned.put),
        before="",
        after="",
        touched=touched,
        seen=mark,
        moved=bool(asked.seen),
    )


async def _text_in(request: Request) -> str:
    async with file_in(request, "file", most_bytes=MOST_BYTES) as path:
        content = await asyncio.to_thread(path.read_bytes)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_file("lexicon.import.coding") from error
    if len(text) > _MOST_CHARS:
        raise _no_file("lexicon.import.large")
    return text


def _no_file(key: str) -> BadInput:
    vi, en = WORDS[key]
    return BadInput([Problem(code="invalid", vi=vi, en=en, path="file")])


def _mark(planned: Change, touched: Sequence[Bulletin]) -> str:
    """Name what a person was shown: another change, or another bulletin touched, is shown again."""
    lines = [*(each.line for each in planned.put), *(each.line for each in planned.removed)]
    return hashlib.sha256("\n".join([*lines, "", *sorted(each.id for each in touched)]).encode()).hexdigest()


def _saved(visit: Visit, kept: Followed) -> Response:
    n = len(kept.read_otherwise)
    return visit.go("/lexicon", Flash("lexicon.saved.others", values={"n": str(n)}) if n else Flash("lexicon.saved"))


async def _page(
    visit: Visit, *, q: str = "", error: BadInput | None = None, bad: Change | None = None, typed: WardEntry = _EMPTY
) -> Response:
    services, rows = visit.screen.services, bad.bad if bad else ()
    desk = services.wording.lexicon
    wanted = q.strip().casefold()
    entries = [each for each in await desk.book.entries() if wanted in f"{each.surface}\n{each.reading}".casefold()]
    status = status_of(error) if error else 422 if rows else 200
    return visit.show(
        "lexicon.html",
        status=status,
        q=q,
        entries=entries,
        past=_past(visit.screen.t, await desk.book.history()),
        places=await desk.places(),
        names=await services.accounts.names(),
        can_write=Permission.WRITE_BULLETIN in permissions_of(visit.user),
        typed=typed,
        wrong="; ".join(visit.screen.t.pair(each.vi, each.en) for each in error.problems) if error else "",
        bad=rows[:_SHOWN_BAD],
        more_bad=max(0, len(rows) - _SHOWN_BAD),
    )


def _past(t: Words, versions: Sequence[Version]) -> list[dict[str, Any]]:
    """Say each change; only the newest of a word can be taken back, to what stood before it."""
    found: list[dict[str, Any]] = []
    for at, each in enumerate(versions):
        newest = all(other.key != each.key for other in versions[:at])
        before = next((other for other in versions[at + 1 :] if other.key == each.key), None)
        back = before.reading if before else None
        key = "lexicon.history.gone" if each.reading is None else "lexicon.history.put"
        found.append(
            {
                "what": t(key, surface=each.surface, reading=each.reading),
                "surface": each.surface,
                "flags": each.flags,
                "by": each.by,
                "at": each.at,
                "back": back,
                # what stood before the oldest line that is read here is not known
                "undo": newest and back != each.reading and (before is not None or len(versions) < _PAST),
            }
        )
    return found
