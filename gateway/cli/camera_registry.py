"""The registry of cameras for one command, beside a gateway that may be running."""

from collections.abc import Mapping

from devices.clock import SystemClock
from devices.model.camera import Cause
from gateway.domain.camera_login import weak_login
from gateway.domain.camera_watch import CameraWatch
from gateway.domain.device import CameraId
from gateway.domain.targets import Registry
from gateway.services.bus import Bus
from gateway.services.cameras.registry import CameraRegistry
from gateway.settings import Settings
from gateway.store.opening import Store


async def loaded(store: Store, settings: Settings) -> CameraRegistry:
    """Return it as the store has it.

    Raises:
        StoreFailed: it cannot be read, or its passwords do not open.
    """
    ward = Registry.of(list(await store.inventory.zones()), list(await store.inventory.clusters()))
    clock = SystemClock()
    registry = CameraRegistry(
        cameras=store.cameras,
        vault=store.vault,
        ward=lambda: ward,
        allow_local=settings.cameras.allow_local,
        bus=Bus(clock),
        clock=clock,
    )
    await registry.load()
    return registry


def weak_logins(registry: CameraRegistry, watches: Mapping[CameraId, CameraWatch]) -> dict[CameraId, Cause]:
    """Return which cameras anybody gets into, and why, as far as was seen."""
    found = {
        name: weak_login(watches.get(name) or CameraWatch(id=name), factory=registry.has_factory_password(name))
        for name in registry.cameras
    }
    return {name: cause for name, cause in found.items() if cause is not None}
