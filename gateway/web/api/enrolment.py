"""Ghi danh cụm loa: codes for technicians, and the one question a new pole asks."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, StringConstraints

from devices.model import ClusterId
from gateway.domain.people import Permission
from gateway.services.sessions import Current
from gateway.web.auth import May, address_of
from gateway.web.services import Has
from gateway.web.types import Reason, Sent, Slug

router = APIRouter(tags=["enrolment"])

Enroller = Annotated[Current, Depends(May(Permission.ENROL))]


class CodeFor(Sent):
    cluster: Slug


class CodeOut(BaseModel):
    """Mã ghi danh. Shown once; good for one pole and 24 hours."""

    cluster: str
    code: str
    expires_at: datetime


class Why(Sent):
    why: Reason = ""


class IdentityOut(BaseModel):
    cluster: str
    kid: str
    public_key: str
    enrolled_at: datetime
    revoked_at: datetime | None
    model: str
    firmware: str


class EnrolRequest(Sent):
    """What the pole sends: the name of its code, and its question sealed under the code."""

    name: Annotated[str, StringConstraints(pattern="^[0-9A-HJKMNP-TV-Z]{4}$")]
    request: Annotated[str, StringConstraints(max_length=4_096)]


class GrantOut(BaseModel):
    grant: str


@router.post("/enrolment/codes", status_code=201)
async def make_code(body: CodeFor, current: Enroller, services: Has) -> CodeOut:
    """Tạo mã ghi danh một lần. For a cluster that has an identity, the new one will replace it."""
    offer = await services.enrolment.offer(current.actor, ClusterId(body.cluster))
    return CodeOut(cluster=offer.cluster, code=offer.code, expires_at=offer.expires_at)


@router.get("/enrolment/identities")
async def list_identities(current: Enroller, services: Has) -> list[IdentityOut]:
    return [
        IdentityOut(
            cluster=each.cluster,
            kid=each.kid,
            public_key=each.public_key,
            enrolled_at=each.enrolled_at,
            revoked_at=each.revoked_at,
            model=each.model,
            firmware=each.firmware,
        )
        for each in await services.enrolment.identities(current.actor)
    ]


@router.post("/enrolment/identities/{cluster}/revoke", status_code=204)
async def revoke_identity(cluster: Slug, body: Why, current: Enroller, services: Has) -> None:
    """Thu hồi: a stolen or replaced controller is believed no longer, and the broker shuts it out."""
    await services.enrolment.revoke(current.actor, ClusterId(cluster), why=body.why)


@router.post("/enrol")
async def enrol(body: EnrolRequest, request: Request, services: Has) -> GrantOut:
    """Cụm loa mới xin căn cước. For poles: no session, the code is the authority."""
    return GrantOut(grant=await services.enrolment.enrol(body.name, body.request, address=address_of(request)))
