"""Quy chế: check planned airings against the air rules, in the same words everywhere."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from zoneinfo import ZoneInfo

from devices.model import AirRules, ClusterId, Refusal, Span
from gateway.domain.airing import Airing
from gateway.domain.errors import Problem

_IN_WORDS: Mapping[Refusal, tuple[str, str]] = MappingProxyType(
    {
        Refusal.QUIET_HOURS: ("ngoài khung giờ được phát", "outside the allowed hours"),
        Refusal.WEEKDAY: ("rơi vào ngày không được phát", "on a day without broadcasts"),
        Refusal.TOO_LONG: ("buổi phát quá dài", "the session is too long"),
        Refusal.TOO_MANY: ("quá số buổi phát trong ngày", "too many sessions that day"),
        Refusal.NO_MUSIC: ("chưa đến giờ được phát nhạc", "music is not allowed yet at that hour"),
        Refusal.NO_POLICY: ("chưa có quy chế phát", "there are no air rules"),
    }
)


def check(airings: Iterable[Airing], rules: AirRules) -> list[Problem]:
    """Return everything ``rules`` refuse in a plan, whether or not its bulletins are ready.

    ``path`` of each problem is the occurrence refused. Where there are too many sessions it is the lower level, then
    the later, that is one too many. A volume above the ceiling of its hour is lowered, not refused; one above the
    highest ceiling of all is.
    """
    found: list[Problem] = []
    limits = DayLimits(rules)
    for airing in sorted(airings, key=lambda a: a.rank):
        refusals = {refusal for refusal in [refused_alone(airing, rules)] if refusal is not None}
        if not refusals:
            beside = limits.refused_beside(airing, airing.clusters)
            limits.take(airing, airing.clusters - beside.keys())
            refusals = set(beside.values())
        found += [refusal_in_words(refusal, airing, rules) for refusal in sorted(refusals)]
        if airing.volume_percent > rules.max_percent:
            found.append(
                Problem(
                    code="too_loud",
                    vi=f"“{airing.title}”: âm lượng {airing.volume_percent} vượt trần {rules.max_percent}",
                    en=f"“{airing.title}”: volume {airing.volume_percent} is above the ceiling of {rules.max_percent}",
                    path=airing.occ,
                )
            )
    return found


def refused_alone(airing: Airing, rules: AirRules) -> Refusal | None:
    """Tell why ``airing`` is refused whatever else is on the air that day, or ``None``."""
    refusal = rules.may_sound(airing.start, airing.duration, airing.priority)
    if refusal is None and airing.music and not rules.may_play_music(airing.start):
        return Refusal.NO_MUSIC
    return refusal


def refusal_in_words(refusal: Refusal, airing: Airing, rules: AirRules) -> Problem:
    """Say a refusal to people: what, when, and why."""
    vi, en = _IN_WORDS[refusal]
    when = f"{airing.start.astimezone(ZoneInfo(rules.zone)):%d/%m/%Y %H:%M}"
    return Problem(
        code=refusal.value, vi=f"“{airing.title}” {when}: {vi}", en=f"“{airing.title}” {when}: {en}", path=airing.occ
    )


class DayLimits:
    """Sessions a day and minutes a session, counted cluster by cluster as airings are let in."""

    def __init__(self, rules: AirRules) -> None:
        self._rules = rules
        self._zone = ZoneInfo(rules.zone)
        self._taken: dict[date, list[tuple[frozenset[ClusterId], Span]]] = defaultdict(list)

    def take(self, airing: Airing, clusters: frozenset[ClusterId]) -> None:
        """Count ``airing`` on ``clusters`` from now on."""
        if clusters:
            self._taken[self._day(airing)].append((clusters, airing.span))

    def refused_beside(self, airing: Airing, clusters: frozenset[ClusterId]) -> dict[ClusterId, Refusal]:
        """Return those of ``clusters`` on which ``airing`` is one too many, or makes a session too long."""
        # Clusters with the same neighbours are asked about once: a thousand clusters are usually one group.
        groups: list[tuple[frozenset[ClusterId], tuple[Span, ...]]] = [(clusters, ())]
        for taken, span in self._taken[self._day(airing)]:
            inside = [(group & taken, (*spans, span)) for group, spans in groups]
            outside = [(group - taken, spans) for group, spans in groups]
            groups = [(group, spans) for group, spans in (*inside, *outside) if group]
        refused: dict[ClusterId, Refusal] = {}
        for group, spans in groups:
            refusal = self._rules.may_join(spans, airing.span, airing.priority)
            if refusal is not None:
                refused.update(dict.fromkeys(group, refusal))
        return refused

    def _day(self, airing: Airing) -> date:
        return airing.start.astimezone(self._zone).date()
