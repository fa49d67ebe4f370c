"""Hộp thư đi: what this pole says, sealed with its own key, and kept in order until the broker has it."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from devices.agent.identity import Identity
from devices.agent.sound_first import SoundFirst
from devices.agent.waiting import Bell
from devices.clock import Clock
from devices.errors import LinkError
from devices.seal import seal_body
from devices.wire.base import Wire
from devices.wire.reports import Ack, AckState, AssetReport
from devices.wire.topics import Topics, Up

logger = logging.getLogger(__name__)

MOST_WAITING = 500
RETRY_S = 2.0
FLUSH_S = 3.0


class Line(Protocol):
    """The connection, as far as saying something needs it. :class:`devices.link.Link` fits."""

    @property
    def is_up(self) -> bool: ...

    async def wait_up(self) -> None: ...

    async def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None: ...

    def publish_nowait(self, topic: str, payload: bytes) -> None: ...


@dataclass(frozen=True)
class Voice:
    """Seals what this pole says."""

    identity: Identity
    utc_ms: Callable[[], int]

    def seal(self, typ: str, body: Wire) -> bytes:
        return seal_body(
            self.identity.key,
            typ,
            body,
            iss=self.identity.issuer,
            aud=self.identity.reader,
            iat_ms=max(0, self.utc_ms()),
        )

    def topic(self, kind: Up) -> str:
        return Topics(self.identity.site).up(self.identity.cluster, kind)


class Outbox:
    """Acknowledgements and asset reports on their way. They are lost with the power, and asked for again."""

    def __init__(self, *, voice: Voice, clock: Clock, sid: Callable[[], str], sound_first: SoundFirst) -> None:
        self._voice = voice
        self._clock = clock
        self._sid = sid
        self._sound_first = sound_first
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._news = Bell()
        self._line: Line | None = None
        self.lost = 0
        """What was thrown away because too much was waiting."""

    def use(self, line: Line) -> None:
        """Say it over ``line`` from now on."""
        self._line = line

    def draft(self, ref: str, typ: str, st: AckState, **more: object) -> Ack:
        """Write the answer to the command or document ``ref``, as of now; it is not sent."""
        more = {key: value for key, value in more.items() if key not in {"sid", "at_ms"}}
        return Ack.model_validate(
            {"ref": ref, "typ": typ, "st": st, "sid": self._sid(), "at_ms": max(0, self._voice.utc_ms()), **more}
        )

    def send(self, ack: Ack) -> None:
        """Send an answer."""
        self._put(Up.ACK, "ack", ack)

    def ack(self, ref: str, typ: str, st: AckState, **more: object) -> Ack:
        """Answer the command or document ``ref``; return the answer."""
        ack = self.draft(ref, typ, st, **more)
        self.send(ack)
        return ack

    def asset(self, report: AssetReport) -> None:
        """Tell where a file stands."""
        self._put(Up.ASSET, "asset", report)

    def _put(self, kind: Up, typ: str, body: Wire) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.lost += 1
            if self.lost == 1:
                logger.error("too much is waiting to be said; the oldest is lost")
        self._waiting.append((self._voice.topic(kind), self._voice.seal(typ, body)))
        self._news.ring()

    async def flush(self) -> None:
        """Wait a little until everything said so far has left."""
        for _ in range(30):
            if not self._waiting:
                return
            await self._clock.sleep(FLUSH_S / 30)

    async def run(self) -> None:
        """Send in order, each once the broker has the one before it, until cancelled."""
        while True:
            rung = self._news.next
            if not self._waiting:
                await rung.wait()
                continue
            line = self._line
            if line is None:
                raise RuntimeError("the outbox has no line")
            await self._sound_first.wait()
            await line.wait_up()
            first = self._waiting[0]
            try:
                await line.publish(*first)
            except LinkError as error:
                logger.info("%s was not delivered yet: %s", first[0], error)
                await self._clock.sleep(RETRY_S)
            else:
                if self._waiting and self._waiting[0] is first:
                    self._waiting.popleft()


async def publish_all(line: Line, topic: str, payloads: list[bytes]) -> None:
    """Publish ``payloads`` in order without waiting for one before sending the next; return when all have arrived.

    Raises:
        LinkError: at least one did not, or nobody knows.
    """
    answers = await asyncio.gather(*(line.publish(topic, payload) for payload in payloads), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
