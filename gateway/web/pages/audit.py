"""Nhật ký hệ thống in sentences a person can read, and the check that it was not altered."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from gateway.domain.errors import ChainBroken, NotFound
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission
from gateway.ports.records import AuditLine, AuditQuery
from gateway.web.pages.door import Door, Visit
from gateway.web.services import Has
from gateway.web.spreadsheet import to_csv
from gateway.web.types import Day
from gateway.web.words import Words

router = APIRouter()

Auditor = Annotated[Visit, Depends(Door(Permission.READ_AUDIT))]
_PAGE = 50
_LAST = 2**53
_MOST_IN_FILE = 50_000
_KIND = "audit.kind."
_COLUMNS = ("n", "at", "who", "did", "actor", "action", "subject", "detail", "hash")


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line as it is shown."""

    n: int
    at: datetime
    who: str
    did: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What somebody looks for, and the query that asks for it again."""

    query: AuditQuery
    fields: Mapping[str, str]

    @property
    def any(self) -> bool:
        """Whether anything was asked for."""
        return any(self.fields.values())

    def path(self, base: str = "/audit", **more: object) -> str:
        """Return ``base`` with what is sought, and ``more``."""
        asked = {name: value for name, value in {**self.fields, **more}.items() if value}
        return f"{base}?{urlencode(asked)}" if asked else base


def sought(
    services: Has,
    who: Annotated[str, Query(max_length=80)] = "",
    kind: Annotated[str, Query(max_length=60)] = "",
    first: Annotated[Day | Literal[""] | None, Query(alias="from")] = None,
    last: Annotated[Day | Literal[""] | None, Query(alias="to")] = None,
) -> Sought:
    """Read the filters; days are the ward's own, both counted. An empty field of a form filters nothing."""
    zone = ZoneInfo(services.options.timezone)
    since = datetime.combine(first, time(), zone) if first else None
    until = datetime.combine(last + timedelta(days=1), time(), zone) if last else None
    fields = {
        "who": who,
        "kind": kind,
        "from": first.isoformat() if first else "",
        "to": last.isoformat() if last else "",
    }
    return Sought(query=AuditQuery(actor=who, kind=kind, since=since, until=until), fields=fields)


Filters = Annotated[Sought, Depends(sought)]


@router.get("/audit")
async def audit_page(
    visit: Auditor,
    asked: Filters,
    before: Annotated[int | None, Query(ge=1, le=_LAST)] = None,
    check: bool = False,
) -> Response:
    """Show the newest lines, or those before line ``before``; ``check`` walks the whole chain."""
    audit = visit.screen.services.audit
    found = await audit.find(asked.query, before_n=before, limit=_PAGE + 1)
    lines, more = found[:_PAGE], len(found) > _PAGE
    people = await _names(visit)
    return visit.show(
        "audit.html",
        lines=await _told(visit, lines, people),
        earlier=asked.path(before=lines[-1].n) if more else "",
        later=asked.path() if before is not None else "",
        asked=asked,
        people=sorted(people.items(), key=lambda each: each[1].casefold()),
        kinds=kinds(visit.screen.t, visit.screen.kit.catalogue),
        verdict=await _verdict(visit) if check else None,
    )


@router.get("/audit/export.csv")
async def audit_file(visit: Auditor, asked: Filters) -> Response:
    """Hand out what is sought as a table: sentences for people, and the line as it is kept for machines."""
    lines = await visit.screen.services.audit.find(asked.query, limit=_MOST_IN_FILE)
    zone = ZoneInfo(visit.screen.services.options.timezone)
    told = await _told(visit, lines, await _names(visit))
    rows = [
        (
            line.n,
            line.note.at.astimezone(zone),
            each.who,
            each.did,
            line.note.actor,
            line.note.action,
            line.note.subject,
            json.dumps(line.note.detail, ensure_ascii=False, sort_keys=True, default=str),
            line.hash,
        )
        for line, each in zip(lines, told, strict=True)
    ]
    return Response(
        to_csv([visit.screen.t(f"audit.csv.{name}") for name in _COLUMNS], rows),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="nhat-ky-he-thong.csv"'},
    )


def kinds(t: Words, catalogue: Iterable[str]) -> list[tuple[str, str]]:
    """Return every kind of act that has a sentence, e.g. ``bulletin``, and what it is called."""
    found = {key.split(".")[1] for key in catalogue if key.startswith("did.") and key.count(".") > 1}
    named = [(kind, t(_KIND + kind) if t.knows(_KIND + kind) else kind) for kind in found]
    return sorted(named, key=lambda each: each[1].casefold())


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


async def _told(visit: Visit, lines: Sequence[AuditLine], people: Mapping[str, str]) -> list[Told]:
    names = {**people, **await _alarms(visit, lines)}
    return [await _tell(visit, line, names) for line in lines]


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
