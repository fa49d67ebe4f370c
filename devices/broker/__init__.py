"""A managed MQTT broker, for wards that do not run their own."""

from devices.broker.child import BrokerChild, BrokerKind
from devices.broker.config import MESSAGE_LIMIT_BYTES
from devices.broker.passwords import hash_password, password_matches

__all__ = ["MESSAGE_LIMIT_BYTES", "BrokerChild", "BrokerKind", "hash_password", "password_matches"]
