"""Nhân chứng giờ: what the poles whose clock NTP holds say of the gateway's own, and the time to believe meanwhile.

The gateway has one clock, and nothing in it can tell that this clock is wrong. The ward's poles can: each heartbeat
carries the time by which they play, under their own seal. When most of those that have it from NTP agree on another
time than the gateway's, the gateway's is the wrong one, not theirs.

A recording can bear false witness only until the pole itself speaks again, within 30 s, and all it achieves is that
the gateway waits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median_low

from devices.clock import NS_PER_MS, Clock, epoch_ms, instant
from devices.model import ClusterId
from devices.wire.reports import ClockState

NEVER_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows less than the year this was written in was never set."""
AGREES_WITHIN_MS = 600_000
"""Further apart, and one of two clocks is wrong: no message takes this long."""
FORGOTTEN_AFTER_S = 300.0
"""Who was not heard for ten heartbeats is no witness."""
ENOUGH = 2
"""So many must speak against the gateway, or one in a ward that has only one: a single pole may be wrong itself."""
ASKED_EVERY_NS, MOVED_MS = 1_000_000_000, 1_000
"""They are asked again after a second, and at once when a clock was moved by more than one."""


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """Most witnesses agree on another time than ours."""

    ours_ms: int
    theirs_ms: int
    against: int
    asked: int

    @property
    def ahead_ms(self) -> int:
        return self.theirs_ms - self.ours_ms

    @property
    def vi(self) -> str:
        """The finding in words, with both times."""
        return (
            f"Đồng hồ của đài SAI: đài chỉ {instant(self.ours_ms):%d/%m/%Y %H:%M} UTC, còn {self.against}/{self.asked} "
            f"cụm loa giữ giờ bằng NTP chỉ {instant(self.theirs_ms):%d/%m/%Y %H:%M} UTC. Hãy chỉnh đồng hồ máy đài; "
            "cụm loa vẫn phát đúng giờ theo kế hoạch đã nhận."
        )

    @property
    def en(self) -> str:
        """As :attr:`vi`."""
        return (
            f"The gateway's clock is WRONG: it shows {instant(self.ours_ms):%Y-%m-%d %H:%M} UTC, and {self.against} of "
            f"{self.asked} clusters held by NTP show {instant(self.theirs_ms):%Y-%m-%d %H:%M} UTC. Set the clock of "
            "this machine; clusters go on playing at the right hour the plan they hold."
        )


@dataclass(frozen=True)
class _Judged:
    """What the witnesses came to when they were last asked."""

    at_ns: int
    offset_ms: int
    """Our wall clock minus our monotonic one, then."""
    ahead_ms: int

    def stands(self, mono_ns: int, offset_ms: int) -> bool:
        return mono_ns - self.at_ns < ASKED_EVERY_NS and abs(offset_ms - self.offset_ms) <= MOVED_MS


@dataclass(frozen=True)
class _Word:
    ahead_ms: int
    """Its time minus our monotonic clock: so its word stays good when our wall clock is moved."""
    heard_ns: int


class TimeWitness:
    """Fed by the monitor with every fresh report of a pole; asked by whoever needs to know the hour."""

    def __init__(self, clock: Clock, *, ward: Callable[[], int] = lambda: ENOUGH) -> None:
        """``ward``: how many clusters there are."""
        self._clock = clock
        self._ward = ward
        self._words: dict[ClusterId, _Word] = {}
        self._judged: _Judged | None = None

    def hear(self, cluster: ClusterId, clock: ClockState, said_ms: int) -> None:
        """Take in what ``cluster`` says of the time, in a report that is live and was not heard before."""
        if clock.trusted and clock.src == "ntp" and said_ms >= epoch_ms(NEVER_BEFORE):
            now_ns = self._clock.mono_ns()
            word, before = _Word(said_ms - now_ns // NS_PER_MS, now_ns), self._words.get(cluster)
            self._words[cluster] = word
            if before is None or abs(word.ahead_ms - before.ahead_ms) > MOVED_MS:
                self._judged = None
        else:
            self.forget(cluster)

    def forget(self, cluster: ClusterId) -> None:
        """Another controller bears the name from now on, or none."""
        self._words.pop(cluster, None)
        self._judged = None

    def vouched(self) -> bool:
        """Tell whether a pole with a clock of its own agrees with ours."""
        return any(abs(ahead_ms) <= AGREES_WITHIN_MS for ahead_ms in self._ahead_of_us())

    def dispute(self) -> Dispute | None:
        """Return what most witnesses hold against our clock, or ``None``."""
        ahead_ms = list(self._ahead_of_us())
        against = [each for each in ahead_ms if abs(each) > AGREES_WITHIN_MS]
        if not against:
            return None
        middle = median_low(against)
        together = [each for each in against if abs(each - middle) <= AGREES_WITHIN_MS]
        if len(together) < min(ENOUGH, self._ward()) or 2 * len(together) <= len(ahead_ms):
            return None
        ours_ms = self._clock.now_ms()
        return Dispute(ours_ms=ours_ms, theirs_ms=ours_ms + middle, against=len(together), asked=len(ahead_ms))

    def now_ms(self) -> int:
        """Return the hour to go by: the gateway's, or while most poles dispute that, theirs (to about a second)."""
        ours_ms, mono_ns = self._clock.now_ms(), self._clock.mono_ns()
        offset_ms = ours_ms - mono_ns // NS_PER_MS
        judged = self._judged
        if judged is None or not judged.stands(mono_ns, offset_ms):
            # Every order and every answer asks: a thousand of them must not each ask a thousand witnesses.
            dispute = self.dispute()
            judged = self._judged = _Judged(mono_ns, offset_ms, dispute.ahead_ms if dispute is not None else 0)
        return ours_ms + judged.ahead_ms

    def _ahead_of_us(self) -> Iterator[int]:
        now_ns = self._clock.mono_ns()
        ours_ms = self._clock.now_ms() - now_ns // NS_PER_MS
        for word in self._words.values():
            if now_ns - word.heard_ns <= FORGOTTEN_AFTER_S * 1e9:
                yield word.ahead_ms - ours_ms


class BelievedClock:
    """The gateway's clock for orders: a pole refuses one that is stamped with an hour it knows to be wrong."""

    def __init__(self, clock: Clock, witness: TimeWitness) -> None:
        self._clock = clock
        self._witness = witness

    def now_ms(self) -> int:
        return self._witness.now_ms()

    def mono_ns(self) -> int:
        return self._clock.mono_ns()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
