"""A backup under a passphrase: AES-256-GCM in pieces, the key made by scrypt. A cut, swapped or altered piece shows.

File: magic, 16 bytes of salt, then pieces of 1 MiB each with its tag; the last one is marked as the last.
"""

import os
import unicodedata
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gateway.domain.errors import StoreFailed

MAGIC = b"LOA-BACKUP-1\n"
_SALT = 16
_TAG = 16
_PIECE = 1 << 20
_COUNTER = 11  # bytes of the nonce that count; the twelfth says whether it is the last piece


class EncryptingFile:
    """What is written here arrives encrypted in ``file``. Nothing can be read of it before :meth:`finish`."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        salt = os.urandom(_SALT)
        file.write(MAGIC + salt)
        self._file = file
        self._cipher = _cipher(passphrase, salt)
        self._buffer = bytearray()
        self._pieces = 0

    def write(self, data: bytes) -> int:
        """Take ``data``."""
        self._buffer += data
        while len(self._buffer) > _PIECE:
            self._seal(bytes(self._buffer[:_PIECE]), last=False)
            del self._buffer[:_PIECE]
        return len(data)

    def finish(self) -> None:
        """Write the last piece."""
        self._seal(bytes(self._buffer), last=True)
        self._buffer.clear()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._pieces, last=last), piece, MAGIC))
        self._pieces += 1


class DecryptingFile:
    """Reads what :class:`EncryptingFile` wrote. ``file`` stands right after the magic."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._file = file
        self._cipher = _cipher(passphrase, file.read(_SALT))
        self._next = file.read(_PIECE + _TAG)
        self._plain = b""
        self._pieces = 0

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; nothing at the end.

        Raises:
            StoreFailed: ``backup_not_opened``: wrong passphrase, or the file was altered.
        """
        while len(self._plain) < size and self._next:
            self._plain += self._open()
        found, self._plain = self._plain[:size], self._plain[size:]
        return found

    def _open(self) -> bytes:
        piece, self._next = self._next, self._file.read(_PIECE + _TAG)
        try:
            plain = self._cipher.decrypt(_nonce(self._pieces, last=not self._next), piece, MAGIC)
        except InvalidTag as error:
            raise StoreFailed(
                "Không mở được bản sao lưu: sai mật khẩu, hoặc tệp đã bị sửa.",
                "The backup cannot be opened: wrong passphrase, or the file was altered.",
                code="backup_not_opened",
            ) from error
        self._pieces += 1
        return plain


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    # 32 MiB and about a tenth of a second for each guess
    key = Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(unicodedata.normalize("NFC", passphrase).encode())
    return AESGCM(key)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_COUNTER, "big") + bytes([last])
