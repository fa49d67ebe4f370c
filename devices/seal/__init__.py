"""Con dấu: Ed25519 seals on every message that matters, the keys behind them, and how a new cluster gets its own."""

from devices.seal.jws import Opened, Trust, new_jti, seal, seal_body, unseal
from devices.seal.keys import SigningKey, decode_public, encode_public
from devices.seal.roles import MAY_SEAL

__all__ = [
    "MAY_SEAL",
    "Opened",
    "SigningKey",
    "Trust",
    "decode_public",
    "encode_public",
    "new_jti",
    "seal",
    "seal_body",
    "unseal",
]
