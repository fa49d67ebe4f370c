"""What a person's day looks like, gathered in one go for the home page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from devices.model import ClusterId
from gateway.domain.bulletin import Bulletin, State
from gateway.domain.camera_alert import CameraAlert, Grade
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission, permissions_of
from gateway.domain.plan import Broadcast, Status
from gateway.ports.records import Alarm, PlannedPlay
from gateway.services.alarm_heaps import Heap, heaps_of
from gateway.services.health import Check
from gateway.services.presence import Presence
from gateway.services.readiness import Lack, ReadinessReport
from gateway.web.pages import recordings
from gateway.web.pages.alerts import standing_for
from gateway.web.pages.door import Visit

_LOOK_BACK = timedelta(days=3)
_SHOWN_ALARMS = 3
_ALARMS = "alarms"


@dataclass(frozen=True, kw_only=True)
class Past:
    """Lượt phát vừa qua."""

    title: str
    play: PlannedPlay
    heard: int
    total: int
    outcomes: tuple[tuple[str, int], ...]
    """Outcome (or ``waiting``) and how many clusters, the most first."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """Việc cần làm. ``key`` names its words (``home.todo.KEY`` and ``home.todo.KEY.do``)."""

    key: str
    n: int
    path: str


@dataclass(frozen=True, kw_only=True)
class Lacking:
    """Clusters that are not ready for the one reason."""

    lack: Lack
    names: str


@dataclass(frozen=True, kw_only=True)
class Today:
    """Everything the home page shows."""

    coming: ReadinessReport | None
    lacking: Sequence[Lacking]
    later: Sequence[Broadcast]
    last: Past | None
    tasks: Sequence[Task]
    alarms: Sequence[Heap]
    """The gravest; those of one kind as one."""
    more_alarms: int
    """How many of the standing ones have no row of their own."""
    alerts: Sequence[CameraAlert]
    """Critical ones of cameras; they turn nothing red, and are somebody's work today all the same."""
    more_alerts: int
    """Those of cameras that are not shown, warnings too."""
    ills: Sequence[Check]
    """Parts that do not work; standing alarms are shown as such."""


async def gather(visit: Visit) -> Today:
    """Look at everything once."""
    services, now = visit.screen.services, visit.screen.now
    airing = [b for b in services.planner.coming if b.status is Status.WILL_AIR and b.end > now]
    coming = services.readiness.of(airing[0]) if airing else None
    plays = await services.proofs.plays(since=now - _LOOK_BACK, until=now)
    alarms = list(services.alarms.standing.values())
    heaps = heaps_of(alarms)
    alerts = [each for each in standing_for(visit) if each.open]
    critical = [each for each in alerts if each.wrong.grade is Grade.CRITICAL][:_SHOWN_ALARMS]
    return Today(
        coming=coming,
        lacking=_lacking(visit, coming),
        later=airing[1:4],
        last=_last(plays),
        tasks=await _tasks(visit, alarms, plays),
        alarms=heaps[:_SHOWN_ALARMS],
        more_alarms=len(alarms) - len(heaps[:_SHOWN_ALARMS]),
        alerts=critical,
        more_alerts=len(alerts) - len(critical),
        ills=[check for check in services.health.report().checks if not check.ok and check.name != _ALARMS],
    )


def programme_of_today(visit: Visit) -> list[Broadcast]:
    """Return every airtime of the ward's own day, also those that will not air."""
    zone = ZoneInfo(visit.screen.services.options.timezone)
    day = visit.screen.now.astimezone(zone).date()
    return [b for b in visit.screen.services.planner.coming if b.start.astimezone(zone).date() == day]


def _lacking(visit: Visit, report: ReadinessReport | None) -> list[Lacking]:
    if report is None:
        return []
    fleet = visit.screen.services.fleet
    return [
        Lacking(lack=lack, names=fleet.names(report.lacking[lack], at_most=8))
        for lack in Lack
        if report.lacking.get(lack)
    ]


def _last(plays: Sequence[PlannedPlay]) -> Past | None:
    real = [play for play in plays if not play.cancelled and not play.unplanned]
    if not real:
        return None
    newest = max(real, key=lambda play: play.start_at)
    same = [play for play in real if play.occ == newest.occ]
    outcomes: Counter[str] = Counter(play.outcome.value if play.outcome else "waiting" for play in same)
    return Past(
        title=newest.title,
        play=newest,
        heard=sum(play.outcome is not None and play.outcome.heard for play in same),
        total=len(same),
        outcomes=tuple(outcomes.most_common()),
    )


async def _tasks(visit: Visit, alarms: Sequence[Alarm], plays: Sequence[PlannedPlay]) -> list[Task]:
    may = permissions_of(visit.actor)
    tasks: list[Task] = []
    bulletins = await visit.screen.services.editorial.all()
    if Permission.APPROVE in may:
        tasks.append(Task(key="approve", n=len(waiting_for(visit, bulletins)), path="/approvals/next"))
        tasks.append(Task(key="recordings", n=len(await recordings.waiting(visit)), path="/approvals"))
    if Permission.WRITE_BULLETIN in may:
        mine = [each for each in bulletins if each.author == visit.user.id]
        rejected = sum(each.state is State.REJECTED for each in mine)
        drafts = sum(each.state is State.DRAFT for each in mine)
        tasks.append(Task(key="returned", n=rejected, path="/bulletins?state=rejected"))
        tasks.append(Task(key="drafts", n=drafts, path="/bulletins?state=draft"))
    if Permission.SCHEDULE in may:
        tasks.append(Task(key="hourless", n=len(_hourless(visit, bulletins, plays)), path="/bulletins?state=approved"))
    if may & {Permission.TECHNICIAN, Permission.CONTROL_AIR}:
        tasks.append(Task(key="alarms", n=sum(alarm.seen_at is None for alarm in alarms), path="/alarms"))
    if Permission.ADOPT_POLICY in may:
        rules = visit.screen.services.rulebook
        decides = rules.proposal is not None and not rules.needs_another(rules.proposal, visit.actor)
        tasks.append(Task(key="rules", n=int(decides), path="/policy/proposal"))
    if Permission.TECHNICIAN in may:
        tasks.append(Task(key="lost", n=len(_lost(visit)), path="/devices?state=lost"))
    if may & {Permission.APPROVE, Permission.EMERGENCY} and not visit.user.factor:
        tasks.append(Task(key="factor", n=1, path="/me/factor"))
    return [task for task in tasks if task.n]


def waiting_for(visit: Visit, bulletins: Sequence[Bulletin]) -> list[Bulletin]:
    """Return the submitted bulletins this person may approve: nobody approves their own."""
    return [each for each in bulletins if each.state is State.SUBMITTED and visit.user.id not in each.writers]


def _hourless(visit: Visit, bulletins: Sequence[Bulletin], plays: Sequence[PlannedPlay]) -> list[BulletinId]:
    """Return what was approved lately, did not air since and has no coming hour: somebody forgot it, or has to act."""
    since = visit.screen.now - _LOOK_BACK
    planned = {item.bulletin for broadcast in visit.screen.services.planner.coming for item in broadcast.items}
    aired = {name for play in plays for name in play.bulletins}
    return [
        each.id
        for each in bulletins
        if each.state is State.APPROVED
        and each.approval is not None
        and each.approval.at >= since
        and each.id not in planned | aired
    ]


def _lost(visit: Visit) -> list[ClusterId]:
    live = visit.screen.services.monitor.all()
    return [name for name, each in live.items() if each.presence is Presence.LOST]
