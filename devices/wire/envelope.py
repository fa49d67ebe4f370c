"""What the seal protects: who says it to whom, until when, and in which order."""

from typing import Annotated, Any, Literal

from pydantic import Field

from devices.wire.base import EpochMs, Token, Wire


class Envelope(Wire):
    """The signed payload. ``(epoch, seq)`` orders documents; ``jti`` names a message; ``exp_ms`` ends a command."""

    v: Literal[1] = 1
    iss: Token
    aud: Annotated[str, Field(pattern=r"^(cluster|zone|all|gateway):[a-z0-9-]{1,48}$")]
    iat_ms: EpochMs
    exp_ms: EpochMs | None = None
    epoch: Annotated[int, Field(ge=0)] = 0
    seq: Annotated[int, Field(ge=0)] = 0
    jti: Token
    body: dict[str, Any]
