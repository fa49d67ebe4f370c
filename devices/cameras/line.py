"""Một kết nối: everything that is sent to one camera in one look, over one HTTP connection if the camera keeps it.

Nothing is followed, nothing unpacked, nothing read past its limit, and nothing waited for past the deadline. What
happens on the line is an `Observation`; nothing is raised.
"""

import asyncio
import errno
import functools
import hashlib
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from devices.cameras.http1 import Exchange, Lost, NotHttp, Reply, TooMuch
from devices.cameras.judge import Fault, Observation, is_packed
from devices.cameras.limits import Limits
from devices.clock import NS_PER_MS, Clock
from devices.model.camera import Door

_MOVED, _NOT_TAKEN = 300, 400


class _OtherCertificate(Exception):  # noqa: N818 - says what happened
    """Not the one that is pinned."""


class Line:
    """One look's connection to ``door`` at the already resolved ``address``. Open it with ``async with``.

    The deadline is for everything sent until the next :meth:`begin`. ``fingerprint`` is what the certificate must be;
    empty: the first one shown, which :attr:`fingerprint` then tells, and no other after it.
    """

    def __init__(self, door: Door, address: str, limits: Limits, clock: Clock, *, fingerprint: str = "") -> None:
        self.door = door
        self.fingerprint = fingerprint
        self.connect_ms: int | None = None
        """How long TCP (and TLS) took, the first time."""
        self._address = address
        self._limits = limits
        self._clock = clock
        self._ends_ns = 0
        self._exchange: Exchange | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        self.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def begin(self, deadline_s: float | None = None) -> None:
        """Start the time that everything until the next :meth:`begin` may take together."""
        seconds = self._limits.deadline_s if deadline_s is None else deadline_s
        self._ends_ns = self._clock.mono_ns() + round(seconds * 1e9)

    @property
    def left_s(self) -> float:
        """How much of it is left."""
        return max(0.0, (self._ends_ns - self._clock.mono_ns()) / 1e9)

    async def post(self, path: str, body: bytes, *, action: str = "", authorization: str = "") -> Observation:
        """Send one SOAP call to ``path`` of the enrolled host."""
        kind = f'application/soap+xml; charset=utf-8; action="{action}"'
        head = f"{self._head('POST', path, self.door.port, authorization)}Content-Type: {kind}\r\n"
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body
        return await self._ask(self.door.port, request, self._limits.soap_bytes)

    async def get(self, path: str, *, port: int = 0, authorization: str = "") -> Observation:
        """Fetch a picture from ``path`` of the enrolled host."""
        port = port or self.door.port
        request = f"{self._head('GET', path, port, authorization)}\r\n".encode("latin-1")
        return await self._ask(port, request, self._limits.picture_bytes)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _head(self, method: str, path: str, port: int, authorization: str) -> str:
        host = self.door.host.partition("%")[0]
        host = f"[{host}]" if ":" in host else host
        # identity: a packed answer is a bomb until it is unpacked, so none is asked for and none is taken
        said = f"Authorization: {authorization}\r\n" if authorization else ""
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
            f"User-Agent: loaphuong\r\n{said}"
        )

    async def _ask(self, port: int, request: bytes, limit: int) -> Observation:
        began_ns, status, headers = self._clock.mono_ns(), 0, {}
        fault, detail, body, leaves = None, "", b"", False
        try:
            reply = await self._reply(port, request, limit)
            status, headers, body = reply.status, dict(reply.headers), reply.body
            leaves = _MOVED <= status < _NOT_TAKEN and self._leaves(headers)
        except (OSError, ValueError, _OtherCertificate) as error:
            fault, detail = _meaning(error)
            self._hang_up()
        return Observation(
            fault=fault,
            detail=detail,
            status=status,
            headers=headers,
            body=body,
            leaves_host=leaves,
            ms=(self._clock.mono_ns() - began_ns) // NS_PER_MS,
        )

    async def _reply(self, port: int, request: bytes, limit: int) -> Reply:
        if not self.left_s:
            raise TimeoutError
        exchange = self._exchange
        if exchange is None or not exchange.is_open or port != self._port:
            exchange = await self._connect(port)
        waiting = exchange.ask(request, limit)
        alarm = asyncio.get_running_loop().call_later(self.left_s, _expire, waiting)
        try:
            return await waiting
        finally:
            alarm.cancel()

    async def _connect(self, port: int) -> Exchange:
        self._hang_up()
        began_ns = self._clock.mono_ns()
        context = _unverified() if self.door.tls else None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(min(self._limits.connect_s, self.left_s)):
                transport, exchange = await loop.create_connection(
                    lambda: Exchange(self._unwanted), self._address, port, ssl=context
                )
        except TimeoutError:
            raise _NoConnection from None
        self._exchange, self._port = exchange, port
        if context is not None:
            shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
            found = hashlib.sha256(shown).hexdigest()
            if self.fingerprint and found != self.fingerprint:
                raise _OtherCertificate(found)
            self.fingerprint = found
        if self.connect_ms is None:
            self.connect_ms = (self._clock.mono_ns() - began_ns) // NS_PER_MS
        return exchange

    def _unwanted(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether not one byte of a body is of use."""
        return is_packed(headers) or (_MOVED <= status < _NOT_TAKEN and self._leaves(headers))

    def _leaves(self, headers: Mapping[str, str]) -> bool:
        try:
            host = urlsplit(headers.get("location", "")).hostname
        except ValueError:
            return True
        return host is not None and host not in {self.door.host.lower(), self._address}

    def _hang_up(self) -> None:
        if self._exchange is not None:
            self._exchange.abort()
            self._exchange = None


class _NoConnection(ConnectionError):  # noqa: N818 - says what happened
    """Nothing answered within the time to connect."""


def _expire(waiting: asyncio.Future[Reply]) -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError())


def _meaning(error: Exception) -> tuple[Fault, str]:  # noqa: PLR0911 - a table
    """Say what an exception means. Its text is not kept unless it is ours."""
    number = error.errno if isinstance(error, OSError) else None
    match error:
        case _OtherCertificate():
            return Fault.CERTIFICATE, f"SHA-256 {error}"
        case _NoConnection():
            return Fault.CONNECT_TIMEOUT, ""
        case TooMuch():
            return Fault.TOO_LARGE, str(error)
        case NotHttp():
            return Fault.GARBLED, str(error)
        case ssl.SSLError():
            return Fault.TLS, type(error).__name__
        case TimeoutError() if number is None:
            return Fault.TIMEOUT, ""
        case ConnectionRefusedError():
            return Fault.REFUSED, "ECONNREFUSED"
        case Lost() | ConnectionError():
            return Fault.LOST, type(error).__name__
        case OSError():
            return Fault.NO_WAY, errno.errorcode.get(number or 0, type(error).__name__)
    return Fault.GARBLED, type(error).__name__


@functools.cache
def _unverified() -> ssl.SSLContext:
    """Return a context that takes any certificate: cameras sign their own, and ours are pinned."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
