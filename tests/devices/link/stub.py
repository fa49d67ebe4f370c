"""A broker with a will of its own: acknowledges when told, refuses a version, sends duplicates and nonsense.

Small on purpose. What a broker does when it is well is tested with real ones.
"""

import asyncio
import struct
from typing import Self

from devices.link import BrokerAddress, Protocol

CONNECT, PUBLISH, PUBACK, SUBSCRIBE, DISCONNECT = 1, 3, 4, 8, 14


class StubBroker:
    """``async with StubBroker() as broker:`` listens on ``broker.address``."""

    def __init__(
        self,
        *,
        speaks: Protocol | None = None,
        hangs_up: bool = False,
        receive_maximum: int | None = None,
        grants: bool = True,
    ) -> None:
        self.acknowledges = True
        self.published: list[bytes] = []
        self.acknowledged: list[int] = []
        self.protocols_tried: list[int] = []
        self.paused = asyncio.Event()
        self.paused.set()
        self._speaks = speaks
        self._hangs_up = hangs_up
        self._grants = grants
        self._receive_maximum = receive_maximum
        self._clients: list[tuple[asyncio.StreamWriter, int]] = []
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> BrokerAddress:
        assert self._server is not None
        return BrokerAddress("127.0.0.1", self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self.hang_up_all()
        await self._server.wait_closed()

    async def deliver(self, topic: str, payload: bytes, *, mid: int, dup: bool = False) -> None:
        """Send a QoS 1 message to everybody."""
        for writer, protocol in self._clients:
            properties = b"\x00" if protocol == Protocol.V5 else b""
            body = struct.pack("!H", len(topic)) + topic.encode() + struct.pack("!H", mid) + properties + payload
            writer.write(bytes([0x32 | (0x08 if dup else 0)]) + _length(len(body)) + body)
            await writer.drain()

    async def send_raw(self, data: bytes) -> None:
        """Send bytes no honest broker would."""
        for writer, _ in self._clients:
            writer.write(data)
            await writer.drain()

    async def hang_up_all(self) -> None:
        """Close every connection."""
        for writer, _ in self._clients:
            writer.close()
        self._clients.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                kind, flags, body = await self._packet(reader)
                if kind == CONNECT and not self._greet(writer, body[6]):
                    break
                if kind == DISCONNECT:
                    break
                self._answer(writer, kind, flags, body)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._clients = [each for each in self._clients if each[0] is not writer]
            writer.close()

    async def _packet(self, reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
        first = (await reader.readexactly(1))[0]
        await self.paused.wait()
        length, shift = 0, 0
        while True:
            byte = (await reader.readexactly(1))[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        return first >> 4, first & 0x0F, await reader.readexactly(length)

    def _greet(self, writer: asyncio.StreamWriter, protocol: int) -> bool:
        self.protocols_tried.append(protocol)
        if self._speaks is not None and protocol != self._speaks:
            if not self._hangs_up:
                writer.write(b"\x20\x02\x00\x01")  # 3.1.1's "unacceptable protocol version"
            return False
        properties = struct.pack("!BH", 0x21, self._receive_maximum) if self._receive_maximum else b""
        tail = _length(len(properties)) + properties if protocol == Protocol.V5 else b""
        writer.write(b"\x20" + _length(2 + len(tail)) + b"\x00\x00" + tail)
        self._clients.append((writer, protocol))
        return True

    def _answer(self, writer: asyncio.StreamWriter, kind: int, flags: int, body: bytes) -> None:
        protocol = next((each[1] for each in self._clients if each[0] is writer), None)
        if kind == SUBSCRIBE:
            tail = b"\x00" if protocol == Protocol.V5 else b""
            writer.write(b"\x90" + _length(3 + len(tail)) + body[:2] + tail + (b"\x01" if self._grants else b"\x80"))
        elif kind == PUBACK:
            self.acknowledged.append(struct.unpack("!H", body[:2])[0])
        elif kind == PUBLISH:
            at = 2 + struct.unpack("!H", body[:2])[0]
            mid = b""
            if flags & 0x06:
                mid, at = body[at : at + 2], at + 2
            if protocol == Protocol.V5:
                at += 1 + body[at]
            self.published.append(body[at:])
            if mid and self.acknowledges:
                writer.write(b"\x40\x02" + mid)


def _length(value: int) -> bytes:
    out = b""
    while True:
        value, low = value >> 7, value & 0x7F
        out += bytes([low | (0x80 if value else 0)])
        if not value:
            return out
