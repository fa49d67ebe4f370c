"""HTTP Digest (RFC 7616) as cameras ask for it, for SOAP, snapshots and RTSP alike."""

import hashlib
import re
from dataclasses import dataclass

from devices.model.camera import Secret

_FIELD = re.compile(r'([a-zA-Z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_START = re.compile(r"(?:^|\n|,\s*)(digest|basic)\s", re.IGNORECASE)
_HASHES = {"md5": "md5", "sha-256": "sha256"}
_LONGEST = 1_024


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """What a camera asks to be answered."""

    realm: str
    nonce: str
    algorithm: str = "md5"
    qop: bool = True
    opaque: str | None = None
    stale: bool = False
    """The password was right, the nonce too old."""


def read_challenge(header: str) -> Challenge | None:
    """Read ``WWW-Authenticate`` (several joined by line breaks); None: no digest that we can answer."""
    best: Challenge | None = None
    if len(header) > 4 * _LONGEST:
        return None
    schemes = list(_START.finditer(header))
    for number, scheme in enumerate(schemes):
        end = schemes[number + 1].start() if number + 1 < len(schemes) else len(header)
        fields = _FIELD.findall(header[scheme.end() : end])
        said = {name.lower(): quoted or bare for name, quoted, bare in fields}
        algorithm = said.get("algorithm", "MD5").lower()
        words = [word.strip() for word in said.get("qop", "").lower().split(",") if word.strip()]
        usable = scheme[1].lower() == "digest" and algorithm in _HASHES and (not words or "auth" in words)
        if not usable or not said.get("nonce") or _unsafe(said):
            continue
        found = Challenge(
            realm=said.get("realm", ""),
            nonce=said["nonce"],
            algorithm=algorithm,
            qop=bool(words),
            opaque=said.get("opaque"),
            stale=said.get("stale", "").lower() == "true",
        )
        if best is None or (best.algorithm, found.algorithm) == ("md5", "sha-256"):
            best = found
    return best


def wants_basic(header: str) -> bool:
    """Whether the password in clear is the only thing a camera takes."""
    return {found.group(1).lower() for found in _START.finditer(header)} == {"basic"}


def answer(challenge: Challenge, user: str, password: Secret, *, method: str, target: str, cnonce: str) -> str:
    """Return the ``Authorization`` header. ``cnonce`` is used once."""

    def digest(text: str) -> str:
        return hashlib.new(_HASHES[challenge.algorithm], text.encode(), usedforsecurity=False).hexdigest()

    name = user.replace("\\", "\\\\").replace('"', '\\"')
    first, second = digest(f"{user}:{challenge.realm}:{password.reveal()}"), digest(f"{method}:{target}")
    middle = f"{challenge.nonce}:00000001:{cnonce}:auth" if challenge.qop else challenge.nonce
    parts = [
        f'username="{name}"',
        f'realm="{challenge.realm}"',
        f'nonce="{challenge.nonce}"',
        f'uri="{target}"',
        f'response="{digest(f"{first}:{middle}:{second}")}"',
        f"algorithm={challenge.algorithm.upper()}",
    ]
    if challenge.qop:
        parts += ["qop=auth", "nc=00000001", f'cnonce="{cnonce}"']
    if challenge.opaque is not None:
        parts.append(f'opaque="{challenge.opaque}"')
    return f"Digest {', '.join(parts)}"


def _unsafe(said: dict[str, str]) -> bool:
    """Whether a value would break out of the header that repeats it."""
    return any(len(value) > _LONGEST or not value.isprintable() for value in said.values())
