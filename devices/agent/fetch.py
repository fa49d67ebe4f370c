"""Tải một tệp: bytes over HTTP into a partial file, resumed where it broke off, and believed only when checked."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from devices.agent.disk import Disk
from devices.agent.ports import Decoder
from devices.errors import BadAudio, DiskFailed
from devices.model import AssetId, asset_sha256
from devices.wire.documents import AssetEntry

logger = logging.getLogger(__name__)

Why = Literal["http", "hash", "size", "decode", "duration", "disk", "timeout"]

DURATION_TOLERANCE_MS = 150
CHUNK_BYTES = 128 * 1024
TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_OK, _PARTIAL, _RANGE_NOT_SATISFIABLE = 200, 206, 416


class FetchFailed(Exception):  # noqa: N818 - it says what happened
    """This attempt did not bring the file. ``why`` is one of the contract's words."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(f"{why}: {detail}")
        self.why: Why = why
        self.detail = detail


@dataclass(frozen=True)
class Fetcher:
    """Brings single files. Errors of HTTP, disk and decoder all come out as :class:`FetchFailed`."""

    http: httpx.AsyncClient
    disk: Disk
    decoder: Decoder

    async def bring(self, entry: AssetEntry, url: str, path: Path) -> None:
        """Fetch ``entry`` from ``url`` and give it its name only when everything about it is right.

        Raises:
            FetchFailed: what is on disk so far is kept for the next attempt, unless it is known to be wrong.
        """
        part = path.with_name(path.name + ".part")
        try:
            await self._download(url, part, entry.bytes)
            await self.disk.run(lambda: self.check(entry, part))
            await self.disk.run(lambda: self.disk.keep(part, path))
        except DiskFailed as error:
            raise FetchFailed("disk", str(error)) from error
        except httpx.TimeoutException as error:
            raise FetchFailed("timeout", type(error).__name__) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchFailed("http", f"{type(error).__name__}: {error}"[:150]) from error

    async def _download(self, url: str, part: Path, size: int) -> None:
        have = await self.disk.run(lambda: _kept(part, size))
        if have == size:
            return
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        async with self.http.stream("GET", url, headers=headers, timeout=TIMEOUT) as response:
            have = self._agree(response, part, have, size)
            await self._receive(response, part, have, size)

    def _agree(self, response: httpx.Response, part: Path, have: int, size: int) -> int:
        """Check that the server sends what was asked for; return from where."""
        status = response.status_code
        if status == _PARTIAL and have:
            if response.headers.get("content-range", "").startswith(f"bytes {have}-"):
                return have
            _forget(part)
            raise FetchFailed("http", f"another range: {response.headers.get('content-range', '')[:60]}")
        if status == _RANGE_NOT_SATISFIABLE:
            _forget(part)
        if status != _OK:
            raise FetchFailed("http", f"status {status}")
        if response.headers.get("content-type", "").startswith("text/html"):
            raise FetchFailed("http", "a web page instead of audio")
        length = response.headers.get("content-length")
        if length is not None and length != str(size):
            raise FetchFailed("size", f"{length[:20]} bytes announced, {size} expected")
        _forget(part)  # a server without ranges sends all of it again
        return 0

    async def _receive(self, response: httpx.Response, part: Path, have: int, size: int) -> None:
        waiting = bytearray()
        try:
            async for chunk in response.aiter_raw():
                waiting += chunk
                if have + len(waiting) > size:
                    raise FetchFailed("size", f"more than {size} bytes")
                if len(waiting) >= CHUNK_BYTES:
                    have += await self._write(part, waiting)
        finally:
            # what came before the line broke is worth keeping; what is too long was never ours
            if have + len(waiting) <= size:
                have += await self._write(part, waiting)
            else:
                _forget(part)
        if have < size:
            raise FetchFailed("timeout", f"the connection ended at {have} of {size} bytes")

    async def _write(self, part: Path, waiting: bytearray) -> int:
        data = bytes(waiting)
        waiting.clear()
        if data:
            await self.disk.run(lambda: self.disk.append(part, data, sync=False))
        return len(data)

    def check(self, entry: AssetEntry, path: Path) -> None:
        """Check hash, then size, decoding and duration. A file that fails is deleted. Blocking.

        Raises:
            FetchFailed: ``hash``, ``size``, ``decode``, ``duration``.
        """
        try:
            self._check(entry, path)
        except FetchFailed:
            path.unlink(missing_ok=True)
            raise

    def _check(self, entry: AssetEntry, path: Path) -> None:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = path.stat().st_size
        except OSError as error:
            raise FetchFailed("disk", str(error.strerror)) from error
        if digest != asset_sha256(AssetId(entry.id)):
            raise FetchFailed("hash", f"got {digest[:12]}")
        if size != entry.bytes:
            raise FetchFailed("size", f"{size} bytes, {entry.bytes} expected")
        try:
            dur_ms = self.decoder.duration_ms(path)
        except BadAudio as error:
            raise FetchFailed("decode", str(error)[:150]) from error
        if abs(dur_ms - entry.dur_ms) > DURATION_TOLERANCE_MS:
            raise FetchFailed("duration", f"{dur_ms} ms, {entry.dur_ms} expected")


def _kept(part: Path, size: int) -> int:
    """Return how much of a file of ``size`` bytes is here already; what is longer was never it."""
    have = part.stat().st_size if part.exists() else 0
    if have > size:
        _forget(part)
        return 0
    return have


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
