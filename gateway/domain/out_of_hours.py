"""Phát ngoài giờ: one person asks for a stretch outside the allowed hours and says why, another one grants it. Pure.

domain.md row 16. What is granted becomes a :class:`devices.model.Permit` in the rules that the root key seals, so that
every pole applies it for itself; what is only asked for changes nothing. An emergency needs none of this.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from devices.model import PERMIT_MAX, Permit
from gateway.domain.errors import BadInput, NotAllowed, Problem, WrongState
from gateway.domain.ids import UserId

AHEAD = timedelta(days=14)
"""As far as plans go."""
_REASON_AT_MOST = 300


@dataclass(frozen=True, kw_only=True)
class OutOfHours:
    """Đề nghị phát ngoài giờ, and the permit once :attr:`granted_by` is somebody."""

    id: str
    start: datetime
    end: datetime
    reason: str
    asked_by: UserId
    asked_at: datetime
    granted_by: UserId | None = None
    granted_at: datetime | None = None

    @property
    def permit(self) -> Permit:
        """As it goes into the rules."""
        return Permit(start=self.start, end=self.end)

    def is_over(self, now: datetime) -> bool:
        """Tell whether it has no meaning any more."""
        return now >= self.end

    def granted(self, by: UserId, now: datetime) -> "OutOfHours":
        """Return it as ``by`` grants it.

        Raises:
            NotAllowed: nobody grants what they asked for themselves.
            WrongState: it is granted, or over.
        """
        if self.granted_by is not None:
            raise WrongState("Đề nghị này đã được cho phép.", "It is granted already.", code="granted")
        if self.is_over(now):
            raise WrongState("Đề nghị này đã quá giờ.", "Its hour is over.", code="too_late")
        if by == self.asked_by:
            raise NotAllowed(
                "Phát ngoài giờ cần hai người: người đề nghị không được tự cho phép.",
                "Out of hours needs two people: nobody grants what they asked for.",
                code="second_person",
            )
        return replace(self, granted_by=by, granted_at=now)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values; :func:`read_out_of_hours` reads it back."""
        return {
            "id": self.id,
            "start": self.start.astimezone(UTC).isoformat(),
            "end": self.end.astimezone(UTC).isoformat(),
            "reason": self.reason,
            "asked_by": self.asked_by,
            "asked_at": self.asked_at.isoformat(),
            "granted_by": self.granted_by,
            "granted_at": self.granted_at and self.granted_at.isoformat(),
        }


def ask(*, name: str, start: datetime, end: datetime, reason: str, by: UserId, now: datetime) -> OutOfHours:
    """Return the request; ``start``, ``end`` and ``now`` are aware.

    Raises:
        BadInput: everything that is wrong with it.
    """
    wrong: list[Problem] = []
    if not reason.strip() or len(reason) > _REASON_AT_MOST:
        wrong.append(
            Problem(
                code="reason",
                vi=f"lý do: cần ghi, nhiều nhất {_REASON_AT_MOST} chữ",
                en=f"reason: needed, at most {_REASON_AT_MOST} characters",
                path="reason",
            )
        )
    if start.tzinfo is None or end.tzinfo is None:
        wrong.append(Problem(code="zone", vi="giờ phải kèm múi giờ", en="times need their offset", path="start"))
    else:
        wrong += _stretch_problems(start, end, now)
    if wrong:
        raise BadInput(wrong)
    return OutOfHours(id=name, start=start, end=end, reason=reason.strip(), asked_by=by, asked_at=now)


def _stretch_problems(start: datetime, end: datetime, now: datetime) -> list[Problem]:
    lasts = end.astimezone(UTC) - start.astimezone(UTC)
    hours = int(PERMIT_MAX.total_seconds() // 3600)
    found: list[Problem] = []
    if not timedelta() < lasts <= PERMIT_MAX:
        found.append(
            Problem(
                code="stretch",
                vi=f"giờ cuối phải sau giờ đầu, nhiều nhất {hours} giờ",
                en=f"it must end after it begins, at most {hours} hours later",
                path="end",
            )
        )
    if end <= now:
        found.append(Problem(code="too_late", vi="đã quá giờ", en="its hour is over", path="end"))
    if start > now + AHEAD:
        found.append(
            Problem(
                code="too_early",
                vi=f"chỉ đề nghị trước nhiều nhất {AHEAD.days} ngày",
                en=f"at most {AHEAD.days} days ahead",
                path="start",
            )
        )
    return found


def read_out_of_hours(kept: dict[str, Any]) -> OutOfHours:
    """Read what :meth:`OutOfHours.to_json` wrote."""
    return OutOfHours(
        id=str(kept["id"]),
        start=datetime.fromisoformat(kept["start"]),
        end=datetime.fromisoformat(kept["end"]),
        reason=str(kept["reason"]),
        asked_by=UserId(kept["asked_by"]),
        asked_at=datetime.fromisoformat(kept["asked_at"]),
        granted_by=UserId(kept["granted_by"]) if kept["granted_by"] is not None else None,
        granted_at=datetime.fromisoformat(kept["granted_at"]) if kept["granted_at"] is not None else None,
    )
