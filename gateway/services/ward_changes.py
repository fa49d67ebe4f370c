"""Danh mục thay đổi: what follows when a cluster is added, moved, enrolled or revoked. One order, in one place."""

from devices.model import ClusterId
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
        self._leaving: set[ClusterId] = set()
        """Who was there when it left the roll, and is still to be told to be silent."""

    async def follow(self) -> None:
        """Have everything look at the ward as it is now.

        Raises:
            StoreFailed: not everything follows yet; call again.
        """
        before = self._fleet.enrolled
        renewed = await self._fleet.refresh()
        left = before - self._fleet.enrolled  # revoked, or no longer of a kind that takes plans
        self._leaving |= {each for each in left if self._monitor.get(each).online}
        self._leaving -= self._fleet.enrolled
        self._monitor.fleet_changed()
        for cluster in renewed:
            self._monitor.enrolled(cluster)
        self._configs.changed("ward changed")
        self._planner.changed("ward changed")
        told = frozenset(self._leaving)
        await self._configs.farewell(told)  # last: a disk that fails here keeps nobody else waiting
        self._leaving -= told
