"""Ed25519 keys: made, kept in files only their owner can read, and named by ``kid``."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from devices.errors import SealBroken
from devices.wire.documents import KeyEntry, KeyRole


def encode_public(key: Ed25519PublicKey) -> str:
    """Return the 32 raw bytes in base64url without padding (43 characters)."""
    return base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()


def decode_public(text: str) -> Ed25519PublicKey:
    """Read a key written by :func:`encode_public`.

    Raises:
        SealBroken: it is not one.
    """
    try:
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(text + "="))
    except ValueError as error:
        raise SealBroken("bad_key") from error


@dataclass(frozen=True)
class SigningKey:
    """A private key with its name and duty. Never printed."""

    kid: str
    role: KeyRole
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"SigningKey({self.kid}, {self.role})"

    @classmethod
    def generate(cls, kid: str, role: KeyRole) -> Self:
        """Make a new key."""
        return cls(kid, role, Ed25519PrivateKey.generate())

    @property
    def public(self) -> str:
        return encode_public(self.private.public_key())

    @property
    def entry(self) -> KeyEntry:
        """Return the line of the key list that announces this key."""
        return KeyEntry(kid=self.kid, role=self.role, pub=self.public)

    def save(self, path: Path, *, pin: str | None = None) -> None:
        """Write the key to ``path`` (mode 0600, whole or not at all), encrypted with ``pin`` when given.

        Raises:
            OSError: the folder cannot be written.
        """
        lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if pin is not None:
            lock = serialization.BestAvailableEncryption(pin.encode())
        pem = self.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
        partial = path.with_suffix(".part")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    @classmethod
    def load(cls, path: Path, kid: str, role: KeyRole, *, pin: str | None = None) -> Self:
        """Read a key written by :meth:`save`.

        Raises:
            SealBroken: ``wrong_pin`` or ``bad_key``.
            OSError: the file cannot be read.
        """
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), pin.encode() if pin is not None else None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SealBroken("wrong_pin" if pin is not None else "bad_key") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise SealBroken("bad_key")
        return cls(kid, role, private)
