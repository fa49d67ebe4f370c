"""One MQTT connection and its owner. Nothing outside this package knows which library speaks MQTT."""

from devices.link.address import BrokerAddress, TlsFiles, parse_url
from devices.link.backoff import backoff
from devices.link.dialect import Protocol
from devices.link.link import Link
from devices.link.message import Message, Subscription, Will

__all__ = ["BrokerAddress", "Link", "Message", "Protocol", "Subscription", "TlsFiles", "Will", "backoff", "parse_url"]
