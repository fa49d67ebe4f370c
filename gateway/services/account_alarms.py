"""Báo khi quyền đổi chủ: what everybody is told of an account with a voice that is opened by another's hand.

No alarm names anybody: the status page may be open to everybody. Who and why is in the audit log.
"""

from gateway.domain.people import Permission, in_words, permissions_of
from gateway.ports.records import Severity, User
from gateway.services.actor import Actor
from gateway.services.alarm_desk import AlarmDesk

VOICES = frozenset(
    {
        Permission.APPROVE,
        Permission.BROADCAST_NOW,
        Permission.EMERGENCY,
        Permission.SCHEDULE,
        Permission.ADOPT_POLICY,
        Permission.MANAGE_USERS,
    }
)
"""What makes an account worth taking: a voice on the air, the rules of the air, or the accounts themselves."""


class AccountAlarms:
    """Raises them. Without a desk, e.g. at the machine's own command line, nobody is there to be told."""

    def __init__(self, desk: AlarmDesk | None) -> None:
        self._desk = desk

    async def own_rights(self, actor: Actor, before: User, after: User) -> None:
        """Tell of who gave themselves rights; another person's decision about these roles ends it."""
        if self._desk is None or before.roles == after.roles:
            return
        key = f"own-rights:{after.id}"
        gained = permissions_of(after) - permissions_of(before)
        if actor.id != after.id:
            await self._desk.clear(key)
        elif gained:
            words = [in_words(each) for each in sorted(gained)]
            await self._desk.raise_(
                key,
                Severity.WARNING,
                f"Một quản trị viên tự cấp thêm quyền cho chính mình: {'; '.join(vi for vi, _ in words)}. "
                "Ai và vì sao: xem Nhật ký hệ thống.",
                f"An administrator gave themselves the right to {'; '.join(en for _, en in words)}. "
                "Who and why: see the audit log.",
                again=True,
            )

    async def password_reset(self, actor: Actor, user: User) -> None:
        """Tell that ``actor`` knows a password of ``user``, who may speak to the ward."""
        await self._reset(actor, user, "password", "cấp lại mật khẩu", "gave a new password to")

    async def factor_reset(self, actor: Actor, user: User) -> None:
        """Tell that ``actor`` took the second factor of ``user``, who may speak to the ward."""
        await self._reset(actor, user, "factor", "gỡ xác nhận hai lớp", "took the second factor of")

    async def _reset(self, actor: Actor, user: User, what: str, vi: str, en: str) -> None:
        """Neither of the two can close it: whoever holds the new password may be either of them."""
        powers = sorted(permissions_of(user) & VOICES)
        if self._desk is None or not powers:
            return
        words = [in_words(each) for each in powers]
        await self._desk.raise_(
            f"reset-{what}:{user.id}:{actor.id}",
            Severity.WARNING,
            f"Một quản trị viên vừa {vi} của người có quyền {', '.join(vi for vi, _ in words)}. "
            "Hỏi người đó có nhờ không; ai và vì sao: xem Nhật ký hệ thống.",
            f"An administrator {en} somebody who may {', '.join(en for _, en in words)}. "
            "Ask them whether they wanted it; who and why: see the audit log.",
            again=True,
        )
