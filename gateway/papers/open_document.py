"""Tệp .odt: paragraphs, headings, lists and tables of the body, in order. Notes and tracked deletions are not read."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from gateway.domain.paper import Block, BlockKind
from gateway.papers.refusal import Refused, Why
from gateway.papers.zipped import part

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
_NOT_READ = {f"{_TEXT}note", f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}sequence-decls"}
_DEEPEST = 60
_MOST_BLANKS = 100


def read_open_document(data: bytes) -> list[Block]:
    """Return its blocks.

    Raises:
        Refused
    """
    manifest = part(data, "META-INF/manifest.xml")
    if manifest is not None and manifest.find(f".//{_MANIFEST}encryption-data") is not None:
        raise Refused(Why.OLD_WORD)
    root = part(data, "content.xml")
    body = None if root is None else root.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise Refused(Why.DAMAGED)
    return list(_blocks(body))


def _blocks(parent: Element, depth: int = 0, *, listed: bool = False) -> Iterator[Block]:
    if depth > _DEEPEST:
        raise Refused(Why.TOO_MUCH)
    for child in parent:
        if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            text = "".join(_text(child))
            yield Block(kind=BlockKind.PARAGRAPH, text=f"- {text}" if listed and text.strip() else text)
        elif child.tag == f"{_TABLE}table":
            yield Block(kind=BlockKind.TABLE, rows=tuple(_rows(child, depth)))
        elif child.tag not in _NOT_READ:
            yield from _blocks(child, depth + 1, listed=listed or child.tag == f"{_TEXT}list")


def _rows(table: Element, depth: int) -> Iterator[tuple[str, ...]]:
    for row in table.iter(f"{_TABLE}table-row") if depth == 0 else table.findall(f"{_TABLE}table-row"):
        cells = row.findall(f"{_TABLE}table-cell")
        yield tuple("\n".join(_said(_blocks(cell, depth + 1))) for cell in cells)


def _said(blocks: Iterator[Block]) -> Iterator[str]:
    for block in blocks:
        if block.kind is BlockKind.TABLE:
            yield from (cell for row in block.rows for cell in row)
        else:
            yield block.text


def _text(element: Element, depth: int = 0) -> Iterator[str]:
    if depth > _DEEPEST:
        raise Refused(Why.TOO_MUCH)
    yield element.text or ""
    for child in element:
        if child.tag == f"{_TEXT}s":
            count = child.get(f"{_TEXT}c", "1")
            yield " " * min(int(count) if count.isdecimal() else 1, _MOST_BLANKS)
        elif child.tag == f"{_TEXT}tab":
            yield " "
        elif child.tag == f"{_TEXT}line-break":
            yield "\n"
        elif child.tag not in _NOT_READ:
            yield from _text(child, depth + 1)
        yield child.tail or ""
