"""Quy chế bằng lời: the rules in force as lines people read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from devices.model import AirRules, Priority
from gateway.domain.out_of_hours import OutOfHours
from gateway.domain.policy_compare import looser_parts
from gateway.web.pages.calendar_words import CalendarWords
from gateway.web.words import Words

_WEEK = frozenset(range(7))
_A_WORD = timedelta(minutes=1)
"""As short as anything that is worth broadcasting."""


@dataclass(frozen=True)
class Line:
    """What it is about, and every sentence of it."""

    key: str
    about: str
    said: tuple[str, ...]


def in_words(rules: AirRules, t: Words, at: CalendarWords) -> list[Line]:
    """Say what ``rules`` allow; permits are told apart, on a list of their own."""
    return [Line(key, t(f"policy.{key}"), said) for key, said in _lines(rules, t, at)]


def _lines(rules: AirRules, t: Words, at: CalendarWords) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "hours", tuple(f"{_clock(each.start)}–{_clock(each.end)}" for each in rules.windows)
    days = (
        t("policy.days.all") if rules.weekdays == _WEEK else ", ".join(_day(t, day) for day in sorted(rules.weekdays))
    )
    yield "days", (days,)
    some = rules.sessions_per_day
    yield "sessions", (t("policy.sessions.any") if some is None else t("policy.sessions.most", n=some),)
    longest = rules.session_max_s
    much = "" if longest is None else at.span(timedelta(seconds=longest))
    yield "session", (t("policy.sessions.any") if longest is None else t("policy.session.most", much=much),)
    music = rules.music_allowed_from
    yield "music", (t("policy.music.any") if music is None else t("policy.music.from", at=_clock(music)),)
    yield (
        "volume",
        (
            t("policy.volume.most", n=rules.max_percent),
            *(
                t("policy.volume.between", start=_clock(each.start), end=_clock(each.end), n=each.max_percent)
                for each in rules.ceilings
            ),
        ),
    )
    loudest = max(rules.max_percent, rules.emergency_min_percent)
    yield "emergency", (t("policy.emergency.any", n=loudest),)
    yield "silence", (t("policy.silence.over"),)


@dataclass(frozen=True)
class Change:
    """One line of the rules as it is and as it would be; the same sentences twice where nothing changes."""

    about: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    more: bool
    """It would allow more."""


def changes(old: AirRules, new: AirRules, t: Words, at: CalendarWords) -> list[Change]:
    """Lay two sets of rules side by side, line by line."""
    looser = looser_parts(old, new)
    return [
        Change(before.about, before.said, after.said, more=before.key in looser)
        for before, after in zip(in_words(old, t, at), in_words(new, t, at), strict=True)
    ]


def is_open(rules: AirRules, now: datetime) -> bool:
    """Tell whether a short bulletin may be heard now."""
    return rules.may_sound(now, _A_WORD, Priority.ROUTINE) is None


def span_in_words(each: OutOfHours, t: Words, at: CalendarWords) -> str:
    """Say from when to when: ``22:00–23:30 hôm nay``."""
    days = at.day(each.start), at.day(each.end)
    start, end = at.clock(each.start), at.clock(each.end)
    if at.date(each.start) == at.date(each.end):
        return t("hours.span", start=start, end=end, day=days[0])
    return t("hours.span.over", start=start, day=days[0], end=end, day_end=days[1])


def _day(t: Words, day: int) -> str:
    return t(f"time.weekday.{day}")


def _clock(at: time) -> str:
    return f"{at:%H:%M}"
