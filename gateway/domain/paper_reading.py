"""Tách phần đọc: takes the blocks of a file apart into what is read out and what is not. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.domain import paper_marks as marks
from gateway.domain.bulletin import MAX_TEXT, MAX_TITLE
from gateway.domain.errors import BadInput, Problem
from gateway.domain.paper import Block, BlockKind, Paper, Reason, Removed, readable

_HEAD_LINES = 24
"""A letterhead ends within so many lines."""
_LONGEST_HEAD_LINE = 240
"""Two columns side by side; anything longer is text, and no pattern is tried on it."""
_LONGEST_OFFICE, _LONGEST_TAIL_LINE, _MOST_TITLE_LINES = 90, 90, 3
_HALF = 2
_FULL_LINE = 0.7
_BULLETS = str.maketrans({"\uf0b7": "-", "\uf02d": "-", "\uf0fc": "-", "\uf0a7": "-", "\u2022": "-", "\u25cf": "-"})
_DROPPED = frozenset(("Cf", "Cs", "Co", "Cn"))


@dataclass
class _Line:
    text: str
    kind: BlockKind
    after_gap: bool = False
    reason: Reason | None = None


def read_paper(blocks: Iterable[Block]) -> Paper:
    """Return what of a file is to be read out, and what was taken off.

    Raises:
        BadInput: ``too_long``: more than a bulletin may hold; ``no_text``: nothing is left to read.
    """
    lines = list(_lines(blocks))
    warnings = _mark_secret(lines)
    title = _mark_head(lines)
    _mark_tail(lines)
    for line in lines:
        if line.reason is None and len(line.text) <= _LONGEST_HEAD_LINE and marks.ORNAMENT.match(line.text):
            line.reason = Reason.ORNAMENT
    paper = _assembled(lines, title, warnings)
    if len(paper.body) > MAX_TEXT:
        vi = f"văn bản dài {len(paper.body)} ký tự, tối đa {MAX_TEXT}: hãy chia thành nhiều bản tin"
        en = f"{len(paper.body)} characters, at most {MAX_TEXT}: split it into several bulletins"
        raise BadInput([Problem(code="too_long", vi=vi, en=en, path="file")])
    if not any(char.isalpha() for char in paper.body):
        vi, en = "không còn gì để đọc trong văn bản này", "nothing is left to read out"
        raise BadInput([Problem(code="no_text", vi=vi, en=en, path="file")])
    return paper


def pasted(text: str) -> list[Block]:
    """Make blocks of text that somebody pasted or that came in a plain file."""
    return [
        Block(kind=BlockKind.LINE, text=line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ]


def tidy(text: str) -> str:
    """Return ``text`` in NFC, with plain blanks and bullets, without invisible characters; line breaks stay."""
    kept = []
    for char in unicodedata.normalize("NFC", text).translate(_BULLETS):
        category = unicodedata.category(char)
        if char == "\n":
            kept.append(char)
        elif category == "Zs" or char in "\t\x0b\x0c":
            kept.append(" ")
        elif category in ("Zl", "Zp"):
            kept.append("\n")
        elif category not in _DROPPED and category != "Cc":
            kept.append(char)
    return "".join(kept)


def _lines(blocks: Iterable[Block]) -> Iterator[_Line]:
    gap = True
    for block in blocks:
        if block.kind is BlockKind.TABLE:
            yield from _table(block)
            gap = True
            continue
        for piece in tidy(block.text).split("\n"):
            text = " ".join(piece.split())
            if text:
                yield _Line(text, block.kind, after_gap=gap)
                gap = False
            else:
                gap = True


def _table(block: Block) -> Iterator[_Line]:
    rows = [[tidy(cell) for cell in row] for row in block.rows]
    cells = [" ".join(line.split()) for row in rows for cell in row for line in cell.split("\n") if line.strip()]
    if not cells:
        return
    if any(marks.NATION.search(cell) or marks.MOTTO.search(cell) for cell in cells):
        yield from _layout(rows, Reason.LETTERHEAD)
    elif any(marks.COPIES.match(cell) or marks.SIGNED.match(cell) for cell in cells):
        yield from _layout(rows, Reason.SIGNATURE)
    elif len(rows) == 1 or max(map(len, rows)) == 1:
        for cell in cells:
            yield _Line(cell, BlockKind.PARAGRAPH, after_gap=True)
    elif len({" ".join(cell.split()).casefold() for cell in rows[0]} & marks.PEOPLE_HEADS) >= _HALF:
        yield _Line(
            "\n".join(" | ".join(" ".join(c.split()) for c in row) for row in rows), BlockKind.TABLE, True, Reason.TABLE
        )
    else:
        for said in readable(rows):
            yield _Line(said, BlockKind.PARAGRAPH, after_gap=True)


def _layout(rows: Sequence[Sequence[str]], usual: Reason) -> Iterator[_Line]:
    """Take a table that only stands for two columns apart, cell by cell."""
    for cell in (cell for row in rows for cell in row):
        reason = usual
        for line in (" ".join(line.split()) for line in cell.split("\n")):
            if not line:
                continue
            if marks.COPIES.match(line):
                reason = Reason.RECIPIENTS
            yield _Line(
                line, BlockKind.PARAGRAPH, True, None if marks.SUBJECT.match(line) else _head_reason(line) or reason
            )


def _mark_secret(lines: Sequence[_Line]) -> tuple[str, ...]:
    if any(marks.SECRET.match(line.text) for line in lines[:_HEAD_LINES]):
        return ("Văn bản có dấu MẬT: không được phát trên loa. Hỏi người ký trước khi dùng.",)
    return ()


def _head_reason(line: str) -> Reason | None:
    if len(line) > _LONGEST_HEAD_LINE:
        return None
    if marks.NATION.search(line) or marks.MOTTO.search(line):
        return Reason.LETTERHEAD
    if marks.WHOLE_DATE_LINE.match(line):
        return Reason.DATE_LINE
    if marks.NUMBER.match(line) or (marks.NUMBER_AND_MORE.match(line) and marks.DATE_LINE.search(line)):
        return Reason.NUMBER
    if marks.SECRET.match(line) or marks.ORNAMENT.match(line):
        return Reason.ORNAMENT
    return None


def _mark_head(lines: Sequence[_Line]) -> str:
    """Mark the letterhead, from the top down to the first line that is none of it; return the title."""
    official = any(
        _head_reason(line.text) in (Reason.LETTERHEAD, Reason.NUMBER, Reason.DATE_LINE) for line in lines[:_HEAD_LINES]
    )
    title: list[str] = []
    place, last = 0, min(len(lines), _HEAD_LINES)
    while place < last:
        line = lines[place]
        reason = line.reason or _head_reason(line.text)
        if reason is None and official and not title and _is_office(line.text):
            reason = Reason.LETTERHEAD
        if reason is None and marks.TO_WHOM.match(line.text):
            place = _mark_recipients(lines, place)
            continue
        if reason is None and not title and (marks.KINDS.match(line.text) or marks.SUBJECT.match(line.text)):
            place = _mark_title(lines, place, title)
            continue
        if reason is None:
            break
        line.reason = reason
        place += 1
    for later in range(place, last):
        if lines[later].reason is None and marks.TO_WHOM.match(lines[later].text):
            _mark_recipients(lines, later)
    return _shortened(" ".join(title))


def _is_office(line: str) -> bool:
    return len(line) <= _LONGEST_OFFICE and marks.is_capitals(line) and marks.OFFICE.match(line) is not None


def _mark_title(lines: Sequence[_Line], place: int, title: list[str]) -> int:
    first = place
    while place < len(lines) and place - first < 1 + _MOST_TITLE_LINES:
        text = lines[place].text
        if place > first and not _goes_into_title(lines, place, title):
            break
        subject = marks.SUBJECT.match(text)
        said = subject["what"].rstrip(") ") if subject else text
        title.append(said.capitalize() if marks.is_capitals(said) and marks.KINDS.match(said) else said)
        lines[place].reason = Reason.TITLE
        place += 1
    return place


def _goes_into_title(lines: Sequence[_Line], place: int, title: Sequence[str]) -> bool:
    """Tell whether a line under the kind of a document, or under its subject, is still the subject."""
    text = lines[place].text
    if marks.FROM_HERE.match(text) or text[-1:] in ";:" or _head_reason(text) or len(text) > MAX_TITLE // _HALF:
        return False
    under_kind = len(title) == 1 and marks.KINDS.match(title[0]) is not None
    if text.endswith("."):  # a sentence of the body, unless what follows shows that the body has not begun
        follows = lines[place + 1].text if place + 1 < len(lines) else ""
        return under_kind and marks.TO_WHOM.match(follows) is not None
    return under_kind or text[0].islower()


def _mark_recipients(lines: Sequence[_Line], place: int) -> int:
    lines[place].reason = Reason.RECIPIENTS
    more = lines[place].text.rstrip().endswith((":", ";"))
    place += 1
    while place < len(lines) and (
        marks.COPY_LINE.match(lines[place].text) and len(lines[place].text) <= _LONGEST_TAIL_LINE
    ):
        if not more:
            break
        lines[place].reason = Reason.RECIPIENTS
        more = not lines[place].text.endswith(".")
        place += 1
    return place


def _mark_tail(lines: Sequence[_Line]) -> None:
    """Mark recipients of copies and signatures, wherever they stand: a file may hold several documents."""
    inside: Reason | None = None
    for line in lines:
        if line.reason is not None:
            continue
        text = line.text
        if marks.COPIES.match(text):
            inside = Reason.RECIPIENTS
        elif marks.SIGNED.match(text) and (marks.is_capitals(text) or len(text) <= _LONGEST_OFFICE // _HALF):
            inside = Reason.SIGNATURE
        elif inside is not None and not _belongs(text):
            inside = None
        if inside is not None:
            line.reason = inside


def _belongs(text: str) -> bool:
    """Tell whether a line under "Nơi nhận" or a signature is still part of it."""
    if len(text) > _LONGEST_TAIL_LINE:
        return False
    return bool(
        marks.COPY_LINE.match(text) or marks.NAME.match(text) or marks.SIGNED_WITHIN.search(text)
        or marks.ORNAMENT.match(text)
    )  # fmt: skip


def _assembled(lines: Sequence[_Line], title: str, warnings: tuple[str, ...]) -> Paper:
    kept = [line for line in lines if line.reason is None]
    lengths = sorted(len(line.text) for line in kept if line.kind is BlockKind.LINE)
    width = lengths[len(lengths) * 9 // 10] if lengths else 0
    paragraphs: list[str] = []
    removed: list[Removed] = []
    previous: _Line | None = None
    for line in lines:
        if line.reason is not None:
            _add_removed(removed, line, len(paragraphs))
        elif previous is not None and _goes_on(previous, line, width):
            paragraphs[-1] += f" {line.text}"
            previous = line
        else:
            paragraphs.append(line.text)
            previous = line
    return Paper(title=title, paragraphs=tuple(paragraphs), removed=tuple(removed), warnings=warnings)


def _add_removed(removed: list[Removed], line: _Line, before: int) -> None:
    """Put lines that went for one reason, one after the other, together."""
    if line.reason is None:  # pragma: no cover - the caller has looked; the types cannot know
        raise AssertionError(line)
    if (
        removed
        and removed[-1].reason is line.reason
        and removed[-1].before == before
        and line.reason is not Reason.TABLE
    ):
        removed[-1] = Removed(text=f"{removed[-1].text}\n{line.text}", reason=line.reason, before=before)
    else:
        removed.append(Removed(text=line.text, reason=line.reason, before=before))


def _goes_on(previous: _Line, line: _Line, width: int) -> bool:
    """Tell whether a printed line only goes on in the next one."""
    if previous.kind is not BlockKind.LINE or line.kind is not BlockKind.LINE or line.after_gap:
        return False
    if previous.text[-1] in ".;:!?…" or marks.NEW_PARAGRAPH.match(line.text):
        return False
    if marks.is_capitals(previous.text) != marks.is_capitals(line.text) and marks.is_capitals(previous.text):
        return False
    return line.text[0].islower() or line.text[0] in '(,“"' or len(previous.text) >= _FULL_LINE * width > 0


def _shortened(title: str) -> str:
    title = re.sub(r"\s+", " ", title).strip(" .;:")
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1].rsplit(" ", 1)[0] + "…"
