"""Nhật ký phát: what this pole did, numbered without a gap, chained by hash, kept until the gateway has it.

One file. Its first line remembers what the freed lines said (which occurrences ever started), so that "at most one
start" outlives them; every other line is an entry sealed with the device's key. Nothing sounds before its ``started``
is on the medium.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from devices.agent.disk import Disk
from devices.agent.lines import Lines
from devices.agent.memory import Memory
from devices.errors import BadMessage, DiskFailed, SealBroken
from devices.model import Outcome
from devices.seal import SigningKey, Trust, seal_body, unseal
from devices.wire.base import DOCUMENT_MAX_BYTES, parse
from devices.wire.reports import ClockState, JournalEntry

logger = logging.getLogger(__name__)

NO_HASH = "0" * 64
RESERVE_BYTES = 64 * 1024
"""Room kept back for the ends of what has begun: a hundred entries."""
KEPT_AFTER_ACK = 200
"""Acknowledged entries that stay, for a gateway that was restored from last night's backup and asks again."""
FREE_AT_ONCE = 100
"""Acknowledged entries beyond those are freed this many at a time: rewriting the file costs more than the room."""


@dataclass(frozen=True)
class Line:
    n: int
    sealed: bytes

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.sealed).hexdigest()


class Journal:
    """The diary of one pole. Open it with :meth:`load`; write with :meth:`write` from one event loop."""

    def __init__(self, disk: Disk, folder: Path, key: SigningKey, *, iss: str, aud: str) -> None:
        self._disk = disk
        self._lines = Lines(disk, folder / "journal.jsonl")
        self._reserve = folder / "journal.reserve"
        self._key = key
        self._trust = Trust.of([key.entry])
        self._iss, self._aud = iss, aud
        self._kept: list[Line] = []
        self._base = 0
        self._prev = NO_HASH
        self._one_at_a_time = asyncio.Lock()
        self._writing: set[asyncio.Task[Line]] = set()
        self.acked = 0
        self.memory = Memory()
        self.damaged = False
        """Lines were lost: what had begun before this boot cannot be known, and must not begin again."""
        self.on_news: Callable[[], None] = _nobody_listens
        """Called when there is something to send."""

    @property
    def head(self) -> int:
        """Number of the newest entry."""
        return self._kept[-1].n if self._kept else self._base

    # -- opening -----------------------------------------------------------------------------------------------------

    def load(self, *, expected: bool) -> None:
        """Read the file and repair what a power cut left. ``expected``: this pole has written one before.

        Raises:
            DiskFailed: it can be neither read nor repaired.
        """
        lines = self._lines.load()
        if not lines:
            self.damaged = expected
            if expected:
                logger.error("the journal is gone; nothing that began before this start will be played")
            self._lines.rewrite([self._header()])
        else:
            self._read(lines)
        try:
            self._refill_reserve()
        except DiskFailed as error:
            logger.warning("no room for the journal's reserve yet: %s", error)

    def _read(self, lines: list[bytes]) -> None:
        headed = self._read_header(lines[0])
        entries = lines[1:] if headed else lines
        read = [self._read_entry(line) for line in entries]
        for entry, line in zip(read, entries, strict=True):
            if entry is not None:
                self._take(entry, Line(entry.n, line))
        self.damaged = not headed or None in read
        if self.damaged:
            logger.error("the journal has unreadable lines; what could be read is kept")
            self._disk.put(self._lines.path.with_name("journal.damaged-1"), b"\n".join(lines))
            self._fill_holes(headed=headed)
            self._lines.rewrite([self._header(), *(line.sealed for line in self._kept)])

    def _read_header(self, line: bytes) -> bool:
        try:
            header = json.loads(line)
            self._base, self._prev, self.acked = int(header["base"]), str(header["prev"]), int(header["acked"])
            self.memory = Memory.read(header["memory"])
        except (ValueError, TypeError, KeyError, AttributeError):
            return False
        return True

    def _header(self) -> bytes:
        header = {"base": self._base, "prev": self._prev, "acked": self.acked, "memory": self.memory.payload()}
        return json.dumps(header, separators=(",", ":")).encode()

    def _read_entry(self, line: bytes) -> JournalEntry | None:
        try:
            opened = unseal(line, self._trust, max_bytes=DOCUMENT_MAX_BYTES)
            entry: JournalEntry = parse(JournalEntry, opened.envelope.body)
        except (SealBroken, BadMessage):
            return None
        return entry

    def _take(self, entry: JournalEntry, line: Line) -> None:
        self._kept.append(line)
        self.memory.note(entry)

    def _fill_holes(self, *, headed: bool) -> None:
        """Put an honest substitute where a line was lost: the gateway gets every number, and sees the broken chain."""
        by_number = {line.n: line for line in self._kept}
        if not by_number:
            return
        first = self._base + 1 if headed else min(by_number)
        self._base = first - 1
        self._kept = []
        prev = self._prev
        for n in range(first, max(by_number) + 1):
            line = by_number.get(n) or self._seal(_lost(n), n, prev)
            prev = line.hash
            self._kept.append(line)

    # -- writing -----------------------------------------------------------------------------------------------------

    async def start(self, draft: JournalEntry, *, last_words: bool = False) -> None:
        """Write ``started``. Only when this returns may the first frame leave.

        ``last_words`` may use the room kept for endings: an emergency may.

        Raises:
            DiskFailed: it is not on the medium.
        """
        try:
            await self._disk.run(self._refill_reserve)
        except DiskFailed:
            if not last_words:
                raise
        await self.write(draft, last_words=last_words)

    async def write(self, draft: JournalEntry, *, last_words: bool = True) -> int:
        """Number, chain, seal and keep ``draft``; return its number. Completes even when the caller is cancelled.

        ``last_words`` may use the room kept back for them.

        Raises:
            DiskFailed: it was not written.
        """
        # owned by this set until done: half a write that nobody remembers would break the chain
        task = asyncio.ensure_future(self._write(draft, last_words=last_words))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return (await asyncio.shield(task)).n

    async def _write(self, draft: JournalEntry, *, last_words: bool) -> Line:
        async with self._one_at_a_time:
            n, prev = self.head + 1, self._kept[-1].hash if self._kept else self._prev
            line = self._seal(draft, n, prev)
            await self._disk.run(lambda: self._append(line, last_words=last_words))
            self._take(draft, line)
        self.on_news()
        return line

    def _seal(self, draft: JournalEntry, n: int, prev: str) -> Line:
        entry = draft.model_copy(update={"n": n, "prev": prev})
        sealed = seal_body(self._key, "journal", entry, iss=self._iss, aud=self._aud, iat_ms=entry.at_ms, seq=n)
        return Line(n, sealed)

    def _append(self, line: Line, *, last_words: bool) -> None:
        try:
            self._lines.append(line.sealed)
        except DiskFailed as error:
            if not (error.full and last_words and self._reserve.exists()):
                raise
            logger.error("the disk is full; the journal uses its reserve")  # noqa: TRY400 - the disk is known
            self._reserve.unlink()
            self._lines.append(line.sealed)

    def _refill_reserve(self) -> None:
        if not self._reserve.exists():
            self._disk.put(self._reserve, b"\0" * RESERVE_BYTES)

    # -- handing over ------------------------------------------------------------------------------------------------

    def pending(self, from_n: int | None = None) -> list[Line]:
        """Return what the gateway has not acknowledged, or everything still here from ``from_n`` on."""
        after = self.acked if from_n is None else from_n - 1
        return [line for line in self._kept if line.n > after]

    async def ack(self, upto: int) -> None:
        """Free every entry up to ``upto``: the gateway has them all, with no gap.

        A number this journal never reached means that the pole lost its diary; the new entries then go on from there,
        or they would be taken for the old ones of the same number.

        Raises:
            DiskFailed: what is kept stays as it was.
        """
        if upto <= self.acked:
            return
        async with self._one_at_a_time:
            if upto > self.head:
                await self._go_on_after(upto)
                return
            self.acked = upto
            if upto - self._base >= KEPT_AFTER_ACK + FREE_AT_ONCE:
                await self._free(upto - KEPT_AFTER_ACK)

    async def _free(self, upto: int) -> None:
        freed = [line for line in self._kept if line.n <= upto]
        self._base, self._prev = upto, freed[-1].hash
        self._kept = self._kept[len(freed) :]
        self.memory = self.memory.recent()
        lines = [self._header(), *(line.sealed for line in self._kept)]
        await self._disk.run(lambda: self._lines.rewrite(lines))

    async def _go_on_after(self, upto: int) -> None:
        logger.error("the gateway has entries up to %d, this journal ends at %d: it was lost once", upto, self.head)
        bodies = [entry for entry in map(self._read_entry, _sealed(self._kept)) if entry is not None]
        self._base, self._prev, self.acked = upto, NO_HASH, upto
        self._kept = []
        for n, entry in enumerate(bodies, upto + 1):
            prev = self._kept[-1].hash if self._kept else NO_HASH
            self._kept.append(self._seal(entry, n, prev))
        lines = [self._header(), *_sealed(self._kept)]
        await self._disk.run(lambda: self._lines.rewrite(lines))
        self.on_news()


def _sealed(lines: Iterable[Line]) -> list[bytes]:
    return [line.sealed for line in lines]


def _lost(n: int) -> JournalEntry:
    return JournalEntry(
        n=n,
        prev=NO_HASH,
        sid="lost",
        typ="finished",
        occ=f"journal:lost-{n}",
        at_ms=0,
        want_ms=0,
        clock=ClockState(src="none", trusted=False),
        result=Outcome.FAILED,
        why="journal_damaged",
    )


def _nobody_listens() -> None:
    """Stand in until somebody wants to hear of new entries."""
