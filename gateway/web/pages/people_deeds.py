"""Việc với một tài khoản: what it does to the person is said, a reason is asked for, and it is done at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.errors import BadInput, NotFound, WrongState
from gateway.domain.ids import UserId
from gateway.domain.people import Permission
from gateway.ports.records import User
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.people import first_password, wrong_in
from gateway.web.pages.people_roles import expect_name
from gateway.web.types import Id, Line, Reason

router = APIRouter(prefix="/users")

Admin = Annotated[Visit, Depends(Door(Permission.MANAGE_USERS, strong=True))]


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing that is done to an account. ``grave``: the sign-in name is typed first."""

    name: str
    grave: bool
    of_mine: str = ""
    """Where a person does it with their own account; empty: here."""


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        deed.name: deed
        for deed in (
            Deed(name="password", grave=True, of_mine="/password"),
            Deed(name="factor", grave=True, of_mine="/me/factor"),
            Deed(name="close", grave=True),
            Deed(name="open", grave=False),
            Deed(name="unlock", grave=False),
        )
    }
)


@router.get("/{user}/{deed}")
async def look(visit: Admin, user: Id, deed: Id) -> Response:
    """Say what it would do."""
    known = _known(deed)
    kept = await visit.screen.services.accounts.user(visit.actor, UserId(user))
    if known.of_mine and kept.id == visit.user.id:
        return visit.go(known.of_mine)
    return _ask(visit, known, kept)


@router.post("/{user}/{deed}")
async def do(
    visit: Admin,
    user: Id,
    deed: Id,
    reason: Annotated[Reason, Form()] = "",
    confirm: Annotated[Line, Form()] = "",
) -> Response:
    """Do it."""
    known = _known(deed)
    kept = await visit.screen.services.accounts.user(visit.actor, UserId(user))
    try:
        if known.grave:
            expect_name(kept, confirm)
        return await _done(visit, known, kept, reason)
    except BadInput as error:
        return _ask(visit, known, kept, reason=reason, wrong=wrong_in(visit.screen.t, error), status=422)
    except WrongState as error:
        trouble = visit.screen.t.pair(error.vi, error.en)
        return _ask(visit, known, kept, reason=reason, trouble=trouble, status=status_of(error))


async def _done(visit: Visit, deed: Deed, user: User, reason: str) -> Response:
    services = visit.screen.services
    match deed.name:
        case "password":
            password = await services.accounts.reset_password(visit.actor, user.id, reason=reason)
            return first_password(visit, user, password)
        case "factor":
            await services.second_factor.reset(visit.actor, user.id, reason=reason)
        case "unlock":
            await services.accounts.unlock(visit.actor, user.id, reason=reason)
        case _:
            await services.accounts.change(visit.actor, user.id, active=deed.name == "open", reason=reason)
    path = "/users" if deed.name == "close" else f"/users/{user.id}"
    return visit.go(path, Flash(f"users.do.{deed.name}.done", values={"who": user.display_name}))


def _known(deed: str) -> Deed:
    if deed not in DEEDS:
        raise NotFound("Không có việc này.", "There is no such thing to do.")
    return DEEDS[deed]


def _ask(
    visit: Visit,
    deed: Deed,
    user: User,
    *,
    status: int = 200,
    reason: str = "",
    wrong: Mapping[str, str] | None = None,
    trouble: str = "",
) -> Response:
    return visit.show(
        "user_deed.html",
        status=status,
        deed=deed,
        user=user,
        mine=user.id == visit.user.id,
        reason=reason,
        wrong=wrong or {},
        trouble=trouble,
    )
