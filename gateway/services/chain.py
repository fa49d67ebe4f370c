"""Mắt xích: which of the journal entries at hand continue what is kept of one cluster. Pure.

The seal of each entry was checked when it came; here numbers and hashes must join. Only what joins is kept and
acknowledged, so a lost, doubled, swapped or withheld entry can never free the cluster's own copy.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from devices.wire.reports import JournalEntry

NO_HASH = "0" * 64
LOST_PREFIX = "journal:lost-"
"""What a cluster writes in the place of a line its card lost."""


@dataclass(frozen=True)
class Head:
    """Where the kept journal of a cluster ends."""

    n: int = 0
    sha256: str = NO_HASH
    substitute: bool = False
    """The last entry stands for a lost one: the next cannot join, and nobody hides it."""


@dataclass(frozen=True)
class Arrived:
    entry: JournalEntry
    sealed: bytes


class Stop(StrEnum):
    """Why no more of what is at hand was taken."""

    NOTHING_MORE = "nothing_more"
    GAP = "gap"
    BROKEN = "broken"
    """The next number does not join what is kept: something was changed after it was written."""


@dataclass(frozen=True, kw_only=True)
class Joined:
    """What of the entries at hand can be kept."""

    taken: tuple[Arrived, ...]
    head: Head
    stop: Stop
    again: bool
    """Some were kept before: the acknowledgement got lost, and is due again."""
    forked: bool = False
    """One that was kept before came with other contents: two boards write under one name."""
    declared: tuple[int, ...] = field(default=())
    """Entries after which the cluster itself says that lines were lost."""


def join(head: Head, at_hand: Mapping[int, Arrived]) -> Joined:
    """Take the entries that follow ``head`` without a gap."""
    again = any(n <= head.n for n in at_hand)
    last = at_hand.get(head.n)
    forked = last is not None and head_after(last).sha256 != head.sha256
    taken: list[Arrived] = []
    declared: list[int] = []
    while (following := at_hand.get(head.n + 1)) is not None:
        prev = following.entry.prev
        if prev != head.sha256:
            if not (prev == NO_HASH or head.substitute):
                stop = Stop.BROKEN
                break
            declared.append(following.entry.n)
        taken.append(following)
        head = head_after(following)
    else:
        stop = Stop.GAP if any(n > head.n for n in at_hand) else Stop.NOTHING_MORE
    return Joined(taken=tuple(taken), head=head, stop=stop, again=again, forked=forked, declared=tuple(declared))


def head_after(arrived: Arrived) -> Head:
    """Return where the journal ends once ``arrived`` is kept."""
    return Head(
        arrived.entry.n,
        hashlib.sha256(arrived.sealed).hexdigest(),
        substitute=arrived.entry.occ.startswith(LOST_PREFIX),
    )
