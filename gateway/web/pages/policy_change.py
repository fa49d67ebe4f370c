"""Đổi quy chế phát: new air rules are typed, looked at beside the old ones, and adopted; more takes two people."""

from collections.abc import Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.errors import BadInput, GatewayError, NotFound, Problem, WrongState
from gateway.domain.people import Permission, permissions_of
from gateway.domain.plan import Broadcast, Status
from gateway.domain.policy_pack import WEEKDAYS, PolicyPack
from gateway.services.rulebook import PROPOSAL_LIVES
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.pages.policy_form import Typed, document_of, field_of, typed
from gateway.web.pages.policy_words import changes
from gateway.web.types import Line, Reason

router = APIRouter(prefix="/policy")

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Proposer = Annotated[Visit, Depends(Door(Permission.ADOPT_POLICY))]
Adopter = Annotated[Visit, Depends(Door(Permission.ADOPT_POLICY, strong=True))]
_GIVEN = frozenset({"name", "version", "title_vi", "title_en", "valid_from"})
"""What nobody types."""
_NAMED = 5
"""How many airtimes are named; the others are counted."""


@router.get("/change")
async def change_page(visit: Proposer) -> Response:
    """Show the rules in force as fields."""
    return _form(visit, typed(_in_force(visit)))


@router.post("/change")
async def change(visit: Proposer, fields: Annotated[Typed, Form()]) -> Response:
    """Đề nghị: nothing changes yet; what it would do is shown next."""
    pack = _in_force(visit)
    rulebook, zone = visit.screen.services.rulebook, ZoneInfo(pack.rules.zone)
    version = rulebook.rules.version + 1
    document = document_of(fields, base=pack, version=version, today=visit.screen.now.astimezone(zone).date())
    if all(document.get(name) == value for name, value in pack.to_document().items() if name not in _GIVEN):
        return _form(visit, fields, same=True)
    try:
        await rulebook.propose(document, by=visit.actor)
    except BadInput as error:
        return _form(visit, fields, problems=error.problems)
    return visit.go("/policy/proposal")


@router.get("/proposal")
async def proposal_page(visit: Reader) -> Response:
    """Say what would change, line by line, and what would no longer air."""
    return await _proposal(visit)


@router.post("/proposal/adopt")
async def adopt(visit: Adopter, mark: Annotated[Line, Form()] = "") -> Response:
    """Ban hành, with a second factor, which here everybody must have."""
    services = visit.screen.services
    if services.rulebook.proposal is None:
        return await _proposal(visit)
    services.second_factor.expect(visit, always=True)
    try:
        await services.rulebook.adopt_proposed(mark, by=visit.actor)
    except WrongState as error:
        return await _proposal(visit, refused=error)
    return visit.go("/policy", Flash("policy.adopted"))


@router.post("/proposal/refuse")
async def refuse(visit: Proposer, mark: Annotated[Line, Form()] = "", why: Annotated[Reason, Form()] = "") -> Response:
    """Không ban hành: the rules stay as they are, so one person is enough and no code is asked for."""
    try:
        await visit.screen.services.rulebook.refuse(mark, why=why, by=visit.actor)
    except (BadInput, WrongState) as error:
        return await _proposal(visit, refused=error)
    return visit.go("/policy", Flash("policy.refused"))


def _in_force(visit: Visit) -> PolicyPack:
    pack = visit.screen.services.rulebook.pack
    if pack is None:
        raise NotFound("Phường chưa ban hành quy chế phát.", "No air rules are adopted yet.", code="no_policy")
    return pack


def _form(visit: Visit, fields: Typed, *, problems: Sequence[Problem] = (), same: bool = False) -> Response:
    t = visit.screen.t
    wrong = [(field_of(each.path, t), t.pair(*map(_reason, (each.vi, each.en)))) for each in problems]
    return visit.show(
        "policy_change.html",
        status=422 if problems or same else 200,
        form=fields,
        weekdays=list(enumerate(WEEKDAYS)),
        waits=visit.screen.services.rulebook.proposal,
        wrong=wrong,
        same=same,
    )


def _reason(text: str) -> str:
    """Leave out the path in front: the label of the field stands there instead."""
    return text.partition(" ")[2]


async def _proposal(visit: Visit, *, refused: GatewayError | None = None) -> Response:
    screen, services = visit.screen, visit.screen.services
    rulebook, proposal = services.rulebook, services.rulebook.proposal
    pack = rulebook.pack
    if proposal is None or pack is None:
        return visit.go("/policy", Flash("policy.none_waits"))
    new = proposal.pack.rules
    return visit.show(
        "policy_proposal.html",
        status=status_of(refused) if refused else 200,
        trouble=screen.t.pair(refused.vi, refused.en) if refused else "",
        proposal=proposal,
        until=proposal.at + PROPOSAL_LIVES,
        mine=proposal.by == visit.user.id,
        names=await services.accounts.names(),
        changes=changes(rulebook.rules, new, screen.t, screen.at),
        can_decide=Permission.ADOPT_POLICY in permissions_of(visit.actor),
        needs_another=rulebook.needs_another(proposal, visit.actor),
        **_effect(await services.programming.under(new)),
    )


def _effect(changed: Sequence[tuple[Broadcast, Broadcast]]) -> dict[str, Any]:
    turned = [(before, after) for before, after in changed if before.status is not after.status]
    lost = [after for before, after in turned if before.status is Status.WILL_AIR]
    won = [after for _, after in turned if after.status is Status.WILL_AIR]
    quieter = [after for before, after in changed if after.volume_percent < before.volume_percent]
    return {
        "lost": lost[:_NAMED],
        "lost_n": len(lost),
        "won_n": len(won),
        "quieter_n": len(quieter),
    }
