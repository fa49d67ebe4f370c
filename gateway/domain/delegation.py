"""Ủy quyền duyệt (domain.md, row 54): an approver who is away lets a named person approve, from a day to a day.

Only the right to approve is lent, never emergencies or the kill switch; a lent right is not lent on; and what is lent
ends with its last instant, when it is taken back, and as soon as the giver has the right no more. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Self

from gateway.domain.errors import BadInput, Problem
from gateway.domain.ids import UserId
from gateway.domain.people import Permission

LONGEST = timedelta(days=92)
"""A leave, not an appointment: who approves for longer is given the role."""


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """Một lần ủy quyền. Checked when made.

    Raises:
        BadInput: every mistake, with its field.
    """

    id: str
    giver: UserId
    to: UserId
    since: datetime
    """Aware; from then on."""
    until: datetime
    """Aware; no longer at or after it."""
    reason: str
    """Căn cứ: the paper it is written down in, or why."""
    made_at: datetime
    ended_at: datetime | None = None
    """When somebody took it back."""

    def __post_init__(self) -> None:
        if problems := self._problems():
            raise BadInput(problems)

    def _problems(self) -> list[Problem]:
        found = []
        if self.giver == self.to:
            found.append(_bad("to", "chọn một người khác", "another person"))
        if self.since >= self.until:
            found.append(_bad("until", "ngày cuối phải sau ngày đầu", "an end after the beginning"))
        elif self.until - self.since > LONGEST:
            found.append(_bad("until", f"tối đa {LONGEST.days} ngày", f"at most {LONGEST.days} days"))
        if not self.reason.strip():
            found.append(_bad("reason", "cần ghi căn cứ hoặc lý do", "a reason"))
        return found

    def holds(self, at: datetime) -> bool:
        """Tell whether it is in force at ``at`` (aware)."""
        return self.since <= at < self.until and self.ended_at is None

    def is_over(self, at: datetime) -> bool:
        """Tell whether it can never be in force again."""
        return at >= self.until or self.ended_at is not None

    def end(self, at: datetime) -> Self:
        """Thu lại."""
        return replace(self, ended_at=at)


def lent_to(
    user: UserId, delegations: Iterable[Delegation], at: datetime, *, givers: frozenset[UserId]
) -> Mapping[Permission, UserId]:
    """Return what ``user`` is lent at ``at``, and by whom. ``givers``: who still may approve in their own right."""
    for each in delegations:
        if each.to == user and each.giver in givers and each.holds(at):
            return MappingProxyType({Permission.APPROVE: each.giver})
    return MappingProxyType({})


def _bad(path: str, vi: str, en: str) -> Problem:
    return Problem(code="invalid", vi=vi, en=f"needs {en}", path=path)
