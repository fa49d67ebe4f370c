"""Sức khỏe của đài: green only when everything that the next broadcast needs was seen to work just now."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from devices.clock import Clock
from gateway.domain.errors import GatewayError
from gateway.ports.clusters import Clusters
from gateway.ports.records import Severity
from gateway.ports.store import Values
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.clock_watch import ClockWatch
from gateway.services.supervisor import Beat, Supervisor, no_beat

logger = logging.getLogger(__name__)

PROBE_EVERY_S = 5.0
WRITE_EVERY_S = 60.0
"""Reading shows a dead database at once; only writing shows a full disk, and it wears the card."""
LOW_DISK_BYTES = 500_000_000
"""About ten days of a busy ward's audio and journal: time to act."""
_PROBE = "health.probe"
_ON_PURPOSE = ("emergency:",)
"""An emergency on the air is as it should be."""
_MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that must work."""

    name: str
    ok: bool
    vi: str = ""
    en: str = ""


@dataclass(frozen=True, kw_only=True)
class HealthReport:
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether ``/healthz`` may say 200."""
        return all(check.ok for check in self.checks)


class Health:
    """Looks at the parts in the background, and answers at once."""

    def __init__(
        self,
        *,
        supervisor: Supervisor,
        clusters: Clusters,
        values: Values,
        clock_watch: ClockWatch,
        free_bytes: Callable[[], int],
        alarms: AlarmDesk,
        clock: Clock,
    ) -> None:
        self._supervisor = supervisor
        self._clusters = clusters
        self._values = values
        self._clock_watch = clock_watch
        self._free_bytes = free_bytes
        self._alarms = alarms
        self._clock = clock
        self._store_error: GatewayError | None = None
        self._disk_error = ""
        self._free = -1
        self._probed_ns: int | None = None

    async def run(self, beat: Beat = no_beat) -> None:
        """Probe the store and the disk until cancelled."""
        written_ns: int | None = None
        while True:
            beat()
            write = written_ns is None or self._clock.mono_ns() - written_ns >= WRITE_EVERY_S * 1e9
            await self.probe(write=write or self._store_error is not None)
            if write:
                written_ns = self._clock.mono_ns()
            await self._clock.sleep(PROBE_EVERY_S)

    async def probe(self, *, write: bool) -> None:
        """Look once."""
        try:
            if write:
                await self._values.set(_PROBE, self._clock.now_ms(), note=None)
            else:
                await self._values.get(_PROBE)
            await self._alarms.keep()
        except GatewayError as error:
            self._store_error = error
            logger.warning("the store does not answer: %s", error.en)
        else:
            self._store_error = None
        try:
            self._free = self._free_bytes()
            self._disk_error = ""
        except OSError as error:
            self._disk_error = str(error)
        self._probed_ns = self._clock.mono_ns()
        if self._store_error is None:
            await self._tell_disk()

    async def _tell_disk(self) -> None:
        if self._free < LOW_DISK_BYTES:
            left = self._free // 1_000_000
            vi, en = f"Ổ đĩa của đài chỉ còn {left} MB.", f"Only {left} MB of disk left."
            await self._alarms.raise_("disk", Severity.CRITICAL, vi, en)
        else:
            await self._alarms.clear("disk")

    def report(self) -> HealthReport:
        """Say how things stand."""
        checks = (*self._tasks(), self._link(), self._store(), self._disk(), self._time(), self._standing())
        return HealthReport(checks=checks)

    def _tasks(self) -> tuple[Check, ...]:
        return tuple(
            Check(
                name=f"task.{task.name}",
                ok=task.ok,
                vi="" if task.ok else f"Bộ phận {task.name}: {task.state}; lỗi gần nhất: {task.last_error or 'không'}",
                en="" if task.ok else f"Task {task.name} is {task.state}; last error: {task.last_error or 'none'}",
            )
            for task in self._supervisor.reports()
        )

    def _link(self) -> Check:
        up = self._clusters.connected
        return Check(
            name="broker",
            ok=up,
            vi="" if up else "Mất kết nối tới máy chủ tin nhắn; cụm loa vẫn phát theo kế hoạch đã nhận.",
            en="" if up else "No connection to the broker; clusters go on playing the plan they hold.",
        )

    def _store(self) -> Check:
        if self._probed_ns is None:
            return Check(name="store", ok=False, vi="Chưa kiểm tra cơ sở dữ liệu.", en="The store was not probed yet.")
        if self._store_error is not None:
            return Check(name="store", ok=False, vi=self._store_error.vi, en=self._store_error.en)
        return Check(name="store", ok=True)

    def _disk(self) -> Check:
        if self._disk_error:
            return Check(
                name="disk", ok=False, vi=f"Không đọc được ổ đĩa: {self._disk_error}", en=f"Disk: {self._disk_error}"
            )
        low = self._free < LOW_DISK_BYTES
        return Check(
            name="disk",
            ok=not low,
            vi=f"Ổ đĩa chỉ còn {self._free // 1_000_000} MB." if low else "",
            en=f"Only {self._free // 1_000_000} MB of disk left." if low else "",
        )

    def _standing(self) -> Check:
        wrong = [
            alarm
            for key, alarm in self._alarms.standing.items()
            if alarm.severity is Severity.CRITICAL and not key.startswith(_ON_PURPOSE)
        ]
        named = sorted(wrong, key=lambda alarm: alarm.key)[:_MOST_NAMED]
        more = f" (+{len(wrong) - len(named)})" if len(wrong) > len(named) else ""
        vi, en = " ".join(alarm.text_vi for alarm in named) + more, " ".join(alarm.text_en for alarm in named) + more
        return Check(name="alarms", ok=not wrong, vi=vi, en=en)

    def _time(self) -> Check:
        if self._clock_watch.disputed:
            vi = "Đồng hồ của đài sai so với các cụm loa giữ giờ bằng NTP; không lập kế hoạch mới cho đến khi chỉnh."
            en = "The gateway's clock is wrong by the clusters held by NTP; nothing is planned until it is set."
            return Check(name="clock", ok=False, vi=vi, en=en)
        jump_ms = self._clock_watch.recent_jump_ms
        return Check(
            name="clock",
            ok=jump_ms is None,
            vi="" if jump_ms is None else f"Đồng hồ của đài vừa nhảy {jump_ms} ms.",
            en="" if jump_ms is None else f"The gateway's clock jumped by {jump_ms} ms.",
        )
