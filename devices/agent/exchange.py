"""Hỏi giờ: the four-timestamp exchange with the gateway. It checks NTP, and stands in where there is none."""

import logging

from devices.agent.outbox import Line, Voice
from devices.agent.ports import Board
from devices.agent.timing import Timebase
from devices.errors import LinkError
from devices.wire.commands import ClockReply
from devices.wire.reports import ClockRequest
from devices.wire.topics import Up

logger = logging.getLogger(__name__)

QUICK, QUICK_S = 50, 0.2
"""At boot without any other time: fifty questions in ten seconds."""
CHECK, CHECK_S = 8, 1.0
"""With NTP the exchange is only a second opinion."""
STEADY_S, STEADY_NTP_S = 10.0, 30.0


class Exchange:
    """Asks the gateway what time it is."""

    def __init__(self, *, board: Board, timebase: Timebase, voice: Voice) -> None:
        self._board = board
        self._timebase = timebase
        self._voice = voice
        self._n = 0
        self._asked: tuple[int, int] | None = None

    async def run(self, line: Line) -> None:
        """Ask, quickly at first, until cancelled."""
        while True:
            await line.wait_up()
            by_ntp = self._timebase.state().src == "ntp"
            self._ask(line)
            if by_ntp:
                wait_s = CHECK_S if self._n <= CHECK else STEADY_NTP_S
            else:
                wait_s = QUICK_S if self._n <= QUICK else STEADY_S
            await self._board.clock.sleep(wait_s)

    def _ask(self, line: Line) -> None:
        self._n += 1
        topic = self._voice.topic(Up.CLOCK)
        t1_us = self._board.clock.mono_ns() // 1000
        self._asked = self._n, t1_us
        try:
            line.publish_nowait(topic, self._voice.seal("clock_request", ClockRequest(n=self._n, t1_us=t1_us)))
        except LinkError as error:
            logger.debug("the time was not asked: %s", error)

    def answered(self, reply: ClockReply, received_us: int) -> None:
        """Learn from ``reply``, which came at ``received_us`` (monotonic). Only the last question has an answer."""
        if self._asked != (reply.n, reply.t1_us):
            return  # late, repeated or recorded: it would move the clock
        self._asked = None
        self._timebase.observe(reply.t1_us, reply.t2_us, reply.t3_us, received_us)
