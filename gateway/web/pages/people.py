"""Người dùng: everybody who may sign in, one person's account, somebody new, and the first password shown once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from starlette.responses import Response

from gateway.domain.errors import BadInput
from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role, in_words
from gateway.ports.records import User
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.types import Id, Line, Reason
from gateway.web.words import Words

router = APIRouter(prefix="/users")

Admin = Annotated[Visit, Depends(Door(Permission.MANAGE_USERS))]
StrongAdmin = Annotated[Visit, Depends(Door(Permission.MANAGE_USERS, strong=True))]
Roles = Annotated[list[Role], Form(max_length=len(Role))]
_FIND_FROM = 9
"""A shorter list is read faster than searched."""


@router.get("")
async def people_page(visit: Admin, q: Annotated[Line, Query()] = "") -> Response:
    """List them: in use first, then the closed ones."""
    services = visit.screen.services
    users = await services.accounts.users(visit.actor)
    wanted = q.strip().casefold()
    found = sorted(
        (each for each in users if wanted in f"{each.name}\n{each.display_name.casefold()}"),
        key=lambda each: each.display_name.casefold(),
    )
    return visit.show(
        "users.html",
        q=q,
        findable=len(users) >= _FIND_FROM,
        working=[each for each in found if each.active],
        closed=[each for each in found if not each.active],
        locked=services.sessions.locked(users),
    )


@router.get("/new")
async def new_page(visit: StrongAdmin) -> Response:
    """Ask who it is."""
    return _ask(visit)


@router.post("/new")
async def add(
    visit: StrongAdmin,
    *,
    name: Annotated[Line, Form()] = "",
    display_name: Annotated[Line, Form()] = "",
    roles: Roles = [],  # noqa: B006 - FastAPI copies it
    reason: Annotated[Reason, Form()] = "",
) -> Response:
    """Thêm người; the first password is in this answer and in no other."""
    try:
        user, password = await visit.screen.services.accounts.create(
            visit.actor, name=name, display_name=display_name, roles=frozenset(roles), reason=reason
        )
    except BadInput as error:
        typed = {"name": name, "display_name": display_name, "reason": reason}
        return _ask(visit, typed=typed, chosen=roles, wrong=wrong_in(visit.screen.t, error))
    return first_password(visit, user, password)


@router.get("/{user}")
async def person_page(visit: Admin, user: Id) -> Response:
    """Show one account, and what may be done with it."""
    return await show_person(visit, await visit.screen.services.accounts.user(visit.actor, UserId(user)))


@router.post("/{user}/name")
async def rename(
    visit: StrongAdmin,
    user: Id,
    display_name: Annotated[Line, Form()] = "",
    reason: Annotated[Reason, Form()] = "",
) -> Response:
    """Sửa họ tên."""
    accounts = visit.screen.services.accounts
    try:
        await accounts.change(visit.actor, UserId(user), display_name=display_name, reason=reason)
    except BadInput as error:
        typed = {"display_name": display_name, "reason": reason}
        kept = await accounts.user(visit.actor, UserId(user))
        return await show_person(visit, kept, typed=typed, wrong=wrong_in(visit.screen.t, error))
    return visit.go(f"/users/{user}", Flash("users.renamed"))


async def show_person(
    visit: Visit, user: User, *, typed: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None
) -> Response:
    """Answer with the account of ``user``."""
    locked: Mapping[UserId, datetime] = visit.screen.services.sessions.locked([user])
    return visit.show(
        "user.html",
        status=422 if wrong else 200,
        user=user,
        mine=user.id == visit.user.id,
        locked_until=locked.get(user.id),
        rights=said(visit.screen.t, (right for role in user.roles for right in role.permissions)),
        typed=typed or {"display_name": user.display_name, "reason": ""},
        wrong=wrong or {},
    )


def first_password(visit: Visit, user: User, password: str) -> Response:
    """Show ``password``, once, with how to hand it over."""
    screen = visit.screen
    address = screen.services.options.public_url or str(screen.request.base_url).rstrip("/")
    return visit.show("user_password.html", user=user, password=password, address=address)


def wrong_in(t: Words, error: BadInput) -> dict[str, str]:
    """Say what is wrong with each field."""
    return {each.path: t.pair(each.vi, each.en) for each in error.problems}


def said(t: Words, rights: Any) -> list[str]:
    """Say rights in words, each once; to read goes without saying."""
    return [t.pair(*in_words(each)) for each in sorted(set(rights) - {Permission.READ})]


def role_rows(t: Words, chosen: Sequence[Role] | frozenset[Role]) -> list[dict[str, Any]]:
    """Return every role with what it lets somebody do, for a list to tick."""
    return [{"role": role, "can": said(t, role.permissions), "chosen": role in chosen} for role in Role]


def rights_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Return what ``roles`` let somebody do together."""
    return frozenset().union(*(role.permissions for role in roles))


def _ask(
    visit: Visit,
    *,
    typed: Mapping[str, str] | None = None,
    chosen: Sequence[Role] = (),
    wrong: Mapping[str, str] | None = None,
) -> Response:
    return visit.show(
        "user_new.html",
        status=422 if wrong else 200,
        typed=typed or {"name": "", "display_name": "", "reason": ""},
        roles=role_rows(visit.screen.t, chosen),
        wrong=wrong or {},
    )
