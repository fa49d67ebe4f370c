"""The configuration of a managed broker, as text. Every number has its reason; most were measured."""

from dataclasses import dataclass
from pathlib import Path

from devices.link import MAX_PACKET_BYTES
from devices.model import ClusterId, SiteId, ZoneId
from devices.wire.topics import Topics, Up

_ANY_CLUSTER = ClusterId("%u")  # Mosquitto's word for "the account that is asking"
_ANY_ZONE = ZoneId("+")


@dataclass(frozen=True, slots=True)
class Listener:
    """Where a managed broker listens, in plain TCP: the seal protects the orders, not the transport."""

    host: str
    port: int


def mosquitto_conf(listener: Listener, folder: Path, *, run_as: str, accounts: bool) -> str:
    """Return ``mosquitto.conf``. With ``accounts``, ``passwords`` and ``acl`` in ``folder`` are enforced."""
    access = (
        f"allow_anonymous false\npassword_file {folder / 'passwords'}\nacl_file {folder / 'acl'}\n"
        if accounts
        else "allow_anonymous true\n"
    )
    return f"""\
# Written by the gateway; changes here are overwritten. To run your own broker see configs/mosquitto.
listener {listener.port} {listener.host}
user {run_as}
{access}
# The stock 20 in flight and 1000 queued lose the answers of a large ward without a word.
max_inflight_messages 1000
max_queued_messages 100000
# The stock false searches a list per message and receiver: four times slower at 10,000 clusters.
allow_duplicate_messages true
set_tcp_nodelay true
max_connections -1
max_packet_size {MAX_PACKET_BYTES}
# Saved on a timer, never per change (sixty times slower). Nothing relies on it: plans are sent again, orders expire.
persistence true
persistence_location {folder}/
autosave_on_changes false
autosave_interval 60
persistent_client_expiration 7d
sys_interval 0
connection_messages false
log_dest stderr
log_type error
log_type warning
log_type notice
"""


def mosquitto_acl(site: SiteId, *, gateway: str) -> str:
    """Return the access list: a cluster reads its orders and writes its reports, and only the gateway writes orders."""
    topics = Topics(site)
    reads = "".join(f"pattern read {each}\n" for each in topics.cluster_filters(_ANY_CLUSTER, (_ANY_ZONE,)))
    writes = "".join(f"pattern write {topics.up(_ANY_CLUSTER, kind)}\n" for kind in Up)
    everything = topics.gateway_state.removesuffix("gateway/state") + "#"
    return f"{reads}{writes}user {gateway}\ntopic readwrite {everything}\n"


def rumqttd_toml(listener: Listener) -> str:
    """Return the configuration of iotcore (rumqttd): one MQTT 5 listener.

    One, because a retained MQTT 5 message makes its 3.1.1 listener panic. It knows no access list, and passwords only
    in clear, so it is open; the seal on every order is what guards the loudspeakers.
    """
    host = f"[{listener.host}]" if ":" in listener.host else listener.host
    return f"""\
# Written by the gateway; changes here are overwritten.
id = 0

[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10

[v5.1]
name = "loa"
listen = "{host}:{listener.port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = {MAX_PACKET_BYTES}
max_inflight_count = 100
dynamic_filters = true
"""
