"""Báo cáo: what was done in a period, what was heard and what was missed; every number with its lines."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from gateway.domain.people import Permission
from gateway.domain.report import Report
from gateway.ports.records import PlannedPlay
from gateway.reports import Sentence, Table, sentences, tables
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.periods import AskedPeriod
from gateway.web.report_files import FileKind, write_report
from gateway.web.services import Has

router = APIRouter(prefix="/reports", tags=["reports"])

Reader = Annotated[Current, Depends(May(Permission.READ))]
_What = Annotated[str, Query(min_length=1, max_length=120)]
_MOST_LINES = 5_000


class ReportOut(BaseModel):
    report: Report
    sentences: list[Sentence]
    """As they stand in a ward's reports."""
    tables: list[Table]
    """The very cells of the files."""


class BulletinLine(BaseModel):
    id: str
    title: str
    state: str


class LinesOut(BaseModel):
    plays: list[PlannedPlay]
    bulletins: list[BulletinLine]
    more: bool
    """There are more plays than ``limit``."""


@router.get("")
async def read_report(_: Reader, services: Has, period: AskedPeriod) -> ReportOut:
    """Báo cáo của một kỳ, compared with the one before it."""
    report, categories = await services.reporting.draw_up(period), await services.reporting.categories()
    return ReportOut(
        report=report, sentences=list(sentences(report, categories)), tables=list(tables(report, categories))
    )


@router.get("/lines")
async def read_report_lines(
    _: Reader,
    services: Has,
    period: AskedPeriod,
    what: _What,
    limit: Annotated[int, Query(ge=1, le=_MOST_LINES)] = 500,
) -> LinesOut:
    """Các dòng đứng sau một số; ``what`` is in ``tables[].what``."""
    found = await services.reporting.lines(period, what)
    return LinesOut(
        plays=list(found.plays[:limit]),
        bulletins=[BulletinLine(id=each.id, title=each.title, state=each.state) for each in found.bulletins],
        more=len(found.plays) > limit,
    )


@router.get(
    "/export/{kind}",
    response_class=Response,
    responses={200: {"content": {kind.mime.partition(";")[0]: {} for kind in FileKind}}},
)
async def export_report(kind: FileKind, _: Reader, services: Has, period: AskedPeriod) -> Response:
    """Tải báo cáo: Word, a spreadsheet or CSV."""
    options = services.options
    file = await write_report(kind, services.reporting, period, ward=options.ward_name, timezone=options.timezone)
    return Response(
        file.body,
        media_type=kind.mime,
        headers={"content-disposition": f'attachment; filename="{file.name}"'},
    )
