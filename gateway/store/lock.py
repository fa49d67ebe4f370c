"""Who has the data folder open. A restore must not take it away under a running gateway, nor a second gateway run."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.domain.errors import StoreFailed

_FILE = "loa.lock"
_GATEWAY = "gateway.lock"


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Say that the folder is open, beside others who have it open too.

    Raises:
        StoreFailed: ``store_in_use``: it is being restored.
    """
    with _locked(folder, fcntl.LOCK_SH):
        yield


def nobody_else(folder: Path) -> bool:
    """Tell whether the folder is not open anywhere at this moment."""
    try:
        with alone(folder):
            return True
    except StoreFailed:
        return False


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have the folder to oneself.

    Raises:
        StoreFailed: ``store_in_use``: a gateway has it open.
    """
    with _locked(folder, fcntl.LOCK_EX):
        yield


@contextmanager
def only_gateway(folder: Path) -> Iterator[None]:
    """Be the one gateway of this folder. Commands that only read or note something may still open it beside.

    Raises:
        StoreFailed: ``store_in_use``: another gateway runs on it. Two would speak to every pole with one voice.
    """
    with _locked(folder, fcntl.LOCK_EX, name=_GATEWAY):
        yield


@contextmanager
def _locked(folder: Path, kind: int, *, name: str = _FILE) -> Iterator[None]:
    handle = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreFailed(
                f"Thư mục dữ liệu {folder} đang được dùng. Hãy dừng “loa run” rồi làm lại.",
                f"The data folder {folder} is in use. Stop “loa run”, then try again.",
                code="store_in_use",
            ) from error
        yield
    finally:
        os.close(handle)
