"""Báo cáo: the numbers a leader signs, the sentence to copy, the files, and the lines behind every number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from gateway.domain.people import Permission
from gateway.domain.report_period import Period, Span, period_of
from gateway.reports import Table, sentences, tables
from gateway.reports.numbers import decimal, percent, whole
from gateway.reports.words import miss_words
from gateway.web.pages.door import Door, Visit
from gateway.web.periods import AskedPeriod
from gateway.web.report_files import FileKind
from gateway.web.words import Language

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
_PAGE = 100
_MOST_PAGES = 10_000
_GROUPS = ("category", "source", "origin", "priority")
_HUNG = "camera_zone"
"""A line of the stock of devices that says where cameras hang: folded, a ward has many neighbourhoods."""
_QUICK = (
    ("half_year", Span.HALF_YEAR, 0),
    ("half_year_before", Span.HALF_YEAR, 1),
    ("quarter", Span.QUARTER, 0),
    ("month", Span.MONTH, 0),
    ("month_before", Span.MONTH, 1),
    ("year", Span.YEAR, 0),
)


@dataclass(frozen=True)
class Choice:
    """A period one tap away."""

    key: str
    query: str
    chosen: bool


@router.get("/reports")
async def reports_page(visit: Reader, period: AskedPeriod) -> Response:
    """Show the report of a period."""
    services = visit.screen.services
    report, categories = await services.reporting.draw_up(period), await services.reporting.categories()
    english = visit.screen.language is Language.EN
    shown = {table.key: table for table in tables(report, categories, english=english)}
    return visit.show(
        "reports.html",
        report=report,
        period=period,
        query=_query(period),
        choices=_choices(visit, period),
        said=sentences(report, categories),
        groups=[_linked(shown[key], period, english=english) for key in _GROUPS],
        missed=[(*miss_words(miss.outcome, miss.why), miss) for miss in report.missed],
        stock=[row for row, each in zip(shown["stock"].rows, report.stock, strict=True) if each.key != _HUNG],
        hung=[(each.name, each.count) for each in report.stock if each.key == _HUNG],
        summary=_linked(shown["summary"], period, english=english),
        link=lambda what: f"/reports/lines?{_query(period)}&{urlencode({'what': what})}",
        whole=whole,
        decimal=decimal,
        percent=percent,
        kinds=list(FileKind),
        public=services.listening is not None,
    )


@router.get("/reports/lines")
async def report_lines_page(
    visit: Reader,
    period: AskedPeriod,
    what: Annotated[str, Query(min_length=1, max_length=120)] = "heard",
    page: Annotated[int, Query(ge=1, le=_MOST_PAGES)] = 1,
) -> Response:
    """Show what a number was counted from."""
    services = visit.screen.services
    found = await services.reporting.lines(period, what)
    begin = (page - 1) * _PAGE
    return visit.show(
        "report_lines.html",
        period=period,
        query=_query(period),
        what=what,
        whole=whole,
        plays=found.plays[begin : begin + _PAGE],
        many=len(found.plays) or len(found.bulletins),
        airtimes=len({play.occ for play in found.plays}),
        clusters=len({play.cluster for play in found.plays}),
        shown=(begin + 1, min(begin + _PAGE, len(found.plays))) if len(found.plays) > _PAGE else None,
        bulletins=found.bulletins,
        named=services.fleet.name,
        miss_words=miss_words,
        earlier=_lines_page(period, what, page - 1) if page > 1 else "",
        later=_lines_page(period, what, page + 1) if begin + _PAGE < len(found.plays) else "",
    )


@dataclass(frozen=True)
class Linked:
    """A table whose rows lead to their lines."""

    key: str
    title: str
    header: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str], str]]
    """Name, the other cells, where to."""


def _linked(table: Table, period: Period, *, english: bool) -> Linked:
    at = 1 if english else 0
    paths = [f"/reports/lines?{_query(period)}&{urlencode({'what': what})}" if what else "" for what in table.what]
    return Linked(
        key=table.key,
        title=table.title[at],
        header=[pair[at] for pair in table.header],
        rows=[
            (str(row[0]), [_said(cell) for cell in row[1:]], path) for row, path in zip(table.rows, paths, strict=True)
        ],
    )


def _said(cell: str | float | None) -> str:
    match cell:
        case None:
            return "–"
        case str():
            return cell
        case int():
            return whole(cell)
        case _:
            return decimal(cell)


def _choices(visit: Visit, period: Period) -> list[Choice]:
    found = []
    for key, span, back in _QUICK:
        quick = period_of(span, visit.screen.services.reporting.today)
        if back:
            quick = period_of(span, quick.first - timedelta(days=1))
        found.append(Choice(key=key, query=_query(quick), chosen=quick == period))
    return found


def _query(period: Period) -> str:
    return urlencode({"from": period.first.isoformat(), "to": period.last.isoformat()})


def _lines_page(period: Period, what: str, page: int) -> str:
    return f"/reports/lines?{_query(period)}&{urlencode({'what': what, 'page': page})}"
