"""Thu nhật ký: keeps the clusters' journals, settles plays from them, and only then lets the clusters forget.

Entries of many clusters go into one transaction together with what they prove, so a crash in between loses neither;
a cluster is told only of what is on the disk, and only up to the first gap.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from devices.clock import Clock, instant
from devices.errors import LinkError
from devices.model import ClusterId, OccurrenceId
from devices.wire.reports import JournalEntry, JournalState
from gateway.domain.errors import NotFound
from gateway.domain.people import Permission, expect
from gateway.ports.clusters import Clusters, Report
from gateway.ports.records import AuditNote, JournalBatch, PlannedPlay
from gateway.ports.store import Proofs
from gateway.services.actor import Actor
from gateway.services.chain import LOST_PREFIX, Arrived, Head, Joined, Stop, join
from gateway.services.evidence import nobody_planned, noted
from gateway.services.journal_alarms import JournalAlarms
from gateway.services.promises import Promises
from gateway.services.supervisor import Beat, no_beat
from gateway.services.verdicts import Verdicts

logger = logging.getLogger(__name__)

FLUSH_EVERY_S = 0.25
"""A thousand clusters end a broadcast together: a quarter of a second makes them a few transactions, not thousands."""
MOST_AT_ONCE = 2_000
"""Entries in one transaction: longer ones would hold up whoever waits for the store."""
ACKS_AT_ONCE = 100
MOST_WAITING = 2_000
"""Entries held of one cluster; those beyond are sent again."""
RESYNC_EVERY_S = 10.0
ASKS_BEFORE_HOLE = 3

Key = tuple[OccurrenceId, ClusterId]


@dataclass
class _Gap:
    asked_ns: int | None = None
    asks: int = 0


class Intake:
    """One per gateway. :meth:`on_entry` is cheap; :meth:`run` does the work."""

    def __init__(
        self,
        *,
        proofs: Proofs,
        promises: Promises,
        clusters: Clusters,
        verdicts: Verdicts,
        alarms: JournalAlarms,
        clock: Clock,
    ) -> None:
        self._proofs = proofs
        self._promises = promises
        self._clusters = clusters
        self._verdicts = verdicts
        self._alarms = alarms
        self._clock = clock
        self._heads: dict[ClusterId, Head] = {}
        self._waiting: defaultdict[ClusterId, dict[int, Arrived]] = defaultdict(dict)
        self._gaps: defaultdict[ClusterId, _Gap] = defaultdict(_Gap)
        self._broken: dict[ClusterId, Arrived] = {}
        self._forgotten: dict[ClusterId, int] = {}
        self._owed: set[ClusterId] = set()
        self._untold: deque[tuple[PlannedPlay | None, PlannedPlay]] = deque()

    async def load(self) -> None:
        """Read where each journal ends. Before the first entry comes."""
        self._heads = {cluster: Head(n, sha256) for cluster, (n, sha256) in (await self._proofs.heads()).items()}

    def head(self, cluster: ClusterId) -> int:
        """Return the number of the last entry kept of ``cluster``."""
        return self._heads.get(cluster, Head()).n

    # -- told --------------------------------------------------------------------------------------------------------

    def on_entry(self, report: Report, entry: JournalEntry) -> None:
        """Take one verified entry in."""
        waiting = self._waiting[report.cluster]
        waiting[entry.n] = Arrived(entry, report.sealed)
        if len(waiting) > MOST_WAITING:
            del waiting[max(waiting)]

    def on_journal_state(self, cluster: ClusterId, state: JournalState) -> None:
        """Hear from a birth or heartbeat how far the cluster's own journal goes, and what it may have forgotten."""
        self._forgotten[cluster] = state.acked
        ours = self.head(cluster)
        # An acknowledgement got lost; or its card did, and it counts from one again until it knows where we are.
        if state.head < ours or state.acked < min(state.head, ours):
            self._owed.add(cluster)

    # -- runs --------------------------------------------------------------------------------------------------------

    async def run(self, beat: Beat = no_beat) -> None:
        """Keep what comes, until cancelled."""
        while True:
            beat()
            await self.flush()
            await self._clock.sleep(FLUSH_EVERY_S)

    async def flush(self) -> None:
        """Keep what can be kept of what has come, and acknowledge it.

        Raises:
            StoreFailed: what was not kept is not acknowledged, and is still at hand.
        """
        joined = {c: join(self._heads.get(c, Head()), entries) for c, entries in self._waiting.items() if entries}
        for some in _in_parts(joined):
            await self._keep(some)
        await self._acknowledge()
        while self._untold:
            await self._verdicts.told(*self._untold[0])
            self._untold.popleft()
        for cluster, result in joined.items():
            await self._follow_up(cluster, result)

    async def accept_break(self, cluster: ClusterId, *, by: Actor) -> None:
        """Go on behind a broken link that a person has looked at; both ends of it stay in the store.

        Raises:
            NotAllowed: without the right to read the audit log.
            NotFound: the chain of this cluster is whole.
        """
        expect(by, Permission.READ_AUDIT)
        arrived = self._broken.get(cluster)
        if arrived is None:
            raise NotFound("Chuỗi nhật ký của cụm này không đứt.", "The journal of this cluster is not broken.")
        await self._go_on_at(cluster, arrived, actor=by.id, action="journal.accept_break")
        del self._broken[cluster]
        await self._alarms.joined_again(cluster)

    async def _keep(self, joined: Mapping[ClusterId, Joined]) -> None:
        keys = {(OccurrenceId(a.entry.occ), c) for c, result in joined.items() for a in result.taken}
        if keys:
            before = await self._proofs.find(list(keys))
            after = self._after(joined, before)
            await self._proofs.keep([_batch(c, result, after[c]) for c, result in joined.items() if result.taken])
            self._untold += [(before.get((p.occ, p.cluster)), p) for plays in after.values() for p in plays]
        for cluster, result in joined.items():
            self._heads[cluster] = result.head
            for n in [n for n in self._waiting[cluster] if n <= result.head.n]:
                del self._waiting[cluster][n]
            if result.taken or result.again:
                self._owed.add(cluster)

    def _after(
        self, joined: Mapping[ClusterId, Joined], before: Mapping[Key, PlannedPlay]
    ) -> dict[ClusterId, list[PlannedPlay]]:
        """Return, by cluster, the plays that the entries taken have changed."""
        at = instant(self._clock.now_ms())
        changed: dict[ClusterId, list[PlannedPlay]] = {}
        for cluster, result in joined.items():
            plays: dict[OccurrenceId, PlannedPlay] = {}
            for entry in (arrived.entry for arrived in result.taken if not _stands_for_lost(arrived.entry)):
                occ = OccurrenceId(entry.occ)
                known = plays.get(occ) or before.get((occ, cluster)) or self._promises.find(occ, cluster)
                play = known or nobody_planned(cluster, entry)
                plays[occ] = noted(play, entry, at=at)
            changed[cluster] = [play for occ, play in plays.items() if play != before.get((occ, cluster))]
        return changed

    async def _acknowledge(self) -> None:
        owed = sorted(self._owed)
        self._owed.clear()
        for start in range(0, len(owed), ACKS_AT_ONCE):
            await asyncio.gather(*(self._acknowledge_one(cluster) for cluster in owed[start : start + ACKS_AT_ONCE]))

    async def _acknowledge_one(self, cluster: ClusterId) -> None:
        try:
            await self._clusters.acknowledge_journal(cluster, self.head(cluster), now_ms=self._clock.now_ms())
        except LinkError as error:
            logger.info("journal of %s not acknowledged (%s): it will come again", cluster, error)

    # -- what does not join ------------------------------------------------------------------------------------------

    async def _follow_up(self, cluster: ClusterId, joined: Joined) -> None:
        for n in joined.declared:
            await self._alarms.lines_lost(cluster, n)
        if joined.forked:
            await self._alarms.forked(cluster)
        if joined.stop is Stop.BROKEN:
            await self._hold(cluster, self._waiting[cluster][joined.head.n + 1])
            return
        if self._broken.pop(cluster, None) is not None:
            await self._alarms.joined_again(cluster)
        if joined.stop is Stop.GAP:
            await self._ask_again(cluster)
        elif self._gaps.pop(cluster, None) is not None:
            await self._alarms.gap_closed(cluster)

    async def _hold(self, cluster: ClusterId, arrived: Arrived) -> None:
        """Keep the entry that does not join at hand, for a person to decide; the rest will come again."""
        known = self._broken.get(cluster)
        self._broken[cluster] = arrived
        self._waiting[cluster] = {}
        if known is None or known.sealed != arrived.sealed:
            await self._alarms.broken(cluster, arrived.entry.n)

    async def _ask_again(self, cluster: ClusterId) -> None:
        if not self._clusters.connected:
            return  # who cannot ask, or stands by for another gateway, declares nothing lost
        gap, now_ns = self._gaps[cluster], self._clock.mono_ns()
        if gap.asked_ns is not None and now_ns - gap.asked_ns < RESYNC_EVERY_S * 1e9:
            return
        first = self.head(cluster) + 1
        nearest = self._waiting[cluster][min(self._waiting[cluster])]
        if gap.asks >= ASKS_BEFORE_HOLE and self._forgotten.get(cluster, 0) >= nearest.entry.n - 1:
            await self._go_on_at(cluster, nearest, actor="system", action="journal.hole")
            del self._gaps[cluster]
            await self._alarms.hole(cluster, first, nearest.entry.n - 1)
            return
        if gap.asks >= ASKS_BEFORE_HOLE:
            await self._alarms.gap(cluster, first, nearest.entry.n - 1)
        gap.asked_ns, gap.asks = now_ns, gap.asks + 1
        try:
            await self._clusters.resync_journal(cluster, first, now_ms=self._clock.now_ms())
        except LinkError as error:
            logger.info("journal of %s not asked for (%s)", cluster, error)

    async def _go_on_at(self, cluster: ClusterId, arrived: Arrived, *, actor: str, action: str) -> None:
        n, at = arrived.entry.n - 1, instant(self._clock.now_ms())
        note = AuditNote(actor=actor, action=action, subject=cluster, at=at, detail={"goes_on_at": n + 1})
        await self._proofs.rebase(cluster, n=n, sha256=arrived.entry.prev, note=note)
        self._heads[cluster] = Head(n, arrived.entry.prev)
        self._waiting[cluster][arrived.entry.n] = arrived


def _stands_for_lost(entry: JournalEntry) -> bool:
    return entry.occ.startswith(LOST_PREFIX)


def _batch(cluster: ClusterId, joined: Joined, plays: list[PlannedPlay]) -> JournalBatch:
    entries = tuple((a.entry.n, a.sealed, a.entry.payload()) for a in joined.taken)
    return JournalBatch(cluster=cluster, entries=entries, plays=tuple(plays))


def _in_parts(joined: Mapping[ClusterId, Joined]) -> Iterator[dict[ClusterId, Joined]]:
    part: dict[ClusterId, Joined] = {}
    size = 0
    for cluster, result in joined.items():
        part[cluster] = result
        size += len(result.taken)
        if size >= MOST_AT_ONCE:
            yield part
            part, size = {}, 0
    if part:
        yield part
