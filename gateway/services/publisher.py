"""Phát hành: keeps one kind of retained document (config, plan, silence) in step on disk and at the broker.

A document is numbered and kept before it is sent, so nothing that failed to leave is lost: it goes out when the broker
is back. Only one task sends, so an older copy never overtakes a newer one.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from devices.clock import Clock, instant
from devices.errors import LinkError
from devices.model import ClusterId
from devices.wire.base import Wire
from devices.wire.reports import Ack, AckState
from gateway.domain.reasons import reason_in_words
from gateway.ports.clusters import Clusters, To
from gateway.ports.records import IssuedDocument, PlannedPlay, Severity
from gateway.ports.store import Issues
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.fleet import Fleet
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

CHUNK = 50
"""Documents sealed or sent in one go: a thousand take a second, and nobody else waits longer than a fiftieth of it."""
LOOK_EVERY_S = 0.25
HEAL_AFTER_S = 60.0
"""A cluster that still names an older document a minute after a newer one went out is sent it again."""

Whom = ClusterId | None
"""``None``: the whole ward."""


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One body for some clusters; only the seal differs."""

    whom: Sequence[Whom]
    body: Callable[[int], Wire]
    """Makes the body, given its revision."""
    content_hash: str
    plays: Callable[[ClusterId], Sequence[PlannedPlay]] = lambda _: ()


@dataclass(frozen=True, kw_only=True)
class Last:
    """What was issued last, without the document itself."""

    epoch: int
    seq: int
    rev: int
    content_hash: str
    issued_at: datetime


