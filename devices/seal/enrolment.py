"""Ghi danh: a new cluster gets its keys with a one-time code that a person carries to the pole.

The code is 20 characters of Crockford's base 32: four name the offer, sixteen (80 random bits) are a secret that
never travels. Both messages are sealed under a key derived from it (HKDF-SHA256, ChaCha20-Poly1305), so whoever
sits on the wire can neither read the broker's password nor slip in a root key of his own.
"""

import base64
import json
import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field

from devices.errors import BadMessage, SealBroken
from devices.wire.base import EpochMs, Slug, Token, Wire, parse
from devices.wire.documents import KeyEntry

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NAME_CHARS, _SECRET_CHARS, _NONCE_BYTES = 4, 16, 12
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


class Request(Wire):
    """What the cluster asks with."""

    pub: Annotated[str, Field(min_length=43, max_length=43)]
    model: Token
    fw: Token


class Grant(Wire):
    """What the gateway answers: who you are, whom to believe, where to connect."""

    site: Slug
    cluster: Slug
    kid: Token | None = None
    """What the cluster's key is called from now on; ``None``: after the cluster. A key that replaces one is another."""
    zones: tuple[Slug, ...] = ()
    root: KeyEntry
    keys: str
    """A sealed key list, so that the first configuration can be checked."""
    broker_host: Token
    broker_port: Annotated[int, Field(ge=1, le=65535)]
    broker_tls: bool = False
    username: Token | None = None
    password: Token | None = None
    asset_base: Token
    now_ms: EpochMs


@dataclass(frozen=True)
class Code:
    """A one-time code. ``name`` may travel and be stored; ``secret`` is on paper and, hashed by use, nowhere else."""

    name: str
    secret: str

    def __repr__(self) -> str:
        return f"Code({self.name}-…)"

    @property
    def text(self) -> str:
        """Return the code as a person writes it: five groups of four."""
        whole = self.name + self.secret
        return "-".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def new_code() -> Code:
    """Draw a code."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_NAME_CHARS + _SECRET_CHARS))
    return Code(letters[:_NAME_CHARS], letters[_NAME_CHARS:])


def read_code(text: str) -> Code:
    """Read a code as a tired person types it: lower case, spaces, O for 0, I or L for 1.

    Raises:
        BadMessage: it cannot be a code.
    """
    letters = "".join(char for char in text.upper() if char.isalnum()).translate(_READ_AS)
    if len(letters) != _NAME_CHARS + _SECRET_CHARS or any(char not in _ALPHABET for char in letters):
        raise BadMessage("mã ghi danh gồm 20 ký tự (5 nhóm 4) / an enrolment code has 20 characters")
    return Code(letters[:_NAME_CHARS], letters[_NAME_CHARS:])


def _box(code: Code, purpose: str) -> ChaCha20Poly1305:
    derive = HKDF(hashes.SHA256(), 32, salt=code.name.encode(), info=f"loa/v1 enrol {purpose}".encode())
    return ChaCha20Poly1305(derive.derive(code.secret.encode()))


def _wrap(code: Code, purpose: str, body: Wire) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = _box(code, purpose).encrypt(nonce, body.model_dump_json().encode(), purpose.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def _unwrap(code: Code, purpose: str, text: str) -> Any:
    try:
        raw = base64.urlsafe_b64decode(text)
        return json.loads(_box(code, purpose).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode()))
    except (ValueError, InvalidTag) as error:
        raise SealBroken("wrong_code") from error


def wrap_request(code: Code, request: Request) -> str:
    """Seal the cluster's question under the code."""
    return _wrap(code, "request", request)


def open_request(code: Code, text: str) -> Request:
    """Open it at the gateway.

    Raises:
        SealBroken: ``wrong_code``.
        BadMessage: the content is not a request.
    """
    request: Request = parse(Request, _unwrap(code, "request", text))
    return request


def wrap_grant(code: Code, grant: Grant) -> str:
    """Seal the gateway's answer under the code."""
    return _wrap(code, "grant", grant)


def open_grant(code: Code, text: str) -> Grant:
    """Open it at the pole.

    Raises:
        SealBroken: ``wrong_code``: somebody without the code answered.
        BadMessage: the content is not a grant.
    """
    grant: Grant = parse(Grant, _unwrap(code, "grant", text))
    return grant
