"""Đổi vai trò: what a person would gain and lose is shown first, and saved only if it is still so."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.errors import BadInput, Problem, Stale, WrongState
from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role
from gateway.ports.records import User
from gateway.services.account_book import fold_name
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.people import Roles, rights_of, role_rows, said, wrong_in
from gateway.web.types import Id, Line, Reason
from gateway.web.words.people import WORDS

router = APIRouter(prefix="/users")

Admin = Annotated[Visit, Depends(Door(Permission.MANAGE_USERS, strong=True))]
VOICE = frozenset({Permission.APPROVE, Permission.BROADCAST_NOW, Permission.EMERGENCY})
"""What makes the loudspeakers speak."""


@router.get("/{user}/roles")
async def roles_page(visit: Admin, user: Id) -> Response:
    """Ask which."""
    kept = await visit.screen.services.accounts.user(visit.actor, UserId(user))
    return _ask(visit, kept, kept.roles)


@router.post("/{user}/roles")
async def change_roles(
    visit: Admin,
    *,
    user: Id,
    roles: Roles = [],  # noqa: B006 - FastAPI copies it
    seen: Annotated[Line, Form()] = "",
    reason: Annotated[Reason, Form()] = "",
    confirm: Annotated[Line, Form()] = "",
) -> Response:
    """Xem trước, rồi đổi. ``seen``: the roles that were shown as those of now."""
    accounts = visit.screen.services.accounts
    kept = await accounts.user(visit.actor, UserId(user))
    wanted = frozenset(roles)
    if not wanted:
        return _ask(visit, kept, wanted, wrong=visit.screen.t.pair(*_NONE))
    if not seen or wanted == kept.roles:
        return _check(visit, kept, wanted)
    try:
        if _warnings(visit, kept, wanted):
            expect_name(kept, confirm)
        changed = await accounts.change(visit.actor, kept.id, roles=wanted, roles_seen=_read(seen), reason=reason)
    except Stale as error:
        now = await accounts.user(visit.actor, kept.id)
        return _check(visit, now, wanted, reason=reason, trouble="users.roles.moved", status=status_of(error))
    except BadInput as error:
        return _check(visit, kept, wanted, reason=reason, wrong=wrong_in(visit.screen.t, error), status=422)
    except WrongState as error:
        said_no = visit.screen.t.pair(error.vi, error.en)
        return _check(visit, kept, wanted, reason=reason, refused=said_no, status=status_of(error))
    path = (
        "/users"
        if Permission.MANAGE_USERS in rights_of(visit.user.roles if kept.id != visit.user.id else wanted)
        else "/"
    )
    return visit.go(path, Flash("users.roles.saved", values={"who": changed.display_name}))


def expect_name(user: User, typed: str) -> None:
    """Go on only if somebody typed the sign-in name of ``user``: a thumb does not do that by mistake.

    Raises:
        BadInput: at ``confirm``.
    """
    if fold_name(typed) != user.name:
        vi, en = (words.format(name=user.name) for words in WORDS["users.confirm.wrong"])
        raise BadInput([Problem(code="not_confirmed", vi=vi, en=en, path="confirm")])


_NONE = ("chọn ít nhất một vai trò", "choose at least one role")


def _ask(visit: Visit, user: User, chosen: frozenset[Role], *, wrong: str = "") -> Response:
    return visit.show(
        "user_roles.html",
        status=422 if wrong else 200,
        user=user,
        roles=role_rows(visit.screen.t, chosen),
        wrong=wrong,
    )


def _check(
    visit: Visit,
    user: User,
    wanted: frozenset[Role],
    *,
    status: int = 200,
    reason: str = "",
    wrong: dict[str, str] | None = None,
    trouble: str = "",
    refused: str = "",
) -> Response:
    t, before, after = visit.screen.t, rights_of(user.roles), rights_of(wanted)
    warnings = _warnings(visit, user, wanted)
    return visit.show(
        "user_roles_check.html",
        status=status,
        user=user,
        wanted=[role for role in Role if role in wanted],
        seen=_written(user.roles),
        same=wanted == user.roles,
        gained=said(t, after - before),
        lost=said(t, before - after),
        warnings=warnings,
        voice=bool((after - before) & VOICE) and not user.factor,
        reason=reason,
        wrong=wrong or {},
        trouble=t(trouble) if trouble else refused,
    )


def _warnings(visit: Visit, user: User, wanted: frozenset[Role]) -> list[str]:
    """Return what a person should think about twice: each asks for the name to be typed."""
    before, after = rights_of(user.roles), rights_of(wanted)
    mine = user.id == visit.user.id
    found = []
    if mine and after - before:
        found.append("users.roles.own")
    if Permission.MANAGE_USERS in after - before:
        found.append("users.roles.admin")
    if Permission.MANAGE_USERS in before - after:
        found.append("users.roles.own_admin" if mine else "users.roles.admin_gone")
    return found


def _written(roles: frozenset[Role]) -> str:
    return ",".join(sorted(roles))


def _read(seen: str) -> frozenset[Role]:
    return frozenset(role for role in Role if role in seen.split(","))
