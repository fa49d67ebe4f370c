"""The file of a backup: a tar of what a ward cannot do without, then a manifest with the hash of each file."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from gateway.domain.errors import StoreFailed
from gateway.store.encryption import MAGIC, DecryptingFile, EncryptingFile

MANIFEST = "manifest.json"
FORMAT = 1
_BLOCK = 1 << 20
_ONLY_OWNER = 0o600  # it holds the ward's keys


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One file of a backup."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup holds."""

    made_at: datetime
    epoch: int
    files: tuple[Kept, ...]

    @property
    def rotten(self) -> tuple[str, ...]:
        """The audio files that were damaged on the disk already when the backup was made: make those again."""
        audio = [kept for kept in self.files if kept.path.startswith("audio/") and "." not in kept.path]
        return tuple(kept.path for kept in audio if PurePosixPath(kept.path).name != kept.sha256)


Sink = Callable[[str, Iterator[bytes]], None]
"""Is given the name and the content of each file, and reads the content to its end."""


def write_archive(
    to: Path, files: Iterable[tuple[str, Path]], *, made_at: datetime, epoch: int, passphrase: str | None
) -> Manifest:
    """Write ``files`` (name in the archive, where it is) and their manifest to ``to``.

    Raises:
        OSError: it could not be read or written.
    """
    with _written(to, passphrase) as tar:
        kept = tuple(_add(tar, name, path) for name, path in files)
        manifest = Manifest(made_at=made_at, epoch=epoch, files=kept)
        body = {"format": FORMAT, "made_at": made_at.isoformat(), "epoch": epoch, "files": [asdict(k) for k in kept]}
        text = json.dumps(body, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    return manifest


def read_archive(archive: Path, passphrase: str | None, sink: Sink) -> Manifest:
    """Read a backup to its end, giving every file to ``sink``; believe it only when this returns.

    Raises:
        StoreFailed: ``backup_damaged``, ``backup_not_opened`` or ``backup_locked`` (it needs a passphrase).
        OSError: it cannot be read.
    """
    found: dict[str, Kept] = {}
    manifest: Manifest | None = None
    try:
        with _opened(archive, passphrase) as tar:
            for entry in tar:
                content = tar.extractfile(entry) if entry.isfile() else None
                if content is None or manifest is not None or entry.name in found:
                    raise _damaged(entry.name)
                if entry.name == MANIFEST:
                    manifest = _manifest(content.read())
                else:
                    found[entry.name] = _pass_on(_safe(entry.name), content, sink)
    except tarfile.TarError as error:
        raise _damaged(error) from error
    if manifest is None:
        raise _damaged("no manifest: it was cut off")
    if {kept.path: kept for kept in manifest.files} != found:
        wrong = {kept.path for kept in set(manifest.files) ^ set(found.values())}
        raise _damaged(", ".join(sorted(wrong)))
    return manifest


@contextmanager
def _written(to: Path, passphrase: str | None) -> Iterator[tarfile.TarFile]:
    with to.open("wb") as file:
        if passphrase is None:
            with tarfile.open(fileobj=file, mode="w|", bufsize=_BLOCK) as tar:
                yield tar
        else:
            locked = EncryptingFile(file, passphrase)
            with tarfile.open(fileobj=cast(IO[bytes], locked), mode="w|", bufsize=_BLOCK) as tar:
                yield tar
            locked.finish()


@contextmanager
def _opened(archive: Path, passphrase: str | None) -> Iterator[tarfile.TarFile]:
    with archive.open("rb") as file:
        source: BinaryIO | DecryptingFile = file
        if file.read(len(MAGIC)) != MAGIC:
            file.seek(0)
        elif passphrase is None:
            raise StoreFailed(
                "Bản sao lưu này có mật khẩu.", "This backup has a passphrase; it is needed.", code="backup_locked"
            )
        else:
            source = DecryptingFile(file, passphrase)
        with tarfile.open(fileobj=cast(IO[bytes], source), mode="r|", bufsize=_BLOCK) as tar:
            yield tar


def _add(tar: tarfile.TarFile, name: str, path: Path) -> Kept:
    with path.open("rb") as file:
        entry = tarfile.TarInfo(name)
        entry.size = os.fstat(file.fileno()).st_size
        entry.mode = _ONLY_OWNER
        hashing = _Hashing(file)
        tar.addfile(entry, cast(IO[bytes], hashing))
    return Kept(path=name, bytes=entry.size, sha256=hashing.digest.hexdigest())


class _Hashing:
    """Hashes what is read through it: the manifest tells of the very bytes that went in."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def _pass_on(name: str, content: IO[bytes], sink: Sink) -> Kept:
    digest = hashlib.sha256()
    size = 0

    def blocks() -> Iterator[bytes]:
        nonlocal size
        while block := content.read(_BLOCK):
            digest.update(block)
            size += len(block)
            yield block

    sink(name, blocks())
    return Kept(path=name, bytes=size, sha256=digest.hexdigest())


def _safe(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise _damaged(name)
    return name


def _manifest(text: bytes) -> Manifest:
    try:
        body = json.loads(text)
        files = tuple(Kept(path=f["path"], bytes=f["bytes"], sha256=f["sha256"]) for f in body["files"])
        made_at, epoch, form = datetime.fromisoformat(body["made_at"]), int(body["epoch"]), body["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(MANIFEST) from error
    if form != FORMAT:
        raise _damaged(f"format {form}")
    return Manifest(made_at=made_at, epoch=epoch, files=files)


def _damaged(what: object) -> StoreFailed:
    return StoreFailed(
        f"Bản sao lưu bị hỏng hoặc bị sửa ({what}). Chưa thay đổi gì.",
        f"The backup is damaged or was altered ({what}). Nothing was changed.",
        code="backup_damaged",
    )
