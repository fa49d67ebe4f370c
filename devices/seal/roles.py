"""Which key may say what. A key that says anything else is refused, however good its signature."""

from devices.wire.commands import COMMANDS
from devices.wire.documents import KeyRole

_EMERGENCY = frozenset({"emergency", "emergency_end"})

MAY_SEAL: dict[KeyRole, frozenset[str]] = {
    KeyRole.ROOT: frozenset({"keys", "policy"}),
    KeyRole.GATEWAY: frozenset({"config", "plan", "silence", "gateway", "gateway_instance", "clock", "journal_ack"})
    | (frozenset(COMMANDS) - _EMERGENCY),
    KeyRole.EMERGENCY: _EMERGENCY,
    KeyRole.DEVICE: frozenset({"birth", "death", "ack", "asset", "journal", "telemetry", "clock_request"}),
}
"""Role to the ``typ`` values it may seal."""
