"""Ủy quyền duyệt: kept with dates, looked at with every request, told in the audit log."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_hex
from types import MappingProxyType
from typing import Any

from devices.clock import Clock, epoch_ms, instant
from gateway.domain.delegation import Delegation, lent_to
from gateway.domain.errors import BadInput, NotAllowed, NotFound, Problem
from gateway.domain.ids import UserId
from gateway.domain.people import Permission, permissions_of
from gateway.ports.records import AuditNote, User
from gateway.ports.store import Accounts, Values
from gateway.services.actor import Actor, may

_KEPT = "approval.delegations"
_SHOWN = 50
"""So many that are over are kept beside those that are not; the audit log knows them all."""


class Delegations:
    """Gives, takes back, and tells who is lent what."""

    def __init__(self, *, accounts: Accounts, values: Values, clock: Clock) -> None:
        self._accounts = accounts
        self._values = values
        self._clock = clock
        self._lock = asyncio.Lock()

    async def all(self) -> Sequence[Delegation]:
        """Return them, the newest first; of those that are over the last few."""
        return [_read(row) for row in await self._values.get(_KEPT) or []]

    async def lent_to(self, user: UserId) -> Mapping[Permission, UserId]:
        """Return what ``user`` is lent now, and by whom. A giver who may not approve any more lends nothing."""
        now = self._now()
        mine = [each for each in await self.all() if each.to == user and each.holds(now)]
        if not mine:
            return MappingProxyType({})
        givers = [await self._accounts.user(each.giver) for each in mine]
        able = frozenset(giver.id for giver in givers if giver is not None and _approves(giver))
        return lent_to(user, mine, now, givers=able)

    async def candidates(self, giver: Actor) -> Sequence[User]:
        """Return whom ``giver`` may choose: everybody with an open account who may not approve anyway."""
        return sorted(
            (
                user
                for user in await self._accounts.users()
                if user.active and user.id != giver.id and not _approves(user)
            ),
            key=lambda user: user.display_name,
        )

    async def give(self, to: UserId, *, since: datetime, until: datetime, reason: str, by: Actor) -> Delegation:
        """Ủy quyền: ``to`` may approve from ``since`` until ``until`` (aware).

        Raises:
            NotAllowed: ``by`` may not approve in their own right.
            BadInput: the dates are wrong, no reason, or the person cannot be chosen.
        """
        _expect_own_right(by)
        now = self._now()
        chosen = await self._accounts.user(to)
        if chosen is None or not chosen.active:
            raise BadInput([_bad("to", "chọn một người đang có tài khoản", "a person with an open account")])
        if until <= now:
            raise BadInput([_bad("until", "ngày cuối đã qua", "an end that is still to come")])
        made = Delegation(
            id=f"uq-{token_hex(4)}",
            giver=by.id,
            to=to,
            since=since,
            until=until,
            reason=reason.strip(),
            made_at=now,
        )
        detail = {"since": since.isoformat(), "until": until.isoformat(), "reason": made.reason, "delegation": made.id}
        async with self._lock:
            await self._keep([made, *await self.all()], self._note("delegation.give", to, by, detail))
        return made

    async def take_back(self, delegation: str, *, by: Actor) -> Delegation:
        """Thu lại, at once: the giver, or anybody who may approve in their own right.

        Raises:
            NotAllowed
            NotFound: there is none of that name, or it is over.
        """
        _expect_own_right(by)
        now = self._now()
        async with self._lock:
            known = list(await self.all())
            found = next((each for each in known if each.id == delegation and not each.is_over(now)), None)
            if found is None:
                raise NotFound("Ủy quyền này đã hết, hoặc không có.", "This delegation is over, or never was.")
            after = found.end(now)
            kept = [after if each.id == delegation else each for each in known]
            await self._keep(kept, self._note("delegation.take_back", found.to, by, {"delegation": delegation}))
        return after

    async def _keep(self, delegations: Sequence[Delegation], note: AuditNote) -> None:
        now = self._now()
        over = [each.id for each in delegations if each.is_over(now)][_SHOWN:]
        rows = [_written(each) for each in delegations if each.id not in over]
        await self._values.set(_KEPT, rows, note=note)

    def _note(self, action: str, subject: str, by: Actor, detail: dict[str, Any]) -> AuditNote:
        return AuditNote(actor=by.id, action=action, subject=subject, at=self._now(), detail=detail)

    def _now(self) -> datetime:
        return instant(self._clock.now_ms())


def _approves(user: User) -> bool:
    return Permission.APPROVE in permissions_of(user)


def _expect_own_right(by: Actor) -> None:
    if not may(by, Permission.APPROVE) or not any(Permission.APPROVE in role.permissions for role in by.roles):
        raise NotAllowed(
            "Chỉ người có vai trò duyệt được ủy quyền; quyền được ủy không ủy lại.",
            "Only somebody who approves by role may delegate; a lent right is not lent on.",
            code="needs_own_approve",
        )


def _written(each: Delegation) -> dict[str, Any]:
    return {
        "id": each.id,
        "giver": each.giver,
        "to": each.to,
        "since_ms": epoch_ms(each.since),
        "until_ms": epoch_ms(each.until),
        "reason": each.reason,
        "made_ms": epoch_ms(each.made_at),
        "ended_ms": None if each.ended_at is None else epoch_ms(each.ended_at),
    }


def _read(row: dict[str, Any]) -> Delegation:
    return Delegation(
        id=row["id"],
        giver=UserId(row["giver"]),
        to=UserId(row["to"]),
        since=instant(row["since_ms"]),
        until=instant(row["until_ms"]),
        reason=row["reason"],
        made_at=instant(row["made_ms"]),
        ended_at=None if row["ended_ms"] is None else instant(row["ended_ms"]),
    )


def _bad(path: str, vi: str, en: str) -> Problem:
    return Problem(code="invalid", vi=vi, en=f"needs {en}", path=path)
