"""Ảnh, as kept: repair photos by their hash; blurred thumbnails as files that no backup takes and no day survives."""

import asyncio
import hashlib
import io
import re
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from gateway.domain.device import CameraId
from gateway.domain.errors import BadInput, Problem
from gateway.store.durable import whole_file
from gateway.store.failures import told

MOST_PIXELS = 60_000_000
"""A phone's largest photo; a bomb claims billions."""
_PHOTO_SIDE = 1_600
_THUMBNAIL_SIDE = 320
_BLUR = 3
"""Pixels of a picture 320 wide: shapes stay, faces and number plates do not."""
THUMBNAIL_LIFE_MS = 86_400_000
_HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"(?P<camera>[a-z0-9-]+)\.(?P<at>\d+)\.jpg")


class FilePictures:
    """Fits :class:`gateway.ports.cameras.Pictures`."""

    def __init__(self, photos: Path, thumbnails: Path) -> None:
        self._photos = photos
        self._thumbnails = thumbnails

    async def keep_photo(self, raw: bytes) -> str:
        return await asyncio.to_thread(self._keep_photo, raw)

    async def photo(self, sha256: str) -> bytes | None:
        if not _HASH.fullmatch(sha256):
            return None
        return await asyncio.to_thread(_read, self._photos / f"{sha256}.jpg")

    async def keep_thumbnail(self, camera: CameraId, jpeg: bytes, *, at_ms: int) -> None:
        await asyncio.to_thread(self._keep_thumbnail, camera, jpeg, at_ms)

    async def thumbnail(self, camera: CameraId, *, now_ms: int) -> tuple[int, bytes] | None:
        return await asyncio.to_thread(self._thumbnail, camera, now_ms)

    async def forget(self, *, before_ms: int, keep: frozenset[CameraId]) -> int:
        return await asyncio.to_thread(self._forget, before_ms, keep)

    def _keep_photo(self, raw: bytes) -> str:
        content = _jpeg(raw, _PHOTO_SIDE)
        name = hashlib.sha256(content).hexdigest()
        with told():
            self._photos.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._photos / f"{name}.jpg"
            if not path.exists():
                with whole_file(path) as partial:
                    partial.write_bytes(content)
        return name

    def _keep_thumbnail(self, camera: CameraId, jpeg: bytes, at_ms: int) -> None:
        content = _jpeg(jpeg, _THUMBNAIL_SIDE, blur=_BLUR)
        with told():
            self._thumbnails.mkdir(parents=True, exist_ok=True, mode=0o700)
            before = list(self._thumbnails.glob(f"{camera}.*.jpg"))
            (self._thumbnails / f"{camera}.{at_ms}.jpg").write_bytes(content)
            for older in before:
                if older.name != f"{camera}.{at_ms}.jpg":
                    older.unlink(missing_ok=True)

    def _thumbnail(self, camera: CameraId, now_ms: int) -> tuple[int, bytes] | None:
        for path in self._thumbnails.glob(f"{camera}.*.jpg"):
            found = _NAME.fullmatch(path.name)
            if found and found["camera"] == camera and now_ms - int(found["at"]) < THUMBNAIL_LIFE_MS:
                content = _read(path)
                return None if content is None else (int(found["at"]), content)
        return None

    def _forget(self, before_ms: int, keep: frozenset[CameraId]) -> int:
        gone = 0
        with told():
            for path in self._thumbnails.glob("*.jpg"):
                found = _NAME.fullmatch(path.name)
                if found is None or int(found["at"]) < before_ms or CameraId(found["camera"]) not in keep:
                    path.unlink(missing_ok=True)
                    gone += 1
        return gone


def _jpeg(raw: bytes, side: int, *, blur: float = 0) -> bytes:
    """Draw the picture anew: smaller, upright, and with nothing in the file but the picture.

    Raises:
        BadInput: it is no picture that can be read, or claims to be too large.
    """
    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _no_picture()
            picture.draft("RGB", (side, side))
            upright = ImageOps.exif_transpose(picture)
            small = upright.convert("RGB")
            small.thumbnail((side, side))
            if blur:
                small = small.filter(ImageFilter.GaussianBlur(blur))
            out = io.BytesIO()
            small.save(out, "JPEG", quality=80)
            return out.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _no_picture() from error


def _no_picture() -> BadInput:
    vi, en = "không phải ảnh JPEG, PNG hay WebP đọc được", "is no JPEG, PNG or WebP picture that can be read"
    return BadInput([Problem(code="no_picture", vi=vi, en=en, path="file")])


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
