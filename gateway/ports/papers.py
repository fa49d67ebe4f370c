"""How services read files that people send. Fits :mod:`gateway.papers` by shape."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from gateway.domain.paper import Block


class Papers(Protocol):
    async def read(self, path: Path) -> Sequence[Block]:
        """Return the text of a .txt, .docx, .odt or .pdf file; which it is, is seen in its bytes.

        Raises:
            BadInput: it is none of these, is locked or damaged, holds no text, or is too much; with what to do.
            TryLater: too many at once.
        """
        ...
