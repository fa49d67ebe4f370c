"""Bằng chứng phát: what one journal entry proves about one play. Pure; the cluster says what happened, this weighs it.

A cluster's "played" counts only with the evidence the contract asks for: every frame out, not silent, and amplifier
and microphone agreeing where there are any.
"""

from dataclasses import replace
from datetime import datetime

from devices.clock import epoch_ms, instant
from devices.model import AssetId, ClusterId, OccurrenceId, Outcome, Priority, Proof
from devices.wire.reports import JournalEntry
from gateway.ports.records import PlannedPlay

SILENT_BELOW_DBFS = -50.0
"""peers.md row 28: below it, people at the pole hear nothing."""
MIC_AGREES_FROM = 0.5
"""Correlation of what the microphone heard with what was played."""
MIC_HEARS_FROM = 0.2
"""Below it what the microphone heard was something else; the poles judge by the same figure."""

ROUNDING_MS = 50
"""A start and an end each fall between two blocks of sound; nobody hears that."""

WRONG_HOUR = "wrong_hour"
"""Why a play that was heard does not count: not at the hour it was promised for."""
EARLY_MS = 2_000
"""No rule lets a play begin before its hour; this much is measuring."""
LATE_MS = 45 * 60_000
"""The latest any rule lets one begin: behind an emergency of half an hour, when a quarter of an hour was allowed."""
AHEAD_MS = 600_000
"""A word of what is yet to come: the cluster's clock is ahead."""

_SAID = frozenset({Outcome.PLAYED, Outcome.PARTIAL, Outcome.INTERRUPTED})


def noted(play: PlannedPlay, entry: JournalEntry, *, at: datetime) -> PlannedPlay:
    """Return ``play`` as it stands after ``entry``. A word that comes twice, or after the end, changes nothing.

    An end that the cluster's journal never told of, as when it refused an emergency while its clock was wrong and
    obeyed the next copy, gives way to the journal's.
    """
    told = play.journal_n is not None or entry.typ == "started"
    if told and play.outcome not in (None, Outcome.UNPROVEN):
        return play
    if entry.typ == "started":
        begins_ms = entry.start_ms if entry.start_ms is not None else entry.want_ms + (entry.seek_ms or 0)
        why = WRONG_HOUR if at_wrong_hour(play, entry, at=at) else play.why
        return play if play.started_at else replace(play, started_at=instant(begins_ms), journal_n=entry.n, why=why)
    outcome, why = weigh(entry)
    if outcome is Outcome.PLAYED:
        outcome, why = _otherwise(play, entry) or (outcome, why)
    if outcome in _SAID and at_wrong_hour(play, entry, at=at):
        outcome, why = Outcome.FAILED, WRONG_HOUR
    return replace(
        play,
        outcome=outcome,
        proof=proof_of(entry),
        why=why,
        started_at=instant(entry.start_ms) if entry.start_ms is not None else play.started_at,
        ended_at=instant(entry.end_ms) if entry.end_ms is not None else None,
        start_error_ms=entry.start_error_us / 1000 if entry.start_error_us is not None else None,
        heard_ms=heard_ms(entry),
        volume_percent=entry.volume_percent,
        level_dbfs=entry.level.rms_dbfs if entry.level is not None else None,
        journal_n=entry.n,
        settled_at=at,
    )


def _otherwise(play: PlannedPlay, entry: JournalEntry) -> tuple[Outcome, str] | None:
    """Tell what a whole play comes to that was not the one promised: another edition, or a shorter one."""
    if play.unplanned or play.priority == Priority.EMERGENCY:  # an emergency's span is the longest it may last
        return None
    if entry.assets and not set(play.assets) <= set(entry.assets):
        return Outcome.PARTIAL, "other_audio"
    if heard_ms(entry) < play.duration_ms - ROUNDING_MS:
        return Outcome.PARTIAL, "shorter_than_planned"
    return None


def at_wrong_hour(play: PlannedPlay, entry: JournalEntry, *, at: datetime) -> bool:
    """Tell whether what the cluster tells of was at another hour than ``play`` was promised for. ``at``: now."""
    if play.unplanned or play.priority == Priority.EMERGENCY:  # an emergency sounds when it is heard
        return False
    planned_ms = epoch_ms(play.start_at)
    if abs(entry.want_ms - planned_ms) > EARLY_MS:
        return True  # the hour of another plan
    begun_ms = entry.start_ms
    if begun_ms is None:
        return False
    return not -EARLY_MS <= begun_ms - planned_ms <= LATE_MS or begun_ms > epoch_ms(at) + AHEAD_MS


def weigh(entry: JournalEntry) -> tuple[Outcome, str]:
    """Return the outcome of a ``finished`` entry, and why."""
    if entry.result is None:
        return Outcome.UNPROVEN, "no_result"
    doubt = _doubt(entry) if entry.result is Outcome.PLAYED else None
    return doubt or (entry.result, entry.why or (f"by:{entry.by}" if entry.by else ""))


def _doubt(entry: JournalEntry) -> tuple[Outcome, str] | None:
    """Tell what a claim to have played comes to when its own figures do not bear it out."""
    if entry.frames is None or entry.level is None:
        return Outcome.UNPROVEN, "no_evidence"
    if entry.level.rms_dbfs <= SILENT_BELOW_DBFS:
        return Outcome.SILENT, "too_quiet"
    if entry.amp is not None and not entry.amp.on:
        return Outcome.SILENT, "amplifier_off"
    if entry.mic is not None and entry.mic.corr is not None and entry.mic.corr < MIC_HEARS_FROM:
        return Outcome.SILENT, "microphone_heard_nothing"
    if (entry.frames.want - entry.frames.out) * 1000 > ROUNDING_MS * max(1, entry.frames.rate):
        return Outcome.PARTIAL, "frames_missing"
    return None


def proof_of(entry: JournalEntry) -> Proof:
    """Return how strong the evidence is that people could hear it (domain.md row 26)."""
    audible = entry.level is not None and entry.level.rms_dbfs > SILENT_BELOW_DBFS
    if weigh(entry)[0] not in _SAID or not audible or entry.frames is None or entry.frames.out == 0:
        return Proof.NONE
    if entry.amp is not None and not entry.amp.on:
        return Proof.NONE
    if entry.mic is not None and entry.mic.corr is not None and entry.mic.corr >= MIC_AGREES_FROM:
        return Proof.MICROPHONE
    return Proof.AMPLIFIER if entry.amp is not None else Proof.DEVICE


def heard_ms(entry: JournalEntry) -> int:
    """Return how much of the programme sounded."""
    if entry.segments:
        return sum(max(0, end - begin) for begin, end in entry.segments)
    if entry.frames is None or entry.frames.rate == 0:
        return 0
    return entry.frames.out * 1000 // entry.frames.rate


def sounded(play: PlannedPlay) -> bool:
    """Tell whether any of it was, or is being, heard."""
    return play.heard_ms > 0 or (play.outcome is None and play.started_at is not None)


def nobody_planned(cluster: ClusterId, entry: JournalEntry) -> PlannedPlay:
    """Return the row for an occurrence that the cluster reports and the gateway never ordered."""
    return PlannedPlay(
        occ=OccurrenceId(entry.occ),
        cluster=cluster,
        schedule=None,
        title="Ngoài kế hoạch",
        priority=Priority.ROUTINE,
        start_at=instant(entry.want_ms),
        duration_ms=0,
        bulletins=(),
        assets=tuple(AssetId(asset) for asset in entry.assets),
        unplanned=True,
    )
