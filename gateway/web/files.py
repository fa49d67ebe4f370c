"""Tệp âm thanh: content-addressed, with Range, for poles that resume and for phones that listen."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.responses import FileResponse

from devices.model import asset_id
from gateway.domain.errors import NotFound
from gateway.web.services import Services

# Content never changes under its hash: whoever has it never asks again.
_FOR_EVER: Mapping[str, str] = MappingProxyType({"cache-control": "public, max-age=31536000, immutable"})
_FOR_ONE: Mapping[str, str] = MappingProxyType({"cache-control": "private, max-age=31536000, immutable"})


async def audio_file(services: Services, sha256: str, *, public: bool) -> FileResponse:
    """Return the file whose SHA-256 is ``sha256`` (64 hex digits).

    Raises:
        NotFound: it is not in the store, or its file is gone.
    """
    asset = asset_id(sha256)
    known = await services.audio.get(asset)
    path = services.audio.path(asset)
    if known is None or not path.is_file():
        raise NotFound("Không có tệp âm thanh này.", "No such audio.")
    headers = dict(_FOR_EVER if public else _FOR_ONE)
    # Starlette's own tag is made of the file's time, which a restored backup changes: a half-fetched file stays good.
    headers["etag"] = f'"{sha256}"'
    return FileResponse(path, media_type=known.mime, headers=headers)
