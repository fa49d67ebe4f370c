"""Đăng nhập: in which way a camera takes our password, found out with as few wrong logins as can be.

What it took last time comes first. Otherwise: nothing at all, WS-Security with the camera's own time, HTTP Digest where
it asks for it, WS-Security with true time where its clock lies. Two refusals end a look, and the refusal is remembered:
a camera that locks after three wrong logins is not locked by us.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from devices.cameras.digest import Challenge, answer, read_challenge
from devices.cameras.judge import Observation, Verdict, judge
from devices.cameras.limits import Limits
from devices.cameras.line import Line
from devices.cameras.soap import DEVICE, envelope, security, soap_action
from devices.clock import Clock, instant
from devices.model.camera import AuthKind, Cause, Door, Memory
from devices.model.camera_cause import LOGIN_REFUSED

_MS = 1_000
WHO = (DEVICE, "GetDeviceInformation")
"""The cheapest call that wants a login."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """How signing in went. ``kind`` None: in no way."""

    kind: AuthKind | None
    verdict: Verdict
    ms: int
    wrong: int = 0
    """Passwords it refused meanwhile."""


class Login:
    """The login of one look. ``offset_s``: camera minus true time, as far as it is known by now."""

    def __init__(self, line: Line, memory: Memory, limits: Limits, clock: Clock) -> None:
        self.kind: AuthKind | None = None
        self.offset_s: float | None = memory.clock_offset_s
        self._line = line
        self.memory = memory
        self._limits = limits
        self._clock = clock
        self._challenge: Challenge | None = None

    @property
    def _door(self) -> Door:
        return self._line.door

    async def sign_in(self) -> Attempt:
        """Ask who the camera is, in one way after the other, until it says so."""
        tried: list[AuthKind] = []
        wrong = spent_ms = 0
        verdict = Verdict(cause=Cause.NO_PASSWORD)
        # what was refused before is tried once and no more: cameras count over hours
        most = 1 if self.memory.wrong_logins else self._limits.wrong_logins
        while wrong < most and self._line.left_s > 0:
            kind = self._next(tried)
            if kind is None:
                break
            tried.append(kind)
            seen, verdict = await self.call_as(kind, *WHO)
            spent_ms += seen.ms
            if verdict.cause not in LOGIN_REFUSED:
                self.kind = kind
                reached = verdict.cause is None or verdict.cause is Cause.NOT_ALLOWED
                return Attempt(kind=kind if reached else None, verdict=verdict, ms=spent_ms, wrong=wrong)
            wrong += kind is not AuthKind.NONE
            if verdict.cause is Cause.LOCKED_OUT:
                break
        if tried == [AuthKind.NONE] and verdict.cause is Cause.AUTH_FAILED:
            verdict = replace(verdict, cause=Cause.NO_PASSWORD)
        elif wrong and verdict.cause is Cause.AUTH_FAILED and self._clock_may_be_why(tried):
            verdict = replace(verdict, cause=Cause.AUTH_CLOCK)
        return Attempt(kind=None, verdict=verdict, ms=spent_ms, wrong=wrong)

    @property
    def way_with_password(self) -> AuthKind:
        """Return how a camera that was only asked without a password is told one, as far as it has said how."""
        return AuthKind.WSSE if self._challenge is None else AuthKind.DIGEST

    async def call(
        self, namespace: str, action: str, inside: str = "", *, path: str = "", to: str = ""
    ) -> tuple[Observation, Verdict]:
        """Call in the way that was found by :meth:`sign_in`."""
        return await self.call_as(self.kind or AuthKind.NONE, namespace, action, inside, path=path, to=to)

    async def call_as(
        self, kind: AuthKind, namespace: str, action: str, inside: str = "", *, path: str = "", to: str = ""
    ) -> tuple[Observation, Verdict]:
        """Call once in one way; a second time only for a digest's challenge."""
        body = envelope(namespace, action, inside, security=self.token(kind), to=to)
        return await self.send(kind, body, path=path or self._door.path, name=soap_action(namespace, action))

    async def send(self, kind: AuthKind, body: bytes, *, path: str, name: str) -> tuple[Observation, Verdict]:
        """Send a whole envelope, which holds a token already if ``kind`` wants one; answer a digest's challenge."""
        sign = kind is AuthKind.DIGEST
        seen = await self._line.post(path, body, action=name, authorization=self._signed(path) if sign else "")
        challenge = read_challenge(seen.headers.get("www-authenticate", ""))
        unsigned = sign and self._challenge is None
        self._challenge = challenge
        if sign and challenge is not None and (unsigned or challenge.stale):
            first = seen
            seen = await self._line.post(path, body, action=name, authorization=self._signed(path))
            seen = replace(seen, ms=seen.ms + first.ms)
            self._challenge = read_challenge(seen.headers.get("www-authenticate", ""))
        return seen, judge(seen)

    def token(self, kind: AuthKind) -> str:
        """Return a new WS-Security header for ``kind``, or nothing."""
        if kind not in {AuthKind.WSSE, AuthKind.WSSE_OURS}:
            return ""
        offset_s = self.offset_s or 0.0 if kind is AuthKind.WSSE else 0.0
        now = instant(self._clock.now_ms())
        try:
            created = now + timedelta(seconds=offset_s)
        except OverflowError:
            created = now
        return security(self._door.user, self._door.password, created=created, nonce=secrets.token_bytes(16))

    def _signed(self, target: str) -> str:
        if self._challenge is None:
            return ""
        door, cnonce = self._door, secrets.token_hex(8)
        return answer(self._challenge, door.user, door.password, method="POST", target=target, cnonce=cnonce)

    def _next(self, tried: list[AuthKind]) -> AuthKind | None:
        """Return the next way that makes sense."""
        if not self._door.password and not self._door.user:
            return None if tried else AuthKind.NONE
        known = self.memory.auth
        if known is not None and not tried:
            return known
        ways = [AuthKind.NONE] if known is None else []
        ways.append(AuthKind.WSSE)
        if self._challenge is not None:
            ways.append(AuthKind.DIGEST)
        if self._is_off:
            ways.append(AuthKind.WSSE_OURS)
        return next((way for way in ways if way not in tried), None)

    @property
    def _is_off(self) -> bool:
        return self.offset_s is not None and abs(self.offset_s) > self._limits.drift_s

    def _clock_may_be_why(self, tried: list[AuthKind]) -> bool:
        """Whether its clock is off and no way was tried that asks for none."""
        return self._is_off and AuthKind.DIGEST not in tried


def refused(memory: Memory, attempt: Attempt, now_ms: int, limits: Limits) -> Memory:
    """Return what is remembered of a login that failed: how long to leave it alone, and why."""
    cause = attempt.verdict.cause
    if cause is Cause.LOCKED_OUT:
        minutes = attempt.verdict.lock_minutes
        pause_s = limits.lock_pause_s if minutes is None else 60.0 * minutes + 30.0
        return replace(memory, paused_until_ms=now_ms + round(_MS * pause_s), locked=True, refusal=cause)
    if not attempt.wrong or cause not in LOGIN_REFUSED:
        return memory
    wrong = memory.wrong_logins + attempt.wrong
    pause_s = limits.pause_s * (1 if memory.wrong_logins == 0 else 2)
    return replace(
        memory, wrong_logins=wrong, paused_until_ms=now_ms + round(_MS * pause_s), locked=False, refusal=cause or ""
    )


def accepted(memory: Memory, kind: AuthKind) -> Memory:
    """Return what is remembered of a login that worked."""
    if memory.auth is kind and not memory.paused_until_ms and not memory.wrong_logins:
        return memory
    return replace(memory.forgive(), auth=kind)
