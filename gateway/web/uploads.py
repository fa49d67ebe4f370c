"""Recordings on their way in: streamed to a file of their own, never held in memory, gone afterwards."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from fastapi import Request
from starlette.exceptions import HTTPException

from gateway.domain.errors import BadInput, Problem, StoreFailed, TryLater

MOST_AT_ONCE = 4
"""Each may be 200 MB on its way to a small disk."""
_BLOCK = 1 << 20
_KINDS = ("audio/", "video/", "application/octet-stream")
"""Phones record speech into video containers."""

AUDIO_BODY = {
    "requestBody": {
        "required": True,
        "content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""How a raw body is described in OpenAPI."""


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[Path]:
    """Write the body to a file, which is gone when the block is left.

    Raises:
        BadInput: it is empty.
        HTTPException: 415, it is announced as something else than sound; 413, it is too large.
        StoreFailed: the disk does not take it.
        TryLater: too many come in at once.
    """
    if not request.headers.get("content-type", "").lower().startswith(_KINDS):
        raise HTTPException(415)
    async with incoming(request) as path:
        await _write(request, path)
        yield path


@asynccontextmanager
async def incoming(request: Request) -> AsyncIterator[Path]:
    """Take one of the few places for what comes in, and say where to write it; both are gone when the block is left.

    Raises:
        TryLater: too many come in at once.
    """
    under_way: set[object] = request.app.state.uploads
    if len(under_way) >= MOST_AT_ONCE:
        raise TryLater("Đang nhận nhiều tệp, thử lại sau.", "Busy with other files; try again.", retry_after_s=10)
    seat = object()
    under_way.add(seat)
    folder: Path | None = None
    try:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="loa-upload-"))
        yield folder / "upload"
    finally:
        under_way.discard(seat)
        if folder is not None:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _write(request: Request, path: Path) -> None:
    total, waiting = 0, bytearray()
    with await asyncio.to_thread(path.open, "wb") as file:
        async for chunk in request.stream():
            total += len(chunk)
            waiting += chunk
            if len(waiting) >= _BLOCK:
                await _put(file, bytes(waiting))
                waiting.clear()
        await _put(file, bytes(waiting))
    if not total:
        raise BadInput([Problem(code="empty", vi="tệp trống", en="the file is empty", path="body")])


async def _put(file: BinaryIO, block: bytes) -> None:
    try:
        await asyncio.to_thread(file.write, block)
        await asyncio.to_thread(file.flush)
    except OSError as error:
        raise StoreFailed("Không ghi được tệp: ổ đĩa đầy hoặc hỏng.", f"The disk did not take it: {error}") from error
