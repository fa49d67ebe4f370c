"""Người thứ hai: is it another person, or another account in the same hand? As far as the audit log tells.

Whoever made an account, gave it rights or reset what opens it may know how to sign in as its owner. For a week such an
account is no second person beside that hand, nor are two accounts that one hand opened in that week. A week, so that a
ward of two is never locked out for good; by then the alarms and *Tài khoản của tôi* have told everybody.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from devices.clock import Clock, instant
from gateway.domain.errors import NotAllowed
from gateway.domain.ids import UserId
from gateway.ports.records import AuditLine, AuditNote, AuditQuery
from gateway.ports.store import Audit

FOR = timedelta(days=7)
_OPENS = frozenset({"user.create", "user.reopen", "user.reset_password", "user.factor_reset"})
_PAGE = 500


class SecondPerson:
    """Asks the audit log who had whose account in hand lately."""

    def __init__(self, audit: Audit, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock

    async def expect(self, first: str, second: UserId, *, settling_in: bool = False) -> None:
        """Let ``second`` decide on what ``first`` asked for.

        ``settling_in``: in a ward's first week anybody may, since its rules are written then and everybody is new.

        Raises:
            NotAllowed: ``same_hand``: lately one opened the other's account, directly or through a third one; or a
                third one opened both, in a ward that is older than the week: in a new one everybody is made at once.
            StoreFailed
        """
        since = instant(self._clock.now_ms()) - FOR
        notes = await self._lately(AuditQuery(kind="user", since=since))
        hands = _hands(notes)
        over_first, over_second = _all_over(str(first), hands), _all_over(str(second), hands)
        direct = first in over_second or second in over_first
        if (direct and not settling_in) or ((direct or over_first & over_second) and await self._is_older(since)):
            raise NotAllowed(
                "Chưa được tính là người thứ hai: trong 7 ngày qua, một trong hai người hoặc cùng một quản trị viên đã"
                " tạo, mở lại, thêm quyền hay cấp lại mật khẩu cho các tài khoản này."
                " Nhờ người khác, hoặc đợi đủ 7 ngày.",
                "Not yet another person: in the last 7 days one of the two, or one administrator, made, reopened, gave"
                " rights to or reset these accounts. Ask somebody else, or wait until 7 days are over.",
                code="same_hand",
            )

    async def _lately(self, query: AuditQuery) -> list[AuditNote]:
        found: list[AuditLine] = []
        page = await self._audit.find(query, limit=_PAGE)
        while page:
            found += page
            page = await self._audit.find(query, before_n=page[-1].n, limit=_PAGE)
        return [line.note for line in found]

    async def _is_older(self, since: datetime) -> bool:
        """Tell whether the ward's first line is from before ``since``."""
        return any(line.note.at < since for line in await self._audit.lines(limit=1))


def _hands(notes: Iterable[AuditNote]) -> dict[str, set[str]]:
    """Return who opened each account; the machine itself, where ``loa passwd`` is typed, is nobody's hand."""
    found: dict[str, set[str]] = {}
    for note in notes:
        if note.actor not in {"system", note.subject} and _opens(note):
            found.setdefault(str(note.subject), set()).add(str(note.actor))
    return found


def _opens(note: AuditNote) -> bool:
    if note.action == "user.roles":
        return bool(set(note.detail.get("roles", ())) - set(note.detail.get("roles_before", ())))
    return note.action in _OPENS


def _all_over(account: str, hands: dict[str, set[str]]) -> set[str]:
    """Return every hand over ``account``, those over these hands too."""
    found: set[str] = set()
    left = [account]
    while left:
        for hand in hands.get(left.pop(), set()) - found:
            found.add(hand)
            left.append(hand)
    return found - {account}
