"""Drives one paho client from the asyncio loop: socket readiness in, packets out, keepalive once a second. No threads.

paho runs callbacks under a lock of its own that closing the socket takes again. A callback may therefore note what
happened; it must never close.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from devices.link.sockets import ReadAhead, Stream

logger = logging.getLogger(__name__)

HOUSEKEEPING_S = 1.0
# A signed plan of two weeks is a few kilobytes. A broker that announces more is broken or hostile.
MAX_RECEIVED_BYTES = 1_048_576


class Paho(mqtt.Client):
    """paho on a socket that is already connected, so that paho never blocks the loop on one.

    Never reconnects: paho keeps what it could not deliver and sends it on its next connection, and an order to a
    loudspeaker must not be kept. A new connection is a new client.
    """

    def __init__(self, stream: Stream, **options: Any) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, reconnect_on_failure=False, manual_ack=True, **options)
        self.stream = ReadAhead(stream)

    def _create_socket(self) -> ReadAhead:
        return self.stream

    @property
    def announced_bytes(self) -> int:
        """Size of the packet that is being read, as its sender announced it."""
        return self._in_packet["remaining_length"]


class Pump:
    """Moves bytes for one client until its connection ends; ``over(why)`` is called when this end notices first."""

    def __init__(self, paho: Paho, over: Callable[[str], None]) -> None:
        self._paho = paho
        self._stream = paho.stream
        self._over = over
        self._loop = asyncio.get_running_loop()
        self._watching = False
        self._stalled = False
        self._housekeeping: asyncio.TimerHandle | None = None
        paho.on_socket_open = self._watch
        paho.on_socket_close = self._unwatch
        paho.on_socket_register_write = self._write_soon
        paho.on_socket_unregister_write = self._no_longer_stalled

    def cut(self) -> None:
        """Close the socket at once, saying nothing. The second time does nothing."""
        self._unwatch()
        self._stream.close()

    def flush(self) -> None:
        """Hand to the kernel what it takes without waiting."""
        self._write()

    def _watch(self, *_: object) -> None:
        self._watching = True
        self._loop.add_reader(self._stream.fileno(), self._read)
        self._housekeeping = self._loop.call_later(HOUSEKEEPING_S, self._keep_house)

    def _unwatch(self, *_: object) -> None:
        if not self._watching:
            return  # the descriptor may be another connection's by now
        self._watching = False
        self._loop.remove_reader(self._stream.fileno())
        self._no_longer_stalled()
        if self._housekeeping is not None:
            self._housekeeping.cancel()

    def _write_soon(self, *_: object) -> None:
        # What is published in one turn of the loop leaves together; the kernel is asked to watch only if it stalls.
        self._loop.call_soon(self._write)

    def _no_longer_stalled(self, *_: object) -> None:
        if self._stalled:
            self._stalled = False
            self._loop.remove_writer(self._stream.fileno())

    def _write(self) -> None:
        if not self._watching:
            return
        with self._ends_on_nonsense():
            self._paho.loop_write()
        if self._watching and self._paho.want_write() and not self._stalled:
            self._stalled = True
            self._loop.add_writer(self._stream.fileno(), self._write)

    def _read(self) -> None:
        self._stream.fill()
        with self._ends_on_nonsense():
            while self._watching:
                self._paho.loop_read()
                if self._paho.announced_bytes > MAX_RECEIVED_BYTES:
                    raise ValueError(f"a packet of {self._paho.announced_bytes} bytes was announced")
                if not self._stream.has_more:
                    return

    def _keep_house(self) -> None:
        with self._ends_on_nonsense():
            self._paho.loop_misc()
        if self._watching:
            self._housekeeping = self._loop.call_later(HOUSEKEEPING_S, self._keep_house)

    @contextlib.contextmanager
    def _ends_on_nonsense(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            # paho's decoder on bytes no honest broker sends: whatever it raised, this connection is over
            logger.warning("unreadable bytes from the broker", exc_info=True)
            self.cut()
            self._over(f"unreadable bytes from the broker: {error}")
