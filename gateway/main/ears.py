"""Between driver and services: the driver needs somebody to tell before the services that listen can be built."""

from devices.clusters import Ears, Heard
from devices.model import ClusterId
from devices.wire.reports import Ack, AssetReport, Birth, Death, JournalEntry, Telemetry
from gateway.ports.clusters import Hears, Report


class Switchboard:
    """Passes on what the driver hears, in the services' words."""

    def __init__(self) -> None:
        self._to: Hears | None = None

    def connect(self, to: Hears) -> None:
        """Pass everything to ``to`` from now on. Before the driver runs."""
        self._to = to

    @property
    def ears(self) -> Ears:
        """What the driver tells."""
        return Ears(on_report=self._on_report, on_refused=self._on_refused, on_up=self._on_up, on_down=self._on_down)

    @property
    def _listener(self) -> Hears:
        if self._to is None:
            raise RuntimeError("the switchboard is not connected")
        return self._to

    async def _on_report(self, heard: Heard) -> None:
        if isinstance(heard.body, Birth | Death | Ack | AssetReport | Telemetry | JournalEntry):
            report = Report(
                cluster=heard.cluster,
                body=heard.body,
                sealed=heard.sealed,
                retained=heard.retained,
                received_ms=heard.received_ms,
            )
            await self._listener.on_report(report)

    async def _on_refused(self, cluster: ClusterId | None, reason: str) -> None:
        await self._listener.on_refused(cluster, reason)

    async def _on_up(self) -> None:
        await self._listener.on_up()

    async def _on_down(self) -> None:
        await self._listener.on_down()
