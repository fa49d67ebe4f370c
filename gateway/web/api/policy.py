"""Quy chế phát: what the ward obeys, and adopting another version."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, JsonValue

from gateway.domain.errors import NotFound
from gateway.domain.people import Permission
from gateway.domain.policy_pack import parse_policy
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Line, Reason, Sent

router = APIRouter(prefix="/policy", tags=["policy"])


class PolicyOut(BaseModel):
    """Một gói quy chế, as its file would hold it."""

    document: dict[str, Any]
    in_force: bool = True
    """``False``: it allows more than the rules in force, and a second person must adopt the very same document."""
    proposed_by: str | None = None
    """Who wants to adopt it, while it is not in force."""
    mark: str | None = None
    """Names this proposal: who decides about it says which one was looked at."""


class Refusal(Sent):
    """Vì sao không ban hành."""

    mark: Line
    why: Reason = ""


@router.get("")
async def read_policy(_: Annotated[Current, Depends(May(Permission.READ))], services: Has) -> PolicyOut:
    pack = services.rulebook.pack
    if pack is None:
        raise NotFound(
            "Phường chưa ban hành quy chế phát: chỉ tin khẩn cấp được phát.",
            "No air rules are adopted yet: nothing but an emergency may sound.",
            code="no_policy",
        )
    return PolicyOut(document=pack.to_document())


@router.post("/check")
async def check_policy(body: dict[str, JsonValue], _: Annotated[Current, Depends(May(Permission.READ))]) -> PolicyOut:
    """Đọc thử: every mistake of a pack, without adopting it."""
    return PolicyOut(document=parse_policy(body).to_document(), in_force=False)


@router.put("")
async def adopt_policy(
    body: dict[str, JsonValue], current: Annotated[Current, Depends(May(Permission.ADOPT_POLICY))], services: Has
) -> PolicyOut:
    """Ban hành. Gateway and poles obey it from now on; its version must be higher than the one in force.

    What allows more than the rules in force is only noted, until a second person sends the very same document.
    """
    pack = await services.rulebook.adopt(body, by=current.actor)
    in_force = services.rulebook.pack == pack
    return PolicyOut(document=pack.to_document(), in_force=in_force, proposed_by=None if in_force else current.actor.id)


@router.get("/proposal")
async def read_proposal(_: Annotated[Current, Depends(May(Permission.READ))], services: Has) -> PolicyOut:
    """Đề nghị ban hành, chờ người thứ hai."""
    proposal = services.rulebook.proposal
    if proposal is None:
        raise NotFound("Không có đề nghị ban hành nào.", "No rules wait to be adopted.", code="no_proposal")
    return PolicyOut(document=proposal.pack.to_document(), in_force=False, proposed_by=proposal.by, mark=proposal.mark)


@router.post("/proposal/refuse", status_code=204)
async def refuse_proposal(
    body: Refusal, current: Annotated[Current, Depends(May(Permission.ADOPT_POLICY))], services: Has
) -> None:
    """Không ban hành, and say why; or take one's own proposal back. One person is enough: the rules stay."""
    await services.rulebook.refuse(body.mark, why=body.why, by=current.actor)
