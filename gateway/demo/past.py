"""Số đo mô phỏng: thirty days of readings for the charts of the demo ward, made up and said to be.

Readings only: how a cluster was there, its signal, voltage, temperature and clock. Nothing that was broadcast, heard or
proven is ever made up, in a demo neither. The audit log says where the readings come from.
"""

import asyncio
import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from math import cos, pi
from types import MappingProxyType
from zoneinfo import ZoneInfo

from devices.clock import ManualClock, instant
from devices.model import ClusterId
from gateway.demo import content
from gateway.domain.attendance import Attended
from gateway.domain.cluster_history import HOUR_MS, KEPT_MS, Gauge, Hour, Spread
from gateway.ports.records import AuditNote
from gateway.store.opening import Store
from simulators.board import RootTime, VirtualBoard

DAY_MS = 24 * HOUR_MS
ACTION = "demo.past"
_AN_HOUR = 120
"""Readings: a heartbeat every thirty seconds."""
OFFICE_DARK = range(18 * 24, 18 * 24 + 7)
"""Hours ago: the gateway was switched off, so nobody watched anybody."""
POWER_CUT = range(12 * 24 - 9, 12 * 24 - 2)
CUT_ZONE = "kp4"
_BATTERY_LASTS = 2
_LATE = 9
"""One cluster in so many was put up only..."""
_LATE_DAYS = 11
"""...so many days ago."""
_FADING = 13
_WORN = 11
_RARELY = 0.004


@dataclass(frozen=True)
class Usual:
    """What a board reads at five in the morning, with nothing wrong."""

    dbm: float
    volts: float
    degrees: float


async def give_past(store: Store, clusters: int, *, seed: int, until_ms: int, now_ms: int, zone: ZoneInfo) -> None:
    """Write the readings of the thirty days before ``until_ms`` into the ward's books, and say so in its audit log.

    ``seed``: of the simulated ward, whose poles go on from there.

    Raises:
        StoreFailed
    """
    root = RootTime(ManualClock(until_ms))
    for some in content.clusters(clusters):
        now = VirtualBoard(root, f"{seed}/{some.id}").health()
        usual = Usual(now.rssi_dbm or 0, now.volts_ac or 0, now.temp_c or 0)
        hours = await asyncio.to_thread(past_of, some.id, usual, until_ms=until_ms, zone=zone)
        await store.hours.add(hours, forget_before_ms=until_ms - KEPT_MS)
        await store.attendance.add(attended(hours, zone))
    note = AuditNote(actor="system", action=ACTION, subject=str(clusters), at=instant(now_ms))
    await store.audit.add(note)


def past_of(cluster: ClusterId, usual: Usual, *, until_ms: int, zone: ZoneInfo) -> list[Hour]:
    """Return the hours of ``cluster`` before ``until_ms``, the same every time; an hour nobody watched is not there.

    ``usual``: what its board reads at the end.
    """
    dna = hashlib.sha256(cluster.encode()).digest()
    box = _Box(cluster, usual, zone, dna, random.Random(dna))  # noqa: S311 - weather, not a secret
    now_ms = until_ms // HOUR_MS * HOUR_MS
    oldest = (_LATE_DAYS * DAY_MS if dna[0] % _LATE == 0 else KEPT_MS) // HOUR_MS - 1
    return [box.hour(now_ms - age * HOUR_MS, age) for age in range(oldest, 0, -1) if age not in OFFICE_DARK]


def attended(hours: Iterable[Hour], zone: ZoneInfo) -> list[Attended]:
    """Return the same as days of the ward's calendar, for its reports."""
    days: dict[tuple[ClusterId, date], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for hour in hours:
        seconds = days[hour.cluster, instant(hour.start_ms).astimezone(zone).date()]
        seconds[0] += hour.watched_s
        seconds[1] += hour.online_s
    return [
        Attended(day=day, cluster=cluster, watched_s=int(watched), online_s=int(online))
        for (cluster, day), (watched, online) in days.items()
    ]


@dataclass(frozen=True)
class _Box:
    """One cluster's box on its pole: what it is like, and its luck."""

    cluster: ClusterId
    usual: Usual
    zone: ZoneInfo
    dna: bytes
    dice: random.Random

    def hour(self, start_ms: int, age: int) -> Hour:
        """Return the hour that began ``age`` hours before now."""
        cut_off = self.cluster.startswith(f"{CUT_ZONE}-")
        cut = cut_off and age in POWER_CUT
        on_battery = cut and POWER_CUT.stop - 1 - age < _BATTERY_LASTS
        trouble = self.dice.random() < _RARELY * (1 + self.dna[1] % 4)
        share = 0.0 if cut and not on_battery else self.dice.uniform(0.2, 0.85) if trouble else 1.0
        back = cut_off and age == POWER_CUT.start - 1
        return Hour(
            cluster=self.cluster,
            start_ms=start_ms,
            watched_s=3600.0,
            online_s=3600.0 * share,
            battery_s=3600.0 if on_battery else 0.0,
            boots=int(back or (trouble and self.dice.random() < 0.5)),  # noqa: PLR2004 - a toss
            gauges=MappingProxyType(dict(self._readings(start_ms, age, mains=not cut)) if share else {}),
        )

    def _readings(self, start_ms: int, age: int, *, mains: bool) -> Iterator[tuple[Gauge, Spread]]:
        dna, local = self.dna, instant(start_ms).astimezone(self.zone).hour
        noon = max(0.0, cos((local - 13) / 12 * pi))  # the sun on the box
        evening = max(0.0, 1 - abs(local - 19.5) / 3)  # everybody cooks
        faded = min(14.0, age / 24 * 0.8) if dna[3] % _FADING == 0 else 0.0  # a tree grew into the line since
        yield Gauge.SIGNAL, self._spread(self.usual.dbm + faded, 1.5)
        if mains:
            yield Gauge.VOLTS, self._spread(self.usual.volts - evening * (4 + dna[5] % 12), 2.0)
        yield Gauge.TEMPERATURE, self._spread(self.usual.degrees + noon * (9 + dna[7] % 10), 1.2)
        yield Gauge.CLOCK, self._spread(*((14.0, 9.0) if dna[8] % _WORN == 0 else (1.8, 1.2)), floor=0.1)

    def _spread(self, mean: float, sway: float, *, floor: float = float("-inf")) -> Spread:
        dice = self.dice
        mean = max(floor, mean + dice.uniform(-sway, sway) / 3)
        low, high = max(floor, mean - sway * dice.uniform(0.3, 1.0)), mean + sway * dice.uniform(0.3, 1.0)
        total = round(mean * _AN_HOUR, 1)
        return Spread(n=_AN_HOUR, total=total, low=round(low, 1), high=round(high, 1))
