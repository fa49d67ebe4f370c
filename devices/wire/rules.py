"""Quy chế across the wire: the sealed document on one side, the rules that are applied on the other."""

from datetime import time
from zoneinfo import ZoneInfo

from devices.clock import epoch_ms, instant
from devices.errors import BadMessage
from devices.model import AirRules, Ceiling, Permit, Window
from devices.wire.documents import LocalWindow, PermitEntry, PolicyDocument, VolumeCeiling

_MIDNIGHT = "24:00"
"""The end of a day. A window never crosses it."""


def rules_of(document: PolicyDocument) -> AirRules:
    """Turn a policy document into rules that can be applied.

    Raises:
        BadMessage: an hour that does not exist, a window that ends before it begins, or an unknown time zone.
    """
    try:
        ZoneInfo(document.zone)
        return AirRules(
            name=document.name,
            version=document.version,
            zone=document.zone,
            windows=tuple(Window(start=_time(each.start), end=_time(each.end)) for each in document.windows),
            weekdays=frozenset(document.weekdays),
            sessions_per_day=document.sessions_per_day,
            session_max_s=document.session_max_s,
            music_allowed_from=_time(document.music_allowed_from) if document.music_allowed_from else None,
            max_percent=document.max_percent,
            ceilings=tuple(_ceiling(each) for each in document.ceilings),
            emergency_min_percent=document.emergency_min_percent,
            permits=tuple(Permit(start=instant(each.start_ms), end=instant(each.end_ms)) for each in document.permits),
            permits_rev=document.permits_rev,
        )
    except (
        ValueError,
        LookupError,
        OverflowError,
        OSError,
    ) as error:  # ZoneInfo raises each of them, by kind of bad name
        raise BadMessage(f"PolicyDocument: {error}") from error


def document_of(rules: AirRules) -> PolicyDocument:
    """Turn rules into the document that says them; :func:`rules_of` gives them back."""
    return PolicyDocument(
        name=rules.name,
        version=rules.version,
        zone=rules.zone,
        windows=tuple(LocalWindow(start=_text(each.start), end=_text(each.end)) for each in rules.windows),
        weekdays=tuple(sorted(rules.weekdays)),
        sessions_per_day=rules.sessions_per_day,
        session_max_s=rules.session_max_s,
        music_allowed_from=_text(rules.music_allowed_from) if rules.music_allowed_from else None,
        max_percent=rules.max_percent,
        ceilings=tuple(
            VolumeCeiling(start=_text(each.start), end=_text(each.end), max_percent=each.max_percent)
            for each in rules.ceilings
        ),
        emergency_min_percent=rules.emergency_min_percent,
        permits=tuple(PermitEntry(start_ms=epoch_ms(each.start), end_ms=epoch_ms(each.end)) for each in rules.permits),
        permits_rev=rules.permits_rev,
    )


def _ceiling(each: VolumeCeiling) -> Ceiling:
    start, end = _time(each.start), _time(each.end)
    if not start < end:
        raise ValueError(f"a ceiling over midnight is two ceilings: {each.start}-{each.end}")  # or it would never apply
    return Ceiling(start=start, end=end, max_percent=each.max_percent)


def _time(text: str) -> time:
    return time.max if text == _MIDNIGHT else time.fromisoformat(text)


def _text(at: time) -> str:
    return _MIDNIGHT if at == time.max else f"{at:%H:%M}"
