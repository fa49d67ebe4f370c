"""What every request and answer passes: a cap on bodies, and the headers that keep browsers from being helpful."""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web.errors import problem
from gateway.web.headers import SECURITY_HEADERS
from gateway.web.language import prefers_english

JSON_MAX_BYTES = 262_144
"""The longest bulletin is 20,000 letters, at most 60 kB; four times that is somebody trying something."""
UPLOAD_MAX_BYTES = 200_000_000
"""An hour of stereo WAV at 24 kHz and some; longer recordings are compressed first."""


class Armour:
    """ASGI middleware, outermost."""

    def __init__(self, app: ASGIApp, *, https: bool, is_upload: Callable[[str], bool]) -> None:
        """``is_upload`` tells the paths that take large bodies; everything else takes ``JSON_MAX_BYTES``."""
        self._app = app
        self._is_upload = is_upload
        self._headers = dict(SECURITY_HEADERS)
        if https:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        cap = UPLOAD_MAX_BYTES if self._is_upload(scope["path"]) else JSON_MAX_BYTES
        request = HTTPConnection(scope)
        if _announced(request) > cap:
            await _refusal(request, cap)(scope, receive, with_headers)
            return
        await self._app(scope, _capped(receive, cap), with_headers)


def _announced(request: HTTPConnection) -> int:
    try:
        return int(request.headers.get("content-length", "0"))
    except ValueError:
        return 0  # the server refuses such a request itself


def _capped(receive: Receive, cap: int) -> Receive:
    """Count what is really sent: nobody has to announce a length."""
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > cap:
                raise HTTPException(413)  # answered like any other by the app inside
        return message

    return counting


def _refusal(request: HTTPConnection, cap: int) -> ASGIApp:
    return problem(
        status=413,
        code="too_large",
        vi=f"Dữ liệu gửi lên quá lớn (tối đa {cap // 1000} kB).",
        en=f"The body is too large (at most {cap // 1000} kB).",
        english=prefers_english(request),
    )
