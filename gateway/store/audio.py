"""Kho âm thanh: files named by their SHA-256, never overwritten, and their index."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

from sqlite_utils import Database

from devices.clock import epoch_ms
from devices.model import AssetId, asset_sha256
from gateway.domain.errors import BadInput, Problem
from gateway.ports.records import AuditNote, StoredAudio
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.durable import whole_file
from gateway.store.failures import told
from gateway.store.shelf import Shelf

_BLOCK = 1 << 20


class SqliteAudio:
    """Fits :class:`gateway.ports.store.Audio`."""

    def __init__(self, database: DatabaseThread, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._shelf = Shelf("audio", StoredAudio)

    async def add(self, path: Path, audio: StoredAudio, *, note: AuditNote) -> None:
        """Move the file at ``path`` into the folder under its hash and index it; the newest description stands.

        Raises:
            BadInput: the file is not what ``audio`` says; it stays where it is.
            StoreFailed: the disk is full or fails; the file stays where it is.
        """
        await asyncio.to_thread(self._bring_in, path, audio)
        await self.describe(audio, note=note)
        await asyncio.to_thread(path.unlink, missing_ok=True)

    async def describe(self, audio: StoredAudio, *, note: AuditNote) -> None:
        """Keep what is now known of a file that is there; the file stays as it is.

        Raises:
            StoreFailed
        """

        def work(database: Database) -> None:
            self._shelf.put(database, audio.asset, audio, {"made_ms": epoch_ms(audio.made_at)})
            write_note(database, note)

        await self._database.run(work)

    async def get(self, asset: AssetId) -> StoredAudio | None:
        return await self._database.read(lambda db: self._shelf.get(db, asset))

    async def all(self) -> Sequence[StoredAudio]:
        return await self._database.read(self._shelf.all)

    def path(self, asset: AssetId) -> Path:
        """Return where the file of ``asset`` is, or would be.

        Raises:
            ValueError: it is not an asset id.
        """
        return self._folder / asset_sha256(asset)

    def _bring_in(self, path: Path, audio: StoredAudio) -> None:
        with told():
            here = self.path(audio.asset)
            if here.exists():
                if sha256_of(here) == asset_sha256(audio.asset):
                    _expect(path, audio)
                    return
                # bytes rotted on the disk: the good ones take the name, the bad ones stay for whoever asks why
                here.replace(here.with_name(f"{here.name}.damaged"))
            with whole_file(here) as partial:
                _copy(path, partial)
                _expect(partial, audio)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(source: Path, to: Path) -> None:
    with source.open("rb") as reading, to.open("wb") as writing:
        while block := reading.read(_BLOCK):
            writing.write(block)


def _expect(path: Path, audio: StoredAudio) -> None:
    if path.stat().st_size != audio.bytes or sha256_of(path) != asset_sha256(audio.asset):
        problem = Problem(
            code="other_audio",
            vi="tệp âm thanh không khớp mã băm hoặc kích thước đã khai",
            en="the audio file does not have the hash or the size it was announced with",
            path="audio",
        )
        raise BadInput([problem])
