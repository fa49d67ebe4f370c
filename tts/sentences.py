"""Kho câu: what engines have said, a sentence at a time: a bulletin with one word changed is one sentence's work.

It also makes an engine that never says a thing twice alike give the same bulletin again. Any of it may be lost: it is
said once more. Files carry their own hash, so a damaged one is not played but made again.
"""

import contextlib
import hashlib
import logging
import os
import tempfile
import threading
from pathlib import Path

from tts.model import Pcm
from tts.storage import storage_errors

logger = logging.getLogger(__name__)

MAX_BYTES = 512 * 1024 * 1024
"""About three hours of different sentences; the least used go first."""
_KEPT_SHARE = 0.75
_HASH_BYTES = hashlib.sha256().digest_size
_RATE_BYTES = 4


class SentenceCache:
    """Owns one folder. Safe to call from several threads."""

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._bytes = 0
        self._turn = threading.Lock()

    def open(self) -> None:
        """Make the folder, clear what an interrupted run left, and count what is there.

        Raises:
            CacheError: the folder cannot be made or read.
        """
        with storage_errors("mở kho câu"), self._turn:
            self._folder.mkdir(parents=True, exist_ok=True)
            for left in self._folder.glob("*.part"):
                left.unlink(missing_ok=True)
            self._bytes = sum(path.stat().st_size for path in self._folder.iterdir())

    def get(self, key: str) -> Pcm | None:
        """Return the sentence kept under ``key``, or ``None``: never said, or no longer whole."""
        path = self._path(key)
        try:
            content = path.read_bytes()
            os.utime(path)  # it is in use: the least used go first
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.warning("sentence %s is unreadable and will be said again: %s", key, error)
            return None
        digest, held = content[:_HASH_BYTES], content[_HASH_BYTES:]
        if hashlib.sha256(held).digest() != digest:
            logger.warning("sentence %s is damaged and will be said again", key)
            return None
        return Pcm(held[_RATE_BYTES:], int.from_bytes(held[:_RATE_BYTES], "big"))

    def put(self, key: str, said: Pcm) -> None:
        """Keep a sentence; the least used leave when there are too many.

        Raises:
            CacheFull, CacheError: it was not kept.
        """
        held = said.rate_hz.to_bytes(_RATE_BYTES, "big") + said.data
        with storage_errors("ghi câu"):
            descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(hashlib.sha256(held).digest() + held)
                Path(name).replace(self._path(key))
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    Path(name).unlink()
                raise
            with self._turn:
                self._bytes += _HASH_BYTES + len(held)
                if self._bytes > self._max_bytes:
                    self._prune()

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.pcm"

    def _prune(self) -> None:
        known = sorted(((path.stat(), path) for path in self._folder.glob("*.pcm")), key=lambda pair: pair[0].st_mtime)
        self._bytes = sum(about.st_size for about, _ in known)
        for about, path in known:
            if self._bytes <= self._max_bytes * _KEPT_SHARE:
                break
            path.unlink(missing_ok=True)
            self._bytes -= about.st_size
