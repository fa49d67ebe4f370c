"""Password hashes as Mosquitto reads them: PBKDF2 with SHA-512, written ``$7$iterations$salt$hash``."""

import base64
import hashlib
import hmac
import os
import re

# Cluster secrets are random and long, so the work factor guards nothing a guesser could reach; but the broker has one
# thread, and a whole ward logs in at once when the power comes back. 1,000 rounds cost it about half a millisecond.
ITERATIONS = 1_000
SALT_BYTES = 12
HASH_BYTES = 64

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a broker account may be called: it becomes a level of a topic and a line of a file."""


def hash_password(password: str, *, iterations: int = ITERATIONS, salt: bytes | None = None) -> str:
    """Return the hash to keep and to give to the broker. ``salt`` is random unless a test needs to know it."""
    salt = os.urandom(SALT_BYTES) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations, HASH_BYTES)
    return f"$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_matches(password: str, password_hash: str) -> bool:
    """Tell whether ``password`` gave ``password_hash``, in time that does not depend on the answer.

    Raises:
        ValueError: not a hash of this format.
    """
    parts = password_hash.split("$")
    if len(parts) != 5 or parts[:2] != ["", "7"] or not parts[2].isdigit():  # noqa: PLR2004 - "", 7, rounds, salt, hash
        raise ValueError("not a $7$ password hash")
    again = hash_password(password, iterations=int(parts[2]), salt=base64.b64decode(parts[3], validate=True))
    return hmac.compare_digest(again, password_hash)


def password_file(accounts: dict[str, str]) -> str:
    """Write the broker's password file from user names and hashes.

    Raises:
        ValueError: a name or a hash that would not stay one field of one line.
    """
    lines = []
    for username, password_hash in sorted(accounts.items()):
        if USERNAME.fullmatch(username) is None:
            raise ValueError(f"not a broker account name: {username!r}")
        if not password_hash.startswith("$7$") or not password_hash.isascii() or "\n" in password_hash:
            raise ValueError(f"not a $7$ password hash for {username}")
        lines.append(f"{username}:{password_hash}\n")
    return "".join(lines)
