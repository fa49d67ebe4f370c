"""Tiếp nhận: hands each report of a cluster to those whom it concerns. Fits :class:`gateway.ports.clusters.Hears`.

Everything here is quick and only notes; the tasks of each service do the work, so that no slow disk holds up the
broker's connection.
"""

from collections.abc import Sequence

from devices.model import ClusterId
from devices.wire.reports import Ack, AssetReport, Birth, JournalEntry, Telemetry
from gateway.ports.clusters import Report
from gateway.services.command_log import CommandLog
from gateway.services.intake import Intake
from gateway.services.monitor import Monitor
from gateway.services.publisher import Publisher
from gateway.services.readiness import Readiness


class Reception:
    """The driver's ear."""

    def __init__(
        self,
        *,
        monitor: Monitor,
        intake: Intake,
        log: CommandLog,
        readiness: Readiness,
        plans: Publisher,
        configs: Publisher,
        silences: Publisher,
    ) -> None:
        self._monitor = monitor
        self._intake = intake
        self._log = log
        self._readiness = readiness
        self._plans = plans
        self._configs = configs
        self._silences = silences

    async def on_report(self, report: Report) -> None:
        """Take in one verified message."""
        self._monitor.on_report(report)
        match report.body:
            case JournalEntry() as entry:
                self._intake.on_entry(report, entry)
            case Ack() as ack:
                self._on_ack(report.cluster, ack)
            case AssetReport() as asset:
                self._readiness.on_asset(report.cluster, asset)
            case Birth() as birth:
                self._intake.on_journal_state(report.cluster, birth.journal)
                self._configs.on_held(report.cluster, birth.config_seq)
                self._on_plan(report.cluster, birth)
            case Telemetry() as heartbeat:
                self._intake.on_journal_state(report.cluster, heartbeat.journal)
                self._on_plan(report.cluster, heartbeat)
            case _:
                pass  # a will concerns the monitor alone

    async def on_refused(self, cluster: ClusterId | None, reason: str) -> None:
        """Count a message that was not believed."""
        self._monitor.on_refused(cluster, reason)

    async def on_up(self) -> None:
        """The broker is there: it may have forgotten everything that was retained."""
        self._monitor.link_up()
        for publisher in self._publishers:
            publisher.all_again()

    async def on_down(self) -> None:
        """The broker is gone."""
        self._monitor.link_down()

    @property
    def _publishers(self) -> Sequence[Publisher]:
        return self._silences, self._configs, self._plans

    def _on_ack(self, cluster: ClusterId, ack: Ack) -> None:
        publisher = {"plan": self._plans, "config": self._configs, "silence": self._silences}.get(ack.typ)
        if publisher is not None:
            publisher.on_ack(cluster, ack)
        else:
            self._log.on_ack(cluster, ack)

    def _on_plan(self, cluster: ClusterId, said: Birth | Telemetry) -> None:
        self._plans.on_held(cluster, said.plan.seq if said.plan is not None else 0)
