"""One MQTT connection and its owner. Nothing outside this package knows which library speaks MQTT."""

from devices.link.address import BrokerAddress, TlsFiles, parse_url
from devices.link.backoff import backoff
from devices.link.connection import MAX_PACKET_BYTES
from devices.link.dialect import Protocol
from devices.link.link import Link
from devices.link.message import Message, Subscription, Will

__all__ = [
    "MAX_PACKET_BYTES",
    "BrokerAddress",
    "Link",
    "Message",
    "Protocol",
    "Subscription",
    "TlsFiles",
    "Will",
    "backoff",
    "parse_url",
]
