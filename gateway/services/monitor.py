"""Theo dõi: which clusters are there and what they do; tells the edges, and raises what a technician must see."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace

from devices.clock import Clock
from devices.model import ClusterId
from devices.wire.reports import Ack, Birth, Death, Telemetry
from gateway.ports.clusters import Clusters, Report
from gateway.services import presence
from gateway.services.bus import Bus
from gateway.services.events import ClusterChanged, LinkChanged
from gateway.services.fleet import Fleet
from gateway.services.presence import Live, Presence
from gateway.services.supervisor import Beat, no_beat
from gateway.services.time_witness import TimeWitness

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0

Listener = Callable[[Live, Live], Awaitable[None]]
"""Told ``(before, after)`` of every change that a screen would show."""


class Monitor:
    """The live picture. Reports go in as they come; :meth:`run` lets time pass over it."""

    def __init__(self, *, fleet: Fleet, clusters: Clusters, bus: Bus, clock: Clock) -> None:
        self._fleet = fleet
        self._clusters = clusters
        self._bus = bus
        self._clock = clock
        self.witness = TimeWitness(clock, ward=lambda: len(fleet.enrolled))
        """What the clusters say of the gateway's own clock."""
        self._live: dict[ClusterId, Live] = {}
        self._listeners: list[Listener] = []
        self._refused: Counter[tuple[ClusterId | None, str]] = Counter()
        self._changes: asyncio.Queue[tuple[Live, Live]] = asyncio.Queue()

    def listen(self, listener: Listener) -> None:
        """Have ``listener`` told of edges, from :meth:`run`. While the gateway is built."""
        self._listeners.append(listener)

    # -- asked -------------------------------------------------------------------------------------------------------

    def get(self, cluster: ClusterId) -> Live:
        """Return what is known of ``cluster`` now."""
        return self._live.get(cluster) or self._unheard(cluster)

    def all(self) -> Mapping[ClusterId, Live]:
        """Return what is known of every controllable cluster."""
        return self._live

    def online(self, among: Iterable[ClusterId]) -> frozenset[ClusterId]:
        """Return those that are there."""
        return frozenset(name for name in among if self.get(name).online)

    @property
    def refused(self) -> Mapping[tuple[ClusterId | None, str], int]:
        """How many messages were not believed, by supposed sender and reason, since the gateway started."""
        return self._refused

    # -- told --------------------------------------------------------------------------------------------------------

    def fleet_changed(self) -> None:
        """Begin and stop watching as the inventory says."""
        wanted = self._fleet.controllable
        for gone in self._live.keys() - wanted:
            del self._live[gone]
            self.witness.forget(gone)
        for name in wanted:
            known = self._live.get(name)
            if known is None or (known.presence is Presence.UNENROLLED) == (name in self._fleet.enrolled):
                self._take(self._unheard(name))

    def enrolled(self, cluster: ClusterId) -> None:
        """Forget what was known: a new controller counts its boots and sessions from the beginning."""
        self.witness.forget(cluster)
        self._take(self._unheard(cluster))

    def on_report(self, report: Report) -> None:
        """Take a verified report in."""
        live = self._live.get(report.cluster)
        if live is None or live.presence is Presence.UNENROLLED:
            self.on_refused(report.cluster, "not_enrolled")
            return
        now_ms, now_ns = self._clock.now_ms(), self._clock.mono_ns()
        believed = self.witness.now_ms
        if isinstance(report.body, Birth | Telemetry) and not report.retained and presence.is_news(live, report.body):
            self.witness.hear(report.cluster, report.body.clock, report.body.at_ms)
        match report.body:
            case Birth() as birth:
                after = presence.with_birth(
                    live, birth, retained=report.retained, now_ms=now_ms, now_ns=now_ns, believed=believed
                )
            case Death() as death:
                # Another session's will is no attack: the broker sends the late will of a connection that was replaced.
                after = presence.with_death(live, death, now_ns=now_ns) or live
            case Telemetry() as heartbeat:
                after = presence.with_telemetry(live, heartbeat, now_ms=now_ms, now_ns=now_ns, believed=believed)
            case Ack() as ack:
                after = presence.with_ack(live, ack, now_ms=now_ms, now_ns=now_ns) or live
            case _:
                after = live  # journal lines and asset reports are sent again later: no sign of life
        if after is None:
            self._refused[report.cluster, "stale"] += 1
            logger.info("cluster %s: a stale %s was ignored", report.cluster, type(report.body).__name__)
            return
        self._take(after)

    def on_refused(self, cluster: ClusterId | None, reason: str) -> None:
        """Count a message that was not believed."""
        self._refused[cluster, reason] += 1

    def link_up(self) -> None:
        """The broker is there (again): who was not heard meanwhile gets the time to be."""
        now_ns = self._clock.mono_ns()
        self._live = {name: presence.link_back(live, now_ns) for name, live in self._live.items()}
        self._bus.publish(LinkChanged(up=True))

    def link_down(self) -> None:
        """The broker is gone: nobody can be heard, and after 90 s nobody counts as there."""
        self._bus.publish(LinkChanged(up=False))

    # -- runs --------------------------------------------------------------------------------------------------------

    async def run(self, beat: Beat = no_beat) -> None:
        """Let time pass, and tell the edges, until cancelled."""
        while True:
            beat()
            self.look()
            await self.tell()
            await self._clock.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Let the time that has passed take effect."""
        now_ms, now_ns = self._clock.now_ms(), self._clock.mono_ns()
        for live in list(self._live.values()):
            after = presence.at(live, now_ms=now_ms, now_ns=now_ns)
            if after is not live:
                self._take(after)

    async def tell(self) -> None:
        """Tell the listeners what changed since the last time, in order."""
        while not self._changes.empty():
            before, after = self._changes.get_nowait()
            for listener in self._listeners:
                await listener(before, after)

    def _unheard(self, cluster: ClusterId) -> Live:
        return presence.unheard(
            cluster,
            enrolled=cluster in self._fleet.enrolled,
            now_ms=self._clock.now_ms(),
            now_ns=self._clock.mono_ns(),
        )

    def _take(self, after: Live) -> None:
        before = self._live.get(after.cluster)
        self._live[after.cluster] = after
        if before is not None and _shown(before) == _shown(after):
            return
        if before is not None and before.presence is not after.presence:
            logger.info("cluster %s: %s -> %s", after.cluster, before.presence, after.presence)
        self._changes.put_nowait((before or replace(after, presence=Presence.UNKNOWN), after))
        self._bus.publish(
            ClusterChanged(
                cluster=after.cluster,
                presence=after.presence,
                activity=after.activity,
                occ=after.occ,
                volume_percent=after.volume_percent,
                silent=after.silent,
            )
        )


def _shown(live: Live) -> tuple[object, ...]:
    return live.presence, live.activity, live.occ, live.silent, live.volume_percent
