"""Tự giới thiệu: the cameras of a park answer WS-Discovery probes, say hello when they boot and bye when they leave.

One responder speaks for all its cameras, each in a message of its own and from its own address, as many cameras would.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address
from types import TracebackType
from typing import Self

from simulators.cameras.camera import Life, SimulatedCamera
from simulators.cameras.faults import Fault
from simulators.cameras.probe import Speaker, read_question

PORT = 3702
GROUP = "239.255.255.250"
GROUP_6 = "ff02::c"
_IP_MULTICAST_ALL = 49
"""Linux: 0, a socket hears only the groups that it joined itself, on the interface where it did."""
_SILENT = frozenset({Fault.REFUSE, Fault.SYN_DROP})
Address = tuple[str, int]


class Discovery:
    """Answers on UDP while entered: unicast at each camera's own address, multicast on ``interfaces``.

    ``interfaces``: IPv4 addresses of this machine; ``interfaces_6``: names of its interfaces. Without any nothing is
    multicast. ``port`` 0 lets the system choose one, for all addresses: see `port` then.
    """

    def __init__(
        self,
        cameras: Iterable[SimulatedCamera],
        *,
        port: int = PORT,
        interfaces: Sequence[str] = (),
        interfaces_6: Sequence[str] = (),
    ) -> None:
        self.port = port
        self.heard = 0
        """Questions that came."""
        self._speakers = {camera: Speaker(camera.state) for camera in cameras}
        self._interfaces = tuple(interfaces)
        self._interfaces_6 = tuple(interfaces_6)
        self._lines: dict[str, asyncio.DatagramTransport] = {}
        self._ears: list[asyncio.DatagramTransport] = []

    async def __aenter__(self) -> Self:
        """Listen, and say hello for every camera.

        Raises:
            OSError: a port is taken, or an interface is not there.
        """
        try:
            for camera in self._speakers:
                await self._line(camera.host)
            for interface in self._interfaces:
                self._ears.append(await self._open(_ear(interface, self.port)))
            for name in self._interfaces_6:
                self._ears.append(await self._open(_ear_6(name, self.port)))
        except OSError:
            self._close()
            raise
        for camera in self._speakers:
            camera.watchers.append(self._lives)
            self._announce(camera, Life.BOOTED)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for camera in self._speakers:
            camera.watchers.remove(self._lives)
            self._announce(camera, Life.LEAVING)
        self._close()
        await asyncio.sleep(0)  # the transports close their sockets in the loop's next turn

    def hear(self, datagram: bytes, sender: Address) -> None:
        """Answer for every camera that is meant."""
        question = read_question(datagram)
        if question is None:
            return
        self.heard += 1
        for camera, speaker in self._speakers.items():
            if camera.powered and camera.faults.isdisjoint(_SILENT) and question.means(camera.state):
                self._send(camera, speaker.answer(question), sender)

    def _lives(self, camera: SimulatedCamera, life: Life) -> None:
        if life is Life.MOVED:
            self._speakers[camera].version += 1
        self._announce(camera, life)

    def _announce(self, camera: SimulatedCamera, life: Life) -> None:
        if not camera.powered or camera.faults & _SILENT:
            return
        speaker = self._speakers[camera]
        message = speaker.bye() if life is Life.LEAVING else speaker.hello()
        groups = [(GROUP, self.port)] * len(self._interfaces)
        groups_6 = [(GROUP_6, self.port, 0, socket.if_nametoindex(name)) for name in self._interfaces_6]
        for ear, group in zip(self._ears, (*groups, *groups_6), strict=True):
            ear.sendto(message, group)

    def _send(self, camera: SimulatedCamera, message: bytes, to: Address) -> None:
        """Answer from the camera's own address if a packet can go from there to ``to``, else from the interface's."""
        line = self._lines.get(camera.host)
        if line is None or not _reaches(camera.host, to[0]):
            line = next((ear for ear in self._ears if _is_6(ear) == (":" in to[0])), line)
        if line is not None:
            line.sendto(message, to)

    async def _line(self, host: str) -> None:
        if host in self._lines:
            return
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with _udp(family) as line:
            line.bind((host, self.port))
        self.port = line.getsockname()[1]
        self._lines[host] = await self._open(line)

    async def _open(self, line: socket.socket) -> asyncio.DatagramTransport:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Ear(self), sock=line)
        return transport

    def _close(self) -> None:
        for transport in (*self._lines.values(), *self._ears):
            transport.close()
        self._lines, self._ears = {}, []


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, discovery: Discovery) -> None:
        self._discovery = discovery

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._discovery.hear(data, addr)


def _reaches(here: str, there: str) -> bool:
    return ip_address(here).version == ip_address(there.partition("%")[0]).version and (
        not ip_address(here).is_loopback or ip_address(there).is_loopback
    )


def _is_6(transport: asyncio.DatagramTransport) -> bool:
    """Whether it speaks IPv6."""
    return bool(transport.get_extra_info("socket").family == socket.AF_INET6)


@contextlib.contextmanager
def _udp(family: socket.AddressFamily) -> Iterator[socket.socket]:
    """Give a new socket; if it cannot be made ready, close it."""
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setblocking(False)
        yield made
    except OSError:
        made.close()
        raise


def _ear(interface: str, port: int) -> socket.socket:
    """Return a socket in the IPv4 group on this interface."""
    with _udp(socket.AF_INET) as made:
        made.bind((GROUP, port))
        member = socket.inet_aton(GROUP) + socket.inet_aton(interface)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        made.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        return made


def _ear_6(name: str, port: int) -> socket.socket:
    """Return a socket in the link-local IPv6 group on this interface."""
    with _udp(socket.AF_INET6) as made:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        index = socket.if_nametoindex(name)
        made.bind((GROUP_6, port, 0, index))  # with the interface: what comes on another is another's
        member = socket.inet_pton(socket.AF_INET6, GROUP_6) + struct.pack("@I", index)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, member)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        return made
