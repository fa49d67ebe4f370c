"""One listening port of a camera: open, closed, or a hole into which packets fall; on plain TCP or TLS."""

import asyncio
import socket
import ssl
from enum import StrEnum

from simulators.cameras.connection import Connection, Floor

_BACKLOG = 128
_STUFFING = 4


class Door(StrEnum):
    """How the port behaves."""

    OPEN = "open"
    SHUT = "shut"
    HOLE = "hole"


class Endpoint:
    """Listens on ``host``. Keeps its port number over every change; another process could take it while shut."""

    def __init__(self, floor: Floor, host: str, port: int = 0) -> None:
        self.host = host
        self.port = port
        self.floor = floor
        self._server: asyncio.Server | None = None
        self._hole: list[socket.socket] = []

    async def set(self, door: Door, *, tls: ssl.SSLContext | None = None, host: str | None = None) -> None:
        """Close whatever listens, break every connection, and listen again as told.

        Raises:
            OSError: the port is taken.
        """
        await self.close()
        self.host = host or self.host
        if door is Door.SHUT:
            return
        listening = self._bind(0 if door is Door.HOLE else _BACKLOG)
        self.port = listening.getsockname()[1]
        if door is Door.HOLE:
            self._hole = [listening]
            self._stuff()
            return
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self.floor), sock=listening, ssl=tls)

    async def close(self) -> None:
        """Stop listening and break every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for each in self._hole:
            each.close()
        self._hole = []
        self.floor.close()
        await self.floor.settled()

    def _bind(self, backlog: int) -> socket.socket:
        made = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((self.host, self.port))
            made.listen(backlog)
            made.setblocking(False)
        except OSError:
            made.close()
            raise
        return made

    def _stuff(self) -> None:
        """Fill the queue of the listening socket: the kernel drops the SYN of whoever comes after."""
        for _ in range(_STUFFING):
            guest = socket.socket(self._hole[0].family)
            guest.setblocking(False)
            guest.connect_ex((self.host, self.port))
            self._hole.append(guest)
