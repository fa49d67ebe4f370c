"""Danh mục thay đổi: what follows when a cluster is added, moved, enrolled or revoked. One order, in one place."""

from gateway.services.config_desk import ConfigDesk
from gateway.services.fleet import Fleet
from gateway.services.monitor import Monitor
from gateway.services.planner import Planner


class WardChanges:
    """Called after rows of the inventory or of enrolment were written, and once at start."""

    def __init__(self, *, fleet: Fleet, monitor: Monitor, configs: ConfigDesk, planner: Planner) -> None:
        self._fleet = fleet
        self._monitor = monitor
        self._configs = configs
        self._planner = planner

    async def follow(self) -> None:
        """Have everything look at the ward as it is now.

        Raises:
            StoreFailed: nothing follows yet; call again.
        """
        before = self._fleet.enrolled
        renewed = await self._fleet.refresh()
        left = before - self._fleet.enrolled  # revoked, or no longer of a kind that takes plans
        await self._configs.farewell({each for each in left if self._monitor.get(each).online})
        self._monitor.fleet_changed()
        for cluster in renewed:
            self._monitor.enrolled(cluster)
        self._configs.changed("ward changed")
        self._planner.changed("ward changed")
