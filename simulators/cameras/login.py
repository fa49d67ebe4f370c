"""Who asks, may he, and how a camera says no: the ways of real ones differ more here than anywhere else."""

from simulators.cameras.auth import NOBODY, Gate, Lock, Verdict
from simulators.cameras.faults import Fault
from simulators.cameras.message import Answer, Request
from simulators.cameras.soap import Call, CallFault
from simulators.cameras.spec import AuthWay, Level
from simulators.cameras.state import CameraState

_ANYBODY = Verdict(Level.ADMINISTRATOR)
"""Whoever comes, on a camera that asks for no password."""


class Login:
    """Judges the logins of one camera."""

    def __init__(self, state: CameraState) -> None:
        spec = state.spec
        self._state = state
        self.gate = Gate(
            spec.users,
            clock=state.clock,
            body=state.body,
            realm=f"IP Camera({spec.serial})",
            window_s=spec.created_window_s,
        )
        self._lock = Lock(state.clock, attempts=spec.login_attempts, lock_s=spec.lock_s)

    def forget(self) -> None:
        """Lose what a reboot loses: nonces and locks."""
        self.gate.forget()
        self._lock.open()

    def judge(self, request: Request, call: Call) -> tuple[Verdict, str]:
        """Return who makes ``call``, and in which way he says so."""
        if call.token is None or AuthWay.WSSE not in self._ways:
            return self.judge_http(request)
        kind = "wsse" if call.token.is_digest else "wsse-text"
        return self._unless_changed(self.gate.token(call.token)), kind

    def judge_http(self, request: Request) -> tuple[Verdict, str]:
        """The same by HTTP's own header alone."""
        given = request.headers.get("authorization", "")
        if not given:
            return (_ANYBODY if Fault.OPEN_TO_ALL in self._state else NOBODY), "none"
        kind = given.partition(" ")[0].lower()
        return self._unless_changed(self.gate.digest(given, request.method, request.target)), kind

    def refused(self, verdict: Verdict, kind: str, needed: Level) -> Answer | None:
        """Return how a login that does not suffice is told so; ``None``: it suffices."""
        if Fault.LOCKED_OUT in self._state or self._lock.is_shut:
            return Answer(status=403, body=b"The device is locked. Please try again in 30 minutes.", kind="text/plain")
        if verdict.level >= needed:
            self._lock.right()
            return None
        if verdict.level > Level.ANONYMOUS:
            return fault_answer(CallFault("Operation prohibited for this user", "Sender", "ter:OperationProhibited"))
        text = "Sender not authorized"
        if Fault.LOCKS_OUT in self._state and kind != "none" and not verdict.stale:
            self._lock.wrong()
            text = "locked" if self._lock.is_shut else f"Wrong password. You still have {self._lock.left} attempt(s)."
        return self._refusal(text, stale=verdict.stale)

    @property
    def _ways(self) -> frozenset[AuthWay]:
        return frozenset({AuthWay.DIGEST}) if Fault.AUTH_DIGEST_ONLY in self._state else self._state.spec.auth

    def _unless_changed(self, verdict: Verdict) -> Verdict:
        if Fault.WRONG_PASSWORD in self._state and verdict.level:
            return Verdict(Level.ANONYMOUS, verdict.user, "every password was changed")
        return verdict

    def _refusal(self, text: str, *, stale: bool) -> Answer:
        faults = self._state.faults
        if Fault.AUTH_401_EMPTY in faults:
            return Answer(status=401)
        if Fault.AUTH_RECEIVER in faults:
            return fault_answer(CallFault("Authority failure", "Receiver"))
        body = CallFault(text, "Sender", "ter:NotAuthorized").envelope()
        for fault, status in ((Fault.AUTH_400, 400), (Fault.AUTH_200, 200), (Fault.AUTH_500, 500)):
            if fault in faults:
                return Answer(status=status, body=body)
        if AuthWay.DIGEST in self._ways:
            return Answer(status=401, body=body, headers=(self.gate.challenge(stale=stale),))
        return Answer(status=400, body=body)


def fault_answer(fault: CallFault) -> Answer:
    """Return ``fault`` as an HTTP answer."""
    return Answer(status=fault.status, body=fault.envelope())
