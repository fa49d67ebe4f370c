"""Bảng tính ở dòng lệnh: reading and writing files, and telling what became of each row."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from gateway.cli.console import Failed, say, say_error
from gateway.domain.camera_sheet import Cell
from gateway.domain.sheet import RowProblem
from gateway.web.sheet_in import read_table
from gateway.web.spreadsheet import to_csv, to_xlsx


def read(path: Path) -> list[list[str]]:
    """Read a CSV or XLSX file.

    Raises:
        Failed: it cannot be opened.
        BadInput: it cannot be understood.
    """
    try:
        return read_table(path.read_bytes())
    except OSError as error:
        raise Failed(f"không đọc được {path} / cannot read: {error}") from error


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Write a file, of the kind its name ends in.

    Raises:
        Failed: it cannot be written, or is there already.
    """
    content = to_xlsx(header, rows) if path.suffix.lower() == ".xlsx" else to_csv(header, rows)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise Failed(f"{path} đã có / is there already") from error
    except OSError as error:
        raise Failed(f"không ghi được {path} / cannot write: {error}") from error


def tell(bad: Sequence[RowProblem], unknown: Sequence[str]) -> None:
    """Name every bad row and every heading that nobody understood, on standard error."""
    for heading in unknown:
        say_error(f"cột “{heading}” không dùng đến / unknown column, left out")
    for each in bad:
        say_error(f"dòng {each.row}, cột “{each.column}”: {each.vi} / row {each.row}: {each.en}")


def as_json(bad: Sequence[RowProblem], unknown: Sequence[str], **counts: object) -> dict[str, object]:
    """Return what ``--json`` prints."""
    return {**counts, "bad": [asdict(each) for each in bad], "unknown_columns": list(unknown)}


def summary(*, new: int, changed: int, same: int, bad: Sequence[RowProblem], dry_run: bool) -> None:
    """Say in a line what was done."""
    rows = len({each.row for each in bad})
    lead = "sẽ " if dry_run else ""
    say(f"{lead}thêm {new}, sửa {changed}, giữ nguyên {same}, dòng hỏng {rows}")
    say(f"{'would be ' if dry_run else ''}new {new}, changed {changed}, same {same}, bad rows {rows}")
