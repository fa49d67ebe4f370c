"""Kết nối chậm: who opens a connection and never says what for holds a descriptor that somebody with IM LẶNG needs."""

import asyncio
from dataclasses import dataclass

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long, and for how many, the server waits for the rest of a request."""

    headers_s: float = 10.0
    """From the first moment of a connection, or the first byte of a request, to the end of its headers."""
    body_s: float = 60.0
    """Between two pieces of a body: a phone on a bad line stalls, and does not stall for a minute."""
    waiting_at_most: int = 256
    """Beyond it the one that has waited longest is cut: a flood makes room for itself, not for its victims."""


def impatient(patience: Patience) -> type[H11Protocol]:
    """Return uvicorn's protocol for one server, with ``patience``. What is being answered is never cut by it."""
    waiting: dict[_Impatient, None] = {}

    class Impatient(_Impatient):
        _patience = patience
        _waiting = waiting

    return Impatient


class _Impatient(H11Protocol):
    """Watches what the other side still owes: headers or the rest of a body."""

    _patience: Patience
    _waiting: "dict[_Impatient, None]"
    _due: asyncio.TimerHandle | None = None
    _in_body = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait(self._patience.headers_s)

    def data_received(self, data: bytes) -> None:
        """Wait on only if something is still owed. A header that drips is not given more time; a body is."""
        super().data_received(data)
        owes = self.conn.their_state
        if owes is h11.SEND_BODY:
            self._rest()
            self._wait(self._patience.body_s)
            self._in_body = True
        elif owes is not h11.IDLE or self._in_body:
            self._rest()
        elif self._due is None and not self.transport.is_closing():
            self._wait(self._patience.headers_s)

    def on_response_complete(self) -> None:
        """Answered before the whole body was there, or after: nothing is owed of this request any more."""
        self._rest()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._rest()
        super().connection_lost(exc)

    def _wait(self, seconds: float) -> None:
        self._waiting[self] = None
        self._due = self.loop.call_later(seconds, self.cut)
        if len(self._waiting) > self._patience.waiting_at_most:
            next(iter(self._waiting)).cut()

    def _rest(self) -> None:
        self._waiting.pop(self, None)
        self._in_body = False
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def cut(self) -> None:
        """Close it at once, unheard."""
        self._rest()
        self.transport.abort()
