"""Địa chỉ: which addresses may be enrolled, and what becomes of those that a camera names.

A camera names addresses of its services, streams and pictures. Only path and query of them are used; the host is
always the enrolled one. So a lie costs nothing, and a camera behind a router works.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from devices.errors import CameraTrouble
from devices.model.camera import Cause, Door, clean

_LONGEST = 1_024
_PATH_SAFE = "/%:@!$&'()*+,;=-._~"
RTSP_PORT = 554


@dataclass(frozen=True)
class Policy:
    """Which addresses a camera may have. ``allow_local``: also this very machine's, for simulated cameras."""

    allow_local: bool = False

    def refusal(self, address: str) -> str:
        """Return why ``address`` (a literal) may not be a camera's, or nothing."""
        found = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(found, ipaddress.IPv6Address):
            found = found.ipv4_mapped or found
        if found.is_multicast or found.is_unspecified or str(found) == "255.255.255.255":
            return "địa chỉ nhóm hoặc địa chỉ trống / a group's address, or none"
        if self.allow_local:
            return ""
        if found.is_loopback:
            return "địa chỉ của chính máy này / this very machine"
        if found.version == 4 and found.is_link_local:  # noqa: PLR2004 - 169.254/16; fe80:: is a neighbour
            return "địa chỉ tự cấp 169.254 / an address nobody gave out"
        return "địa chỉ của chính máy này / this very machine" if _is_ours(address) else ""


async def resolve(host: str, policy: Policy, *, timeout_s: float) -> str:
    """Return the one address that ``host`` is asked at from now on, allowed by ``policy``.

    Raises:
        CameraTrouble: no such name, or an address that is refused.
    """
    try:
        ipaddress.ip_address(host.partition("%")[0])
        address = host
    except ValueError:
        try:
            async with asyncio.timeout(timeout_s):
                found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise CameraTrouble(Cause.NAME_UNKNOWN, clean(host, 80)) from error
        address = str(found[0][4][0])
    why = policy.refusal(address)
    if why:
        raise CameraTrouble(Cause.ADDRESS_REFUSED, f"{clean(address, 60)}: {why}")
    return address


@dataclass(frozen=True)
class Place:
    """What is kept of an address that a camera named."""

    path: str
    port: int
    mismatch: bool
    """It named another host, port or scheme than the enrolled ones."""


def service_place(said: str, door: Door) -> Place:
    """Return where a service is asked: always at the enrolled host and port."""
    try:
        parts = urlsplit(said.strip()[:_LONGEST])
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return Place(door.path, door.port, mismatch=True)
    path = _path(parts.path, parts.query) if parts.path not in {"", "/"} else door.path
    same = _is_here(parts.hostname, door) and port == door.port and (parts.scheme == "https") == door.tls
    return Place(path, door.port, mismatch=not same)


def snapshot_place(said: str, door: Door) -> Place:
    """Return where a picture is fetched. Another port of the same host is kept: some cameras have a second server.

    Raises:
        CameraTrouble: no address that a camera gives by accident.
    """
    parts, port = _parts(said, {"http": 80, "https": 443})
    here = _is_here(parts.hostname, door) and (parts.scheme == "https") == door.tls
    return Place(_path(parts.path, parts.query), port if here else door.port, mismatch=not here)


def stream_place(said: str, door: Door) -> Place:
    """Return where a stream is asked for: at the enrolled host, at the port the camera says.

    Raises:
        CameraTrouble: no address that a camera gives by accident.
    """
    parts, port = _parts(said, {"rtsp": RTSP_PORT, "rtsps": 322})
    return Place(_path(parts.path, parts.query), port, mismatch=not _is_here(parts.hostname, door))


def rtsp_uri(door: Door, port: int, path: str) -> str:
    """Return the address of a stream, without user and password."""
    return f"rtsp://{_authority(door.host)}{'' if port == RTSP_PORT else f':{port}'}{path}"


def http_uri(door: Door, port: int, path: str) -> str:
    """Return the address of a picture, without user and password."""
    usual = 443 if door.tls else 80
    return f"http{'s' if door.tls else ''}://{_authority(door.host)}{'' if port == usual else f':{port}'}{path}"


def _parts(said: str, ports: Mapping[str, int]) -> tuple[SplitResult, int]:
    """Take an address apart.

    Raises:
        CameraTrouble: another scheme, too long, with a user in it, or none at all.
    """
    try:
        parts = urlsplit(said)
        port = parts.port
    except ValueError as error:
        raise CameraTrouble(Cause.SUSPICIOUS, f"address {clean(said, 80)!r}") from error
    if parts.scheme not in ports or len(said) > _LONGEST or not said.isprintable():
        raise CameraTrouble(Cause.SUSPICIOUS, f"address {clean(said, 80)!r}")
    return parts, port or ports[parts.scheme]


def _authority(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _path(path: str, query: str) -> str:
    whole = quote(path or "/", safe=_PATH_SAFE) + (f"?{quote(query, safe=_PATH_SAFE + '?')}" if query else "")
    return whole if whole.startswith("/") else f"/{whole}"


def _is_here(host: str | None, door: Door) -> bool:
    return host is not None and host.lower() == door.host.lower().partition("%")[0]


def _is_ours(address: str) -> bool:
    """Whether an interface of this machine has ``address``: only then can a socket be bound to it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind(socket.getaddrinfo(address, 0, family, socket.SOCK_DGRAM)[0][4])
    except OSError:
        return False
    return True
