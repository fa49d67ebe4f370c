"""Bản tin: the list, one of them with what can be done next, and taking it back."""

from collections import Counter
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from starlette.responses import Response

from gateway.domain.airtime import LOOK_DAYS, schedule_of
from gateway.domain.bulletin import Bulletin, State
from gateway.domain.errors import BadInput
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission, permissions_of
from gateway.domain.plan import Broadcast
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash
from gateway.web.types import Id, Reason

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Author = Annotated[Visit, Depends(Door(Permission.WRITE_BULLETIN))]
Withdrawer = Annotated[Visit, Depends(Door(Permission.WRITE_BULLETIN, Permission.APPROVE))]
_PAGE = 30
_ORDER = (State.DRAFT, State.REJECTED, State.SUBMITTED, State.APPROVED, State.WITHDRAWN)


@router.get("/bulletins")
async def bulletins_page(
    visit: Reader, state: Annotated[State | None, Query()] = None, skip: Annotated[int, Query(ge=0, le=100_000)] = 0
) -> Response:
    """List them, the newest first: those of one state, else all that are not withdrawn."""
    services = visit.screen.services
    known = list(reversed(await services.editorial.all()))
    found = [each for each in known if (each.state is not State.WITHDRAWN if state is None else each.state is state)]
    return visit.show(
        "bulletins.html",
        found=found[skip : skip + _PAGE],
        total=len(found),
        skip=skip,
        page_size=_PAGE,
        state=state,
        counts=Counter(each.state for each in known),
        order=_ORDER,
        categories=await category_words(visit),
        airtimes=await _next_of_each(visit),
        can_write=Permission.WRITE_BULLETIN in permissions_of(visit.actor),
    )


@router.get("/bulletins/{bulletin}")
async def bulletin_page(visit: Reader, bulletin: Id) -> Response:
    """Show one."""
    return await show_bulletin(visit, bulletin)


@router.post("/bulletins/{bulletin}/withdraw")
async def withdraw(visit: Withdrawer, bulletin: Id, reason: Annotated[Reason, Form()] = "") -> Response:
    """Thu hồi: out of every plan at once."""
    try:
        done = await visit.screen.services.editorial.withdraw(BulletinId(bulletin), reason=reason, by=visit.actor)
    except BadInput:
        return await show_bulletin(visit, bulletin, status=422, no_reason=visit.screen.t("bulletin.withdraw.need"))
    return visit.go(f"/bulletins/{bulletin}", Flash("bulletin.withdrew", values={"title": done.title}))


@router.post("/bulletins/{bulletin}/copy")
async def copy(visit: Author, bulletin: Id) -> Response:
    """Soạn từ bản tin này: a draft of one's own with the same words."""
    editorial = visit.screen.services.editorial
    content = (await editorial.get(BulletinId(bulletin))).content
    made = await editorial.create(replace(content, valid_from=None, valid_until=None), by=visit.user)
    return visit.go(f"/bulletins/{made.id}/edit", Flash("bulletin.copied"))


async def show_bulletin(visit: Visit, bulletin: str, *, status: int = 200, no_reason: str = "") -> Response:
    """Answer with the page of one bulletin."""
    services = visit.screen.services
    found = await services.editorial.get(BulletinId(bulletin))
    rights = permissions_of(visit.actor)
    names = await services.accounts.names()
    return visit.show(
        "bulletin.html",
        status=status,
        bulletin=found,
        author=names.get(found.author, found.author),
        remark_by=names.get(found.remark.by, "") if found.remark else "",
        category=(await category_words(visit)).get(found.content.category, found.content.category),
        airtimes=(await airtimes_of(visit, found))[:4],
        own_schedule=schedule_of(found.id) in {each.id for each in await services.programming.schedules()},
        can_write=Permission.WRITE_BULLETIN in rights,
        can_schedule=Permission.SCHEDULE in rights,
        can_broadcast=Permission.BROADCAST_NOW in rights,
        can_withdraw=found.state is not State.WITHDRAWN
        and (Permission.APPROVE in rights or (Permission.WRITE_BULLETIN in rights and visit.user.id in found.writers)),
        no_reason=no_reason,
    )


async def category_words(visit: Visit) -> dict[str, str]:
    """Return what each chuyên mục is called in the reader's language."""
    found = await visit.screen.services.inventory.categories()
    return {each.id: visit.screen.t.pair(each.label_vi, each.label_en) for each in found}


async def airtimes_of(visit: Visit, bulletin: Bulletin) -> list[Broadcast]:
    """Return its coming airtimes, whether or not they air as things stand."""
    programming = visit.screen.services.programming
    naming = {each.id for each in await programming.programmes() if bulletin.id in each.bulletins}
    # Computed now: the planner's own copy may be a moment older than what this person just booked.
    return [b for b in await programming.forecast(LOOK_DAYS) if b.programme in naming and b.end > visit.screen.now]


async def _next_of_each(visit: Visit) -> dict[BulletinId, Broadcast]:
    programmes = await visit.screen.services.programming.programmes()
    first: dict[BulletinId, Broadcast] = {}
    inside = {each.id: each.bulletins for each in programmes}
    for broadcast in visit.screen.services.planner.coming:
        if broadcast.end > visit.screen.now:
            for name in inside.get(broadcast.programme, ()):
                first.setdefault(name, broadcast)
    return first
