"""Phiếu sửa chữa: one repair, from the first call to the bill. Pure.

``OPEN -> ASSIGNED -> REPAIRED -> CLOSED``; from REPAIRED back to ASSIGNED when it was not repaired after all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType, Self

from gateway.domain.device import Particulars
from gateway.domain.errors import BadInput, Problem, WrongState
from gateway.domain.ids import UserId

TicketId = NewType("TicketId", int)
MOST_PHOTOS = 12
MOST_COST_VND = 100_000_000_000


class TicketState(StrEnum):
    """Where a repair stands."""

    OPEN = "open"
    ASSIGNED = "assigned"
    REPAIRED = "repaired"
    CLOSED = "closed"

    @property
    def words(self) -> tuple[str, str]:
        """What people call it: Vietnamese, English."""
        return _STATES[self]


_STATES: Mapping[TicketState, tuple[str, str]] = {
    TicketState.OPEN: ("mới", "open"),
    TicketState.ASSIGNED: ("đã giao", "assigned"),
    TicketState.REPAIRED: ("đã sửa, chờ nghiệm thu", "repaired, to be checked"),
    TicketState.CLOSED: ("đã đóng", "closed"),
}


@dataclass(frozen=True, kw_only=True)
class Photo:
    """One picture of the repair; the file is named by its SHA-256."""

    sha256: str
    at: datetime
    by: UserId
    caption: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Who did what, when, in their words."""

    at: datetime
    by: UserId
    state: TicketState
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """One repair of one device; ``device`` is the code of a camera or a cluster."""

    id: TicketId
    device: str
    title: str
    detail: str = ""
    state: TicketState = TicketState.OPEN
    contractor: str = ""
    cost_vnd: int | None = None
    warranty: bool = False
    """Repaired under warranty: the ward does not pay."""
    alert: int | None = None
    """The camera alert it came from."""
    steps: tuple[Step, ...] = field(default=())
    photos: tuple[Photo, ...] = field(default=())

    @property
    def opened_at(self) -> datetime:
        return self.steps[0].at

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self.state is not TicketState.CLOSED

    def assign(self, contractor: str, *, by: UserId, at: datetime, note: str = "") -> Self:
        """Giao cho đơn vị sửa.

        Raises:
            WrongState: it is closed.
            BadInput: nobody is named.
        """
        self._expect(TicketState.OPEN, TicketState.ASSIGNED, TicketState.REPAIRED)
        if not contractor.strip():
            raise BadInput([Problem(code="invalid", vi="giao cho ai?", en="to whom?", path="contractor")])
        return self._went(TicketState.ASSIGNED, by, at, note, contractor=contractor.strip())

    def repair(self, *, by: UserId, at: datetime, note: str, cost_vnd: int | None, warranty: bool) -> Self:
        """Đã sửa. ``cost_vnd`` in đồng, nothing under warranty.

        Raises:
            WrongState: it is repaired or closed already.
            BadInput: a cost that is none, or a cost under warranty.
        """
        self._expect(TicketState.OPEN, TicketState.ASSIGNED)
        if cost_vnd is not None and not 0 <= cost_vnd <= MOST_COST_VND:
            raise BadInput([Problem(code="invalid", vi="chi phí không hợp lý", en="not a cost", path="cost_vnd")])
        if warranty and cost_vnd:
            vi, en = "còn bảo hành thì phường không trả tiền", "under warranty nothing is paid"
            raise BadInput([Problem(code="invalid", vi=vi, en=en, path="cost_vnd")])
        return self._went(TicketState.REPAIRED, by, at, note, cost_vnd=cost_vnd, warranty=warranty)

    def close(self, *, by: UserId, at: datetime, note: str = "") -> Self:
        """Nghiệm thu, đóng phiếu; also without a repair, with the reason in ``note``.

        Raises:
            WrongState: it is closed already.
            BadInput: neither repaired nor a reason.
        """
        self._expect(TicketState.OPEN, TicketState.ASSIGNED, TicketState.REPAIRED)
        if self.state is not TicketState.REPAIRED and not note.strip():
            vi, en = "chưa sửa mà đóng thì ghi lý do", "closing without a repair needs a reason"
            raise BadInput([Problem(code="invalid", vi=vi, en=en, path="note")])
        return self._went(TicketState.CLOSED, by, at, note)

    def with_photo(self, photo: Photo) -> Self:
        """Thêm ảnh.

        Raises:
            WrongState: it is closed, or has enough of them.
        """
        self._expect(TicketState.OPEN, TicketState.ASSIGNED, TicketState.REPAIRED)
        if len(self.photos) >= MOST_PHOTOS:
            raise WrongState(f"Tối đa {MOST_PHOTOS} ảnh mỗi phiếu.", f"At most {MOST_PHOTOS} photos.", code="full")
        if any(each.sha256 == photo.sha256 for each in self.photos):
            return self
        return replace(self, photos=(*self.photos, photo))

    def _expect(self, *states: TicketState) -> None:
        if self.state not in states:
            vi, en = self.state.words
            raise WrongState(f"Phiếu {self.id} {vi}.", f"Ticket {self.id} is {en}.", code=f"ticket_{self.state}")

    def _went(self, state: TicketState, by: UserId, at: datetime, note: str, **changes: Any) -> Self:
        step = Step(at=at, by=by, state=state, note=note.strip())
        return replace(self, state=state, steps=(*self.steps, step), **changes)


def warranty_warning(known: Particulars, today: date) -> tuple[str, str] | None:
    """Return what to read before money is spent, in both languages; ``None`` when it is out of warranty."""
    if known.warranty_until is None:
        return (
            "Chưa ghi hạn bảo hành: hỏi lại hợp đồng trước khi chi.",
            "No warranty date is written down: look at the contract before paying.",
        )
    if today > known.warranty_until:
        return None
    who = known.contractor or "đơn vị lắp đặt"
    return (
        f"Còn bảo hành đến {known.warranty_until:%d/%m/%Y}: gọi {who} trước khi chi tiền.",
        f"Under warranty until {known.warranty_until:%Y-%m-%d}: call {known.contractor or 'the installer'} first.",
    )
