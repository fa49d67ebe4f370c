"""Kho âm thanh: rendered files by content, and an index from what was asked to what came of it.

``audio/<sha256>.mp3`` (or ``.opus``) is written once and never changed. ``keys/<key>.json`` says which file answers a
request; the key covers everything that could change a sound, so an entry never goes stale, it only stops being asked
for.
Every write is a temporary file, fsync, rename: a full disk or a power cut leaves the old state.
"""

import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tts.errors import CacheError
from tts.master import Encoded
from tts.model import Codec, Loudness, MasteredAudio, RecordingReport
from tts.storage import storage_errors

logger = logging.getLogger(__name__)

_HEX = set("0123456789abcdef")
_CHUNK_BYTES = 1 << 20


def cache_key(parts: Sequence[object]) -> str:
    """Return the SHA-256 of ``parts`` as JSON: equal requests, and only those, have equal keys."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class AudioCache:
    """Owns one folder. :meth:`open` before use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.audio = folder / "audio"
        self.work = folder / "work"
        self._keys = folder / "keys"

    def open(self) -> None:
        """Make the folders, and clear what an interrupted run left in ``work``.

        Raises:
            CacheError: the folder cannot be made or written.
        """
        with storage_errors("mở kho"):
            for folder in (self.audio, self.work, self._keys):
                folder.mkdir(parents=True, exist_ok=True)
            for left in self.work.rglob("*"):
                if left.is_file():
                    left.unlink(missing_ok=True)

    def path_of(self, sha256: str, codec: Codec = Codec.MP3) -> Path:
        """Return where the file with this SHA-256 is or would be.

        Raises:
            CacheError: it is no SHA-256, and so must not become a file name.
        """
        if len(sha256) != hashlib.sha256().digest_size * 2 or not set(sha256) <= _HEX:
            raise CacheError(f"Không phải mã SHA-256 (not a SHA-256): {sha256[:80]!r}")
        return self.audio / f"{sha256}.{codec}"

    def get(self, key: str) -> MasteredAudio | None:
        """Return what was rendered for ``key``; ``None`` when nothing was, or when it is no longer whole.

        A damaged file is moved aside and reported in the log, so that it is rendered again instead of aired.
        """
        index = self._keys / f"{key}.json"
        try:
            found = _entry(json.loads(index.read_text(encoding="utf-8")), self)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, StopIteration, CacheError) as error:
            logger.warning("audio index %s is unreadable and will be made again: %s", key, error)
            return None
        try:
            whole = found.path.stat().st_size == found.bytes and _sha256(found.path) == found.sha256
        except FileNotFoundError:
            logger.warning("audio %s is gone and will be rendered again", found.sha256)
            return None
        except OSError as error:
            logger.warning("audio %s is unreadable and will be rendered again: %s", found.sha256, error)
            return None
        if not whole:
            self._set_aside(found.path)
            return None
        return found

    def put(self, key: str, made: Encoded, recording: RecordingReport | None = None) -> MasteredAudio:
        """Take the file ``made.path`` into the store under its own name and remember it for ``key``.

        Raises:
            CacheFull, CacheError: nothing was kept; ``made.path`` is gone.
        """
        try:
            with storage_errors("ghi âm thanh"):
                return self._keep(key, made, recording)
        finally:
            made.path.unlink(missing_ok=True)

    def _keep(self, key: str, made: Encoded, recording: RecordingReport | None) -> MasteredAudio:
        with made.path.open("rb+") as file:
            os.fsync(file.fileno())
        sha256 = _sha256(made.path)
        kept = MasteredAudio(
            path=self.path_of(sha256, made.codec),
            sha256=sha256,
            bytes=made.path.stat().st_size,
            mime=made.codec.mime,
            duration_ms=made.duration_ms,
            loudness=made.loudness,
            recording=recording,
        )
        if not (kept.path.exists() and _sha256(kept.path) == sha256):
            made.path.replace(kept.path)
            _sync_folder(self.audio)
        self._write_index(key, kept)
        return kept

    def _write_index(self, key: str, kept: MasteredAudio) -> None:
        entry = {
            "sha256": kept.sha256,
            "bytes": kept.bytes,
            "mime": kept.mime,
            "duration_ms": kept.duration_ms,
            "integrated_lufs": kept.loudness.integrated_lufs,
            "true_peak_dbtp": kept.loudness.true_peak_dbtp,
            "recording": dataclasses.asdict(kept.recording) if kept.recording else None,
        }
        descriptor, name = tempfile.mkstemp(dir=self.work, suffix=".json")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(entry, file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._keys / f"{key}.json")
            _sync_folder(self._keys)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise

    def _set_aside(self, path: Path) -> None:
        logger.error("audio %s does not match its name: moved aside, will be rendered again", path.name)
        try:
            path.replace(path.with_suffix(".damaged"))
        except OSError as error:
            logger.warning("could not move %s aside: %s", path.name, error)


def _entry(fields: dict[str, Any], cache: AudioCache) -> MasteredAudio:
    codec = next(codec for codec in Codec if codec.mime == fields["mime"])
    about = fields.get("recording")
    return MasteredAudio(
        path=cache.path_of(str(fields["sha256"]), codec),
        sha256=str(fields["sha256"]),
        bytes=int(fields["bytes"]),
        mime=codec.mime,
        duration_ms=int(fields["duration_ms"]),
        recording=RecordingReport(**{**about, "warnings": tuple(about["warnings"])}) if about else None,
        loudness=Loudness(
            integrated_lufs=float(fields["integrated_lufs"]), true_peak_dbtp=float(fields["true_peak_dbtp"])
        ),
    )
