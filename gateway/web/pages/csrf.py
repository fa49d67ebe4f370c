"""The CSRF token of a session as it stands in pages: under a new mask in each, because pages are compressed.

A token that is the same in every compressed page can be guessed from lengths (BREACH); a masked one cannot.
"""

import base64
import binascii
import secrets


def mask(token: str) -> str:
    """Return ``token`` as one page may show it."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    mixed = bytes(a ^ b for a, b in zip(plain, pad, strict=True))
    return base64.urlsafe_b64encode(pad + mixed).decode()


def unmask(shown: str) -> str:
    """Return the token under the mask; what never was one comes back as it is, and will not match."""
    try:
        raw = base64.urlsafe_b64decode(shown.encode())
        half = len(raw) // 2
        return bytes(a ^ b for a, b in zip(raw[:half], raw[half:], strict=True)).decode()
    except (ValueError, binascii.Error):
        return shown
