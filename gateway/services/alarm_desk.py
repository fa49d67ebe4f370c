"""Bàn cảnh báo: one row per fault however often it shows, told to screens when it begins and when it is over."""

import contextlib
import logging
from collections.abc import Mapping, Sequence

from devices.clock import Clock, instant
from devices.model import ClusterId
from gateway.domain.errors import NotAllowed, NotFound, StoreFailed
from gateway.domain.people import Permission, expect
from gateway.ports.records import Alarm, AuditNote, Severity
from gateway.ports.store import Alarms
from gateway.services.actor import Actor, may
from gateway.services.alarm_heaps import SAFE_TOGETHER, kind_of
from gateway.services.bus import Bus
from gateway.services.events import AlarmCleared, AlarmRaised, AlarmSeen

logger = logging.getLogger(__name__)


class AlarmDesk:
    """Raising and clearing are cheap to repeat: services say what is so, every time they look."""

    def __init__(self, alarms: Alarms, bus: Bus, clock: Clock) -> None:
        self._alarms = alarms
        self._bus = bus
        self._clock = clock
        self._standing: dict[str, Alarm] = {}
        self._unkept: set[str] = set()

    async def load(self) -> None:
        """Read what stood when the gateway stopped. Once, before anything raises."""
        self._standing = {alarm.key: alarm for alarm in await self._alarms.standing()}

    @property
    def standing(self) -> Mapping[str, Alarm]:
        """What is wrong now, by key."""
        return self._standing

    async def raise_(
        self,
        key: str,
        severity: Severity,
        vi: str,
        en: str,
        *,
        cluster: ClusterId | None = None,
        again: bool = False,
    ) -> None:
        """Say that something is wrong. Known already with the same words: nothing happens, unless it came ``again``.

        Raises:
            StoreFailed: it could not be kept. It stands all the same, screens were told, and it is tried again.
        """
        known = self._standing.get(key)
        if known is not None and not again and (known.severity, known.text_vi) == (severity, vi):
            if key in self._unkept:
                await self._keep(known)
            return
        alarm = Alarm(
            key=key,
            severity=severity,
            text_vi=vi,
            text_en=en,
            cluster=cluster,
            raised_at=instant(self._clock.now_ms()),
        )
        logger.log(_LOUDNESS[severity], "alarm %s: %s", key, en)
        self._bus.publish(AlarmRaised(key=key, severity=severity, text_vi=vi, text_en=en, cluster=cluster))
        self._standing[key] = alarm
        await self._keep(alarm)

    async def clear(self, key: str) -> None:
        """Say that it is over. Not standing: nothing happens.

        Raises:
            StoreFailed: it stands on, and the next call tries again.
        """
        if key not in self._standing:
            return
        await self._alarms.clear(key, at=instant(self._clock.now_ms()))
        self._standing.pop(key, None)
        self._unkept.discard(key)
        logger.info("alarm %s: over", key)
        self._bus.publish(AlarmCleared(key=key))

    async def keep(self) -> None:
        """Write down what stands and could not be kept. When the store is seen to work again.

        Raises:
            StoreFailed: it does not.
        """
        for key in sorted(self._unkept):
            await self._keep(self._standing[key])

    async def _keep(self, alarm: Alarm) -> None:
        try:
            await self._alarms.raise_(alarm)
        except StoreFailed:
            self._unkept.add(alarm.key)
            raise
        self._unkept.discard(alarm.key)

    async def see(self, key: str, *, by: Actor) -> None:
        """Đã nhận: somebody took it on. It stands until it is over.

        Raises:
            NotFound: no such alarm stands.
            NotAllowed: without the right to read there is nothing to take on.
        """
        expect(by, Permission.READ)
        if key not in self._standing:
            raise NotFound("Cảnh báo này không còn.", "This alarm does not stand any more.")
        at = instant(self._clock.now_ms())
        await self._alarms.see(
            key, by=by.id, at=at, note=AuditNote(actor=by.id, action="alarm.see", subject=key, at=at)
        )
        self._bus.publish(AlarmSeen(key=key, by=by.id))

    async def close(self, key: str, *, by: Actor) -> None:
        """Đóng: it was looked into. For what does not end by itself, such as tiếng lạ or a play without proof.

        Raises:
            NotFound: no such alarm stands.
            NotAllowed: neither a technician nor an operator; or the alarm tells of the person who wants to close it.
        """
        if by.id in key.split(":")[1:]:
            raise NotAllowed(
                "Cảnh báo này nói về chính bạn: phải do người khác đóng.",
                "This alarm tells of you: somebody else has to close it.",
                code="own",
            )
        if not may(by, Permission.TECHNICIAN):
            expect(by, Permission.CONTROL_AIR)
        await self.see(key, by=by)
        await self.clear(key)

    async def see_together(self, keys: Sequence[str], *, by: Actor) -> None:
        """Take on all of ``keys``. What of several ended meanwhile is nobody's work any more.

        Raises:
            NotFound: it was one, and it does not stand.
            NotAllowed: without the right to read.
        """
        for key in keys:
            with contextlib.suppress(*(NotFound,) if len(keys) > 1 else ()):
                await self.see(key, by=by)

    async def close_together(self, keys: Sequence[str], *, by: Actor) -> None:
        """Close all of ``keys``. What of several ended meanwhile is closed already.

        Raises:
            NotAllowed: among several is one that has to be looked into by itself; nothing was closed.
            NotFound: it was one, and it does not stand.
            NotAllowed: as for :meth:`close`, too.
        """
        if len(keys) > 1 and any(kind_of(key) not in SAFE_TOGETHER for key in keys):
            raise NotAllowed(
                "Loại cảnh báo này phải xem và đóng từng cái.",
                "Alarms of this kind are looked into and closed one by one.",
                code="one_by_one",
            )
        for key in keys:
            with contextlib.suppress(*(NotFound,) if len(keys) > 1 else ()):
                await self.close(key, by=by)


_LOUDNESS: Mapping[Severity, int] = {
    Severity.INFO: logging.INFO,
    Severity.WARNING: logging.WARNING,
    Severity.CRITICAL: logging.ERROR,
}
