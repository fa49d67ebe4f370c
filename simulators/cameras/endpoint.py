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
    """Listens on ``host``. Holds its port while shut, so that no other process takes it."""

    def __init__(self, floor: Floor, host: str, port: int = 0) -> None:
        self.host = host
        self.port = port
        self.floor = floor
        self._server: asyncio.Server | None = None
        self._held: list[socket.socket] = []

    async def set(self, door: Door, *, tls: ssl.SSLContext | None = None, host: str | None = None) -> None:
        """Break every connection, and listen again as told.

        Raises:
            OSError: the port is taken.
        """
        self._stop_listening()
        self.host = host or self.host
        bound = self._bind()
        self.port = bound.getsockname()[1]
        if door is not Door.OPEN:
            self._held = [bound]
        if door is Door.HOLE:
            bound.listen(0)
            self._stuff()
        await self._hang_up()
        if door is Door.OPEN:
            loop = asyncio.get_running_loop()
            bound.listen(_BACKLOG)
            self._server = await loop.create_server(lambda: Connection(self.floor), sock=bound, ssl=tls)

    async def close(self) -> None:
        """Stop listening, break every connection, let the port go."""
        self._stop_listening()
        await self._hang_up()

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for each in self._held:
            each.close()
        self._held = []

    async def _hang_up(self) -> None:
        self.floor.close()
        await self.floor.settled()

    def _bind(self) -> socket.socket:
        made = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((self.host, self.port))
            made.setblocking(False)
        except OSError:
            made.close()
            raise
        return made

    def _stuff(self) -> None:
        """Fill the queue of the listening socket: the kernel drops the SYN of whoever comes after."""
        for _ in range(_STUFFING):
            guest = socket.socket(self._held[0].family)
            guest.setblocking(False)
            guest.connect_ex((self.host, self.port))
            self._held.append(guest)
