"""Identities that no gateway gave: poles for trying out a broker. They believe keys that nobody kept, so nobody can
make them sound anything.
"""

from collections.abc import Iterable

from devices.agent.enrol import Enrolled
from devices.agent.identity import identity_of
from devices.link import BrokerAddress
from devices.model import ClusterId, SiteId
from devices.seal import SigningKey, seal_body
from devices.seal.enrolment import Grant
from devices.wire.documents import KeyList, KeyRole

SITE = SiteId("mo-phong")
NOWHERE = "http://127.0.0.1:9/"
"""There is no audio for them, and nobody who could tell them to fetch any."""


def names(count: int) -> list[ClusterId]:
    """Return ``sim-0001`` and so on."""
    return [ClusterId(f"sim-{number:04}") for number in range(1, count + 1)]


def throwaway(
    clusters: Iterable[ClusterId], broker: BrokerAddress, *, now_ms: int, site: SiteId = SITE
) -> list[Enrolled]:
    """Make identities under root and gateway keys whose private halves are forgotten on return."""
    root = SigningKey.generate("root", KeyRole.ROOT)
    gateway = SigningKey.generate("gw-1", KeyRole.GATEWAY)
    listed = KeyList(site=site, version=1, keys=(root.entry, gateway.entry))
    keys = seal_body(root, "keys", listed, iss=site, aud=f"all:{site}", iat_ms=now_ms, seq=1).decode()
    grants = [
        Grant(
            site=site,
            cluster=cluster,
            root=root.entry,
            keys=keys,
            broker_host=broker.host,
            broker_port=broker.port,
            broker_tls=broker.tls is not None,
            username=broker.username,
            password=broker.password,
            asset_base=NOWHERE,
            now_ms=now_ms,
        )
        for cluster in clusters
    ]
    return [Enrolled(identity_of(grant, SigningKey.generate("device", KeyRole.DEVICE)), grant) for grant in grants]
