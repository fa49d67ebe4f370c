"""Lời nhắn một lần: what the next page says first, such as "đã lưu". In a cookie under a seal of this process."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

FLASH_COOKIE = "loa_flash"
LIVES_S = 60
_MAC_BYTES = 16
_LONGEST = 2_000


class Tone(StrEnum):
    """How a message is meant; each has an icon of its own."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Undo:
    """The button that takes it back: a form of ours that is sent again."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Flash:
    """One message: a key of the words, and what goes into it."""

    key: str
    tone: Tone = Tone.GOOD
    values: dict[str, str] = field(default_factory=dict)
    undo: Undo | None = None


class FlashSeal:
    """Writes and reads the cookie. A restart forgets the key, and with it a message of the last minute."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def write(self, flash: Flash) -> str:
        """Return the cookie's value."""
        body = json.dumps(asdict(flash), ensure_ascii=False).encode()
        return base64.urlsafe_b64encode(self._mac(body) + body).decode()

    def read(self, text: str) -> Flash | None:
        """Return what :meth:`write` was given, or nothing if anybody else wrote it."""
        if not text or len(text) > _LONGEST:
            return None
        try:
            raw = base64.urlsafe_b64decode(text.encode())
        except (ValueError, binascii.Error):
            return None
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            return None
        return _flash(json.loads(body))

    def _mac(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).digest()[:_MAC_BYTES]


def _flash(body: dict[str, Any]) -> Flash:
    undo = body["undo"]
    return Flash(
        key=body["key"],
        tone=Tone(body["tone"]),
        values=body["values"],
        undo=Undo(action=undo["action"], fields=undo["fields"]) if undo else None,
    )
