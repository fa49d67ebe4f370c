"""Văn bản giấy: what an office sends, and what of it is meant to be read out.

Letterheads, numbers, recipients, signatures and lists of people are for the file, not for the ear. What is taken off
is never lost: each piece says why it went and where it stood, so that a person may put it back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self


class BlockKind(StrEnum):
    """What a piece of a file is."""

    LINE = "line"
    """A printed line: the sentence may go on in the next one (PDF, plain text)."""
    PARAGRAPH = "paragraph"
    """A whole paragraph (Word, OpenDocument); a ``\\n`` in it is a line break somebody typed."""
    TABLE = "table"


@dataclass(frozen=True, kw_only=True)
class Block:
    """One piece of a file, in reading order. ``text`` of a line or paragraph, ``rows`` of cells of a table."""

    kind: BlockKind
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


class Reason(StrEnum):
    """Lý do bỏ."""

    LETTERHEAD = "letterhead"
    NUMBER = "number"
    DATE_LINE = "date_line"
    TITLE = "title"
    """It became the title."""
    RECIPIENTS = "recipients"
    SIGNATURE = "signature"
    TABLE = "table"
    """A list of people or offices."""
    ORNAMENT = "ornament"

    @property
    def words(self) -> tuple[str, str]:
        """For people, Vietnamese and English."""
        return _WORDS[self]


_WORDS = {
    Reason.LETTERHEAD: ("quốc hiệu, tên cơ quan", "letterhead"),
    Reason.NUMBER: ("số, ký hiệu văn bản", "document number"),
    Reason.DATE_LINE: ("địa danh, ngày tháng", "place and date"),
    Reason.TITLE: ("đã đưa vào tiêu đề", "moved to the title"),
    Reason.RECIPIENTS: ("nơi gửi, nơi nhận", "recipients"),
    Reason.SIGNATURE: ("chữ ký", "signature"),
    Reason.TABLE: ("bảng danh sách", "table of people or offices"),
    Reason.ORNAMENT: ("đường kẻ, số trang", "rule or page number"),
}


@dataclass(frozen=True, kw_only=True)
class Removed:
    """A piece that was taken off. It stood before paragraph ``before`` of the body (its length: at the end)."""

    text: str
    reason: Reason
    before: int


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What is left to be read out. ``warnings`` are Vietnamese, for the person who sent the file."""

    title: str
    paragraphs: tuple[str, ...]
    removed: tuple[Removed, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The text, a paragraph a line."""
        return "\n".join(self.paragraphs)

    def put_back(self, which: Iterable[int]) -> Self:
        """Return it with the removed pieces numbered ``which`` (from 0) where they stood.

        Raises:
            IndexError: there is no such piece.
        """
        wanted = set(which)
        if not wanted <= set(range(len(self.removed))):
            raise IndexError(sorted(wanted))
        paragraphs: list[str] = []
        gone: list[Removed] = []
        for place in range(len(self.paragraphs) + 1):
            for number, piece in enumerate(self.removed):
                if piece.before != place:
                    continue
                if number in wanted:
                    paragraphs.append(piece.text)
                else:
                    gone.append(replace(piece, before=len(paragraphs)))
            paragraphs += self.paragraphs[place : place + 1]
        return replace(self, paragraphs=tuple(paragraphs), removed=tuple(gone))


def readable(rows: Sequence[Sequence[str]]) -> list[str]:
    """Say a table of facts row by row: "Khu phố: 3; Giờ cắt điện: 7h." A running number is not said."""
    head = [" ".join(cell.split()) for cell in rows[0]]
    said = []
    for row in rows[1:]:
        cells = [" ".join(cell.split()) for cell in row]
        pairs = [
            f"{name}: {cell}" if name else cell
            for name, cell in zip(head, cells, strict=False)
            if cell and name.casefold().rstrip(".") not in ("stt", "tt", "số tt")
        ]
        if pairs:
            said.append("; ".join(pairs).rstrip(".;") + ".")
    return said
