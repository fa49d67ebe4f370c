"""Đăng nhập: WS-Security with a clock and a memory of nonces, HTTP Digest, levels, and a nervous camera's lock."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from devices.clock import Clock, epoch_ms
from simulators.cameras.body_clock import BodyClock
from simulators.cameras.soap import Token
from simulators.cameras.spec import Level, User

NONCE_LIVES_S = 300.0
MOST_NONCES = 4_096
OLD_NONCE, SEEN_NONCE = "old nonce", "nonce seen before"
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass(frozen=True)
class Verdict:
    """Who asked. ``level`` ANONYMOUS: nobody it knows; ``why`` says what was wrong, for the journal only."""

    level: Level
    user: str = ""
    why: str = ""
    stale: bool = False
    """The digest was right and its nonce too old: ask again with a new one."""


NOBODY = Verdict(Level.ANONYMOUS)


class Gate:
    """Judges passwords for one camera. ``realm`` is what it calls itself in a challenge."""

    def __init__(self, users: tuple[User, ...], *, clock: Clock, body: BodyClock, realm: str, window_s: float) -> None:
        self.users = {user.name: user for user in users}
        self.realm = realm
        self._clock = clock
        self._body = body
        self._window_s = window_s
        self._nonces: dict[str, float] = {}
        self._issued = 0

    def forget(self) -> None:
        """Lose what a reboot loses: nonces seen."""
        self._nonces.clear()

    def token(self, token: Token) -> Verdict:
        """Judge a WS-Security token."""
        user = self.users.get(token.user)
        if user is None:
            return Verdict(Level.ANONYMOUS, token.user, "unknown user")
        why = self._wrong_with(token, user)
        return Verdict(Level.ANONYMOUS if why else user.level, user.name, why)

    def _wrong_with(self, token: Token, user: User) -> str:
        """Return what is wrong with a token of ``user``, or nothing."""
        if not token.is_digest:
            same = hmac.compare_digest(token.password.encode(), user.password.encode())
            return "" if same else "wrong password"
        try:
            nonce = base64.b64decode(token.nonce, validate=True)
            created_ms = epoch_ms(datetime.fromisoformat(token.created))
        except (ValueError, binascii.Error):
            return "no nonce or no time"
        secret = hashlib.sha1(nonce + token.created.encode() + user.password.encode())  # noqa: S324 - the standard's
        if not hmac.compare_digest(base64.b64encode(secret.digest()).decode(), token.password):
            return "wrong password"
        if abs(created_ms - self._body.now_ms()) > 1000 * self._body.window_s(self._window_s):
            return "not its time"
        return "" if self._fresh(f"{user.name}/{token.nonce}") else SEEN_NONCE

    def challenge(self, *, stale: bool = False) -> tuple[str, str]:
        """Return a ``WWW-Authenticate`` header with a new nonce."""
        self._issued += 1
        born_ns = self._clock.mono_ns()
        nonce = f"{born_ns:x}-{self._issued:x}-{self._mark(born_ns, self._issued)}"
        late = ", stale=TRUE" if stale else ""
        return "WWW-Authenticate", f'Digest realm="{self.realm}", qop="auth", nonce="{nonce}", algorithm=MD5{late}'

    def digest(self, header: str, method: str, target: str) -> Verdict:
        """Judge an ``Authorization`` header of RFC 7616 (MD5, with or without qop)."""
        scheme, _, rest = header.partition(" ")
        said = {name: quoted or bare for name, quoted, bare in _FIELD.findall(rest)}
        if scheme.lower() != "digest":
            return Verdict(Level.ANONYMOUS, "", f"{scheme} is not spoken here")
        user = self.users.get(said.get("username", ""))
        if user is None:
            return Verdict(Level.ANONYMOUS, said.get("username", ""), "unknown user")
        nonce, count = said.get("nonce", ""), said.get("nc")
        if said.get("uri") != target:
            why = "digest of another address"
        elif not hmac.compare_digest(_response(said, user, self.realm, method), said.get("response", "")):
            why = "wrong password"
        elif not self._ours(nonce):
            why = OLD_NONCE
        elif count is not None and not self._fresh(f"{nonce}/{count}/{said.get('cnonce', '')}"):
            why = SEEN_NONCE
        else:
            return Verdict(user.level, user.name)
        return Verdict(Level.ANONYMOUS, user.name, why, stale=why in {OLD_NONCE, SEEN_NONCE})

    def _mark(self, born_ns: int, number: int) -> str:
        return _md5(f"{self.realm}/{born_ns}/{number}/{sorted(self.users.items())}")[:16]

    def _ours(self, nonce: str) -> bool:
        parts = nonce.split("-")
        if len(parts) != 3:  # noqa: PLR2004 - time, number, mark
            return False
        try:
            born_ns, number = int(parts[0], 16), int(parts[1], 16)
        except ValueError:
            return False
        young = 0 <= self._clock.mono_ns() - born_ns <= NONCE_LIVES_S * 1e9
        return young and hmac.compare_digest(parts[2], self._mark(born_ns, number))

    def _fresh(self, nonce: str) -> bool:
        """Remember ``nonce`` for as long as its token could be played again; whether it is new."""
        now_s = self._clock.mono_ns() / 1e9
        if nonce in self._nonces:
            return False
        while self._nonces:
            oldest = next(iter(self._nonces))
            if now_s - self._nonces[oldest] <= NONCE_LIVES_S and len(self._nonces) < MOST_NONCES:
                break
            del self._nonces[oldest]
        self._nonces[nonce] = now_s
        return True


class Lock:
    """Khóa đăng nhập: counts wrong logins, and shuts for a while after too many."""

    def __init__(self, clock: Clock, *, attempts: int, lock_s: float) -> None:
        self._clock = clock
        self._attempts = attempts
        self._lock_s = lock_s
        self._wrong = 0
        self._until_s = float("-inf")

    @property
    def is_shut(self) -> bool:
        return self._clock.mono_ns() / 1e9 < self._until_s

    @property
    def left(self) -> int:
        """How many wrong logins are left."""
        return max(0, self._attempts - self._wrong)

    def wrong(self) -> None:
        """Count one."""
        self._wrong += 1
        if self._wrong >= self._attempts:
            self._wrong = 0
            self._until_s = self._clock.mono_ns() / 1e9 + self._lock_s

    def right(self) -> None:
        self._wrong = 0

    def open(self) -> None:
        """Forget everything, as at a reboot."""
        self._wrong = 0
        self._until_s = float("-inf")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - RFC 7616 as cameras speak it


def _response(said: Mapping[str, str], user: User, realm: str, method: str) -> str:
    """Return what the response of this digest ought to be."""
    nonce = said.get("nonce", "")
    first = _md5(f"{user.name}:{realm}:{user.password}")
    second = _md5(f"{method}:{said.get('uri', '')}")
    middle = f"{nonce}:{said['nc']}:{said.get('cnonce', '')}:auth" if said.get("qop") and "nc" in said else nonce
    return _md5(f"{first}:{middle}:{second}")
