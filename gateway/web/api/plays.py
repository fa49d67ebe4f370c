"""Kết quả phát: every planned play, how it ended, and how well that is proven."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from devices.clock import instant
from devices.model import ClusterId, OccurrenceId, Outcome, Proof
from gateway.domain.errors import BadInput, NotFound, Problem
from gateway.domain.people import Permission
from gateway.ports.records import PlannedPlay
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has, Services
from gateway.web.spreadsheet import to_csv
from gateway.web.types import Id, Instant, Slug

router = APIRouter(prefix="/plays", tags=["plays"])

Reader = Annotated[Current, Depends(May(Permission.READ))]

LONGEST_SPAN = timedelta(days=92)
"""A quarter: a thousand clusters make 25,000 rows of it."""
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """``[since, until)``; by default the last day."""

    since: datetime
    until: datetime


class PlayPage(BaseModel):
    plays: list[PlannedPlay]
    more: bool
    """There are more in this span than ``limit``."""


class Count(BaseModel):
    outcome: Outcome | None
    """``None``: still open."""
    proof: Proof
    plays: int


class Summary(BaseModel):
    """Lượt phát by outcome. ``heard``: what people could hear, whole; only that counts as a play."""

    since: datetime
    until: datetime
    planned: int
    heard: int
    counts: list[Count]


def span_of(
    services: Has,
    since: Annotated[Instant | None, Query()] = None,
    until: Annotated[Instant | None, Query()] = None,
) -> Span:
    """Read the span asked for.

    Raises:
        BadInput: it ends before it begins, or is too long.
    """
    now = instant(services.clock.now_ms())
    end = until or (since + _A_DAY if since is not None else now + _A_DAY)
    begin = since or end - 2 * _A_DAY
    if not timedelta(0) < end - begin <= LONGEST_SPAN:
        wrong = Problem(
            code="invalid",
            vi=f"khoảng thời gian từ sau 0 đến {LONGEST_SPAN.days} ngày",
            en=f"needs a span of at most {LONGEST_SPAN.days} days that ends after it begins",
            path="until",
        )
        raise BadInput([wrong])
    return Span(begin, end)


Asked = Annotated[Span, Depends(span_of)]


@router.get("")
async def list_plays(
    _: Reader,
    services: Has,
    span: Asked,
    cluster: Annotated[Slug | None, Query()] = None,
    open_only: bool = False,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
) -> PlayPage:
    """Các lượt phát theo cụm, by start."""
    found = await _plays(services, span, cluster, open_only=open_only)
    return PlayPage(plays=list(found[:limit]), more=len(found) > limit)


@router.get("/summary")
async def summarise(_: Reader, services: Has, span: Asked) -> Summary:
    """Bao nhiêu lượt đã nghe được, bao nhiêu không và vì sao."""
    counts = await services.proofs.counts(since=span.since, until=span.until)
    return Summary(
        since=span.since,
        until=span.until,
        planned=sum(counts.values()),
        heard=sum(many for (outcome, _), many in counts.items() if outcome is not None and outcome.heard),
        counts=[Count(outcome=outcome, proof=proof, plays=many) for (outcome, proof), many in counts.items()],
    )


@router.get("/export.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def export_plays(
    _: Reader, services: Has, span: Asked, cluster: Annotated[Slug | None, Query()] = None
) -> Response:
    """Xuất bảng tính, in the ward's own time."""
    zone = ZoneInfo(services.options.timezone)
    rows = [
        (
            play.start_at.astimezone(zone),
            play.cluster,
            services.fleet.name(play.cluster),
            play.title,
            play.priority,
            play.duration_ms / 1000,
            play.outcome or ("cancelled" if play.cancelled else "open"),
            play.proof,
            play.why,
            play.started_at and play.started_at.astimezone(zone),
            play.ended_at and play.ended_at.astimezone(zone),
            play.start_error_ms,
            play.heard_ms / 1000,
            play.volume_percent,
            play.level_dbfs,
            play.occ,
        )
        for play in await _plays(services, span, cluster)
    ]
    name = f"luot-phat-{span.since:%Y%m%d}-{span.until:%Y%m%d}.csv"
    return Response(
        to_csv(_HEADER, rows),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.get("/{occ}/{cluster}")
async def read_play(occ: Id, cluster: Slug, _: Reader, services: Has) -> PlannedPlay:
    """Một lượt phát trên một cụm, with its proof."""
    play = await services.proofs.play(OccurrenceId(occ), ClusterId(cluster))
    if play is None:
        raise NotFound("Không có lượt phát này.", "No such play.")
    return play


async def _plays(
    services: Services, span: Span, cluster: str | None, *, open_only: bool = False
) -> Sequence[PlannedPlay]:
    return await services.proofs.plays(
        since=span.since,
        until=span.until,
        cluster=None if cluster is None else ClusterId(cluster),
        open_only=open_only,
    )


_HEADER = (
    "Giờ phát",
    "Mã cụm",
    "Cụm loa",
    "Chương trình",
    "Mức ưu tiên",
    "Thời lượng (s)",
    "Kết quả",
    "Bằng chứng",
    "Lý do",
    "Bắt đầu thực",
    "Kết thúc thực",
    "Lệch giờ (ms)",
    "Đã nghe (s)",
    "Âm lượng (%)",
    "Mức âm (dBFS)",
    "Mã lượt phát",
)
