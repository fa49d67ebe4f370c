"""Opening a TCP or TLS socket inside asyncio, and reading it in gulps.

paho reads one byte, then one byte, then the rest; behind :class:`ReadAhead` that is memory instead of three system
calls, and TLS data that was decrypted but not yet asked for is never forgotten.
"""

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Iterator

from devices.errors import LinkDown
from devices.link.address import BrokerAddress

GULP_BYTES = 16_384
MAX_GULPS = 8  # then other links of the same process get their turn

Stream = socket.socket | ssl.SSLSocket


class ReadAhead:
    """A non-blocking socket, with the little surface paho needs."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._fd = stream.fileno()
        self._ahead = b""
        self._at = 0
        self._end: bytes | OSError | None = None

    @property
    def has_more(self) -> bool:
        """Whether ``recv`` has something to say without asking the kernel: bytes, the end, or an error."""
        return self._at < len(self._ahead) or self._end is not None

    def fill(self) -> None:
        """Take what the kernel has. The end of the stream, or an error, is kept until ``recv`` gets there."""
        gulps = [self._ahead[self._at :]]
        try:
            for _ in range(MAX_GULPS):
                gulp = self._stream.recv(GULP_BYTES)
                gulps.append(gulp)
                if not gulp:
                    self._end = b""
                    break
                if len(gulp) < GULP_BYTES and not self._decrypted_left():
                    break
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass  # the kernel is empty: that is the ordinary way to stop
        except OSError as error:
            self._end = error
        self._ahead = b"".join(gulps)
        self._at = 0

    def _decrypted_left(self) -> bool:
        return isinstance(self._stream, ssl.SSLSocket) and self._stream.pending() > 0

    def recv(self, buffer_size: int) -> bytes:
        if self._at < len(self._ahead):
            piece = self._ahead[self._at : self._at + buffer_size]
            self._at += len(piece)
            return piece
        if isinstance(self._end, OSError):
            raise self._end
        if self._end is not None:
            return self._end
        raise BlockingIOError

    def send(self, buffer: bytes | bytearray) -> int:
        return self._stream.send(buffer)

    def fileno(self) -> int:
        """Return the descriptor the socket was opened with, even after it was closed, so that a loop can forget it."""
        return self._fd

    def setblocking(self, flag: bool) -> None:
        self._stream.setblocking(flag)

    def close(self) -> None:
        self._stream.close()


async def open_stream(address: BrokerAddress) -> Stream:
    """Connect to the broker, with TLS where the address asks for it. Never blocks the loop; has no deadline of its own.

    Raises:
        LinkDown: nobody listens there, the name is unknown, or TLS failed on either end.
    """
    try:
        stream = await _connect(address)
        if address.tls is None:
            return stream
        return await _secure(stream, address)
    except ssl.SSLError as error:
        raise LinkDown(f"TLS: {error}") from error
    except socket.gaierror as error:
        raise LinkDown(f"unknown host {address.host}: {error.strerror}") from error
    except OSError as error:
        raise LinkDown(os.strerror(error.errno) if error.errno else str(error)) from error


async def _connect(address: BrokerAddress) -> socket.socket:
    loop = asyncio.get_running_loop()
    refused: OSError = OSError(f"no address for {address.host}")
    for family, kind, protocol, _, where in await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM):
        stream = socket.socket(family, kind, protocol)
        with _closed_unless_kept(stream):
            stream.setblocking(False)
            try:
                await loop.sock_connect(stream, where)
            except OSError as error:
                refused = error
                stream.close()
                continue
            # commands are small and urgent: no waiting for a fuller packet
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return stream
    raise refused


async def _secure(stream: socket.socket, address: BrokerAddress) -> ssl.SSLSocket:
    with _closed_unless_kept(stream):
        context = await asyncio.to_thread(_tls_context, address)
        secure = context.wrap_socket(stream, server_hostname=address.host, do_handshake_on_connect=False)
    with _closed_unless_kept(secure):
        while True:
            try:
                secure.do_handshake()
            except ssl.SSLWantReadError:
                await _ready(secure.fileno(), writable=False)
            except ssl.SSLWantWriteError:
                await _ready(secure.fileno(), writable=True)
            else:
                return secure


def _tls_context(address: BrokerAddress) -> ssl.SSLContext:
    if address.tls is None:
        raise ValueError("a plain address has no certificates")
    return address.tls.context()


async def _ready(fd: int, *, writable: bool) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    watch, forget = (loop.add_writer, loop.remove_writer) if writable else (loop.add_reader, loop.remove_reader)
    watch(fd, lambda: None if ready.done() else ready.set_result(None))
    try:
        await ready
    finally:
        forget(fd)


@contextlib.contextmanager
def _closed_unless_kept(stream: Stream) -> Iterator[None]:
    try:
        yield
    except BaseException:
        stream.close()
        raise
