"""Nén: answers made smaller for browsers that take them so."""

import gzip

from starlette.requests import Request


def takes_gzip(request: Request) -> bool:
    """Tell whether the browser asked for less bytes."""
    return "gzip" in request.headers.get("accept-encoding", "")


def squeeze(body: bytes, level: int = 9) -> bytes:
    """Compress, the same bytes every time."""
    return gzip.compress(body, level, mtime=0)
