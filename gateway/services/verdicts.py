"""Kết quả phát: what an outcome sets off. Screens are told, and what people must look into becomes an alarm."""

from collections.abc import Callable
from datetime import UTC

from devices.clock import epoch_ms
from devices.model import ClusterId, Outcome
from gateway.domain.reasons import reason_in_words
from gateway.ports.records import PlannedPlay, Severity
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.alarm_words import hour_of, zone_of
from gateway.services.bus import Bus
from gateway.services.events import PlayBegan, PlayEnded
from gateway.services.evidence import WRONG_HOUR, sounded
from gateway.services.fleet import Fleet

_NOT_HEARD: dict[Outcome, tuple[Severity, str, str]] = {
    Outcome.SILENT: (Severity.CRITICAL, "phát mà không ra tiếng", "played, and nobody could hear it"),
    Outcome.FAILED: (Severity.CRITICAL, "không phát được", "could not play"),
    Outcome.MISSED: (Severity.WARNING, "lỡ giờ phát", "missed its hour"),
    Outcome.PARTIAL: (Severity.INFO, "chỉ phát được một phần", "played only in part"),
}


class Verdicts:
    """Told of every play that began or ended."""

    def __init__(
        self, *, alarms: AlarmDesk, bus: Bus, fleet: Fleet, stands_by: Callable[[], bool] = lambda: False
    ) -> None:
        """``stands_by``: whether another gateway is in charge, and raises what people must look into."""
        self._alarms = alarms
        self._bus = bus
        self._fleet = fleet
        self._stands_by = stands_by
        self._strange: dict[ClusterId, str] = {}

    async def told(self, before: PlannedPlay | None, after: PlannedPlay) -> None:
        """Act on what is new in ``after``."""
        self._publish(before, after)
        if self._stands_by():
            return
        if after.unplanned and sounded(after):
            await self._rogue(after)
        elif after.cancelled and sounded(after):
            await self._withdrawn(after)
        if after.why == WRONG_HOUR and not after.cancelled:
            await self._wrong_hour(after)
        if after.outcome is None or after.why == WRONG_HOUR:
            return
        if before is not None and before.outcome is Outcome.UNPROVEN and after.outcome is not Outcome.UNPROVEN:
            await self._alarms.clear(f"unproven:{after.cluster}")
        if after.outcome is Outcome.PLAYED:
            await self._alarms.clear(f"air:{after.cluster}")
        elif after.outcome is Outcome.UNPROVEN:
            await self.unproven(after)
        elif after.outcome in _NOT_HEARD:
            await self._not_heard(after, *_NOT_HEARD[after.outcome])

    async def unproven(self, play: PlannedPlay) -> None:
        """Nobody knows whether ``play`` was heard."""
        name = self._fleet.name(play.cluster)
        await self._alarms.raise_(
            f"unproven:{play.cluster}",
            Severity.CRITICAL,
            f"{name}: không có bằng chứng đã phát “{play.title}”{hour_of(play.occ)}.",
            f"{name}: no proof that “{play.title}” was played{hour_of(play.occ)}.",
            cluster=play.cluster,
        )

    async def rogue(self, cluster: ClusterId, occ: str) -> None:
        """Tiếng lạ: a cluster sounds something that nobody planned and nobody commanded, as far as this gateway knows.

        Who stands by knows nothing of the orders of who is in charge.
        """
        if self._stands_by():
            return
        name = self._fleet.name(cluster)
        another = self._strange.get(cluster, occ) != occ  # it is told in the same words, and is news
        self._strange[cluster] = occ
        await self._alarms.raise_(
            f"rogue:{cluster}",
            Severity.CRITICAL,
            f"{name}: đang phát tiếng lạ, không có trong kế hoạch{hour_of(occ)}.",
            f"{name}: sounds something nobody planned or commanded{hour_of(occ)}.",
            cluster=cluster,
            again=another,
        )

    def _publish(self, before: PlannedPlay | None, after: PlannedPlay) -> None:
        if after.outcome is not None and (before is None or before.outcome is not after.outcome):
            self._bus.publish(
                PlayEnded(occ=after.occ, cluster=after.cluster, outcome=after.outcome, proof=after.proof, why=after.why)
            )
        elif after.started_at is not None and (before is None or before.started_at is None):
            self._bus.publish(PlayBegan(occ=after.occ, cluster=after.cluster, at_ms=epoch_ms(after.started_at)))

    async def _rogue(self, play: PlannedPlay) -> None:
        await self.rogue(play.cluster, play.occ)

    async def _withdrawn(self, play: PlannedPlay) -> None:
        name = self._fleet.name(play.cluster)
        await self._alarms.raise_(
            f"withdrawn:{play.cluster}",
            Severity.CRITICAL,
            f"{name}: đã phát “{play.title}” theo kế hoạch cũ, dù lượt này đã hủy.",
            f"{name}: played “{play.title}” from an old plan although it was cancelled.",
            cluster=play.cluster,
        )

    async def _wrong_hour(self, play: PlannedPlay) -> None:
        name = self._fleet.name(play.cluster)
        zone = zone_of(play.occ)
        of = " UTC" if zone is UTC else ""
        due, begun = (at.astimezone(zone) for at in (play.start_at, play.started_at or play.start_at))
        await self._alarms.raise_(
            f"wrong-hour:{play.cluster}",
            Severity.CRITICAL,
            f"{name}: phát SAI GIỜ “{play.title}”: hẹn {due:%H:%M:%S %d/%m}, phát {begun:%H:%M:%S %d/%m}{of}.",
            f"{name}: played “{play.title}” at the WRONG HOUR: due {due:%H:%M:%S %d/%m}, "
            f"began {begun:%H:%M:%S %d/%m}{of}.",
            cluster=play.cluster,
        )

    async def _not_heard(self, play: PlannedPlay, severity: Severity, vi: str, en: str) -> None:
        name = self._fleet.name(play.cluster)
        why_vi, why_en = (f" ({text})" for text in reason_in_words(play.why)) if play.why else ("", "")
        await self._alarms.raise_(
            f"air:{play.cluster}",
            severity,
            f"{name}: {vi} “{play.title}”{why_vi}.",
            f"{name}: {en}: “{play.title}”{why_en}.",
            cluster=play.cluster,
        )
