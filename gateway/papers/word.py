"""Tệp .docx: paragraphs and tables of the body, in order. Deleted text, comments, headers and footers are not read."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from gateway.domain.paper import Block, BlockKind
from gateway.papers.refusal import Refused, Why
from gateway.papers.zipped import part

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NOT_READ = {
    f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "footnoteReference")
} | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_THROUGH = {f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
_DEEPEST = 60


def read_word(data: bytes) -> list[Block]:
    """Return its blocks.

    Raises:
        Refused
    """
    root = part(data, "word/document.xml")
    body = None if root is None else root.find(f"{_W}body")
    if body is None:
        raise Refused(Why.DAMAGED)
    return list(_blocks(body))


def _blocks(parent: Element, depth: int = 0) -> Iterator[Block]:
    if depth > _DEEPEST:
        raise Refused(Why.TOO_MUCH)
    for child in parent:
        if child.tag == f"{_W}p":
            yield _paragraph(child)
        elif child.tag == f"{_W}tbl":
            yield Block(kind=BlockKind.TABLE, rows=tuple(_rows(child, depth)))
        elif child.tag in _THROUGH:
            yield from _blocks(child, depth + 1)


def _rows(table: Element, depth: int) -> Iterator[tuple[str, ...]]:
    for row in table.iter(f"{_W}tr") if depth == 0 else table.findall(f"{_W}tr"):
        yield tuple("\n".join(_said(_blocks(cell, depth + 1))) for cell in row.findall(f"{_W}tc"))


def _said(blocks: Iterator[Block]) -> Iterator[str]:
    for block in blocks:
        if block.kind is BlockKind.TABLE:
            yield from (cell for row in block.rows for cell in row)
        else:
            yield block.text


def _paragraph(element: Element) -> Block:
    numbered = element.find(f"{_W}pPr/{_W}numPr") is not None
    text = "".join(_text(element))
    # the number itself is counted by Word and is not in the file; a listed item at least begins as one
    return Block(kind=BlockKind.PARAGRAPH, text=f"- {text}" if numbered and text.strip() else text)


def _text(element: Element, depth: int = 0) -> Iterator[str]:
    if depth > _DEEPEST:
        raise Refused(Why.TOO_MUCH)
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag == f"{_W}tab":
            yield " "
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif child.tag == f"{_W}noBreakHyphen":
            yield "-"
        elif child.tag not in _NOT_READ:
            yield from _text(child, depth + 1)