class Publisher:
    """Owns every document of ``kind``."""

    def __init__(
        self, kind: str, *, issues: Issues, clusters: Clusters, alarms: AlarmDesk, fleet: Fleet, clock: Clock
    ) -> None:
        self._kind = kind
        self._issues = issues
        self._clusters = clusters
        self._alarms = alarms
        self._fleet = fleet
        self._clock = clock
        self._last: dict[Whom, Last] = {}
        self._accepted: dict[ClusterId, int] = {}
        self._due: dict[Whom, bytes] = {}
        self._sent_ns: dict[Whom, int] = {}
        self._behind: set[Whom] = set()
        self._everything = False
        self._answers: list[tuple[str, ClusterId, int]] = []
        self._refusals: list[tuple[ClusterId, str]] = []
        self._issuing = asyncio.Lock()
        self._sending = asyncio.Lock()
        self._epoch = 0

    async def load(self) -> None:
        """Read what was issued before this start, and have it published again."""
        self._epoch = await self._issues.epoch()
        for document in await self._issues.latest(self._kind):
            self._last[document.cluster] = _last(document)
            if document.cluster is not None and document.accepted_seq is not None:
                self._accepted[document.cluster] = document.accepted_seq
        self._everything = True
        self._due.clear()  # what was left of an earlier epoch is not published any more

    # -- asked -------------------------------------------------------------------------------------------------------

    @property
    def epoch(self) -> int:
        """Of this life of the data: it grows when a backup is restored."""
        return self._epoch

    def last(self, whom: Whom) -> Last | None:
        """Return what was issued last, in this epoch; documents of an earlier one are to be issued anew."""
        known = self._last.get(whom)
        return known if known is not None and known.epoch == self._epoch else None

    def was_before_restore(self, whom: Whom) -> bool:
        """Tell whether the last one known is of an earlier epoch: a restore has lost what came after it."""
        known = self._last.get(whom)
        return known is not None and known.epoch != self._epoch

    def accepted(self, cluster: ClusterId) -> int:
        """Return the number of the newest document the cluster says it holds; 0 when it never said."""
        return self._accepted.get(cluster, 0)

    @property
    def newest_seq(self) -> int:
        """The highest number given to a document of this kind; 0 when there is none."""
        return max((last.seq for last in self._last.values()), default=0)

    @property
    def unsent(self) -> int:
        """How many documents still wait for the broker."""
        return len(self._due)

    # -- told --------------------------------------------------------------------------------------------------------

    def all_again(self) -> None:
        """The broker may have forgotten everything: publish it all again, soon."""
        self._everything = True

    def on_ack(self, cluster: ClusterId, ack: Ack) -> None:
        """Hear what a cluster did with a document of this kind."""
        if ack.st is AckState.REJECTED:
            self._refusals.append((cluster, ack.why or "?"))
        elif ack.seq is not None and ack.st in (AckState.ACCEPTED, AckState.DONE, AckState.DUPLICATE):
            self.on_held(cluster, ack.seq)

    def on_held(self, cluster: ClusterId, seq: int) -> None:
        """Hear from a birth, heartbeat or answer which document a cluster holds."""
        known = self._last.get(cluster)
        if seq > self._accepted.get(cluster, 0):
            self._accepted[cluster] = seq
            self._answers.append((self._kind, cluster, seq))
        if known is not None and seq < known.seq and self._sent_long_ago(cluster):
            self._behind.add(cluster)

    # -- does --------------------------------------------------------------------------------------------------------

    async def issue(self, editions: Iterable[Edition]) -> int:
        """Number, seal and keep documents; they go out next. Return how many there are.

        Raises:
            StoreFailed: those kept so far go out; the rest is as it was.
        """
        count = 0
        async with self._issuing:
            for edition in editions:
                rev = await self._issues.next_seq()
                body = edition.body(rev)
                for some in _chunks(edition.whom):
                    await self._issue(edition, rev, body, some)
                    count += len(some)
        return count

    async def send_unkept(self, whom: Whom, body: Wire) -> None:
        """Send a document that the store cannot keep. For the kill switch on a dead disk, and nothing else.

        Raises:
            LinkError: it did not go out, or nobody knows.
        """
        last = self._last.get(whom)
        seq = last.seq + 1 if last is not None else 1
        now_ms = self._clock.now_ms()
        sealed = self._clusters.seal_document(
            self._kind, To(cluster=whom), body, epoch=self._epoch, seq=seq, now_ms=now_ms
        )
        self._last[whom] = Last(epoch=self._epoch, seq=seq, rev=seq, content_hash="unkept", issued_at=instant(now_ms))
        await self._clusters.publish_document(self._kind, To(cluster=whom), sealed)

    async def send(self) -> bool:
        """Publish what is due; ``True`` when nothing is left. A broker that is away costs nothing but time."""
        async with self._sending:
            for some in _chunks(list(self._due)):
                if not await self._send_some([(whom, self._due[whom]) for whom in some if whom in self._due]):
                    return False
        return not self._due

    async def run(self, beat: Beat = no_beat) -> None:
        """Publish and note answers until cancelled."""
        while True:
            beat()
            await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Do what is due now.

        Raises:
            StoreFailed: it stays due.
        """
        if self._everything or self._behind:
            await self._make_due()
        if self._due and self._clusters.connected:
            await self.send()
        if self._answers:
            answers = list(self._answers)
            await self._issues.accepted(answers)
            del self._answers[: len(answers)]
            for _, cluster, _ in answers:
                await self._alarms.clear(f"refused-{self._kind}:{cluster}")
        while self._refusals:
            await self._say_refused(*self._refusals[0])
            self._refusals.pop(0)

    async def _issue(self, edition: Edition, rev: int, body: Wire, some: Sequence[Whom]) -> None:
        now_ms = self._clock.now_ms()
        first = await self._issues.next_seq(len(some))
        sealed = await asyncio.to_thread(self._seal, body, some, first, now_ms)
        documents = [
            IssuedDocument(
                kind=self._kind,
                cluster=whom,
                epoch=self._epoch,
                seq=first + index,
                rev=rev,
                sealed=sealed[index],
                content_hash=edition.content_hash,
                issued_at=instant(now_ms),
            )
            for index, whom in enumerate(some)
        ]
        await self._issues.issue([(doc, edition.plays(doc.cluster) if doc.cluster else ()) for doc in documents])
        for document in documents:
            self._last[document.cluster] = _last(document)
            self._due[document.cluster] = document.sealed

    def _seal(self, body: Wire, some: Sequence[Whom], first: int, now_ms: int) -> list[bytes]:
        return [
            self._clusters.seal_document(
                self._kind, To(cluster=whom), body, epoch=self._epoch, seq=first + index, now_ms=now_ms
            )
            for index, whom in enumerate(some)
        ]

    async def _make_due(self) -> None:
        async with self._issuing:
            documents = await self._issues.latest(self._kind)
            wanted = None if self._everything else set(self._behind)
            for document in documents:
                if document.epoch != self._epoch:
                    continue  # from before a restore: poles that have heard anything since would refuse it
                if wanted is None or document.cluster in wanted:
                    self._due.setdefault(document.cluster, document.sealed)
        self._everything = False
        self._behind.clear()

    async def _send_some(self, some: Sequence[tuple[Whom, bytes]]) -> bool:
        results = await asyncio.gather(*(self._send_one(whom, sealed) for whom, sealed in some))
        return all(results)

    async def _send_one(self, whom: Whom, sealed: bytes) -> bool:
        try:
            await self._clusters.publish_document(self._kind, To(cluster=whom), sealed)
        except LinkError as error:
            logger.info("%s for %s not sent yet: %s", self._kind, whom or "the ward", error)
            return False
        self._sent_ns[whom] = self._clock.mono_ns()
        if self._due.get(whom) is sealed:  # a newer one may have come meanwhile, and goes out next
            del self._due[whom]
        return True

    def _sent_long_ago(self, whom: Whom) -> bool:
        sent_ns = self._sent_ns.get(whom)
        return sent_ns is not None and self._clock.mono_ns() - sent_ns > HEAL_AFTER_S * 1e9

    async def _say_refused(self, cluster: ClusterId, why: str) -> None:
        why_vi, why_en = reason_in_words(why)
        name = self._fleet.name(cluster)
        await self._alarms.raise_(
            f"refused-{self._kind}:{cluster}",
            Severity.CRITICAL,
            f"{name} từ chối {_IN_WORDS.get(self._kind, self._kind)} mới: {why_vi}.",
            f"{name} refuses the new {self._kind}: {why_en}.",
            cluster=cluster,
        )


_IN_WORDS = {"plan": "kế hoạch", "config": "cấu hình", "silence": "lệnh im lặng"}


def _last(document: IssuedDocument) -> Last:
    return Last(
        epoch=document.epoch,
        seq=document.seq,
        rev=document.rev,
        content_hash=document.content_hash,
        issued_at=document.issued_at,
    )


def _chunks(whom: Sequence[Whom]) -> Iterator[Sequence[Whom]]:
    for start in range(0, len(whom), CHUNK):
        yield whom[start : start + CHUNK]
