"""Từ điển của phường: how this ward says its own words, with every version of every entry."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse

from gateway.domain.lexicon import CASE_SENSITIVE, BadRow, Version, WardEntry
from gateway.domain.people import Permission
from gateway.services.lexicon_desk import Followed
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Line, Sent

router = APIRouter(prefix="/lexicon", tags=["lexicon"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
Author = Annotated[Current, Depends(May(Permission.WRITE_BULLETIN))]
Word = Annotated[Line, Field(min_length=1)]


class Table(PlainTextResponse):
    """Text in columns."""

    media_type = "text/tab-separated-values"


class Surface(Sent):
    surface: Word
    case_sensitive: bool = False


class EntryIn(Surface):
    reading: Word

    @property
    def entry(self) -> WardEntry:
        """In the domain's words."""
        return WardEntry(surface=self.surface.strip(), reading=self.reading, flags=_flags(self))


class Import(Sent):
    tsv: Annotated[str, Field(max_length=200_000)]
    """Lines of surface, tab, reading, tab, flags; ``#`` begins a comment."""
    skip_bad: bool = False
    """Take the good rows although some are bad; otherwise a bad row stops them all."""
    replace: bool = False
    """Take out what is not in the file."""


class EntryOut(BaseModel):
    n: int
    surface: str
    reading: str | None
    """``null`` in a history: taken out."""
    flags: str
    by: str
    at: datetime


class LexiconOut(BaseModel):
    version: int
    entries: list[EntryOut]
    places: list[str]
    """Words of the ward's place names, said as they are written."""


class BadRowOut(BaseModel):
    line: int
    text: str
    why: str


class WrittenOut(BaseModel):
    version: int
    put: int
    removed: int
    read_otherwise: list[str]
    """Bulletins that are to be rendered and approved again."""
    bad: list[BadRowOut]
    bad_total: int


@router.get("")
async def read_lexicon(_: Reader, services: Has) -> LexiconOut:
    """Các mục của phường; the national list below them is part of the product."""
    desk = services.wording.lexicon
    return LexiconOut(
        version=await desk.book.version(),
        entries=[_entry(each) for each in await desk.book.entries()],
        places=list(await desk.places()),
    )


@router.put("/entries")
async def put_lexicon_entry(body: EntryIn, current: Author, services: Has) -> WrittenOut:
    """Thêm hoặc sửa một mục. What is still to be heard and is read otherwise now loses its audio and its approval."""
    return _written(await services.wording.lexicon.put(body.entry, by=current.user))


@router.post("/entries/remove")
async def remove_lexicon_entry(body: Surface, current: Author, services: Has) -> WrittenOut:
    """Bỏ một mục."""
    entry = WardEntry(surface=body.surface, reading="", flags=_flags(body))
    return _written(await services.wording.lexicon.remove(entry, by=current.user))


@router.get("/history")
async def read_lexicon_history(
    _: Reader, services: Has, surface: Annotated[str | None, Query(max_length=200)] = None
) -> list[EntryOut]:
    """Ai đã sửa gì, the newest first."""
    return [_entry(each) for each in await services.wording.lexicon.book.history(surface)]


@router.post("/import")
async def import_lexicon(body: Import, current: Author, services: Has) -> WrittenOut:
    """Nhập từ tệp, with a report of every bad row."""
    written = await services.wording.lexicon.import_(
        body.tsv, by=current.user, skip_bad=body.skip_bad, replace=body.replace
    )
    return _written(written)


@router.get("/export", response_class=Table)
async def export_lexicon(_: Reader, services: Has) -> Table:
    """Xuất ra tệp that can be read back."""
    return Table(
        await services.wording.lexicon.book.export(),
        headers={"content-disposition": 'attachment; filename="tu-dien.tsv"', "cache-control": "no-store"},
    )


def _flags(body: Surface) -> str:
    return CASE_SENSITIVE if body.case_sensitive else ""


def _entry(version: Version) -> EntryOut:
    return EntryOut(
        n=version.n,
        surface=version.surface,
        reading=version.reading,
        flags=version.flags,
        by=version.by,
        at=version.at,
    )


def _written(followed: Followed) -> WrittenOut:
    written = followed.written
    return WrittenOut(
        version=written.version,
        put=written.put,
        removed=written.removed,
        read_otherwise=list(followed.read_otherwise),
        bad=[_bad(each) for each in written.bad[:200]],
        bad_total=len(written.bad),
    )


def _bad(row: BadRow) -> BadRowOut:
    return BadRowOut(**asdict(row))
