"""Nhận giọng: fetches a voice's two files, checks them against their SHA-256, and writes down what was confirmed.

Nothing appears in the folder until everything is checked; what appears is whole.
"""

import hashlib
import os
import tempfile
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from tts.errors import VoiceDiffers, VoiceNotAllowed, VoiceUnreachable, VoiceUnusable
from tts.voices.folder import CONFIG, MAX_CONFIG_BYTES, MODEL, RECORD, VoiceRecord, is_name, read_config
from tts.voices.policy import POLICY_VERSION

MAX_MODEL_BYTES = 1024 * 1024 * 1024
_CHUNK_BYTES = 1 << 18
_TIMEOUT_S = 30.0
_HEX = set("0123456789abcdef")
_SHA256_CHARS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be installed: ``source`` is the model's address (https, http) or a path; its ``.json`` lies beside."""

    source: str
    sha256: str
    config_sha256: str = ""
    """Empty: the configuration's hash is not checked, only shown and recorded."""
    name: str = ""
    """Empty: the file's own."""
    record: VoiceRecord
    accepts_policy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What lies in the folder now."""

    name: str
    model: Path
    record: VoiceRecord


def install(wanted: Wanted, folder: Path, *, installed_at: str) -> Installed:
    """Take a voice into ``folder``. Blocking: a voice has tens of megabytes.

    Raises:
        VoiceNotAllowed: the policy was not accepted, no licence, or no attribution where the licence asks for it.
        VoiceDiffers: a file is not the one announced.
        VoiceUnusable: they are not the files of a Vietnamese Piper voice, or have no usable name.
        VoiceUnreachable: they could not be fetched or written.
    """
    name = wanted.name or _name_in(wanted.source)
    _expect_allowed(wanted, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".taking-in-") as work:
            model, config = Path(work) / "model", Path(work) / "config"
            model_hash = _fetch(wanted.source, model, MAX_MODEL_BYTES)
            _expect_hash(name + MODEL, model_hash, wanted.sha256)
            config_hash = _fetch(_beside(wanted.source), config, MAX_CONFIG_BYTES)
            if wanted.config_sha256:
                _expect_hash(name + CONFIG, config_hash, wanted.config_sha256)
            read_config(config)
            record = replace(
                wanted.record,
                source=wanted.source,
                model_sha256=model_hash,
                config_sha256=config_hash,
                policy_version=POLICY_VERSION,
                installed_at=installed_at,
            )
            about = Path(work) / "record"
            about.write_text(record.to_json(), encoding="utf-8")
            # the model last: without it the others are no voice
            for made, ending in ((about, RECORD), (config, CONFIG), (model, MODEL)):
                _sync(made)
                made.replace(folder / (name + ending))
            _sync(folder)
    except OSError as error:
        raise VoiceUnreachable(f"Không ghi được giọng vào {folder}: {error} (cannot be written).") from error
    return Installed(name=name, model=folder / (name + MODEL), record=record)


def _expect_allowed(wanted: Wanted, name: str) -> None:
    if not wanted.accepts_policy:
        raise VoiceNotAllowed("Chưa chấp nhận quy định về giọng đọc (the policy on voices was not accepted).")
    if not wanted.record.licence.strip():
        raise VoiceNotAllowed("Phải nêu giấy phép của giọng (a licence is needed).")
    parts = wanted.record.licence.upper().replace("-", " ").split()
    if "BY" in parts and not wanted.record.attribution.strip():
        raise VoiceNotAllowed(f"Giấy phép {wanted.record.licence} đòi ghi công tác giả (attribution is needed).")
    if not is_name(name):
        raise VoiceUnusable(f"Không đặt được tên giọng “{name[:80]}”: hãy cho một tên khác (bad name).")
    for given in filter(None, (wanted.sha256, wanted.config_sha256)):
        if len(given) != _SHA256_CHARS or not set(given.lower()) <= _HEX:
            raise VoiceDiffers(f"“{given[:80]}” không phải mã SHA-256 (not a SHA-256).")
    if not wanted.sha256:
        raise VoiceDiffers("Phải cho mã SHA-256 của tệp .onnx (its SHA-256 is needed).")


def _expect_hash(name: str, found: str, expected: str) -> None:
    if found != expected.lower():
        raise VoiceDiffers(f"{name} có SHA-256 {found}, không phải {expected.lower()} (another file). Không cài.")


def _is_address(source: str) -> bool:
    return urllib.parse.urlsplit(source).scheme in ("http", "https")


def _name_in(source: str) -> str:
    path = urllib.parse.unquote(urllib.parse.urlsplit(source).path) if _is_address(source) else source
    return Path(path).name.removesuffix(MODEL)


def _beside(source: str) -> str:
    """Return where the configuration is: the model's name with ``.json`` behind it, before any query."""
    if not _is_address(source):
        return source + ".json"
    parts = urllib.parse.urlsplit(source)
    return urllib.parse.urlunsplit(parts._replace(path=parts.path + ".json"))


def _fetch(source: str, target: Path, most_bytes: int) -> str:
    """Write what is at ``source`` into ``target`` and return its SHA-256."""
    digest, count = hashlib.sha256(), 0
    try:
        with target.open("wb") as file:
            for chunk in _chunks(source):
                count += len(chunk)
                if count > most_bytes:
                    raise VoiceUnusable(f"{source} lớn quá {most_bytes >> 20} MB (too large).")
                digest.update(chunk)
                file.write(chunk)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise VoiceUnreachable(f"Không tải được {source}: {error} (cannot be fetched).") from error
    return digest.hexdigest()


def _chunks(source: str) -> Iterator[bytes]:
    if not _is_address(source):
        try:
            with Path(source).open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    yield chunk
        except FileNotFoundError as error:
            raise VoiceUnreachable(f"Không có tệp {source} (no such file).") from error
        return
    with httpx.stream("GET", source, follow_redirects=True, timeout=_TIMEOUT_S) as response:
        response.raise_for_status()
        yield from response.iter_bytes(_CHUNK_BYTES)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
