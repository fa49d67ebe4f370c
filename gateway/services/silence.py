"""Nút IM LẶNG: stops every loudspeaker of the ward, survives every restart, and is ended only by a person.

The document is retained at the broker and kept here; which clusters obey is what they themselves say.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devices.clock import Clock, epoch_ms, instant
from devices.model import ClusterId
from devices.wire.documents import SilenceBody
from gateway.domain.errors import StoreFailed
from gateway.domain.ids import UserId
from gateway.domain.people import Permission, expect
from gateway.domain.silence import Mark, SilenceState
from gateway.ports.records import AuditNote, Severity
from gateway.ports.store import Values
from gateway.services.actor import Actor
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.bus import Bus
from gateway.services.events import SilenceChanged
from gateway.services.fleet import Fleet
from gateway.services.monitor import Monitor
from gateway.services.publisher import Edition, Publisher
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
OBEYED_WITHIN_S = 10.0
"""domain.md row 34 asks for five seconds; at ten the order is sent again and somebody is told."""
_KEPT, _DIFFER = "silence", "silence-differs"
_WHY = 200


@dataclass(frozen=True, kw_only=True)
class SilenceReport:
    """How far the switch has taken effect."""

    state: SilenceState
    kept: bool
    """It will survive a restart of the gateway. If not, the disk has failed, and the order went out all the same."""
    delivered: bool
    """The broker has the order. If not, it goes out as soon as there is one."""
    agree: frozenset[ClusterId]
    """Clusters that say themselves that they are as ordered."""
    differ: frozenset[ClusterId]
    """Clusters online that do not say so yet."""
    unreachable: frozenset[ClusterId]


class SilenceSwitch:
    """One per ward."""

    def __init__(
        self,
        *,
        values: Values,
        publisher: Publisher,
        fleet: Fleet,
        monitor: Monitor,
        alarms: AlarmDesk,
        bus: Bus,
        clock: Clock,
    ) -> None:
        """``publisher`` is the one of kind ``silence``."""
        self._values = values
        self._publisher = publisher
        self._fleet = fleet
        self._monitor = monitor
        self._alarms = alarms
        self._bus = bus
        self._clock = clock
        self._state = SilenceState()
        self._kept = True

    async def load(self) -> None:
        """Read how it was left. Once, at start."""
        kept = await self._values.get(_KEPT)
        if kept is not None:
            self._state = _read(kept)
        if self._publisher.was_before_restore(None) and not self._state.silent:
            return  # who silenced the ward after the backup was made is obeyed until a person says otherwise
        last = self._publisher.last(None)
        if self._state.revision and (last is None or last.content_hash != str(self._state.revision)):
            await self._issue()  # restored from a backup, or cut off between the switch and its document

    async def seal_again(self) -> None:
        """Say what was said last once more, with the key that poles believe now.

        Raises:
            StoreFailed
        """
        if self._publisher.last(None) is not None:
            await self._issue()

    @property
    def state(self) -> SilenceState:
        """Whether the ward is silent, since when, by whom and why."""
        return self._state

    async def run(self, beat: Beat = no_beat) -> None:
        """See to it that the clusters do as they were told, until cancelled."""
        since_ns: int | None = None
        while True:
            beat()
            differ = self.report().differ
            if not differ:
                since_ns = None
                await self._alarms.clear(_DIFFER)
            elif since_ns is None:
                since_ns = self._clock.mono_ns()
            elif self._clock.mono_ns() - since_ns >= OBEYED_WITHIN_S * 1e9:
                since_ns = self._clock.mono_ns()
                self._publisher.all_again()
                names = self._fleet.names(differ)
                vi = "chưa im lặng" if self._state.silent else "vẫn im lặng"
                en = "not silent yet" if self._state.silent else "still silent"
                severity = Severity.CRITICAL if self._state.silent else Severity.WARNING
                do_vi = do_en = ""
                if self._publisher.was_before_restore(None) or not self._state.revision:
                    do_vi = " Lệnh im lặng có sau bản sao lưu. Để phát lại: bật IM LẶNG, rồi cho phát trở lại."
                    do_en = " They were silenced after the backup was made. To lift it: press IM LẶNG, then lift it."
                await self._alarms.raise_(
                    _DIFFER, severity, f"Cụm {vi}: {names}.{do_vi}", f"Clusters {en}: {names}.{do_en}"
                )
            await self._clock.sleep(LOOK_EVERY_S)

    async def engage(self, *, by: Actor, reason: str) -> SilenceReport:
        """Bật IM LẶNG.

        Raises:
            NotAllowed: without the right.
            BadInput: no reason given.
            LinkError: the disk failed *and* the broker is away: nobody was told.
        """
        expect(by, Permission.KILL_SWITCH)
        mark = Mark(by=by.id, at=instant(self._clock.now_ms()), reason=reason)
        after = self._state.engage(mark)
        try:
            return await self._switch(after, "silence.on", mark)
        except StoreFailed:
            logger.exception("the kill switch cannot be kept; it is sent without")
            self._state, self._kept = after, False
            await self._publisher.send_unkept(None, self._body())
            self._bus.publish(SilenceChanged(silent=True, by=mark.by, why=mark.reason))
            return self.report()

    async def rearm(self, *, by: Actor, reason: str) -> SilenceReport:
        """Cho phát trở lại.

        Raises:
            NotAllowed, BadInput: as :meth:`engage`.
            WrongState: it is not silent.
            StoreFailed: it stays silent.
        """
        expect(by, Permission.KILL_SWITCH)
        mark = Mark(by=by.id, at=instant(self._clock.now_ms()), reason=reason)
        return await self._switch(self._state.rearm(mark), "silence.off", mark)

    def report(self) -> SilenceReport:
        """Say who obeys."""
        enrolled = self._fleet.enrolled
        online = self._monitor.online(enrolled)
        agree = frozenset(name for name in online if self._monitor.get(name).silent is self._state.silent)
        return SilenceReport(
            state=self._state,
            kept=self._kept,
            delivered=self._publisher.unsent == 0,
            agree=agree,
            differ=online - agree,
            unreachable=enrolled - online,
        )

    async def _switch(self, after: SilenceState, action: str, mark: Mark) -> SilenceReport:
        note = AuditNote(actor=mark.by, action=action, subject="ward", at=mark.at, detail={"reason": mark.reason})
        await self._values.set(_KEPT, _write(after), note=note)
        self._state, self._kept = after, True
        await self._issue()
        self._bus.publish(SilenceChanged(silent=after.silent, by=mark.by, why=mark.reason))
        await self._publisher.send()
        if after.silent:
            vi, en = f"Toàn phường đang IM LẶNG: {mark.reason}", f"The whole ward is silenced: {mark.reason}"
            await self._alarms.raise_("silence", Severity.WARNING, vi, en)
        else:
            await self._alarms.clear("silence")
        return self.report()

    async def _issue(self) -> None:
        body, content = self._body(), str(self._state.revision)
        await self._publisher.issue([Edition(whom=(None,), body=lambda _: body, content_hash=content)])

    def _body(self) -> SilenceBody:
        mark = self._state.mark
        return SilenceBody(
            silent=self._state.silent,
            by=mark.by if mark is not None else "system",
            at_ms=epoch_ms(mark.at) if mark is not None else self._clock.now_ms(),
            why=mark.reason[:_WHY] if mark is not None else "",
        )


def _write(state: SilenceState) -> dict[str, Any]:
    mark = state.mark
    kept = None if mark is None else {"by": mark.by, "at": mark.at.isoformat(), "reason": mark.reason}
    return {"silent": state.silent, "revision": state.revision, "mark": kept}


def _read(kept: dict[str, Any]) -> SilenceState:
    mark = kept["mark"]
    since = (
        None
        if mark is None
        else Mark(by=UserId(mark["by"]), at=datetime.fromisoformat(mark["at"]), reason=mark["reason"])
    )
    return SilenceState(silent=kept["silent"], revision=kept["revision"], mark=since)
