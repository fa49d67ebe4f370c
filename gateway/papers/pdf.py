"""Tệp .pdf: the lines of text on its pages. A scanned page has none, and is said to have none."""

import io
import logging

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from gateway.domain.paper import Block, BlockKind
from gateway.papers.refusal import Refused, Why

MOST_PAGES = 60
_MOST_CHARS = 400_000


def read_pdf(data: bytes) -> list[Block]:
    """Return its lines.

    Raises:
        Refused
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # this process has nobody to read its remarks
    try:
        pages = _pages(data)
    except PyPdfError as error:
        raise Refused(Why.DAMAGED) from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, NotImplementedError) as error:
        raise Refused(Why.DAMAGED) from error  # what the library lets through of a file that is not what it says
    if not any(char.isalpha() for page in pages for char in page):
        raise Refused(Why.SCANNED)
    return [Block(kind=BlockKind.LINE, text=line) for page in pages for line in page.split("\n")]


def _pages(data: bytes) -> list[str]:
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):  # many are locked against printing only
        raise Refused(Why.LOCKED)
    if len(reader.pages) > MOST_PAGES:
        raise Refused(Why.TOO_MUCH)
    pages: list[str] = []
    for page in reader.pages:
        pages.append(page.extract_text())
        if sum(map(len, pages)) > _MOST_CHARS:
            raise Refused(Why.TOO_MUCH)
    return pages
