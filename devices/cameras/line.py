"""Một kết nối: everything that is sent to one camera in one look, over one HTTP connection if the camera keeps it.

Nothing is followed, nothing unpacked, nothing read past its limit, and nothing waited for past the deadline. What
happens on the line is an `Observation`; nothing is raised.
"""

import asyncio
import errno
import hashlib
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from devices.cameras.judge import Fault, Observation, is_packed
from devices.cameras.limits import Limits
from devices.clock import NS_PER_MS, Clock
from devices.model.camera import Door, clean

_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.ETIMEDOUT})
_MOVED, _NOT_TAKEN = 300, 400
_KEPT = ("www-authenticate", "date", "server", "location", "content-encoding", "content-type")


@dataclass(frozen=True)
class _Asking:
    method: str
    url: str
    limit: int
    authorization: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)


class Line:
    """One look's connection to ``door`` at the already resolved ``address``. Open it with ``async with``.

    ``deadline_s`` of :meth:`begin` is for everything sent until the next :meth:`begin`. ``fingerprint`` is what the
    certificate must be; empty: any, and :attr:`fingerprint` tells which.
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
        self._began_ns: int | None = None
        self._took_ms: int | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_start.append(self._connecting)
        trace.on_connection_create_end.append(self._connected)
        scope = self._address.partition("%")[2]
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=1, socket_factory=_bound_to(scope) if scope else None),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            trace_configs=[trace],
            read_bufsize=1 << 16,
        )
        self.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

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
        headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'}
        asking = _Asking("POST", self._url(path), self._limits.soap_bytes, authorization, headers, body)
        return await self._ask(asking)

    async def get(self, path: str, *, port: int = 0, authorization: str = "") -> Observation:
        """Fetch a picture from ``path`` of the enrolled host."""
        return await self._ask(_Asking("GET", self._url(path, port), self._limits.picture_bytes, authorization))

    # -- inside ------------------------------------------------------------------------------------------------------

    def _url(self, path: str, port: int = 0) -> str:
        host = self._address.partition("%")[0]
        authority = f"[{host}]" if ":" in host else host
        return f"http{'s' if self.door.tls else ''}://{authority}:{port or self.door.port}{path}"

    def _headers(self, port: int) -> dict[str, str]:
        door = self.door
        host = f"[{door.host.partition('%')[0]}]" if ":" in door.host else door.host
        # identity: a packed answer is a bomb until it is unpacked, so none is asked for and none is taken
        return {"Host": f"{host}:{port}", "Accept-Encoding": "identity", "User-Agent": "loaphuong", "Accept": "*/*"}

    async def _ask(self, asking: _Asking) -> Observation:
        began_ns = self._clock.mono_ns()
        self._began_ns = self._took_ms = None
        try:
            async with asyncio.timeout(self.left_s):
                if self.door.tls and not self.fingerprint:
                    await self._learn_certificate()
                seen = await self._exchange(asking)
        except TimeoutError:
            seen = Observation(fault=Fault.CONNECT_TIMEOUT if self._is_connecting() else Fault.TIMEOUT)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            seen = _failed(error)
        if self.connect_ms is None:
            self.connect_ms = self._took_ms
        return replace(seen, ms=(self._clock.mono_ns() - began_ns) // NS_PER_MS)

    def _is_connecting(self) -> bool:
        return self._began_ns is not None and self._took_ms is None

    async def _exchange(self, asking: _Asking) -> Observation:
        if self._session is None:
            raise RuntimeError("the line is not open")
        headers = self._headers(urlsplit(asking.url).port or 0) | dict(asking.headers)
        if asking.authorization:
            headers["Authorization"] = asking.authorization
        limit = asking.limit
        async with self._session.request(
            asking.method,
            URL(asking.url, encoded=True),
            data=asking.body,
            headers=headers,
            allow_redirects=False,
            ssl=aiohttp.Fingerprint(bytes.fromhex(self.fingerprint)) if self.door.tls else False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_s),
        ) as answer:
            kept = {name: "\n".join(answer.headers.getall(name)) for name in _KEPT if name in answer.headers}
            leaves = _MOVED <= answer.status < _NOT_TAKEN and self._leaves(kept.get("location", ""))
            if is_packed(kept) or (answer.content_length or 0) > limit or leaves:
                answer.close()  # not one byte of it is of use
                large = (answer.content_length or 0) > limit
                fault = Fault.TOO_LARGE if large and not is_packed(kept) else None
                detail = f"{answer.content_length} bytes" if fault else ""
                return Observation(fault=fault, detail=detail, status=answer.status, headers=kept, leaves_host=leaves)
            got = bytearray()
            async for part in answer.content.iter_any():
                got += part
                if len(got) > limit:
                    answer.close()
                    return Observation(fault=Fault.TOO_LARGE, detail=f"more than {limit} bytes", status=answer.status)
            return Observation(status=answer.status, headers=kept, body=bytes(got))

    def _leaves(self, location: str) -> bool:
        host = urlsplit(location).hostname
        return host is not None and host not in {self.door.host.lower(), self._address}

    async def _learn_certificate(self) -> None:
        """Remember the certificate before anything is said to its owner."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # it is pinned instead: cameras sign their own
        self._began_ns = self._clock.mono_ns()
        async with asyncio.timeout(self._limits.connect_s):
            _, writer = await asyncio.open_connection(self._address, self.door.port, ssl=context)
        try:
            shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            self.fingerprint = hashlib.sha256(shown).hexdigest()
        finally:
            writer.transport.abort()

    async def _connecting(self, *_: Any) -> None:
        self._began_ns = self._clock.mono_ns()

    async def _connected(self, *_: Any) -> None:
        if self._began_ns is not None:
            self._took_ms = (self._clock.mono_ns() - self._began_ns) // NS_PER_MS


def _failed(error: Exception) -> Observation:
    """Say what an exception means. Its text is not kept: it may hold an address, and it holds no more than that."""
    fault, detail = Fault.GARBLED, type(error).__name__
    os_error = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    number = os_error.errno if isinstance(os_error, OSError) else None
    if isinstance(error, aiohttp.ServerFingerprintMismatch):
        fault, detail = Fault.CERTIFICATE, f"SHA-256 {error.got.hex()}"
    elif isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        fault = Fault.TLS
    elif number == errno.ECONNREFUSED:
        fault, detail = Fault.REFUSED, "ECONNREFUSED"
    elif isinstance(error, aiohttp.ClientConnectorError) and number != errno.ECONNRESET:
        fault, detail = Fault.NO_WAY, errno.errorcode.get(number or 0, "")
    elif number in _NO_WAY:
        fault, detail = Fault.NO_WAY, errno.errorcode[number or 0]
    elif isinstance(error, aiohttp.ClientPayloadError):
        detail = "the body ends too early"
    elif isinstance(error, aiohttp.ClientConnectionError | ConnectionError):
        fault = Fault.LOST
    elif isinstance(error, aiohttp.ClientResponseError):
        detail = "no HTTP"
    return Observation(fault=fault, detail=clean(detail, 120))


def _bound_to(interface: str) -> Callable[[Any], socket.socket]:
    """Make sockets that leave by ``interface``: a link-local address means nothing without one."""

    def make(info: Any) -> socket.socket:
        made = socket.socket(*info[:3])
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        except OSError:
            made.close()
            raise
        return made

    return make
