"""Nhật ký hệ thống in sentences a person can read, and the check that it was not altered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from gateway.domain.errors import ChainBroken, NotFound
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission
from gateway.ports.records import AuditLine
from gateway.web.pages.door import Door, Visit

router = APIRouter()

Auditor = Annotated[Visit, Depends(Door(Permission.READ_AUDIT))]
_PAGE = 50
_LAST = 2**53


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line as it is shown."""

    n: int
    at: datetime
    who: str
    did: str
    detail: Mapping[str, Any]


@router.get("/audit")
async def audit_page(
    visit: Auditor,
    before: Annotated[int | None, Query(ge=1, le=_LAST)] = None,
    check: bool = False,
) -> Response:
    """Show the newest lines, or those before line ``before``; ``check`` walks the whole chain."""
    audit = visit.screen.services.audit
    newest = await audit.last_n()
    upto = min(before - 1, newest) if before is not None else newest
    lines = await audit.lines(after_n=max(0, upto - _PAGE), limit=min(_PAGE, max(upto, 1)))
    names = await _names(visit) | await _alarms(visit, lines)
    told = [await _tell(visit, line, names) for line in reversed(lines) if line.n <= upto]
    return visit.show(
        "audit.html",
        lines=told,
        earlier=told[-1].n if told and told[-1].n > 1 else 0,
        later=before is not None,
        verdict=await _verdict(visit) if check else None,
    )


async def _verdict(visit: Visit) -> dict[str, Any]:
    try:
        return {"holds": True, "n": await visit.screen.services.audit.verify()}
    except ChainBroken as error:
        return {"holds": False, "n": error.n}


async def _names(visit: Visit) -> dict[str, str]:
    return {str(user): name for user, name in (await visit.screen.services.accounts.names()).items()}


async def _alarms(visit: Visit, lines: Sequence[AuditLine]) -> dict[str, str]:
    """Return what the alarms that were taken on said; the key says nothing to people."""
    if not any(line.note.action == "alarm.see" for line in lines):
        return {}
    known = await visit.screen.services.alarm_log.history(limit=1000)
    return {alarm.key: visit.screen.t.pair(alarm.text_vi, alarm.text_en) for alarm in known}


async def _tell(visit: Visit, line: AuditLine, names: Mapping[str, str]) -> Told:
    t, note = visit.screen.t, line.note
    subject = await _subject(visit, note.action, note.subject, names)
    key = f"did.{note.action}"
    did = t(key, subject=subject) if t.knows(key) else t("did.other", action=note.action, subject=subject)
    return Told(n=line.n, at=note.at, who=_who(visit, note.actor, names), did=did, detail=note.detail)


def _who(visit: Visit, actor: str, names: Mapping[str, str]) -> str:
    t = visit.screen.t
    if actor.startswith("cluster:"):
        return t("audit.cluster", name=actor.partition(":")[2])
    return t("audit.system") if actor == "system" else names.get(actor) or t("audit.gone", id=actor)


async def _subject(visit: Visit, action: str, subject: str, names: Mapping[str, str]) -> str:
    """Say what it was done to by the name people know it by."""
    if subject in names:
        return f"“{names[subject]}”"
    if action.startswith("bulletin."):
        try:
            return f"“{(await visit.screen.services.editorial.get(BulletinId(subject))).title}”"
        except NotFound:
            return subject
    return subject
