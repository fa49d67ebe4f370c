"""One file out of a form (``multipart/form-data``, RFC 7578): written to disk, gone when the block is left."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Request
from starlette.exceptions import HTTPException

from gateway.domain.errors import BadInput, Problem, StoreFailed
from gateway.web.uploads import incoming

MOST_BYTES = 10_000_000
_FRAME_BYTES = 20_000
"""What a form adds around the file."""
_BOUNDARY = re.compile(r'multipart/form-data\s*;.*?\bboundary="?([^";,\s]{1,70})"?', re.IGNORECASE)

FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
"""How such a form is described in OpenAPI."""


@asynccontextmanager
async def file_of(request: Request) -> AsyncIterator[Path]:
    """Write the field ``file`` of the form to disk.

    Raises:
        BadInput: there is no file in it.
        HTTPException: 415, it is no such form; 413, it is too large.
        StoreFailed: the disk does not take it.
        TryLater: too many come in at once.
    """
    boundary = _BOUNDARY.match(request.headers.get("content-type", ""))
    if boundary is None:
        raise HTTPException(415)
    async with incoming(request) as path:
        await _write(path, await _received(request, boundary[1].encode()))
        yield path


async def _received(request: Request, boundary: bytes) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES + _FRAME_BYTES:
            raise HTTPException(413)
    content = await asyncio.to_thread(_file, bytes(body), boundary)
    if not content:
        vi, en = "chưa chọn tệp, hoặc tệp trống", "no file was chosen, or it is empty"
        raise BadInput([Problem(code="empty", vi=vi, en=en, path="file")])
    return content


async def _write(path: Path, content: bytes) -> None:
    try:
        await asyncio.to_thread(path.write_bytes, content)
    except OSError as error:
        raise StoreFailed("Không ghi được tệp: ổ đĩa đầy hoặc hỏng.", f"The disk did not take it: {error}") from error


def _file(body: bytes, boundary: bytes) -> bytes | None:
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        head, gap, content = part.partition(b"\r\n\r\n")
        if gap and re.search(
            rb'content-disposition:\s*form-data\s*;[^\r\n]*\bname="?file"?(?:;|\s|$)', head, re.IGNORECASE
        ):
            return content
    return None
