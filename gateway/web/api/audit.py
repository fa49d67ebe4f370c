"""Nhật ký kiểm tra: who did what, and whether the chain holds."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from gateway.domain.errors import ChainBroken
from gateway.domain.people import Permission
from gateway.ports.records import AuditLine, AuditQuery
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Instant

router = APIRouter(prefix="/audit", tags=["audit"])

Auditor = Annotated[Current, Depends(May(Permission.READ_AUDIT))]
_LAST = 2**53


class Verdict(BaseModel):
    holds: bool
    lines: int | None = None
    """How many lines hold together, when they all do."""
    broken_at: int | None = None
    """The first line that does not follow from the one before it."""
    vi: str
    en: str


@router.get("")
async def read_audit(
    _: Auditor,
    services: Has,
    after_n: Annotated[int, Query(ge=0, le=_LAST)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[AuditLine]:
    """Các dòng nhật ký, oldest first; ask again with ``after_n`` of the last one."""
    return list(await services.audit.lines(after_n=after_n, limit=limit))


def _query(
    actor: Annotated[str, Query(max_length=80)] = "",
    kind: Annotated[str, Query(max_length=60)] = "",
    since: Annotated[Instant | None, Query()] = None,
    until: Annotated[Instant | None, Query()] = None,
) -> AuditQuery:
    return AuditQuery(actor=actor, kind=kind, since=since, until=until)


@router.get("/search")
async def search_audit(
    _: Auditor,
    services: Has,
    asked: Annotated[AuditQuery, Depends(_query)],
    before_n: Annotated[int | None, Query(ge=1, le=_LAST)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[AuditLine]:
    """Tìm trong nhật ký, newest first. ``kind``: ``bulletin``, or one act such as ``bulletin.approve``."""
    return list(await services.audit.find(asked, before_n=before_n, limit=limit))


@router.get("/verify")
async def verify_audit(_: Auditor, services: Has) -> Verdict:
    """Kiểm tra chuỗi: an answer, not an error, also when it does not hold."""
    try:
        lines = await services.audit.verify()
    except ChainBroken as error:
        return Verdict(holds=False, broken_at=error.n, vi=error.vi, en=error.en)
    return Verdict(holds=True, lines=lines, vi=f"{lines} dòng, không bị sửa.", en=f"{lines} lines, unaltered.")
