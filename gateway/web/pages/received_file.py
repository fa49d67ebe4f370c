"""Tệp trong biểu mẫu: one file out of a page's form, on disk for as long as it is looked at.

The form was read already, for its CSRF token; what is large lies in a spooled file by then.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway.domain.errors import BadInput, Problem, StoreFailed

_BLOCK = 1 << 20
Fields = TypeVar("Fields", bound=BaseModel)


async def fields_in(request: Request, model: type[Fields]) -> Fields:
    """Return the other fields of a form with a file.

    Read by hand: the framework would take in fields named in the signature, file and all, before anybody is asked who
    sends them.

    Raises:
        RequestValidationError: they are not what ``model`` takes.
    """
    form = await request.form()
    sent = {name: value for name, value in form.items() if name in model.model_fields and isinstance(value, str)}
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        await form.close()
        raise RequestValidationError(error.errors()) from error


@asynccontextmanager
async def file_in(request: Request, field: str, *, most_bytes: int) -> AsyncIterator[Path]:
    """Write the file in ``field`` to disk; it is gone when the block is left.

    Raises:
        BadInput: no file was chosen, or it is empty.
        HTTPException: 413, it is larger than ``most_bytes``.
        StoreFailed: the disk does not take it.
    """
    form = await request.form()
    try:
        sent = form.get(field)
        if not isinstance(sent, UploadFile) or not sent.size:
            vi, en = "chưa chọn tệp, hoặc tệp trống", "no file was chosen, or it is empty"
            raise BadInput([Problem(code="empty", vi=vi, en=en, path=field)])
        if sent.size > most_bytes:
            raise HTTPException(413)
        async with _folder() as folder:
            await _write(sent, folder / "file")
            yield folder / "file"
    finally:
        await form.close()


@asynccontextmanager
async def _folder() -> AsyncIterator[Path]:
    try:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="loa-form-"))
    except OSError as error:
        raise StoreFailed("Không ghi được tệp: ổ đĩa đầy hoặc hỏng.", f"The disk did not take it: {error}") from error
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _write(sent: UploadFile, path: Path) -> None:
    try:
        with await asyncio.to_thread(path.open, "wb") as file:
            while block := await sent.read(_BLOCK):
                await asyncio.to_thread(file.write, block)
    except OSError as error:
        raise StoreFailed("Không ghi được tệp: ổ đĩa đầy hoặc hỏng.", f"The disk did not take it: {error}") from error
