"""Tệp trong biểu mẫu: one file out of a page's form, on disk for as long as it is looked at.

The form was read already, for its CSRF token; what is large lies in a spooled file by then.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway.domain.errors import BadInput, Problem, StoreFailed

_BLOCK = 1 << 20


@asynccontextmanager
async def file_in(request: Request, field: str, *, most_bytes: int) -> AsyncIterator[Path]:
    """Write the file in ``field`` to disk; it is gone when the block is left.

    Raises:
        BadInput: no file was chosen, or it is empty.
        HTTPException: 413, it is larger than ``most_bytes``.
        StoreFailed: the disk does not take it.
    """
    sent = (await request.form()).get(field)
    if not isinstance(sent, UploadFile) or not sent.size:
        raise BadInput(
            [Problem(code="empty", vi="chưa chọn tệp, hoặc tệp trống", en="no file, or an empty one", path=field)]
        )
    if sent.size > most_bytes:
        raise HTTPException(413)
    try:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="loa-form-"))
    except OSError as error:
        raise StoreFailed("Không ghi được tệp: ổ đĩa đầy hoặc hỏng.", f"The disk did not take it: {error}") from error
    try:
        path = folder / "file"
        await _write(sent, path)
        yield path
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _write(sent: UploadFile, path: Path) -> None:
    try:
        with await asyncio.to_thread(path.open, "wb") as file:
            while block := await sent.read(_BLOCK):
                await asyncio.to_thread(file.write, block)
    except OSError as error:
        raise StoreFailed("Không ghi được tệp: ổ đĩa đầy hoặc hỏng.", f"The disk did not take it: {error}") from error
