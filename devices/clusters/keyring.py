"""Chùm khóa của phường: root, gateway and emergency keys, in files only their owner reads, and how they change.

The root key signs the key list and the policy and is needed for nothing else: once the ward is set up it belongs on
a USB stick in a drawer. The emergency key is encrypted with a PIN and opened for each use.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from devices.errors import SealBroken
from devices.model import SiteId
from devices.seal import SigningKey, Trust, seal_body
from devices.wire.documents import KeyEntry, KeyList, KeyRole, PolicyDocument

_INDEX = "keys.json"
_ROOT_KID = "root"
_EMERGENCY_KID = "em-1"
_KEPT_GATEWAY_KEYS = 2  # the one in use and the one before it, so that messages on their way still hold


@dataclass(frozen=True)
class Keyring:
    """The ward's keys. ``entries`` is what clusters are told to believe."""

    folder: Path
    site: SiteId
    version: int
    entries: tuple[KeyEntry, ...]
    sealed_list: str
    """The :class:`KeyList` sealed by the root key."""

    @property
    def root(self) -> KeyEntry:
        return next(entry for entry in self.entries if entry.role is KeyRole.ROOT)

    @property
    def trust(self) -> Trust:
        return Trust.of(self.entries)

    def gateway(self) -> SigningKey:
        """Open the newest gateway key.

        Raises:
            SealBroken, OSError: the file is damaged or missing.
        """
        newest = [entry.kid for entry in self.entries if entry.role is KeyRole.GATEWAY][-1]
        return SigningKey.load(self.folder / f"{newest}.pem", newest, KeyRole.GATEWAY)

    def emergency(self, pin: str) -> SigningKey:
        """Open the emergency key for one use.

        Raises:
            SealBroken: ``wrong_pin``.
        """
        return SigningKey.load(self.folder / f"{_EMERGENCY_KID}.pem", _EMERGENCY_KID, KeyRole.EMERGENCY, pin=pin)

    def seal_policy(self, policy: PolicyDocument, *, now_ms: int) -> str:
        """Seal a policy with the root key.

        Raises:
            SealBroken, OSError: the root key is not here (put the stick in) or is damaged.
        """
        root = _open_root(self.folder)
        return seal_body(
            root, "policy", policy, iss=self.site, aud=f"all:{self.site}", iat_ms=now_ms, seq=policy.version
        ).decode()

    def rotate_gateway(self, *, now_ms: int) -> "Keyring":
        """Make a new gateway key and announce it beside the one before it. Needs the root key."""
        number = 1 + max(int(e.kid.removeprefix("gw-")) for e in self.entries if e.role is KeyRole.GATEWAY)
        fresh = SigningKey.generate(f"gw-{number}", KeyRole.GATEWAY)
        fresh.save(self.folder / f"{fresh.kid}.pem")
        kept = [e for e in self.entries if e.role is KeyRole.GATEWAY][-(_KEPT_GATEWAY_KEYS - 1) :]
        others = [e for e in self.entries if e.role is not KeyRole.GATEWAY]
        return _announce(self.folder, self.site, self.version + 1, (*others, *kept, fresh.entry), now_ms)

    def renew_above(self, proven: KeyList, *, now_ms: int) -> "Keyring":
        """Make a new gateway key and announce it above ``proven``, a list of this ward's root that is newer than ours.

        After a restore: a gateway key that ``proven`` names no more was retired, perhaps because it was stolen, and is
        not brought back. Needs the root key.

        Raises:
            SealBroken, OSError: the root key is not here (put the stick in) or is damaged.
        """
        _open_root(self.folder)  # before a key file is made
        named = [*self.entries, *proven.keys]
        number = 1 + max(int(e.kid.removeprefix("gw-")) for e in named if e.role is KeyRole.GATEWAY)
        fresh = SigningKey.generate(f"gw-{number}", KeyRole.GATEWAY)
        fresh.save(self.folder / f"{fresh.kid}.pem")
        ours = [e for e in self.entries if e.role is KeyRole.GATEWAY and e in proven.keys][-1:]
        others = [e for e in self.entries if e.role is not KeyRole.GATEWAY]
        version = max(self.version, proven.version) + 1
        return _announce(self.folder, self.site, version, (*others, *ours, fresh.entry), now_ms)

    def change_pin(self, old: str, new: str) -> None:
        """Encrypt the emergency key with another PIN.

        Raises:
            SealBroken: ``wrong_pin``.
        """
        self.emergency(old).save(self.folder / f"{_EMERGENCY_KID}.pem", pin=new)


def create_keyring(folder: Path, site: SiteId, *, pin: str, now_ms: int) -> Keyring:
    """Make every key of a new ward.

    Raises:
        FileExistsError: there is a key list already; keys are never overwritten.
    """
    if (folder / _INDEX).exists():
        raise FileExistsError(folder / _INDEX)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    root = SigningKey.generate(_ROOT_KID, KeyRole.ROOT)
    gateway = SigningKey.generate("gw-1", KeyRole.GATEWAY)
    emergency = SigningKey.generate(_EMERGENCY_KID, KeyRole.EMERGENCY)
    root.save(folder / f"{_ROOT_KID}.pem")
    gateway.save(folder / "gw-1.pem")
    emergency.save(folder / f"{_EMERGENCY_KID}.pem", pin=pin)
    return _announce(folder, site, 1, (root.entry, emergency.entry, gateway.entry), now_ms)


def load_keyring(folder: Path) -> Keyring:
    """Read the ward's keys.

    Raises:
        FileNotFoundError: the ward has none yet.
        SealBroken: the index is damaged.
    """
    try:
        index = json.loads((folder / _INDEX).read_text())
        return Keyring(
            folder,
            SiteId(index["site"]),
            index["version"],
            tuple(KeyEntry.model_validate(entry) for entry in index["keys"]),
            index["sealed"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise SealBroken("bad_keyring") from error


def _open_root(folder: Path) -> SigningKey:
    return SigningKey.load(folder / f"{_ROOT_KID}.pem", _ROOT_KID, KeyRole.ROOT)


def _announce(folder: Path, site: SiteId, version: int, entries: tuple[KeyEntry, ...], now_ms: int) -> Keyring:
    keys = KeyList(site=site, version=version, keys=entries)
    sealed = seal_body(
        _open_root(folder), "keys", keys, iss=site, aud=f"all:{site}", iat_ms=now_ms, seq=version
    ).decode()
    index = {
        "site": site,
        "version": version,
        "keys": [entry.model_dump(mode="json") for entry in entries],
        "sealed": sealed,
    }
    partial = folder / f"{_INDEX}.part"
    with partial.open("w") as file:
        json.dump(index, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / _INDEX)
    return Keyring(folder, site, version, entries, sealed)
