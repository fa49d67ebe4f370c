"""Ai được nói: one horn, several who want it. The higher level is heard, the lower gives way; silence outranks all.

Pure order plus one holder. It decides who may sound and tells the holder to stop; what the interrupted one does
afterwards is its own affair.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from devices.agent.outcome import Cut
from devices.agent.waiting import Bell, event_or_sleep
from devices.clock import Clock

HANDOVER_NS = 400_000_000
"""How long before its start a higher one silences a lower: enough to empty the card, too short to be a gap."""
TOUCHING_NS, OVERTIME_NS = 50_000_000, 1_000_000_000
"""One that ends where the next begins is let finish, and given a second for it: its last word is a word too."""
WORTH_NS = 1_500_000_000
"""Nobody begins who would be silenced this soon."""


@dataclass(eq=False, kw_only=True)
class Claim:
    """Lượt: one play that wants the air from ``start_ns`` to ``end_ns`` (board's monotonic time)."""

    occ: str
    level: int
    start_ns: int
    end_ns: int
    first_ns: int = 0
    """The planned start, by which equals are ordered even when one of them comes late."""
    paused: bool = False
    cut: Cut | None = None
    stop: Callable[[], object] = field(default=lambda: None)
    """Silences it while it sounds."""

    @property
    def rank(self) -> tuple[int, bool, int, tuple[int, ...]]:
        """Order claims; the greater one is heard. Among equals the earlier, then the lesser id; a paused one yields."""
        return self.level, not self.paused, -self.first_ns, tuple(-ord(letter) for letter in self.occ)

    def revoke(self, cut: Cut) -> None:
        """Take the air away. The first reason stands, unless a final one follows."""
        if self.cut is None or (cut.final and not self.cut.final):
            self.cut = cut
        self.stop()


class Floor:
    """The air of one pole."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._claims: set[Claim] = set()
        self._bell = Bell()
        self._shut: str | None = None
        self.holder: Claim | None = None

    @property
    def shut(self) -> str | None:
        """Return why nothing at all may sound (``silence``, ``maintenance``), or ``None``."""
        return self._shut

    @property
    def idle(self) -> bool:
        """Whether nobody sounds nor is about to."""
        return not self._claims

    def wanted(self, but: Claim | None) -> bool:
        """Tell whether somebody besides ``but`` sounds or is about to."""
        return any(claim is not but for claim in self._claims)

    def shut_for(self, why: str | None) -> None:
        """Silence everything at once and let nothing begin, or (``None``) open again."""
        self._shut = why
        if why is not None:
            for claim in self._claims:
                claim.revoke(Cut(why, final=True))
        self._bell.ring()

    def enter(self, claim: Claim) -> None:
        self._claims.add(claim)
        self._bell.ring()

    def hold_for_test(self, claim: Claim) -> None:
        """Let a test tone have an idle floor, also in maintenance. Whatever else comes outranks it."""
        self._claims.add(claim)
        self.holder = claim
        self._bell.ring()

    def leave(self, claim: Claim) -> None:
        self._claims.discard(claim)
        if self.holder is claim:
            self.holder = None
        self._bell.ring()

    def cut(self, claim: Claim, cut: Cut) -> None:
        """Take the air, or the wait for it, away from ``claim``."""
        claim.revoke(cut)
        self._bell.ring()

    def changed(self) -> None:
        """Let everybody who waits look again."""
        self._bell.ring()

    def above(self, claim: Claim) -> Claim | None:
        """Return who is heard instead of ``claim`` at its start (now, if that is past), or a moment later."""
        at_ns = max(claim.start_ns, self._clock.mono_ns())
        rivals = [
            other
            for other in self._claims
            if other is not claim and other.rank > claim.rank and other.start_ns - WORTH_NS <= at_ns < other.end_ns
        ]
        return max(rivals, key=lambda other: other.rank, default=None)

    async def turn(self, claim: Claim, until_ns: Callable[[], int]) -> str | None:
        """Wait until nothing stands above ``claim``; return what still does when ``until_ns()`` has passed."""
        while True:
            rung = self._bell.next
            blocker = self._shut or getattr(self.above(claim), "occ", None)
            left_ns = until_ns() - self._clock.mono_ns()
            if blocker is None or claim.cut is not None or left_ns <= 0:
                return blocker
            await event_or_sleep(rung, self._clock, left_ns / 1e9)

    async def take(self, claim: Claim) -> bool:
        """Become the holder, silencing a lower one shortly before the start; ``False``: somebody above came first."""
        while self._may_take(claim):
            if self.holder is None:
                self.holder = claim
                return True
            if self.holder.rank < claim.rank:
                await self._silence(self.holder, claim)
            else:  # it is about to end; its time is over by the clock
                await event_or_sleep(self._bell.next, self._clock, None)
        return False

    def _may_take(self, claim: Claim) -> bool:
        return claim.cut is None and self._shut is None and self.above(claim) is None

    async def _silence(self, holder: Claim, claim: Claim) -> None:
        rung = self._bell.next
        ends_in_time = holder.end_ns <= claim.start_ns + TOUCHING_NS and not holder.paused
        wait_ns = (
            holder.end_ns + OVERTIME_NS if ends_in_time else claim.start_ns - HANDOVER_NS
        ) - self._clock.mono_ns()
        if wait_ns > 0 and await event_or_sleep(rung, self._clock, wait_ns / 1e9):
            return
        rung = self._bell.next
        if self.holder is holder and self._may_take(claim):
            holder.revoke(Cut(claim.occ, final=holder.paused))
            await event_or_sleep(rung, self._clock, None)

    def give(self, claim: Claim) -> None:
        """Stop being the holder."""
        if self.holder is claim:
            self.holder = None
            self._bell.ring()
