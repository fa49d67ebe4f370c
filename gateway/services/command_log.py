"""Sổ lệnh: what was ordered, and how far each cluster says it got. Only a cluster's own answer moves a command on.

No answer within ten seconds is shown as no answer; a later one still counts. Nothing is ever sent a second time.
"""

import heapq
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from devices.clock import Clock, instant
from devices.model import ClusterId, OccurrenceId
from devices.wire.reports import Ack, AckState
from gateway.domain.errors import StoreFailed
from gateway.ports.records import AuditNote, CommandRow, CommandState, StopOrder
from gateway.ports.store import Issues
from gateway.services.bus import Bus
from gateway.services.events import CommandAnswered
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

ANSWER_WITHIN_S = 10.0
LOOK_EVERY_S = 0.2
_REMEMBERED_S = 900.0
"""An answer may come long after: a play of a quarter of an hour is done when it is over."""
_HISTORY = timedelta(hours=1)

_MEANS: dict[AckState, CommandState] = {
    AckState.RECEIVED: CommandState.RECEIVED,
    AckState.ACCEPTED: CommandState.ACCEPTED,
    AckState.ARMED: CommandState.ACCEPTED,
    AckState.DONE: CommandState.DONE,
    AckState.REJECTED: CommandState.REJECTED,
    AckState.SUPERSEDED: CommandState.REJECTED,
}
_RANK = {
    CommandState.SENT: 0,
    CommandState.NOT_SENT: 1,
    CommandState.NO_ANSWER: 1,
    CommandState.RECEIVED: 2,
    CommandState.ACCEPTED: 3,
    CommandState.DONE: 4,
    CommandState.REJECTED: 4,
}
FINAL = frozenset({CommandState.DONE, CommandState.REJECTED})

