"""Ai đã mở tài khoản của tôi? What others did to one's own account lately, on the home page, not to be waved away.

Whoever holds a password that somebody else drew would wave it away first; so it stands for a week.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.ids import UserId
from gateway.ports.records import AuditQuery
from gateway.web.pages.door import Visit

STANDS_FOR = timedelta(days=7)
KINDS = ("user.reset_password", "user.factor_reset")
_THE_MACHINE = "system"


@dataclass(frozen=True, kw_only=True)
class News:
    """One such deed. ``kind`` names its words (``home.account.KIND``)."""

    kind: str
    at: datetime
    who: str
    """Empty: at the machine itself."""
    reason: str


async def about_me(visit: Visit) -> list[News]:
    """Return what was done to this person's account in the last week, the newest first."""
    services, since = visit.screen.services, visit.screen.now - STANDS_FOR
    notes = [
        line.note
        for kind in KINDS
        for line in await services.audit.find(AuditQuery(kind=kind, since=since))
        if line.note.subject == visit.user.id
    ]
    if not notes:
        return []
    names = await services.accounts.names()
    return [
        News(
            kind=note.action.removeprefix("user."),
            at=note.at,
            who="" if note.actor == _THE_MACHINE else names.get(UserId(note.actor), note.actor),
            reason=str(note.detail.get("reason", "")),
        )
        for note in sorted(notes, key=lambda note: note.at, reverse=True)
    ]
