"""Tệp tĩnh: styles, scripts and icons under names that change with their content, so that phones fetch each once.

Read, hashed and compressed once, when the application is put together; they are few and small.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

from gateway.web.gzipped import squeeze, takes_gzip

FOR_EVER = "public, max-age=31536000, immutable"
_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".png": "image/png",
    }
)
"""What is handed out; a file of another kind (a README, a licence) stays inside."""
_SMALLEST_TO_SQUEEZE = 500


@dataclass(frozen=True)
class Asset:
    """One file."""

    name: str
    mark: str
    """The first 12 hex digits of its SHA-256."""
    mime: str
    body: bytes
    squeezed: bytes | None

    @property
    def url(self) -> str:
        return f"/static/{self.mark}/{self.name}"


class Assets:
    """All of them, by name."""

    def __init__(self, folder: Traversable | None = None) -> None:
        found = _read(folder or resources.files("gateway.web").joinpath("static"))
        self._by_name = {asset.name: asset for asset in found}

    def url(self, name: str) -> str:
        """Return the address of ``name``, e.g. ``app.css``.

        Raises:
            KeyError: there is no such file.
        """
        return self._by_name[name].url

    def get(self, name: str) -> Asset | None:
        """Return the file called ``name``."""
        return self._by_name.get(name)

    @property
    def version(self) -> str:
        """A word that changes when any of them does."""
        marks = "".join(asset.mark for _, asset in sorted(self._by_name.items()))
        return hashlib.sha256(marks.encode()).hexdigest()[:12]


def answer(asset: Asset, request: Request, *, cache: str = FOR_EVER) -> Response:
    """Hand ``asset`` out, compressed for whoever takes it so."""
    headers = {"cache-control": cache, "vary": "accept-encoding"}
    if asset.squeezed is not None and takes_gzip(request):
        return Response(asset.squeezed, media_type=asset.mime, headers={**headers, "content-encoding": "gzip"})
    return Response(asset.body, media_type=asset.mime, headers=headers)


def _read(folder: Traversable, prefix: str = "") -> Iterator[Asset]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _read(entry, f"{prefix}{entry.name}/")
            continue
        kind = "." + entry.name.rpartition(".")[2]
        if kind in _TYPES:
            body = entry.read_bytes()
            small = None if kind == ".png" or len(body) < _SMALLEST_TO_SQUEEZE else squeeze(body)
            mark = hashlib.sha256(body).hexdigest()[:12]
            yield Asset(f"{prefix}{entry.name}", mark, _TYPES[kind], body, small)
