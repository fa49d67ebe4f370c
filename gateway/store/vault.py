"""Két: secrets that must be read again (a TOTP key, a password of a device), sealed; the key is not in the database.

AES-256-GCM; the owner's name is bound in, so that a sealed secret moved to another row does not open. The key is a
file in the folder of the ward's keys, made at first use; a backup takes both, so it wants its own passphrase.
"""

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.domain.errors import StoreFailed
from gateway.store.durable import whole_file
from gateway.store.failures import told

KEY_FILE = "vault.key"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = "v1."


class FileVault:
    """Fits :class:`gateway.ports.store.Vault`."""

    def __init__(self, folder: Path) -> None:
        """``folder``: the ward's keys. Nothing is read or written before the first secret."""
        self._path = folder / KEY_FILE
        self._cipher: AESGCM | None = None

    def seal(self, secret: str, *, owner: str) -> str:
        """Return ``secret`` sealed for ``owner``, as text.

        Raises:
            StoreFailed: the key cannot be read or kept.
        """
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._key().encrypt(nonce, secret.encode(), owner.encode())
        return _VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, *, owner: str) -> str:
        """Return what :meth:`seal` was given.

        Raises:
            StoreFailed: ``secret_not_opened``: another key, another owner, or altered.
        """
        try:
            if not sealed.startswith(_VERSION):
                raise _not_opened()
            raw = base64.urlsafe_b64decode(sealed.removeprefix(_VERSION).encode())
            return self._key().decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], owner.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise _not_opened() from error

    def _key(self) -> AESGCM:
        if self._cipher is None:
            with told():
                if not self._path.exists():
                    self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    with whole_file(self._path) as partial:
                        partial.write_bytes(os.urandom(_KEY_BYTES))
                key = self._path.read_bytes()
            if len(key) != _KEY_BYTES:
                raise _not_opened()
            self._cipher = AESGCM(key)
        return self._cipher


def _not_opened() -> StoreFailed:
    return StoreFailed(
        f"Không mở được bí mật đã cất: tệp {KEY_FILE} trong thư mục keys không phải của dữ liệu này.",
        f"A kept secret cannot be opened: {KEY_FILE} in the keys folder is not the one of this data.",
        code="secret_not_opened",
    )
