"""Văn bản vào: a file or a pasted text, taken apart into what is read out and what is not. Nothing is kept here."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from gateway.domain.paper import Paper, Reason
from gateway.domain.people import Permission
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.multipart import FILE_BODY, file_of
from gateway.web.services import Has
from gateway.web.types import Sent

router = APIRouter(prefix="/papers", tags=["bulletins"])

Author = Annotated[Current, Depends(May(Permission.WRITE_BULLETIN))]


class Pasted(Sent):
    text: Annotated[str, Field(max_length=100_000)]
    """As it was copied: what is taken off does not count against the length of a bulletin."""


class RemovedOut(BaseModel):
    text: str
    reason: Reason
    reason_vi: str
    reason_en: str
    before: int
    """It stood before this paragraph of the body, counted from 0: put back, it goes there."""


class PaperOut(BaseModel):
    title: str
    body: str
    paragraphs: list[str]
    removed: list[RemovedOut]
    warnings: list[str]


@router.post("", openapi_extra=FILE_BODY)
async def read_paper_file(request: Request, current: Author, services: Has) -> PaperOut:
    """Đọc tệp .txt, .docx, .odt, .pdf: the field ``file`` of a form, at most 10 MB."""
    async with file_of(request) as path:
        return _out(await services.wording.text_in.file(path, by=current.user))


@router.post("/pasted")
async def read_pasted_text(body: Pasted, current: Author, services: Has) -> PaperOut:
    """Dán văn bản."""
    return _out(await asyncio.to_thread(services.wording.text_in.paste, body.text, by=current.user))


def _out(paper: Paper) -> PaperOut:
    return PaperOut(
        title=paper.title,
        body=paper.body,
        paragraphs=list(paper.paragraphs),
        removed=[
            RemovedOut(
                text=each.text,
                reason=each.reason,
                reason_vi=each.reason.words[0],
                reason_en=each.reason.words[1],
                before=each.before,
            )
            for each in paper.removed
        ],
        warnings=list(paper.warnings),
    )
