"""Bảng tính vào: rows of a spreadsheet become things, and every bad cell becomes a line of a report. Pure.

A column is known by its English name or its Vietnamese heading, with or without accents and capitals. A column that is
not there leaves what is known as it is; an empty cell of a column that is there empties it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from gateway.domain.errors import BadInput, Problem

MOST_ROWS = 20_000
_LONGEST_CELL = 2_000
_RUNS = ("=", "+", "-", "@")
_DAYS = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y")
_YES = frozenset({"1", "x", "co", "yes", "true", "y", "dung"})
_NO = frozenset({"", "0", "khong", "no", "false", "n", "sai"})


@dataclass(frozen=True, kw_only=True)
class RowProblem:
    """Dòng hỏng: where, and what to do about it. ``row`` counts as the spreadsheet does: the headings are row 1."""

    row: int
    column: str
    vi: str
    en: str


class BadCell(Exception):  # noqa: N818 - it names what was found
    """This cell cannot be read; both texts say what would be good."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi = vi
        self.en = en


@dataclass(frozen=True)
class Column:
    """One column: its name in files for programs, its heading for people, and how a cell of it is read."""

    name: str
    title: str
    read: Callable[[str], Any] = str
    other_titles: tuple[str, ...] = ()
    write_only: bool = False
    """Read on import, never written by an export."""


@dataclass(frozen=True)
class Row:
    """The cells of one row that could be read, by column name."""

    number: int
    cells: Mapping[str, Any]


def read_rows(
    table: Sequence[Sequence[str]], columns: Sequence[Column], *, needs: Iterable[str]
) -> tuple[list[Row], list[RowProblem], list[str]]:
    """Read a table whose first row is its headings: the good rows, what is wrong with the others, unknown headings.

    Raises:
        BadInput: there are no headings, a column of ``needs`` is missing or doubled, or it is too long.
    """
    if not table:
        raise _unreadable("bảng trống, cần dòng tiêu đề", "the table is empty; it needs a row of headings")
    if len(table) > MOST_ROWS + 1:
        raise _unreadable(f"quá {MOST_ROWS} dòng", f"more than {MOST_ROWS} rows")
    where, unknown = _headings(table[0], columns, needs)
    rows, bad = [], []
    for number, line in enumerate(table[1:], 2):
        if not any(cell.strip() for cell in line):
            continue
        cells, wrong = _row(number, line, where)
        bad += wrong
        if not wrong:
            rows.append(Row(number, cells))
    return rows, bad, unknown


def _headings(
    line: Sequence[str], columns: Sequence[Column], needs: Iterable[str]
) -> tuple[dict[int, Column], list[str]]:
    by_name = {plain(name): each for each in columns for name in (each.name, each.title, *each.other_titles)}
    where: dict[int, Column] = {}
    unknown = []
    for place, heading in enumerate(line):
        column = by_name.get(plain(heading))
        if column is None:
            unknown += [heading.strip()] if heading.strip() else []
        elif column in where.values():
            raise _unreadable(f"cột “{column.title}” có hai lần", f"the column “{column.name}” is there twice")
        else:
            where[place] = column
    missing = [each for each in columns if each.name in set(needs) and each not in where.values()]
    if missing:
        names = ", ".join(f"“{each.title}” ({each.name})" for each in missing)
        raise _unreadable(f"thiếu cột {names}", f"missing: {', '.join(each.name for each in missing)}")
    return where, unknown


def _row(number: int, line: Sequence[str], where: Mapping[int, Column]) -> tuple[dict[str, Any], list[RowProblem]]:
    cells: dict[str, Any] = {}
    wrong = []
    for place, column in where.items():
        text = _cleaned(line[place]) if place < len(line) else ""
        try:
            cells[column.name] = column.read(_bounded(text))
        except BadCell as bad:
            wrong.append(RowProblem(row=number, column=column.title, vi=bad.vi, en=bad.en))
    return cells, wrong


def _bounded(text: str) -> str:
    if len(text) > _LONGEST_CELL:
        raise BadCell("quá dài", "is too long")
    return text


def _cleaned(cell: str) -> str:
    """Take off what our own export puts before a text that a spreadsheet would run, and what cannot be seen."""
    text = unicodedata.normalize("NFC", cell).strip()
    text = "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cf"} or char in "\n\t")
    return text[1:] if text.startswith("'") and text[1:].startswith(_RUNS) else text


def plain(text: str) -> str:
    """Return ``text`` without accents, capitals and signs: how headings and names are compared."""
    folded = unicodedata.normalize("NFD", text.strip().lower().replace("đ", "d"))
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")


# -- how cells are read ----------------------------------------------------------------------------------------------


def line(text: str) -> str:
    """Read one line of text."""
    if "\n" in text:
        raise BadCell("chỉ một dòng", "must be one line")
    return text


def lower(text: str) -> str:
    """Read a code, whatever its capitals."""
    return line(text).lower()


def day(text: str) -> date | None:
    """Read a date as people write it: ``31/12/2026`` or ``2026-12-31``."""
    if not text:
        return None
    for form in _DAYS:
        try:
            found = datetime.strptime(text.partition(" ")[0].partition("T")[0], form).date()  # noqa: DTZ007 - a day
        except ValueError:
            continue
        if date(1990, 1, 1) <= found < date(2100, 1, 1):
            return found
    raise BadCell(f"“{text[:30]}” không phải ngày; viết như 31/12/2026", f"“{text[:30]}” is no date; write 2026-12-31")


def number(text: str) -> float | None:
    """Read a number, with a point or a comma."""
    if not text:
        return None
    try:
        return _finite(float(text.replace(",", ".")))
    except ValueError:
        raise BadCell(f"“{text[:30]}” không phải số", f"“{text[:30]}” is no number") from None


def count(text: str) -> int:
    """Read a whole number; empty is 0."""
    found = number(text) or 0.0
    if found != int(found) or found < 0:
        raise BadCell("cần số nguyên không âm", "needs a whole number, not below 0")
    return int(found)


def yes_no(text: str) -> bool:
    """Read a tick."""
    folded = plain(text)
    if folded in _YES | _NO:
        return folded in _YES
    raise BadCell("viết “có” hoặc “không”", "write yes or no")


def choice(words: Mapping[str, StrEnum]) -> Callable[[str], Any]:
    """Read one of some words; ``words`` are written as :func:`plain` does."""

    def read(text: str) -> StrEnum:
        found = words.get(plain(text))
        if found is None:
            known = ", ".join(sorted({each.value for each in words.values()}))
            raise BadCell(f"“{text[:30]}” không thuộc: {known}", f"“{text[:30]}” is none of: {known}")
        return found

    return read


def _finite(value: float) -> float:
    if value != value or abs(value) > 1e12:  # noqa: PLR0124, PLR2004 - not a number; beyond anything meant
        raise ValueError(value)
    return value


def _unreadable(vi: str, en: str) -> BadInput:
    return BadInput([Problem(code="bad_sheet", vi=vi, en=en, path="file")])
