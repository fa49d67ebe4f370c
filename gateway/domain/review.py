"""Xem trước khi lưu: what saving a schedule would do, and everything that stands against it, all at once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gateway.domain.bulletin import Approval, Bulletin, State
from gateway.domain.clash import Clash, ClashKind, decision_on, find_clashes, undecided
from gateway.domain.errors import BadInput, PolicyRefusal, Problem
from gateway.domain.errors import Clash as ClashError
from gateway.domain.ids import ProgrammeId, UserId
from gateway.domain.plan import Broadcast, Status, Ward, draft_airing, forecast, intended
from gateway.domain.policy import check
from gateway.domain.programme import Programme
from gateway.domain.schedule import Schedule, next_airtimes

_NOBODY = UserId("nobody-yet")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Review:
    """What was found. Nothing in ``problems``, ``refusals`` or ``clashes``: it may be saved."""

    broadcasts: tuple[Broadcast, ...]
    """The airtimes of this schedule within the span, as they will be if it is saved."""
    problems: tuple[Problem, ...]
    """Names that do not exist, and a new schedule that nobody would ever hear."""
    refusals: tuple[Problem, ...]
    """Rules it breaks, or makes another schedule break; each once, with how often."""
    clashes: tuple[Clash, ...]
    """Each pair of schedules once, at their first meeting, that needs a decision before this is saved."""
    questions: tuple[Clash, ...]
    """Meetings of ưu tiên with ưu tiên of another level, not decided yet: to be asked, not refused."""

    def expect_allowed(self) -> None:
        """Let the edit go on only if nothing stands against it.

        Raises:
            BadInput: it names what does not exist.
            PolicyRefusal: the air rules refuse it.
            Clash: it meets an equal and nobody decided.
        """
        if self.problems:
            raise BadInput(self.problems)
        if self.refusals:
            raise PolicyRefusal(self.refusals)
        if self.clashes:
            raise ClashError(clash.problem for clash in self.clashes)


def review(candidate: Schedule, ward: Ward, after: datetime, until: datetime) -> Review:
    """Look at ``candidate`` (new, or in place of the one with its id) from ``after`` to ``until`` (aware).

    Airtimes whose bulletins are not approved yet count as if they were: they are meant to be.
    """
    ours = replace(candidate, enabled=True)
    others = replace(ward, schedules=tuple(s for s in ward.schedules if s.id != ours.id))
    both = replace(others, schedules=(*others.schedules, ours))
    before = _meant(others, after, until)
    added = _meant(replace(ward, schedules=(ours,)), after, until)
    there, new = [draft_airing(b) for b in before], [draft_airing(b) for b in added]
    told = check([*there, *new], ward.rules)
    if told:  # what was wrong before is not held against this edit
        told_before = set(check(there, ward.rules))
        told = [problem for problem in told if problem not in told_before]
    emergencies = [p for b in added for p in b.why if p.code == "emergency_not_scheduled"]
    met = [c for c in find_clashes([*there, *new]) if ours.id in (c.first.schedule, c.other.schedule)]
    asked = [
        clash
        for clash in met
        if clash.kind is ClashKind.ASK_OPERATOR and decision_on(clash.first, clash.other, ward.decisions) is None
    ]
    return Review(
        broadcasts=tuple(b for b in forecast(both, after, until) if b.schedule == ours.id),
        problems=(
            *ours.targets.problems(ward.registry),
            *_missing(ours, ward.programmes),
            *_never(ours, ward, after),
        ),
        refusals=tuple(_once_each([*emergencies, *told])),
        clashes=tuple(_one_per_pair(undecided(met, ward.decisions))),
        questions=tuple(_one_per_pair(asked)),
    )


def _meant(ward: Ward, after: datetime, until: datetime) -> list[Broadcast]:
    # With the length of what waits for its approver: else a clash would only show on the day it is approved.
    whole = replace(ward, bulletins={name: _approved(each) for name, each in ward.bulletins.items()})
    return [broadcast for broadcast in intended(whole, after, until) if broadcast.status is not Status.SKIPPED]


def _approved(bulletin: Bulletin) -> Bulletin:
    """Return ``bulletin`` as if somebody had approved what is there now; for counting only, never for a plan."""
    if bulletin.audio is None or bulletin.approval is not None or bulletin.state is State.WITHDRAWN:
        return bulletin
    approval = Approval(by=_NOBODY, at=_LONG_AGO, text_sha256=bulletin.text_sha256, asset=bulletin.audio.asset)
    return replace(bulletin, state=State.APPROVED, approval=approval)


def _missing(candidate: Schedule, programmes: Mapping[ProgrammeId, Programme]) -> list[Problem]:
    named = {"programme": candidate.programme, "holidays.programme": candidate.holidays.programme}
    return [
        Problem(code="no_programme", vi=f"không có chương trình “{name}”", en=f"no programme “{name}”", path=path)
        for path, name in named.items()
        if name is not None and name not in programmes
    ]


def _never(ours: Schedule, ward: Ward, after: datetime) -> list[Problem]:
    """Find out whether ``ours`` would never air: 03:15 today, written at noon, must not be saved as if it would.

    Dates that a person took out on purpose count as airtimes, and an edit that moves no airtime is not judged: a
    coming one can be skipped at any moment, also the last.
    """
    kept = next((each for each in ward.schedules if each.id == ours.id and each.enabled), None)
    if kept is not None and _when(kept) == _when(ours):
        return []
    if next_airtimes(replace(ours, exceptions=frozenset()), after, 1):
        return []
    vi = "lịch này không còn lần phát nào: giờ đã qua, hoặc chỉ rơi vào ngày nghỉ"
    en = "this schedule has no airtime left: its times have passed, or only holidays remain"
    return [Problem(code="never_airs", vi=vi, en=en, path="rule")]


def _when(schedule: Schedule) -> tuple[object, ...]:
    return (schedule.rule, schedule.times, schedule.zone, schedule.extra_dates, schedule.plays, schedule.holidays)


def _once_each(problems: list[Problem]) -> list[Problem]:
    """Keep the first of each kind for each schedule, with how often it comes: a weekly mistake is one mistake."""
    kinds = [(p.code, p.path.partition("@")[0]) for p in problems]
    often = Counter(kinds)
    first = dict(zip(reversed(kinds), reversed(problems), strict=True))
    return [
        replace(first[kind], vi=f"{first[kind].vi} ({count} lần)", en=f"{first[kind].en} ({count} times)")
        if count > 1
        else first[kind]
        for kind, count in often.items()
    ]


def _one_per_pair(clashes: Iterable[Clash]) -> list[Clash]:
    pairs: dict[frozenset[str], Clash] = {}
    for clash in clashes:
        pairs.setdefault(frozenset((clash.first.schedule, clash.other.schedule)), clash)
    return list(pairs.values())
