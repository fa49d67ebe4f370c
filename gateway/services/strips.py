"""Dải trạng thái: how one broadcast stands on one cluster at this moment. Pure.

Green is only what the cluster itself says it does now, audibly; whoever is not heard of is named, never assumed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from devices.model import ClusterId, Outcome
from devices.wire.reports import Activity
from gateway.domain.counting import counting
from gateway.ports.records import PlannedPlay
from gateway.services.ledger import counts_as_heard
from gateway.services.presence import Live
from gateway.services.readiness import MUTE_FAULTS

GRACE = timedelta(seconds=6)
"""A pole tells within seconds that it has begun; after that its silence is news."""


class Sound(StrEnum):
    """What a strip says; the gravest first, which is the order of the board."""

    FAILED = "failed"
    """It is over here, and nobody heard it whole."""
    MUTE = "mute"
    """It says that it plays, and that nothing can come out."""
    LATE = "late"
    """It is there, its hour has come, and it does not play."""
    LOST = "lost"
    """Not heard of: it may play on by itself, and nobody knows."""
    PAUSED = "paused"
    ENDING = "ending"
    """It has ended here, and its proof has not come yet."""
    WAITING = "waiting"
    """Before its hour."""
    PLAYING = "playing"
    STOPPED = "stopped"
    """A person, an emergency or the kill switch ended it, or it was left out on purpose: no fault of the cluster."""
    PROVEN = "proven"

    @property
    def wrong(self) -> bool:
        """Whether somebody should look."""
        return self in (Sound.FAILED, Sound.MUTE, Sound.LATE, Sound.LOST)


_ORDER = {sound: place for place, sound in enumerate(Sound)}


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One cluster of one broadcast."""

    cluster: ClusterId
    name: str
    sound: Sound
    play: PlannedPlay
    live: Live


def sound_of(play: PlannedPlay, live: Live, now: datetime) -> Sound:
    """Weigh the outcome if there is one, and else what the cluster says of itself. ``now`` is aware."""
    if play.outcome is not None:
        return _settled(play)
    here = live.online and live.occ == play.occ
    if here and live.activity is Activity.PLAYING:
        return Sound.MUTE if is_mute(live) else Sound.PLAYING
    if here and live.activity is Activity.PAUSED:
        return Sound.PAUSED
    if not live.online:
        return Sound.LOST
    if now < play.start_at + GRACE:
        return Sound.WAITING
    return Sound.ENDING if play.started_at is not None or now >= ends(play) else Sound.LATE


def is_mute(live: Live) -> bool:
    """Tell whether it says itself that nobody can hear it."""
    return live.silent or live.volume_percent == 0 or live.amp_on is False or not MUTE_FAULTS.isdisjoint(live.faults)


def ends(play: PlannedPlay) -> datetime:
    """Return when it should have ended."""
    return play.start_at + timedelta(milliseconds=play.duration_ms)


def ordered(strips: Iterable[Strip]) -> tuple[Strip, ...]:
    """Put what is wrong first, and what is alike by name."""
    return tuple(sorted(strips, key=lambda each: (_ORDER[each.sound], counting(each.name))))


def _settled(play: PlannedPlay) -> Sound:
    if counts_as_heard(play):
        return Sound.PROVEN
    return Sound.STOPPED if play.outcome in (Outcome.INTERRUPTED, Outcome.SKIPPED) else Sound.FAILED
