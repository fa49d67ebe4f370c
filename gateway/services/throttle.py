"""Chặn thử nhiều lần: after some failures each further try must wait longer, up to a limit, and never for ever.

Keys are whatever is guessed at: an account name, an address, a one-time code. In memory: a restart forgets.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace

from devices.clock import Clock

_NS = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How many failures are free, and how the wait grows after them."""

    free: int = 5
    first_s: float = 30
    limit_s: float = 900
    """A person who knows the password is never kept out longer than this by somebody who does not."""
    forget_s: float = 3600

    def wait_after(self, failures: int) -> float:
        """Return the seconds to wait after so many failures: nothing, then doubling up to the limit."""
        over = failures - self.free
        return 0.0 if over < 0 else min(self.first_s * 2.0 ** min(over, 30), self.limit_s)


@dataclass(frozen=True)
class _Tries:
    count: int
    until_ns: int
    last_ns: int


class Throttle:
    """Counts tries per key. A try counts as failed until :meth:`passed` says otherwise.

    So a thousand guesses sent at once are five guesses: they are counted before anybody looks at them.
    Tries made while waiting are refused without being counted: nobody's wait is made longer by others' knocking.
    """

    def __init__(self, clock: Clock, patience: Patience, *, room: int = 10_000) -> None:
        self._clock = clock
        self._patience = patience
        self._room = room  # keys are chosen by strangers: the memory they may take is not
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def attempt(self, key: str) -> float:
        """Count a try of ``key`` and return 0, or return the seconds left to wait and count nothing."""
        now_ns = self._clock.mono_ns()
        before = self._tries.get(key)
        if before is not None and before.until_ns > now_ns:
            return (before.until_ns - now_ns) / _NS
        if before is None or now_ns - before.last_ns > self._patience.forget_s * _NS:
            before = _Tries(0, 0, now_ns)
        count = before.count + 1
        wait_ns = round(self._patience.wait_after(count) * _NS)
        self._tries[key] = replace(before, count=count, until_ns=now_ns + wait_ns, last_ns=now_ns)
        self._tries.move_to_end(key)
        while len(self._tries) > self._room:
            self._tries.popitem(last=False)
        return 0.0

    def wait_s(self, key: str) -> float:
        """Return the seconds until ``key`` may be tried."""
        tries = self._tries.get(key)
        return max(0.0, (tries.until_ns - self._clock.mono_ns()) / _NS) if tries is not None else 0.0

    def failures(self, key: str) -> int:
        """Return how many tries of ``key`` have failed in a row."""
        tries = self._tries.get(key)
        return tries.count if tries is not None else 0

    def waiting(self) -> dict[str, float]:
        """Return every key that may not be tried now, and for how many seconds."""
        now_ns = self._clock.mono_ns()
        return {key: (tries.until_ns - now_ns) / _NS for key, tries in self._tries.items() if tries.until_ns > now_ns}

    def forget(self, prefix: str) -> None:
        """Forget the failures of every key that begins with ``prefix``."""
        for key in [key for key in self._tries if key.startswith(prefix)]:
            self.passed(key)

    def unheard(self, key: str) -> None:
        """Take the last try of ``key`` back: nobody came to look at it."""
        tries = self._tries.get(key)
        if tries is not None:
            left = tries.count - 1
            self._tries[key] = replace(tries, count=left, until_ns=tries.last_ns)

    def passed(self, key: str) -> None:
        """Forget the failures of ``key``: the try was good."""
        self._tries.pop(key, None)
