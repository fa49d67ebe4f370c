"""The pole's disk: a write is whole and on the medium when it returns, or it did not happen.

Power is cut at any moment. A file is therefore either appended to (and a torn end is recognised) or replaced by rename.
"""

import asyncio
import contextlib
import errno
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from devices.errors import DiskFailed

logger = logging.getLogger(__name__)

T = TypeVar("T")

_FULL = {errno.ENOSPC, errno.EDQUOT}
_KEPT_ASIDE = 4
"""Damaged copies kept for a technician to look at; more would fill the card they may be dying of."""


class Disk:
    """Durable writes.

    ``durable=False`` leaves out fsync and ``threaded=False`` stays in the event loop: for hundreds of poles in one
    process, never on a real one.
    """

    def __init__(self, *, durable: bool = True, threaded: bool = True) -> None:
        self._durable = durable
        self._threaded = threaded

    async def run(self, work: Callable[[], T]) -> T:
        """Do ``work`` where it may block."""
        return await asyncio.to_thread(work) if self._threaded else work()

    def append(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        """Add ``data`` to the end of ``path``. When it fails the file is as it was.

        Raises:
            DiskFailed: full or broken.
        """
        with self._reported(path):
            fresh = not path.exists()
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                before = os.fstat(handle).st_size
                try:
                    self._write(handle, data)
                    if sync:
                        self._sync(handle)
                except OSError:
                    with contextlib.suppress(OSError):  # the first error is the one that tells
                        os.ftruncate(handle, before)
                    raise
            finally:
                os.close(handle)
            if fresh and sync:
                self._sync_folder(path.parent)

    def put(self, path: Path, data: bytes) -> None:
        """Replace the content of ``path``: the old or the new one is found after a power cut, never a mixture.

        Raises:
            DiskFailed: full or broken; the old content stands.
        """
        partial = path.with_name(path.name + ".new")
        with self._reported(path):
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                self._write(handle, data)
                self._sync(handle)
            except OSError:
                with contextlib.suppress(OSError):
                    partial.unlink()
                raise
            finally:
                os.close(handle)
            self._rename(partial, path)

    def keep(self, partial: Path, path: Path) -> None:
        """Give a finished file its name, once its bytes are on the medium.

        Raises:
            DiskFailed: full or broken.
        """
        with self._reported(path):
            handle = os.open(partial, os.O_RDONLY)
            try:
                self._sync(handle)
            finally:
                os.close(handle)
            self._rename(partial, path)

    def set_aside(self, path: Path, why: str) -> Path:
        """Move a damaged file out of the way, keep it for a technician, and say so."""
        for number in range(1, _KEPT_ASIDE + 1):
            aside = path.with_name(f"{path.name}.damaged-{number}")
            if not aside.exists():
                break
        with self._reported(path):
            path.replace(aside)
        logger.error("%s: %s; kept as %s", path.name, why, aside.name)
        return aside

    def cut_off(self, path: Path, length: int, why: str) -> None:
        """Keep the first ``length`` bytes of ``path``; the rest goes to a file beside it, if there is room for one.

        Raises:
            DiskFailed: broken.
        """
        rest = path.read_bytes()[length:]
        aside = path.with_name(path.name + ".torn")
        with contextlib.suppress(DiskFailed):  # a souvenir for the technician, worth no failure
            self.put(aside, rest)
        with self._reported(path), path.open("r+b") as file:
            file.truncate(length)
            self._sync(file.fileno())
        logger.error("%s: %s; %d bytes kept as %s", path.name, why, len(rest), aside.name)

    def free_mb(self, folder: Path) -> int:
        """Return the room left."""
        state = os.statvfs(folder)
        return state.f_bavail * state.f_frsize // 1_000_000

    def _rename(self, partial: Path, path: Path) -> None:
        partial.replace(path)
        self._sync_folder(path.parent)

    def _write(self, handle: int, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]

    def _sync(self, handle: int) -> None:
        if self._durable:
            os.fsync(handle)

    def _sync_folder(self, folder: Path) -> None:
        if not self._durable:
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    @contextlib.contextmanager
    def _reported(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            full = error.errno in _FULL
            words = "hết chỗ trên thẻ nhớ / no room left" if full else "không ghi được / cannot be written"
            raise DiskFailed(f"{path.name}: {words} ({error.strerror})", full=full) from error
