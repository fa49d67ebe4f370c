"""Người dùng: accounts, for administrators."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role
from gateway.ports.records import User
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Id, Line, Sent

router = APIRouter(prefix="/users", tags=["users"])

Admin = Annotated[Current, Depends(May(Permission.MANAGE_USERS))]
Roles = Annotated[frozenset[Role], Field(max_length=len(Role))]


class NewUser(Sent):
    name: Line
    display_name: Line
    roles: Roles


class UserChange(Sent):
    """Only what is given changes."""

    display_name: Line | None = None
    roles: Roles | None = None
    active: bool | None = None


class UserOut(BaseModel):
    id: str
    name: str
    display_name: str
    roles: list[Role]
    active: bool
    must_change_password: bool
    locked_until: datetime | None


class FirstPassword(BaseModel):
    """Shown once; its owner must change it at the first sign-in."""

    user: UserOut
    password: str


@router.get("")
async def list_users(current: Admin, services: Has) -> list[UserOut]:
    return [_out(user) for user in await services.accounts.users(current.actor)]


@router.post("", status_code=201)
async def create_user(body: NewUser, current: Admin, services: Has) -> FirstPassword:
    user, password = await services.accounts.create(
        current.actor, name=body.name, display_name=body.display_name, roles=body.roles
    )
    return FirstPassword(user=_out(user), password=password)


@router.patch("/{user}")
async def change_user(user: Id, body: UserChange, current: Admin, services: Has) -> UserOut:
    changed = await services.accounts.change(
        current.actor, UserId(user), display_name=body.display_name, roles=body.roles, active=body.active
    )
    return _out(changed)


@router.post("/{user}/password")
async def reset_password(user: Id, current: Admin, services: Has) -> FirstPassword:
    """Cấp lại mật khẩu. Ends that person's sessions and lifts a lock."""
    password = await services.accounts.reset_password(current.actor, UserId(user))
    (changed,) = [each for each in await services.accounts.users(current.actor) if each.id == user]
    return FirstPassword(user=_out(changed), password=password)


def _out(user: User) -> UserOut:
    return UserOut(
        id=user.id,
        name=user.name,
        display_name=user.display_name,
        roles=sorted(user.roles),
        active=user.active,
        must_change_password=user.must_change_password,
        locked_until=user.locked_until,
    )
