"""A managed MQTT broker, for wards that do not run their own."""

from devices.broker.child import BrokerChild, BrokerKind
from devices.broker.passwords import hash_password, password_matches

__all__ = ["BrokerChild", "BrokerKind", "hash_password", "password_matches"]
