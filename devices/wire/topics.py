"""Where each message goes. Topic strings are built and read here only; each topic has one writer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from devices.errors import BadMessage
from devices.model import ClusterId, SiteId, ZoneId, is_slug

PREFIX = "loa/v1"


class Up(StrEnum):
    """What a cluster writes (the last level of its topics)."""

    STATE = "state"
    ACK = "ack"
    ASSET = "asset"
    JOURNAL = "journal"
    TELEMETRY = "telemetry"
    CLOCK = "clock/request"


class Down(StrEnum):
    """What a cluster hears."""

    CONFIG = "config"
    PLAN = "plan"
    COMMAND = "command"
    CLOCK = "clock/reply"
    ZONE = "zone"
    EMERGENCY = "emergency"
    SILENCE = "silence"
    GATEWAY = "gateway"


_WRITTEN = {kind.value: kind for kind in Up}


class FromCluster(NamedTuple):
    cluster: ClusterId
    kind: Up


@dataclass(frozen=True)
class Topics:
    """The topics of one ward."""

    site: SiteId

    @property
    def _root(self) -> str:
        return f"{PREFIX}/{self.site}"

    @property
    def gateway_state(self) -> str:
        return f"{self._root}/gateway/state"

    def gateway_instance(self, instance: str) -> str:
        """Where one run of a gateway tells the others that it lives. Retained; poles neither read nor write it."""
        return f"{self._root}/gateway/instance/{instance}"

    @property
    def emergency(self) -> str:
        return f"{self._root}/all/emergency"

    @property
    def silence(self) -> str:
        """The kill switch (IM LẶNG): retained and sealed, so that it survives reboots on both ends."""
        return f"{self._root}/all/silence"

    def config(self, cluster: ClusterId) -> str:
        return f"{self._root}/cluster/{cluster}/config"

    def plan(self, cluster: ClusterId) -> str:
        return f"{self._root}/cluster/{cluster}/plan"

    def command(self, cluster: ClusterId) -> str:
        return f"{self._root}/cluster/{cluster}/command"

    def clock_reply(self, cluster: ClusterId) -> str:
        return f"{self._root}/cluster/{cluster}/clock/reply"

    def zone_command(self, zone: ZoneId) -> str:
        return f"{self._root}/zone/{zone}/command"

    @property
    def all_command(self) -> str:
        """Commands to the whole ward, sealed for ``all:SITE``."""
        return f"{self._root}/all/command"

    def up(self, cluster: ClusterId, kind: Up) -> str:
        return f"{self._root}/cluster/{cluster}/{kind}"

    def gateway_filters(self) -> tuple[str, ...]:
        """What the gateway subscribes to."""
        return tuple(f"{self._root}/cluster/+/{kind}" for kind in Up)

    def cluster_filters(self, cluster: ClusterId, zones: tuple[ZoneId, ...]) -> tuple[str, ...]:
        """What one cluster subscribes to."""
        return (
            self.config(cluster),
            self.plan(cluster),
            self.command(cluster),
            self.clock_reply(cluster),
            *(self.zone_command(zone) for zone in zones),
            self.all_command,
            self.emergency,
            self.silence,
            self.gateway_state,
        )

    def from_cluster(self, topic: str) -> FromCluster:
        """Read who wrote what.

        Raises:
            BadMessage: not a topic a cluster of this ward writes.
        """
        head = f"{self._root}/cluster/"
        cluster, _, tail = topic.removeprefix(head).partition("/")
        kind = _WRITTEN.get(tail)
        if not topic.startswith(head) or kind is None or not is_slug(cluster):
            raise BadMessage("not a cluster's topic")
        return FromCluster(ClusterId(cluster), kind)

    def to_cluster(self, topic: str) -> Down:
        """Tell which of the things a cluster hears came on ``topic``.

        Raises:
            BadMessage: none of them.
        """
        fixed = {
            self.emergency: Down.EMERGENCY,
            self.silence: Down.SILENCE,
            self.gateway_state: Down.GATEWAY,
            self.all_command: Down.COMMAND,
        }
        if topic in fixed:
            return fixed[topic]
        tail = topic.removeprefix(self._root + "/")
        if tail == topic:
            raise BadMessage("not a topic of this ward")
        kind = tail.split("/", 2)
        if kind[0] == "zone" and tail.endswith("/command"):
            return Down.ZONE
        if kind[0] == "cluster" and len(kind) > 2 and kind[2] in {Down.CONFIG, Down.PLAN, Down.COMMAND, Down.CLOCK}:  # noqa: PLR2004 - cluster/ID/rest
            return Down(kind[2])
        raise BadMessage("not a topic a cluster hears")
