"""Phòng camera: the services of cameras and repairs, built together, loaded in order, and watched by name."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from devices.clock import Clock
from devices.model.camera import Cause
from gateway.domain.camera_login import weak_login
from gateway.domain.device import Camera, CameraId
from gateway.domain.targets import Registry
from gateway.ports.cameras import CameraAlerts, CameraEyes, CameraLog, Cameras, Pictures, Tickets
from gateway.ports.store import Audit, Inventory, Vault
from gateway.services.bus import Bus
from gateway.services.cameras.alerts import CameraAlertDesk
from gateway.services.cameras.finder import CameraFinder
from gateway.services.cameras.listener import CameraListener
from gateway.services.cameras.poller import Poller
from gateway.services.cameras.registry import CameraRegistry
from gateway.services.cameras.surveyor import Surveyor
from gateway.services.cameras.tickets import TicketDesk
from gateway.services.cameras.turns import Pace
from gateway.services.cameras.ward_sheets import RegistryFollower, WardSheets
from gateway.services.cameras.watcher import CameraWatcher
from gateway.services.supervisor import Supervisor


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where things are kept, as far as these services look; a store fits by shape."""

    cameras: Cameras
    log: CameraLog
    alerts: CameraAlerts
    tickets: Tickets
    pictures: Pictures
    inventory: Inventory
    audit: Audit
    vault: Vault


@dataclass(frozen=True, kw_only=True)
class CameraRoom:
    """Each by its name."""

    registry: CameraRegistry
    watcher: CameraWatcher
    poller: Poller
    listener: CameraListener
    alerts: CameraAlertDesk
    tickets: TicketDesk
    finder: CameraFinder
    surveyor: Surveyor
    sheets: WardSheets
    follower: RegistryFollower
    pictures: Pictures

    def weak_login(self, name: CameraId) -> Cause | None:
        """Return why anybody gets into this camera; for those who keep the registry."""
        return weak_login(self.watcher.watch(name), factory=self.registry.has_factory_password(name))

    async def load(self) -> None:
        """Read what was left, in the order in which it is needed."""
        await self.watcher.load()
        await self.alerts.load()
        await self.registry.load()

    def watch(self, supervisor: Supervisor) -> None:
        """Name every long task, and how long it may be silent. Dead cameras make none of them ill."""
        supervisor.watch("camera poller", self.poller.run, silent_after_s=60)
        supervisor.watch("camera events", self.listener.run, silent_after_s=60)
        supervisor.watch("camera history", self.watcher.run, silent_after_s=120)
        supervisor.watch("camera alerts", self.alerts.run, silent_after_s=60)
        supervisor.watch("camera search", self.finder.run, silent_after_s=180)
        supervisor.watch("camera survey", self.surveyor.run, silent_after_s=300)
        supervisor.watch("camera registry", self.follower.run, silent_after_s=120)


def build_cameras(
    kept: Kept,
    *,
    eyes: CameraEyes,
    ward: Callable[[], Registry],
    follow: Callable[[], Awaitable[None]],
    zone: str,
    bus: Bus,
    clock: Clock,
    allow_local: bool = False,
    pace: Pace | None = None,
) -> CameraRoom:
    """Build them. ``ward``: neighbourhoods and clusters now; ``follow``: have the rest of the gateway read them again.

    ``zone``: the ward's time zone. ``allow_local``: cameras on this very machine, for simulated ones.
    """
    registry = CameraRegistry(
        cameras=kept.cameras, vault=kept.vault, ward=ward, allow_local=allow_local, bus=bus, clock=clock
    )

    def cameras() -> Mapping[CameraId, Camera]:
        return registry.cameras

    watcher = CameraWatcher(log=kept.log, pictures=kept.pictures, cameras=cameras, bus=bus, clock=clock)
    poller = Poller(eyes=eyes, door=registry.door, watch=watcher.watch, seen=watcher.seen, clock=clock, pace=pace)
    registry.listen(lambda: poller.use(registry.cameras))

    async def read_again() -> None:
        await follow()
        await registry.load()

    return CameraRoom(
        registry=registry,
        watcher=watcher,
        poller=poller,
        listener=CameraListener(
            eyes=eyes,
            door=registry.door,
            cameras=cameras,
            watch=watcher.watch,
            look_soon=poller.look_soon,
            clock=clock,
        ),
        alerts=CameraAlertDesk(
            alerts=kept.alerts,
            cameras=cameras,
            watches=lambda: watcher.watches,
            factory=registry.has_factory_password,
            ward=ward,
            zone=zone,
            bus=bus,
            clock=clock,
        ),
        tickets=TicketDesk(
            tickets=kept.tickets, pictures=kept.pictures, registry=registry, zone=zone, bus=bus, clock=clock
        ),
        finder=CameraFinder(eyes=eyes, registry=registry, watches=lambda: watcher.watches, clock=clock),
        surveyor=Surveyor(eyes=eyes, registry=registry, watcher=watcher, clock=clock),
        sheets=WardSheets(inventory=kept.inventory, cameras=kept.cameras, follow=read_again, clock=clock),
        follower=RegistryFollower(audit=kept.audit, follow=read_again, clock=clock),
        pictures=kept.pictures,
    )
