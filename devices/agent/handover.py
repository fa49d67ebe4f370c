"""Giao nhật ký: sends the journal until the gateway has acknowledged it, in order, again and again if need be."""

import logging
from collections.abc import Iterator

from devices.agent.journal import Journal
from devices.agent.journal import Line as Entry
from devices.agent.outbox import Line, Voice, publish_all
from devices.agent.sound_first import SoundFirst
from devices.agent.waiting import Bell, event_or_sleep
from devices.clock import Clock
from devices.errors import LinkError
from devices.link import backoff
from devices.wire.topics import Up

logger = logging.getLogger(__name__)

BATCH = 32
FIRST_WAIT_S, LONGEST_WAIT_S = 10.0, 300.0


class Handover:
    """The way of one pole's journal to the gateway."""

    def __init__(self, *, journal: Journal, voice: Voice, clock: Clock, line: Line, sound_first: SoundFirst) -> None:
        self._journal = journal
        self._topic = voice.topic(Up.JOURNAL)
        self._clock = clock
        self._line = line
        self._sound_first = sound_first
        self._sent = journal.acked
        self._asked: int | None = None
        self._waits = self._fresh_waits()
        self._bell = Bell()

    @staticmethod
    def _fresh_waits() -> Iterator[float]:
        return backoff(first_s=FIRST_WAIT_S, limit_s=LONGEST_WAIT_S, jitter=0.3)

    def again(self) -> None:
        """Send everything unacknowledged again: the gateway is another one, or the connection is new."""
        self._sent = self._journal.acked
        self._waits = self._fresh_waits()
        self._bell.ring()

    def again_from(self, n: int) -> None:
        """Send everything that is still here from entry ``n`` on: the gateway has a gap."""
        self._asked = n
        self._bell.ring()

    def acknowledged(self) -> None:
        """Note that the gateway answered: the next silence is a new one."""
        self._sent = max(self._sent, self._journal.acked)
        self._waits = self._fresh_waits()
        self._bell.ring()

    def news(self) -> None:
        """Note that there is a new entry."""
        self._bell.ring()

    async def run(self) -> None:
        """Send, until cancelled."""
        while True:
            rung = self._bell.next
            await self._sound_first.wait()
            await self._line.wait_up()
            lines = self._journal.pending(self._asked) if self._asked is not None else self._unsent()
            if not lines:
                unanswered = self._sent > self._journal.acked
                if not await event_or_sleep(rung, self._clock, next(self._waits) if unanswered else None):
                    self._sent = self._journal.acked  # no answer: perhaps nobody heard
                continue
            self._asked = None
            try:
                for at in range(0, len(lines), BATCH):
                    batch = lines[at : at + BATCH]
                    await publish_all(self._line, self._topic, [line.sealed for line in batch])
                    self._sent = max(self._sent, batch[-1].n)
            except LinkError as error:
                logger.info("the journal was not delivered yet: %s", error)
                self._sent = self._journal.acked
                await event_or_sleep(self._bell.next, self._clock, next(self._waits))

    def _unsent(self) -> list[Entry]:
        return [line for line in self._journal.pending() if line.n > self._sent]
