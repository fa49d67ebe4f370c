"""CSV that a spreadsheet opens as it is meant: in Vietnamese, and with nothing in it that runs."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

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