Answer = tuple[str, ClusterId, CommandState, str, datetime]
Key = tuple[str, ClusterId]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A command got further on one cluster."""

    jti: str
    cluster: ClusterId
    typ: str
    occ: OccurrenceId | None
    """The play it ordered, if it ordered one."""
    state: CommandState
    why: str


Listener = Callable[[Step], Awaitable[None]]


@dataclass
class _Pending:
    typ: str
    occ: OccurrenceId | None
    state: CommandState


class CommandLog:
    """Remembers commands until they are answered, and notes the answers in batches."""

    def __init__(self, *, issues: Issues, bus: Bus, clock: Clock) -> None:
        self._issues = issues
        self._bus = bus
        self._clock = clock
        self._pending: dict[Key, _Pending] = {}
        self._unanswered: deque[tuple[int, Key]] = deque()
        self._forget: list[tuple[int, Key]] = []
        self._answers: list[Answer] = []
        self._unkept: deque[tuple[list[CommandRow], AuditNote | None]] = deque()
        self._untold: deque[Step] = deque()
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Have ``listener`` told of every step. While the gateway is built."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Take up what was under way when the gateway stopped."""
        since = instant(self._clock.now_ms()) - _HISTORY
        for row in await self._issues.commands(since=since, limit=10_000):
            if row.state not in FINAL:
                self._await(row, lasts_s=0)

    async def record(
        self,
        typ: str,
        mail: Iterable[tuple[str, Iterable[ClusterId]]],
        *,
        by: str,
        exp_ms: int,
        body: dict[str, Any],
        note: AuditNote | None,
        urgent: bool = False,
    ) -> list[CommandRow]:
        """Write down ``(jti, clusters)`` that are about to be sent: before they are, so that none is sent unseen.

        ``urgent``: they are sent whatever the disk does, and written down as soon as it can be done.

        Raises:
            StoreFailed: they must not be sent; never when ``urgent``.
        """
        now_ms = self._clock.now_ms()
        rows = [
            CommandRow(
                jti=jti,
                cluster=cluster,
                typ=typ,
                by=by,
                sent_at=instant(now_ms),
                expires_at=instant(exp_ms),
                state=CommandState.SENT,
                body=body,
            )
            for jti, clusters in mail
            for cluster in sorted(clusters)
        ]
        try:
            await self._issues.record_commands(rows, note=note)
        except StoreFailed as error:
            if not urgent:
                raise
            logger.error("%s is not in the log yet: %s", typ, error.en)  # noqa: TRY400 - the disk is known
            self._unkept.append((rows, note))
        for row in rows:
            self._await(row, lasts_s=max(0, exp_ms - now_ms) / 1000)
        return rows

    def not_sent(self, jti: str, clusters: Iterable[ClusterId], why: str) -> None:
        """Note that the message did not leave."""
        for cluster in clusters:
            self._step(jti, cluster, CommandState.NOT_SENT, why, instant(self._clock.now_ms()))

    @property
    def unkept(self) -> bool:
        """Whether something was sent that is not written down yet."""
        return bool(self._unkept)

    def state(self, jti: str, cluster: ClusterId) -> CommandState | None:
        """Return how far a recent command got on ``cluster``."""
        pending = self._pending.get((jti, cluster))
        return pending.state if pending is not None else None

    def on_ack(self, cluster: ClusterId, ack: Ack) -> None:
        """Hear an answer. One to a command that nobody sent changes nothing."""
        means = _MEANS.get(ack.st)
        if means is not None:
            self._step(ack.ref, cluster, means, ack.why or "", instant(self._clock.now_ms()))

    async def history(self, *, since: datetime, limit: int = 200) -> Sequence[CommandRow]:
        """Return what was ordered since, newest first."""
        return await self._issues.commands(since=since, limit=limit)

    async def stops(self, *, within: timedelta) -> Sequence[StopOrder]:
        """Return what people stopped ``within`` that long: see :meth:`gateway.ports.store.Issues.stops`."""
        return await self._issues.stops(since=instant(self._clock.now_ms()) - within)

    async def run(self, beat: Beat = no_beat) -> None:
        """Note answers, and that none came, until cancelled."""
        while True:
            beat()
            await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Do what is due now.

        Raises:
            StoreFailed: it stays due.
        """
        self._let_time_pass(self._clock.mono_ns())
        while self._unkept:  # before the answers to it
            rows, note = self._unkept[0]
            await self._issues.record_commands(rows, note=note)
            self._unkept.popleft()
        if self._answers:
            answers = list(self._answers)
            await self._issues.answer_commands(answers)
            del self._answers[: len(answers)]
        while self._untold:
            for listener in self._listeners:
                await listener(self._untold[0])
            self._untold.popleft()

    def _let_time_pass(self, now_ns: int) -> None:
        while self._unanswered and self._unanswered[0][0] <= now_ns:
            _, key = self._unanswered.popleft()
            pending = self._pending.get(key)
            if pending is not None and pending.state is CommandState.SENT:
                self._step(*key, CommandState.NO_ANSWER, "", instant(self._clock.now_ms()))
        while self._forget and self._forget[0][0] <= now_ns:
            self._pending.pop(heapq.heappop(self._forget)[1], None)

    def _await(self, row: CommandRow, *, lasts_s: float) -> None:
        key, now_ns = (row.jti, row.cluster), self._clock.mono_ns()
        self._pending[key] = _Pending(row.typ, _ordered_play(row.body), row.state)
        self._unanswered.append((now_ns + round(ANSWER_WITHIN_S * 1e9), key))
        heapq.heappush(self._forget, (now_ns + round((lasts_s + _REMEMBERED_S) * 1e9), key))

    def _step(self, jti: str, cluster: ClusterId, state: CommandState, why: str, at: datetime) -> None:
        pending = self._pending.get((jti, cluster))
        if pending is None or _RANK[state] <= _RANK[pending.state]:
            return
        pending.state = state
        self._answers.append((jti, cluster, state, why, at))
        self._untold.append(Step(jti=jti, cluster=cluster, typ=pending.typ, occ=pending.occ, state=state, why=why))
        self._bus.publish(CommandAnswered(jti=jti, cluster=cluster, typ=pending.typ, state=state, why=why))
        if state in FINAL:
            del self._pending[jti, cluster]


def _ordered_play(body: dict[str, Any]) -> OccurrenceId | None:
    entry = body.get("entry")
    name = entry.get("occ") if isinstance(entry, dict) else body.get("em")
    return OccurrenceId(name) if isinstance(name, str) else None
