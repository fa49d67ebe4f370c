"""Tìm camera: WS-Discovery by multicast on IPv4 and IPv6 and by asking single addresses; and a sweep of given ranges.

Multicast does not cross a router; asking single addresses does, and so does a sweep, which looks at nothing but the
ranges that a person entered. Where a device is, its packets say: the address it names is only shown. One that answers
on IPv6 and says there that it is at the IPv4 address which answers too is told once.
"""

import asyncio
import ipaddress
import socket
import struct
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import urlsplit

from devices.cameras.matches import read_matches
from devices.clock import Clock
from devices.model.camera import Found

PORT = 3702
GROUP, GROUP_6 = "239.255.255.250", "ff02::c"
MOST_FOUND = 4_096
_TIMES, _APART_S = 3, 0.35
_BURST, _BREATH_S = 64, 0.02
"""So many questions at once, then a breath: thousands together fill the queues of small routers, and are lost."""
_KINDS = ("dn:NetworkVideoTransmitter", "")
"""Some cameras answer only to the one, some only to the other."""
_PROBE = (
    '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header><w:MessageID>urn:uuid:{name}</w:MessageID>'
    '<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>'
    '<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>'
    "<e:Body><d:Probe>{types}</d:Probe></e:Body></e:Envelope>"
)
Sender = tuple[str, int] | tuple[str, int, int, int]


@dataclass(eq=False)
class _Ear(asyncio.DatagramProtocol):
    """Hears answers; keeps no more than a ward could have."""

    heard: dict[tuple[str, str, int], Found] = field(default_factory=dict)
    by: str = "multicast"

    def datagram_received(self, data: bytes, addr: Sender) -> None:
        for each in read_matches(data, _sender(addr), by=self.by):
            if len(self.heard) < MOST_FOUND:
                self.heard.setdefault((each.uuid, each.host, each.port), each)

    def error_received(self, exc: Exception) -> None:
        """An ICMP answer: nobody is there. Not being found says it."""


def _sender(addr: Sender) -> str:
    """Return where an answer came from; a link-local address with its interface, without which it leads nowhere."""
    host, scope = addr[0], addr[3] if len(addr) == 4 else 0  # noqa: PLR2004 - IPv6: with flow and scope
    return f"{host}%{socket.if_indextoname(scope)}" if scope and "%" not in host else host


def folded(found: Iterable[Found]) -> tuple[Found, ...]:
    """Return each device once: left out is an answer that names, under one UUID, another's easier address as its own.

    So whoever copies a UUID can hide nobody but himself, and two devices with one UUID stay two.
    """
    kept: list[Found] = []
    for each in sorted(found, key=_hard_to_reach):
        if not any(_is_same(each, other) for other in kept):
            kept.append(each)
    return tuple(kept)


def _hard_to_reach(found: Found) -> int:
    address = _address(found.host)
    return 0 if address is None or address.version == 4 else 1 if not address.is_link_local else 2  # noqa: PLR2004


def _is_same(one: Found, other: Found) -> bool:
    easier = _hard_to_reach(other) < _hard_to_reach(one)
    return bool(one.uuid) and one.uuid == other.uuid and easier and _names(one, other.host)


def _names(found: Found, host: str) -> bool:
    """Whether this device says that ``host`` is an address of its own."""
    wanted = _address(host)
    for each in found.said:
        try:
            named = _address(urlsplit(each).hostname or "")
        except ValueError:
            continue
        if named is not None and named == wanted:
            return True
    return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


async def multicast(
    clock: Clock, *, seconds: float = 4.0, interfaces: Iterable[str] | None = None, port: int = PORT
) -> tuple[Found, ...]:
    """Ask everybody on the segments of ``interfaces`` (names; None: all but loopback), on IPv4 and on IPv6.

    An interface that cannot multicast is left out: there is always one.
    """
    names = [name for _, name in socket.if_nameindex() if name != "lo"] if interfaces is None else list(interfaces)
    ear = _Ear()
    lines: list[tuple[asyncio.DatagramTransport, tuple[str, int] | tuple[str, int, int, int]]] = []
    for name in names:
        makers: Sequence[tuple[Callable[[str], socket.socket], str]] = ((_mouth, GROUP), (_mouth_6, GROUP_6))
        for make, group in makers:
            try:
                transport = await _open(make(name), ear)
            except OSError:
                continue
            there = (group, port) if group == GROUP else (group, port, 0, socket.if_nametoindex(name))
            lines.append((transport, there))
    return await _asked(clock, ear, lines, seconds)


async def unicast(clock: Clock, hosts: Iterable[str], *, seconds: float = 3.0, port: int = PORT) -> tuple[Found, ...]:
    """Ask these addresses, one by one."""
    ear = _Ear(by="unicast")
    lines: list[tuple[asyncio.DatagramTransport, tuple[str, int] | tuple[str, int, int, int]]] = []
    families: dict[socket.AddressFamily, asyncio.DatagramTransport] = {}
    loop = asyncio.get_running_loop()
    for host in hosts:
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            continue  # a name that leads nowhere is not found
        family, _, _, _, there = found[0]
        if family not in families:
            families[family] = await _open(_plain(family), ear)
        lines.append((families[family], there))  # type: ignore[arg-type]
    return await _asked(clock, ear, lines, seconds)


async def _asked(
    clock: Clock,
    ear: _Ear,
    lines: Sequence[tuple[asyncio.DatagramTransport, tuple[str, int] | tuple[str, int, int, int]]],
    seconds: float,
) -> tuple[Found, ...]:
    """Ask over ``lines`` three times, and listen until ``seconds`` have passed since the first."""
    ends_ns = clock.mono_ns() + round(seconds * 1e9)
    try:
        for turn in range(_TIMES):
            for number, (kind, (transport, there)) in enumerate(product(_KINDS, lines), start=1):
                transport.sendto(_question(kind), there)
                if number % _BURST == 0:
                    await clock.sleep(_BREATH_S)
            if turn < _TIMES - 1:
                await clock.sleep(min(_APART_S, seconds / _TIMES))
        await clock.sleep(max(_APART_S, (ends_ns - clock.mono_ns()) / 1e9))
    finally:
        for transport in {id(line): line for line, _ in lines}.values():
            transport.close()
    await asyncio.sleep(0)  # they close in the loop's next turn
    return tuple(sorted(ear.heard.values(), key=lambda each: (each.host, each.port)))


def _question(kind: str) -> bytes:
    types = f"<d:Types>{kind}</d:Types>" if kind else ""
    return _PROBE.format(name=uuid.uuid4(), types=types).encode()


async def _open(made: socket.socket, ear: _Ear) -> asyncio.DatagramTransport:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: ear, sock=made)
    return transport


def _plain(family: socket.AddressFamily) -> socket.socket:
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.bind(("", 0))
    return made


def _mouth(interface: str) -> socket.socket:
    """Return a socket whose IPv4 multicasts leave by ``interface``."""
    made = _plain(socket.AF_INET)
    try:
        # the kernel chooses a source address that the interface has, but for loopback, where it takes another's
        source = socket.inet_aton("127.0.0.1") if interface == "lo" else bytes(4)
        index = struct.pack("@4s4si", bytes(4), source, socket.if_nametoindex(interface))
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, index)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
    except OSError:
        made.close()
        raise
    return made


def _mouth_6(interface: str) -> socket.socket:
    """Return a socket whose IPv6 multicasts leave by ``interface``."""
    made = _plain(socket.AF_INET6)
    try:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex(interface))
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
    except OSError:
        made.close()
        raise
    return made
