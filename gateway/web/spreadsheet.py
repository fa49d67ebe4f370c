"""CSV and XLSX that a spreadsheet opens as it is meant: in Vietnamese, and with nothing in it that runs."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BOM = "\ufeff"
"""Without it Excel reads Vietnamese as Windows-1252."""

Cell = str | int | float | bool | datetime | None


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write a table. A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return (_BOM + sheet.getvalue()).encode("utf-8", "replace")


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case str():
            return f"'{cell}" if cell.startswith(_RUNS) else cell
        case _:
            return str(cell)


def to_xlsx(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write a table as a workbook. Texts are texts there; the apostrophe is for who saves it as CSV."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Loa Phường")
    sheet.append(list(header))
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=_cell(value) if isinstance(value, str | datetime) else value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
