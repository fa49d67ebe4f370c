"""Camera: their services over the store and the driver's eyes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from devices.cameras.driver import CameraDriver
from devices.clock import Clock
from devices.model.camera import Found
from gateway.main.camera_eyes import DriverEyes
from gateway.main.parts import Parts
from gateway.ports.cameras import CameraEyes
from gateway.services.bus import Bus
from gateway.services.cameras.room import CameraRoom, Kept, build_cameras
from gateway.services.fleet import Fleet
from gateway.settings import Settings
from gateway.store.opening import Store


@asynccontextmanager
async def open_cameras(settings: Settings, store: Store, parts: Parts, clock: Clock) -> AsyncIterator[CameraRoom]:
    """Build them for a whole gateway, with a driver that is closed at the end."""
    local, zone = settings.cameras.allow_local, settings.ward.timezone

    networks = settings.cameras.networks

    async with CameraDriver(clock, allow_local=local) as driver:

        async def search(seconds: float) -> Sequence[Found]:
            hosts = [str(host) for network in networks for host in network.hosts()]
            return await driver.discover(seconds=seconds, hosts=hosts)

        yield camera_room(
            store,
            fleet=parts.fleet,
            follow=parts.ward_changes.follow,
            zone=zone,
            bus=parts.bus,
            clock=clock,
            eyes=DriverEyes(driver, search, zone=zone, clock=clock),
            allow_local=local,
        )


def camera_room(
    store: Store,
    *,
    fleet: Fleet,
    follow: Callable[[], Awaitable[object]],
    zone: str,
    bus: Bus,
    clock: Clock,
    eyes: CameraEyes,
    allow_local: bool = False,
) -> CameraRoom:
    """Build them over ``store``. ``follow``: have the gateway read neighbourhoods and clusters again."""

    async def followed() -> None:
        await follow()

    kept = Kept(
        cameras=store.cameras,
        log=store.camera_log,
        alerts=store.camera_alerts,
        tickets=store.tickets,
        pictures=store.pictures,
        inventory=store.inventory,
        audit=store.audit,
        vault=store.vault,
    )
    return build_cameras(
        kept,
        eyes=eyes,
        ward=lambda: fleet.registry,
        follow=followed,
        zone=zone,
        bus=bus,
        clock=clock,
        allow_local=allow_local,
    )
