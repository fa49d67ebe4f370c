"""Văn bản vào: a file or a pasted text becomes what a bulletin may say. Nothing is kept here."""

import asyncio
from pathlib import Path

from gateway.domain.paper import Paper
from gateway.domain.paper_reading import pasted, read_paper
from gateway.domain.people import Permission, expect
from gateway.ports.papers import Papers
from gateway.services.actor import Actor


class TextIn:
    """Takes papers in."""

    def __init__(self, papers: Papers) -> None:
        self._papers = papers

    async def file(self, path: Path, *, by: Actor) -> Paper:
        """Read a .txt, .docx, .odt or .pdf file.

        Raises:
            NotAllowed
            BadInput: it cannot be read, and what to do instead.
            TryLater: too many at once.
        """
        expect(by, Permission.WRITE_BULLETIN)
        blocks = await self._papers.read(path)
        return await asyncio.to_thread(read_paper, blocks)

    def paste(self, text: str, *, by: Actor) -> Paper:
        """Take a pasted text apart in the same way.

        Raises:
            NotAllowed
            BadInput: too long, or nothing is left to read.
        """
        expect(by, Permission.WRITE_BULLETIN)
        return read_paper(pasted(text))
