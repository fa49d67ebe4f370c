"""A client of our own for tests of the simulated cameras: plain sockets, so that nothing is repaired on the way."""

import asyncio
import base64
import contextlib
import hashlib
import os
import re
from dataclasses import dataclass

from devices.clock import Clock, SystemClock, instant
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.soap import NS, WSSE, WSU

_PATHS = {"tds": "device_service", "trt": "media_service", "tr2": "media2_service", "tev": "event_service"}
_TYPE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#Password"


@dataclass(frozen=True)
class Said:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def text(self, name: str) -> str:
        """Return the text of the first element of this local name."""
        found = re.search(rf"<(?:\w+:)?{name}(?: [^>]*)?>([^<]*)<".encode(), self.body)
        assert found is not None, f"no {name} in {self.body[:2000]!r}"
        return found[1].decode()


def token(
    user: str, password: str, *, at_ms: int | None = None, nonce: bytes | None = None, clear: bool = False
) -> str:
    """Return a WS-Security header."""
    at = instant(SystemClock().now_ms() if at_ms is None else at_ms)
    created, salt = f"{at:%Y-%m-%dT%H:%M:%SZ}", nonce or os.urandom(16)
    secret = base64.b64encode(hashlib.sha1(salt + created.encode() + password.encode()).digest()).decode()
    kind, said = ("Text", password) if clear else ("Digest", secret)
    return (
        f'<s:Header><o:Security xmlns:o="{WSSE}" xmlns:u="{WSU}"><o:UsernameToken><o:Username>{user}</o:Username>'
        f'<o:Password Type="{_TYPE}{kind}">{said}</o:Password><o:Nonce>{base64.b64encode(salt).decode()}</o:Nonce>'
        f"<u:Created>{created}</u:Created></o:UsernameToken></o:Security></s:Header>"
    )


def right_token(camera: SimulatedCamera, *, clock: Clock | None = None) -> str:
    """Return a header with the first account's password, made now."""
    user = camera.spec.users[0]
    return token(user.name, user.password, at_ms=(clock or SystemClock()).now_ms())


def envelope(service: str, action: str, inside: str = "", header: str = "") -> bytes:
    return (
        f'<s:Envelope xmlns:s="{NS["s"]}" xmlns:q="{NS[service]}" xmlns:t="{NS["tt"]}">{header}'
        f"<s:Body><q:{action}>{inside}</q:{action}></s:Body></s:Envelope>"
    ).encode()


async def ask(
    camera: SimulatedCamera,
    action: str,
    *,
    service: str = "tds",
    inside: str = "",
    header: str = "",
    login: bool = False,
    path: str = "",
    more: str = "",
) -> Said:
    """Call one operation on a connection of its own; ``login``: with the right password."""
    body = envelope(service, action, inside, right_token(camera) if login else header)
    where = path or f"/onvif/{_PATHS[service]}"
    return await raw(
        camera.host,
        camera.port,
        f"POST {where} HTTP/1.1\r\nConnection: close\r\n{more}Content-Length: {len(body)}",
        body,
    )


async def raw(host: str, port: int, head: str, body: bytes = b"", *, limit: int = 1 << 20) -> Said:
    """Send this and read until the peer closes."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"{head}\r\n\r\n".encode() + body)
        async with asyncio.timeout(20):
            top = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in top[1:])}
            length = int(headers.get("content-length", -1))
            body = await reader.readexactly(length) if 0 <= length <= limit else await _until_end(reader, limit)
    finally:
        writer.close()
        with contextlib.suppress(OSError):  # it broke the connection: some of them do
            await writer.wait_closed()
    return Said(int(top[0].split()[1]), headers, body)


async def _until_end(reader: asyncio.StreamReader, limit: int) -> bytes:
    got = bytearray()
    while len(got) < limit and (part := await reader.read(65_536)):
        got += part
    return bytes(got)


def digest(camera: SimulatedCamera, challenge: str, method: str, target: str, *, password: str | None = None) -> str:
    """Answer a challenge as RFC 7616 asks."""
    said = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    user = camera.spec.users[0]

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    first = md5(f"{user.name}:{said['realm']}:{user.password if password is None else password}")
    response = md5(f"{first}:{said['nonce']}:00000001:abc:auth:{md5(f'{method}:{target}')}")
    return (
        f'Authorization: Digest username="{user.name}", realm="{said["realm"]}", nonce="{said["nonce"]}", '
        f'uri="{target}", qop=auth, nc=00000001, cnonce="abc", response="{response}"\r\n'
    )
