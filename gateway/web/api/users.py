"""Người dùng: accounts, for administrators. Every change says why; whoever has a second factor gives it first."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role
from gateway.ports.records import User
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has, Services
from gateway.web.types import Id, Line, Reason, Sent

router = APIRouter(prefix="/users", tags=["users"])

Reader = Annotated[Current, Depends(May(Permission.MANAGE_USERS))]
Admin = Annotated[Current, Depends(May(Permission.MANAGE_USERS, strong=True))]
Roles = Annotated[frozenset[Role], Field(max_length=len(Role))]


class Why(Sent):
    """Vì sao: goes into the audit log."""

    reason: Reason


class NewUser(Why):
    name: Line
    display_name: Line
    roles: Roles


class UserChange(Why):
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
    second_factor: bool
    signed_in_at: datetime | None
    """The last sign-in."""
    locked_until: datetime | None
    """Too many wrong tries: the next one has to wait."""


class FirstPassword(BaseModel):
    """Shown once; its owner must change it at the first sign-in."""

    user: UserOut
    password: str


@router.get("")
async def list_users(current: Reader, services: Has) -> list[UserOut]:
    users = await services.accounts.users(current.actor)
    locked = services.sessions.locked(users)
    return [_out(user, locked.get(user.id)) for user in users]


@router.post("", status_code=201)
async def create_user(body: NewUser, current: Admin, services: Has) -> FirstPassword:
    user, password = await services.accounts.create(
        current.actor, name=body.name, display_name=body.display_name, roles=body.roles, reason=body.reason
    )
    return FirstPassword(user=_now(user, services), password=password)


@router.patch("/{user}")
async def change_user(user: Id, body: UserChange, current: Admin, services: Has) -> UserOut:
    changed = await services.accounts.change(
        current.actor,
        UserId(user),
        display_name=body.display_name,
        roles=body.roles,
        active=body.active,
        reason=body.reason,
    )
    return _now(changed, services)


@router.post("/{user}/password")
async def reset_password(user: Id, body: Why, current: Admin, services: Has) -> FirstPassword:
    """Cấp lại mật khẩu. Ends that person's sessions and lifts a lock."""
    password = await services.accounts.reset_password(current.actor, UserId(user), reason=body.reason)
    return FirstPassword(
        user=_now(await services.accounts.user(current.actor, UserId(user)), services), password=password
    )


@router.post("/{user}/unlock")
async def unlock_user(user: Id, body: Why, current: Admin, services: Has) -> UserOut:
    """Mở khóa. Wrong tries are forgotten."""
    return _now(await services.accounts.unlock(current.actor, UserId(user), reason=body.reason), services)


@router.post("/{user}/second-factor/reset")
async def reset_second_factor(user: Id, body: Why, current: Admin, services: Has) -> UserOut:
    """Bỏ xác nhận hai lớp, of whoever lost phone and recovery codes. Ends that person's sessions."""
    await services.second_factor.reset(current.actor, UserId(user), reason=body.reason)
    return _now(await services.accounts.user(current.actor, UserId(user)), services)


def _now(user: User, services: Services) -> UserOut:
    return _out(user, services.sessions.locked([user]).get(user.id))


def _out(user: User, locked_until: datetime | None) -> UserOut:
    return UserOut(
        id=user.id,
        name=user.name,
        display_name=user.display_name,
        roles=sorted(user.roles),
        active=user.active,
        must_change_password=user.must_change_password,
        second_factor=bool(user.factor),
        signed_in_at=user.signed_in_at,
        locked_until=locked_until,
    )
