"""Điều kiện của một tài khoản: what an account needs, why it is changed, and how the audit log calls a change. Pure."""

import re
import secrets
from collections.abc import Iterable
from typing import Any

from gateway.domain.errors import BadInput, Problem, WrongState
from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role, permissions_of
from gateway.ports.records import User

_NAME = re.compile(r"[\w.@-]{2,64}")
_LONGEST_DISPLAY = 120
REASON_AT_MOST = 300


def new_id() -> UserId:
    """Draw an id nobody has."""
    return UserId(f"u-{secrets.token_hex(6)}")


def check_account(display_name: str, roles: frozenset[Role], *, name: str | None = None, reason: str | None) -> None:
    """Look at everything that people typed; ``None``: it was not theirs to type.

    Raises:
        BadInput: every mistake.
    """
    problems = []
    if name is not None and _NAME.fullmatch(name) is None:
        problems.append(
            bad("name", "tên đăng nhập gồm 2–64 chữ, số, . _ @ -", "a name of 2-64 letters, digits, . _ @ -")
        )
    if not 0 < len(display_name.strip()) <= _LONGEST_DISPLAY:
        problems.append(bad("display_name", "cần họ tên, tối đa 120 ký tự", "a full name of at most 120 characters"))
    if not roles:
        problems.append(bad("roles", "chọn ít nhất một vai trò", "at least one role"))
    if reason is not None:
        problems += _reason_problems(reason)
    if problems:
        raise BadInput(problems)


def stated(reason: str) -> str:
    """Return ``reason`` as it goes into the log.

    Raises:
        BadInput: there is none, or too much of it.
    """
    if problems := _reason_problems(reason):
        raise BadInput(problems)
    return reason.strip()


def _reason_problems(reason: str) -> list[Problem]:
    if 0 < len(reason.strip()) <= REASON_AT_MOST:
        return []
    return [bad("reason", f"ghi lý do, nhiều nhất {REASON_AT_MOST} chữ", f"a reason of at most {REASON_AT_MOST}")]


def bad(path: str, vi: str, en: str) -> Problem:
    """Say what the field ``path`` needs."""
    return Problem(code="invalid", vi=vi, en=f"needs {en}", path=path)


def expect_an_administrator(after: Iterable[User]) -> None:
    """Let the accounts be as they are ``after`` a change only if somebody can still manage them.

    Raises:
        WrongState: ``last_administrator``.
    """
    if not any(Permission.MANAGE_USERS in permissions_of(user) for user in after):
        raise WrongState(
            "Phải còn ít nhất một quản trị viên đang hoạt động.",
            "At least one active administrator must remain.",
            code="last_administrator",
        )


def deed(before: User, after: User, *, by: str) -> str:
    """Name the change for the audit log: whoever changes their own roles is told apart."""
    if before.roles != after.roles:
        return "user.own_roles" if by == before.id else "user.roles"
    if before.active != after.active:
        return "user.reopen" if after.active else "user.close"
    return "user.change"


def told(before: User, after: User, reason: str) -> dict[str, Any]:
    """Return what the audit log says beside it: as it is now, as it was, and why."""
    detail: dict[str, Any] = {"name": after.name, "roles": sorted(after.roles), "active": after.active}
    if before.roles != after.roles:
        detail["roles_before"] = sorted(before.roles)
    if before.display_name != after.display_name:
        detail |= {"display_name": after.display_name, "display_name_before": before.display_name}
    return detail | ({"reason": reason} if reason else {})
