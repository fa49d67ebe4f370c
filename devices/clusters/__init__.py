"""The gateway's side of the contract: seals what goes down, checks what comes up. Knows no product."""

from devices.clusters.driver import Address, ClusterDriver, Ears, Heard
from devices.clusters.emergency import EmergencyDriver
from devices.clusters.keyring import Keyring, create_keyring, load_keyring
from devices.clusters.presence import Peer, Presence

__all__ = [
    "Address",
    "ClusterDriver",
    "Ears",
    "EmergencyDriver",
    "Heard",
    "Keyring",
    "Peer",
    "Presence",
    "create_keyring",
    "load_keyring",
]
