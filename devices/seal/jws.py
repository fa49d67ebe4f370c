"""The seal: compact JWS, ``alg`` fixed to ``EdDSA`` (Ed25519), header ``{alg, kid, typ}``.

The bytes are signed as sent, so JSON canonicalisation never matters. Authority comes from here and nowhere
else: broker, TLS and ACLs only keep the noise down.
"""

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from devices.errors import BadMessage, SealBroken
from devices.seal.keys import SigningKey, decode_public
from devices.seal.roles import MAY_SEAL
from devices.wire.base import COMMAND_MAX_BYTES, Wire, parse
from devices.wire.documents import KeyEntry, KeyRole
from devices.wire.envelope import Envelope

_ALG = "EdDSA"
_JWS = PyJWS(algorithms=[_ALG])
_LONGEST_HEADER = 512


def new_jti() -> str:
    """Return a name for one message that will not come twice (96 random bits)."""
    return secrets.token_urlsafe(12)


@dataclass(frozen=True)
class Opened:
    """A message whose seal held: what kind, by which key, and what it says."""

    typ: str
    kid: str
    role: KeyRole
    envelope: Envelope


@dataclass(frozen=True)
class Trust:
    """The public keys one party believes, by ``kid``."""

    keys: Mapping[str, tuple[KeyRole, Ed25519PublicKey]]

    @classmethod
    def of(cls, entries: Iterable[KeyEntry]) -> "Trust":
        """Build from the lines of a key list.

        Raises:
            SealBroken: a line holds no key.
        """
        return cls({entry.kid: (entry.role, decode_public(entry.pub)) for entry in entries})


def seal(key: SigningKey, typ: str, envelope: Envelope) -> bytes:
    """Seal ``envelope`` as a ``typ`` message.

    Raises:
        SealBroken: ``key_not_allowed``: this key's role may not say that.
    """
    if typ not in MAY_SEAL[key.role]:
        raise SealBroken("key_not_allowed")
    payload = envelope.model_dump_json(exclude_none=True).encode()
    token = _JWS.encode(payload, key.private, algorithm=_ALG, headers={"kid": key.kid, "typ": typ})
    return token.encode("ascii")


def seal_body(
    key: SigningKey,
    typ: str,
    body: Wire,
    *,
    iss: str,
    aud: str,
    iat_ms: int,
    exp_ms: int | None = None,
    epoch: int = 0,
    seq: int = 0,
    jti: str | None = None,
) -> bytes:
    """Put ``body`` in an envelope and seal it. See :func:`seal`."""
    envelope = Envelope(
        iss=iss, aud=aud, iat_ms=iat_ms, exp_ms=exp_ms, epoch=epoch, seq=seq, jti=jti or new_jti(), body=body.payload()
    )
    return seal(key, typ, envelope)


def unseal(token: bytes, trust: Trust, *, max_bytes: int) -> Opened:
    """Check size, form, key, signature and the key's duty, in that order, and only then read the content.

    Raises:
        SealBroken: ``too_big``, ``malformed``, ``unknown_key``, ``bad_signature``, ``key_not_allowed``.
    """
    if len(token) > max_bytes:
        raise SealBroken("too_big")
    header = _header(token)
    kid, typ = header.get("kid"), header.get("typ")
    if not isinstance(kid, str) or not isinstance(typ, str) or header.get("alg") != _ALG:
        raise SealBroken("malformed")
    if kid not in trust.keys:
        raise SealBroken("unknown_key")
    role, public = trust.keys[kid]
    if role is KeyRole.DEVICE or len(token) > COMMAND_MAX_BYTES:
        payload = _payload(token, public)
    else:
        payload = _opened_before(token, public.public_bytes_raw())
    if typ not in MAY_SEAL[role]:
        raise SealBroken("key_not_allowed")
    try:
        envelope = parse(Envelope, json.loads(payload))
    except (ValueError, RecursionError, BadMessage) as error:
        raise SealBroken("malformed") from error
    return Opened(typ, kid, role, envelope)


def _payload(token: bytes, public: Ed25519PublicKey) -> bytes:
    """Return what ``token`` says if the key ``public`` signed exactly these bytes.

    Raises:
        SealBroken: ``bad_signature``.
    """
    try:
        payload: bytes = _JWS.decode(token, public, algorithms=[_ALG])
    except PyJWTError as error:
        raise SealBroken("bad_signature") from error
    return payload


@lru_cache(maxsize=32)
def _opened_before(token: bytes, public: bytes) -> bytes:
    """As :func:`_payload`, for what many hear: the same bytes under the same key (32 bytes) hold for ever.

    Repeats of an order, and a thousand poles in one process, ask once. Time, epoch and repetition are judged afresh
    each time, elsewhere. What does not hold is not remembered.
    """
    return _payload(token, Ed25519PublicKey.from_public_bytes(public))


def _header(token: bytes) -> dict[str, Any]:
    """Read who says what, to find the key. The library would read the whole token for it, and does when it verifies."""
    segment, _, _ = token[:_LONGEST_HEADER].partition(b".")
    try:
        header = json.loads(base64.b64decode(segment + b"=" * (-len(segment) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise SealBroken("malformed") from error
    if not isinstance(header, dict):
        raise SealBroken("malformed")
    return header
