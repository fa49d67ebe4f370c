"""Identities that no gateway gave: poles for trying out a broker. They believe keys that nobody kept, so nobody can
make them sound anything.
"""

from collections.abc import Iterable

from devices.agent.identity import Identity
from devices.link import BrokerAddress
from devices.model import ClusterId, SiteId
from devices.seal import SigningKey, seal_body
from devices.wire.documents import KeyList, KeyRole

SITE = SiteId("mo-phong")


def names(count: int) -> list[ClusterId]:
    """Return ``sim-0001`` and so on."""
    return [ClusterId(f"sim-{number:04}") for number in range(1, count + 1)]


def throwaway(
    clusters: Iterable[ClusterId], broker: BrokerAddress, *, now_ms: int, site: SiteId = SITE
) -> list[Identity]:
    """Make identities under root and gateway keys whose private halves are forgotten on return.

    Raises:
        ValueError: the broker wants certificates of its own choosing; an identity can name no files.
    """
    if broker.tls is not None and broker.tls.ca is not None:
        raise ValueError("an identity names no certificates: use a broker the machine's authorities vouch for")
    root = SigningKey.generate("root", KeyRole.ROOT)
    gateway = SigningKey.generate("gw-1", KeyRole.GATEWAY)
    listed = KeyList(site=site, version=1, keys=(root.entry, gateway.entry))
    keys = seal_body(root, "keys", listed, iss=site, aud=f"all:{site}", iat_ms=now_ms, seq=1).decode()
    return [
        Identity(
            site=site,
            cluster=cluster,
            zones=(),
            root=root.entry,
            keys=keys,
            key=SigningKey.generate(cluster, KeyRole.DEVICE),
            broker_host=broker.host,
            broker_port=broker.port,
            broker_tls=broker.tls is not None,
            username=broker.username,
            password=broker.password,
        )
        for cluster in clusters
    ]
