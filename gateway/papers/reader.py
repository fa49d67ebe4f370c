"""The reading process: ``python -m gateway.papers.reader FILE`` prints one JSON document and ends.

It limits itself before it opens anything: a file made to harm costs this process, a little memory and a few seconds.
"""

import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.domain.paper import Block
from gateway.domain.paper_reading import pasted
from gateway.papers.legacy import conversion_of, looks_legacy
from gateway.papers.open_document import read_open_document
from gateway.papers.pdf import read_pdf
from gateway.papers.plain import read_plain
from gateway.papers.refusal import Refused, Why
from gateway.papers.word import read_word

MEMORY_BYTES = 700_000_000
CPU_S = 15
MOST_CHARS, MOST_BLOCKS = 400_000, 50_000
"""Twenty times what a bulletin may hold: most of an office's paper may be lists."""
_POLITENESS = 10
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_ODT_MARK = b"mimetypeapplication/vnd.oasis.opendocument.text"


def main(argv: Sequence[str]) -> int:
    """Read the file, print what was found or why not."""
    _limit_myself()
    try:
        answer: dict[str, Any] = {"blocks": [_as_json(block) for block in _bounded(read(Path(argv[0]).read_bytes()))]}
    except Refused as error:
        answer = {"refused": error.why.name}
    except (MemoryError, RecursionError):
        answer = {"refused": Why.TOO_MUCH.name}
    sys.stdout.write(json.dumps(answer))
    return 0


def read(data: bytes) -> list[Block]:
    """Return the blocks of a file; its kind is seen in its first bytes, whatever it is called.

    Raises:
        Refused
    """
    if not data:
        raise Refused(Why.EMPTY)
    if data.startswith(b"%PDF") or b"%PDF-" in data[:1024]:
        return _modern(read_pdf(data))
    if data.startswith(b"PK"):
        return _modern(read_open_document(data) if _ODT_MARK in data[:200] else read_word(data))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(Why.OLD_WORD)
    if data.startswith(b"{\\rtf"):
        raise Refused(Why.RTF)
    if data.startswith(_PICTURES):
        raise Refused(Why.PICTURE)
    return pasted(read_plain(data))


def _bounded(blocks: list[Block]) -> list[Block]:
    length = sum(len(block.text) + sum(len(cell) for row in block.rows for cell in row) for block in blocks)
    if length > MOST_CHARS or len(blocks) > MOST_BLOCKS:
        raise Refused(Why.TOO_MUCH)
    return blocks


def _modern(blocks: list[Block]) -> list[Block]:
    """Turn the letters of old fonts (.VnTime, VNI-Times) into Unicode, or refuse."""
    whole = "\n".join("\n".join(cell for row in block.rows for cell in row) or block.text for block in blocks)
    if not looks_legacy(whole):
        return blocks
    convert = conversion_of(whole)
    if convert is None:
        raise Refused(Why.UNKNOWN_LETTERS)
    return [
        replace(
            block,
            text=convert(block.text),
            rows=tuple(tuple(convert(cell) for cell in row) for row in block.rows),
        )
        for block in blocks
    ]


def _as_json(block: Block) -> dict[str, Any]:
    return {"kind": block.kind.value, "text": block.text, "rows": block.rows}


def _limit_myself() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(_POLITENESS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
