"""One connection to a camera: requests in, answers out, each as badly as its `Way` says. No task while all is well."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from simulators.cameras.message import MOST_BODY, MOST_HEAD, Answer, BadRequest, Request, Way, take_request

DRIP_S = 1.0
Handler = Callable[[Request], "Answer | Awaitable[Answer]"]


@dataclass(eq=False)
class Floor:
    """What the connections to one port share: who they are, what answers them, and whether one waits for another."""

    handler: Handler
    one_at_a_time: Callable[[], bool] = bool
    """Whether only the oldest connection is served."""
    deaf: Callable[[], bool] = bool
    """Whether connections are reset at their first byte."""
    open: "list[Connection]" = field(default_factory=list)
    accepted: int = 0
    emptied: asyncio.Event = field(default_factory=asyncio.Event)

    def close(self) -> None:
        """Break every connection."""
        for connection in list(self.open):
            connection.abort()

    async def settled(self) -> None:
        """Wait until nothing of the broken connections runs any more."""
        tasks = [each.task for each in self.open if each.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.open:
            self.emptied.clear()
            await self.emptied.wait()


class Connection(asyncio.Protocol):
    """Serves requests one after the other."""

    def __init__(self, floor: Floor) -> None:
        self.task: asyncio.Task[None] | None = None
        self._floor = floor
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._peer = ""
        self._number = 0

    # -- the transport's side ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("not a stream")
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._peer = f"{peer[0]}:{peer[1]}" if peer else ""
        self._floor.accepted += 1
        self._number = self._floor.accepted
        self._floor.open.append(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whoever left, left
        self._transport = None
        self._may_write.set()
        if self.task is not None:
            self.task.cancel()
        self._floor.open.remove(self)
        if self._floor.open:
            self._floor.open[0].serve()
        else:
            self._floor.emptied.set()

    def data_received(self, data: bytes) -> None:
        if self._floor.deaf():
            self._reset()
            return
        self._buffer += data
        if len(self._buffer) > MOST_HEAD + 2 * MOST_BODY:
            self._close()  # it goes on talking and does not listen
            return
        self.serve()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def abort(self) -> None:
        """Break it at once."""
        if self.task is not None:
            self.task.cancel()
        if self._transport is not None:
            self._transport.abort()

    # -- the camera's side -------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Answer what stands in the buffer, if it is this connection's turn."""
        floor = self._floor
        while self.task is None and self._transport is not None and not self._transport.is_closing():
            if floor.one_at_a_time() and floor.open[0] is not self:
                return
            try:
                request = take_request(self._buffer, peer=self._peer, connection=self._number)
            except BadRequest as error:
                self._transport.write(Answer(status=error.status).head("HTTP/1.1"))
                self._transport.close()
                return
            if request is None:
                return
            answer = floor.handler(request)
            if isinstance(answer, Answer) and answer.way is Way.WHOLE and not answer.delay_s and answer.stream is None:
                self._say(request, answer)
            else:
                self.task = asyncio.create_task(self._carry_out(request, answer))

    def _say(self, request: Request, answer: Answer) -> None:
        if self._transport is None:
            return
        body = b"" if request.method == "HEAD" else answer.body
        self._transport.write(answer.head(_version(request)) + body)
        if not request.keeps_alive or answer.open_ended:
            self._transport.close()

    async def _carry_out(self, request: Request, answer: "Answer | Awaitable[Answer]") -> None:
        """Everything that takes time."""
        try:
            said = answer if isinstance(answer, Answer) else await answer
            await asyncio.sleep(said.delay_s)
            await self._say_badly(request, said)
        finally:
            self.task = None
        self.serve()

    async def _say_badly(self, request: Request, answer: Answer) -> None:
        head = answer.head(_version(request))
        match answer.way:
            case Way.HANG:
                await asyncio.get_running_loop().create_future()
            case Way.RESET:
                self._reset()
            case Way.CLOSE:
                self._close()
            case Way.DRIP:
                await self._write(bytes([byte]) for byte in head + answer.body)
            case Way.CHUNKED_CUT:
                half = answer.body[: len(answer.body) // 2]
                await self._write(iter([head, b"%x\r\n" % len(answer.body), half]))
                self._close()
            case Way.NO_LENGTH | Way.WHOLE:
                self._say(request, answer) if answer.stream is None else await self._pour(request, answer, head)

    async def _pour(self, request: Request, answer: Answer, head: bytes) -> None:
        await self._write(iter([head, answer.body]))
        if answer.stream is not None:
            await self._write(answer.stream)
        if answer.open_ended or not request.keeps_alive:
            self._close()

    async def _write(self, parts: Iterator[bytes]) -> None:
        """Write part by part, no faster than the peer reads; single bytes drip."""
        for part in parts:
            await self._may_write.wait()
            if self._transport is None:
                return
            self._transport.write(part)
            await asyncio.sleep(DRIP_S if len(part) == 1 else 0)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _reset(self) -> None:
        """End with RST and not with FIN."""
        if self._transport is None:
            return
        line = self._transport.get_extra_info("socket")
        if line is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


def _version(request: Request) -> str:
    return "RTSP/1.0" if request.version.startswith("RTSP") else "HTTP/1.1"
