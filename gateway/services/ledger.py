"""Sổ phát sóng: what was planned, what was heard, and how strong the proof is. Reads only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from devices.model import ClusterId, OccurrenceId, Outcome, Proof
from gateway.ports.records import PlannedPlay
from gateway.ports.store import Proofs


@dataclass(frozen=True, kw_only=True)
class Airing:
    """One airtime over all its clusters."""

    occ: OccurrenceId
    title: str
    start_at: datetime
    plays: int
    heard: int
    """Lượt phát: proven, whole. Nothing else counts."""
    outcomes: dict[str, int]
    """Outcome, or ``open``, to how many."""


class Ledger:
    """Questions about plays."""

    def __init__(self, *, proofs: Proofs) -> None:
        self._proofs = proofs

    async def plays(
        self, *, since: datetime, until: datetime, cluster: ClusterId | None = None
    ) -> Sequence[PlannedPlay]:
        """Return every play of the span, cancelled ones too, by start."""
        return await self._proofs.plays(since=since, until=until, cluster=cluster)

    async def airings(self, *, since: datetime, until: datetime) -> list[Airing]:
        """Return the airtimes of the span, by start."""
        grouped: dict[OccurrenceId, list[PlannedPlay]] = {}
        for play in await self._proofs.plays(since=since, until=until):
            if not play.cancelled or play.outcome is not None:
                grouped.setdefault(play.occ, []).append(play)
        return [_airing(occ, plays) for occ, plays in grouped.items()]

    async def counts(self, *, since: datetime, until: datetime) -> dict[tuple[Outcome | None, Proof], int]:
        """Count plays by outcome and strength of proof."""
        return await self._proofs.counts(since=since, until=until)


def counts_as_heard(play: PlannedPlay) -> bool:
    """Tell whether ``play`` is a lượt phát for a report: heard whole, and at least the cluster swears to it."""
    return play.outcome is not None and play.outcome.heard and play.proof is not Proof.NONE


def _airing(occ: OccurrenceId, plays: list[PlannedPlay]) -> Airing:
    outcomes = Counter(play.outcome.value if play.outcome is not None else "open" for play in plays)
    return Airing(
        occ=occ,
        title=plays[0].title,
        start_at=min(play.start_at for play in plays),
        plays=len(plays),
        heard=sum(1 for play in plays if counts_as_heard(play)),
        outcomes=dict(outcomes),
    )
