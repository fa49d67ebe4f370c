"""Báo cáo as a spreadsheet: a sheet for each table, and one with every play that was counted."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from gateway.domain.category import Category
from gateway.domain.ids import CategoryId
from gateway.domain.report import Report
from gateway.domain.report_facts import Play
from gateway.reports.sentences import sentences
from gateway.reports.tables import Cell, tables

_HEAD = PatternFill("solid", fgColor="DCEBEC")
_WIDEST, _NARROWEST = 60, 12
_LINES = ("Giờ phát", "Cụm loa", "Chương trình", "Mức bằng chứng", "Đã nghe (s)", "Mã lượt phát")
_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def to_xlsx(
    report: Report, categories: Mapping[CategoryId, Category], heard: Sequence[Play], *, ward: str, zone: ZoneInfo
) -> bytes:
    """Write it. ``heard``: the plays behind the number of plays; times in it are local."""
    book = Workbook()
    first = book.active
    if not isinstance(first, Worksheet):  # pragma: no cover - a new book has one sheet; the types cannot know
        raise TypeError(first)
    first.title = "Lời báo cáo"
    first.append([_text(f"Kết quả hoạt động truyền thanh {report.period.name[0]}")])
    first.append([_text(ward)])
    first.append([])
    for sentence in sentences(report, categories):
        first.append([_text(sentence.vi)])
    first["A1"].font = Font(bold=True, size=14)
    first.column_dimensions["A"].width = 110
    for row in first.iter_rows():
        row[0].alignment = Alignment(wrap_text=True, vertical="top")
    for table in tables(report, categories):
        _fill(book.create_sheet(table.title[0][:31]), [pair[0] for pair in table.header], table.rows)
    rows = [
        (_local(play.start_at, zone), play.cluster, play.title, play.proof.value, play.heard_ms / 1000, play.occ)
        for play in heard
    ]
    _fill(book.create_sheet("Các lượt đã phát"), _LINES, rows)
    for sheet in book.worksheets:
        _no_formulas(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, header: Sequence[str], rows: Sequence[Sequence[Cell | datetime]]) -> None:
    sheet.append(list(header))
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for row in rows:
        sheet.append([_text(cell) if isinstance(cell, str) else cell for cell in row])
    for column, heading in enumerate(header, 1):
        longest = max([len(heading), *(len(str(row[column - 1])) for row in rows)])
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, max(_NARROWEST, longest + 2))
    sheet.freeze_panes = "A2"


def _no_formulas(sheet: Worksheet) -> None:
    for line in sheet.iter_rows():
        for cell in line:
            if cell.data_type == "f":
                cell.data_type = "s"  # a title that begins with "=" is a title


def _text(text: str) -> str:
    """Take out what a file of this kind cannot hold."""
    return text.translate(_NOT_IN_XML)


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)
