"""Mẫu bản tin: texts with typed blanks, what they would say filled in, and the ward's own."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, StringConstraints

from gateway.domain.filled import EVERYWHERE
from gateway.domain.people import Permission
from gateway.domain.template import Blank, BlankKind, Kind, Template
from gateway.services.phrase_desk import LONGEST_MS, Preview
from gateway.services.sessions import Current
from gateway.services.templates import Known
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Line, LongText, Sent, Slug

router = APIRouter(prefix="/templates", tags=["templates"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
Filler = Annotated[Current, Depends(May(Permission.EMERGENCY, Permission.WRITE_BULLETIN, hurried=True))]
Editor = Annotated[Current, Depends(May(Permission.WRITE_BULLETIN, Permission.TECHNICIAN))]

BlankId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Blanks = Annotated[dict[BlankId, Line], Field(max_length=24)]
"""What is filled in, by blank: an hour as 05:30, a date as 2026-10-08, a place by id or name."""


class BlankBody(Sent):
    id: BlankId
    label_vi: Line
    label_en: Line = ""
    kind: BlankKind
    optional: bool = False
    most: Annotated[int, Field(ge=0, le=1_000_000_000)] = 80


class TemplateIn(Sent):
    """``{blank}`` in the text stands for a blank."""

    name_vi: Line
    name_en: Line = ""
    kind: Kind
    text: LongText
    blanks: Annotated[list[BlankBody], Field(max_length=50)] = Field(default_factory=list)
    example: Blanks = Field(default_factory=dict)
    drill: bool = False
    was: Annotated[int, Field(ge=0, le=2**31)] | None = None
    """The version its editor read; 0: as it ships."""

    def template(self, name: str) -> Template:
        """In the domain's words.

        Raises:
            BadInput
        """
        return Template(
            id=name,
            name_vi=self.name_vi,
            name_en=self.name_en,
            kind=self.kind,
            text=self.text.strip(),
            blanks=tuple(Blank(**dict(blank)) for blank in self.blanks),
            example=MappingProxyType(dict(self.example)),
            drill=self.drill,
        )


class TemplateOut(BaseModel):
    id: str
    name_vi: str
    name_en: str
    kind: Kind
    text: str
    blanks: list[BlankBody]
    example: Mapping[str, str]
    drill: bool
    version: int
    """0: as it ships with the product."""
    by: str | None
    at: datetime | None


class TemplatesOut(BaseModel):
    templates: list[TemplateOut]
    places: Mapping[str, str]
    """What a place may be, by id."""


class VersionOut(BaseModel):
    version: int
    by: str
    at: datetime
    template: TemplateOut | None
    """``null``: taken out."""


class FilledIn(Sent):
    blanks: Blanks = Field(default_factory=dict)
    drill: bool = False


class SentenceOut(BaseModel):
    written: str
    spoken: str


class PreviewOut(BaseModel):
    text: str
    sentences: list[SentenceOut]
    left_out: list[str]
    """Optional blanks that are empty: their sentences are not said."""
    drill: bool
    ready: bool
    """Everything it says was spoken ahead: it needs neither Internet nor speech."""
    missing: list[str]
    needs_speech: list[str]
    """Blanks whose words are in no vocabulary."""
    held_by: int
    """How many clusters hold every file it needs."""
    clusters: int
    seconds: float
    """One saying of it; an estimate unless ``ready``."""
    too_long: bool


@router.get("")
async def list_templates(_: Reader, services: Has) -> TemplatesOut:
    """Các mẫu, khẩn cấp trước."""
    book = services.phrases.book
    return TemplatesOut(
        templates=[_out(known) for known in book.all], places={EVERYWHERE: "toàn phường", **book.places}
    )


@router.get("/{name}")
async def read_template(name: Slug, _: Reader, services: Has) -> TemplateOut:
    return _out(services.phrases.book.get(name))


@router.get("/{name}/history")
async def read_template_history(name: Slug, _: Reader, services: Has) -> list[VersionOut]:
    """Các phiên bản của phường, mới nhất trước."""
    return [
        VersionOut(
            version=version.n,
            by=version.by,
            at=version.at,
            template=None
            if version.template is None
            else _out(Known(template=version.template, n=version.n, by=version.by, at=version.at)),
        )
        for version in await services.phrases.book.history(name)
    ]


@router.post("/{name}/preview")
async def preview_template(name: Slug, body: FilledIn, _: Filler, services: Has) -> PreviewOut:
    """Xem trước: what it will say, and whether it can be said now. Every mistake in the blanks at once."""
    preview = await services.phrases.preview(name, body.blanks, drill=body.drill)
    return _preview(preview, held_by=len(services.readiness.holding(preview.assets)), of=len(services.fleet.enrolled))


@router.put("/{name}")
async def put_template(name: Slug, body: TemplateIn, current: Editor, services: Has) -> TemplateOut:
    """Mẫu của phường: a new one, or over the one that ships."""
    return _out(await services.phrases.book.put(body.template(name), by=current.user, was=body.was))


@router.delete("/{name}", status_code=204)
async def remove_template(name: Slug, current: Editor, services: Has) -> None:
    """Bỏ mẫu của phường; the one that ships under this id is back."""
    await services.phrases.book.remove(name, by=current.user)


def _out(known: Known) -> TemplateOut:
    template = known.template
    return TemplateOut(
        id=template.id,
        name_vi=template.name_vi,
        name_en=template.name_en,
        kind=template.kind,
        text=template.text,
        blanks=[
            BlankBody(
                id=blank.id,
                label_vi=blank.label_vi,
                label_en=blank.label_en,
                kind=blank.kind,
                optional=blank.optional,
                most=blank.most,
            )
            for blank in template.blanks
        ],
        example=dict(template.example),
        drill=template.drill,
        version=known.n,
        by=known.by,
        at=known.at,
    )


def _preview(preview: Preview, *, held_by: int, of: int) -> PreviewOut:
    filled = preview.filled
    return PreviewOut(
        text=filled.text,
        sentences=[
            SentenceOut(written=written, spoken=spoken)
            for written, spoken in zip(filled.written, preview.spoken, strict=True)
        ],
        left_out=list(filled.left_out),
        drill=filled.drill,
        ready=preview.ready,
        missing=list(preview.missing),
        needs_speech=list(preview.needs_speech),
        held_by=held_by if preview.ready else 0,
        clusters=of,
        seconds=round(preview.duration_ms / 1000, 1),
        too_long=filled.template.kind is Kind.EMERGENCY and preview.duration_ms > LONGEST_MS,
    )
