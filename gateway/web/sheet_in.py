"""Bảng tính vào: CSV or XLSX as people have them, read to text, bounded in every direction."""

import csv
import io
import warnings
import zipfile
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from gateway.domain.errors import BadInput, Problem
from gateway.domain.sheet import MOST_ROWS

MOST_COLUMNS = 60
MOST_UNPACKED = 100_000_000
"""Bytes that an XLSX may unpack to: a bomb of a few kilobytes claims gigabytes."""
_ZIP = b"PK\x03\x04"
_SEPARATORS = ",;\t"


def read_table(raw: bytes) -> list[list[str]]:
    """Return the rows of the first sheet, every cell as text; dates as ``2026-12-31``.

    Raises:
        BadInput: it is neither, is too large, or cannot be read.
    """
    if not raw.strip():
        raise _bad("tệp trống", "the file is empty")
    return _xlsx(raw) if raw.startswith(_ZIP) else _csv(raw)


def _csv(raw: bytes) -> list[list[str]]:
    text = _decoded(raw)
    if "\x00" in text:
        raise _bad("không phải CSV hay XLSX", "is neither CSV nor XLSX")
    first = text.lstrip("\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append(row[:MOST_COLUMNS])
            _expect_few(len(rows))
    except csv.Error as error:
        raise _bad(f"CSV hỏng: {error}", f"broken CSV: {error}") from error
    return rows


def _decoded(raw: bytes) -> str:
    # what Excel calls "Unicode text", or UTF-8
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise _bad(
            "không đọc được chữ: trong Excel chọn “CSV UTF-8”, hoặc gửi tệp XLSX",
            "is not UTF-8: choose “CSV UTF-8” in Excel, or send XLSX",
        ) from error


def _xlsx(raw: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
                raise _bad("bảng tính quá lớn", "the workbook is too large")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations that we do not read
            book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
            try:
                return _rows(book.worksheets[0] if book.worksheets else None)
            finally:
                book.close()
    except BadInput:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        SyntaxError,  # XML that does not parse
        OSError,
        EOFError,
        NotImplementedError,
    ) as error:
        raise _bad("tệp XLSX hỏng hoặc có mật khẩu", "the XLSX file is broken or has a password") from error


def _rows(sheet: Any) -> list[list[str]]:
    rows: list[list[str]] = []
    if sheet is None:
        return rows
    for row in sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS):
        rows.append([_text(cell) for cell in row])
        _expect_few(len(rows))
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "1" if cell else "0"
        case datetime() | date():
            return f"{cell:%Y-%m-%d}"
        case float():
            return f"{int(cell)}" if cell == int(cell) and abs(cell) < 1e15 else repr(cell)  # noqa: PLR2004 - exact so far
        case _:
            return str(cell)


def _expect_few(rows: int) -> None:
    if rows > MOST_ROWS + 1:
        raise _bad(f"quá {MOST_ROWS} dòng", f"more than {MOST_ROWS} rows")


def _bad(vi: str, en: str) -> BadInput:
    return BadInput([Problem(code="bad_sheet", vi=vi, en=en, path="file")])
