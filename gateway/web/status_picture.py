"""What the status page shows, gathered in one go."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from devices.model import Outcome
from gateway.domain.counting import counting
from gateway.domain.plan import Broadcast, Status
from gateway.ports.records import Alarm, PlannedPlay, Severity
from gateway.services.presence import Live
from gateway.web.services import Services, WebOptions

_LOOK_BACK = timedelta(days=3)
_SHOWN_PAST = 5
_GRAVITY: Mapping[Severity, int] = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, kw_only=True)
class NextAirtime:
    """Lượt phát tới, or the one on the air now."""

    broadcast: Broadcast
    ready: int
    total: int


@dataclass(frozen=True, kw_only=True)
class PastAirtime:
    title: str
    start: datetime
    outcomes: Mapping[Outcome | None, int]
    """Clusters by outcome; ``None``: no word yet."""


@dataclass(frozen=True, kw_only=True)
class ClusterLine:
    name: str
    zone: str
    """Its neighbourhood's name."""
    live: Live | None
    """``None``: FM or wired, nobody knows."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    options: WebOptions
    now: datetime
    zone: ZoneInfo
    silent: bool
    healthy: bool
    coming: NextAirtime | None
    clusters: Sequence[ClusterLine]
    """By neighbourhood, as people count them."""
    past: Sequence[PastAirtime]
    alarms: Sequence[Alarm]


async def gather(services: Services, now: datetime) -> Picture:
    """Look at everything once. ``now`` is aware."""
    plays = await services.proofs.plays(since=now - _LOOK_BACK, until=now)
    registry = services.fleet.registry
    names = {zone.id: zone.name for zone in registry.zones.values()}
    clusters = sorted(registry.clusters.values(), key=lambda each: (counting(names.get(each.zone, each.zone)), each.id))
    return Picture(
        options=services.options,
        now=now,
        zone=ZoneInfo(services.options.timezone),
        silent=services.silence.state.silent,
        healthy=services.health.report().ok,
        coming=_coming(services, now),
        clusters=[
            ClusterLine(
                name=each.name,
                zone=names.get(each.zone, each.zone),
                live=services.monitor.get(each.id) if each.controllable else None,
            )
            for each in clusters
        ],
        past=_past(plays),
        alarms=sorted(services.alarms.standing.values(), key=lambda alarm: (_GRAVITY[alarm.severity], alarm.raised_at)),
    )


def _coming(services: Services, now: datetime) -> NextAirtime | None:
    for broadcast in services.planner.coming:
        if broadcast.status is Status.WILL_AIR and broadcast.end > now:
            report = services.readiness.of(broadcast)
            return NextAirtime(broadcast=broadcast, ready=report.will_play_alone, total=report.total)
    return None


def _past(plays: Sequence[PlannedPlay]) -> list[PastAirtime]:
    by_airtime: dict[tuple[datetime, str], Counter[Outcome | None]] = {}
    for play in plays:
        if not play.cancelled:
            by_airtime.setdefault((play.start_at, play.title), Counter())[play.outcome] += 1
    newest = sorted(by_airtime, reverse=True)[:_SHOWN_PAST]
    return [PastAirtime(title=title, start=start, outcomes=by_airtime[start, title]) for start, title in newest]
