"""Chương trình: the items of one airtime, in order; moved, left out, added, said more than once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.bulletin import Bulletin, State
from gateway.domain.errors import BadInput, Stale
from gateway.domain.ids import BulletinId, ProgrammeId
from gateway.domain.people import Permission, permissions_of
from gateway.domain.programme import BulletinItem, Clip, Pause, Programme, ProgrammeItem
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash, Tone
from gateway.web.types import Id, Slug

router = APIRouter()

Reader = Annotated[Visit, Depends(Door(Permission.READ))]
Scheduler = Annotated[Visit, Depends(Door(Permission.SCHEDULE))]
Place = Annotated[int, Form(ge=0, le=1_000)]
Revision = Annotated[int, Form(ge=1, le=2**31)]
_OFFERED = 40


@dataclass(frozen=True, kw_only=True)
class Row:
    """One item."""

    title: str
    role: str
    """Names its word: ``programme.ROLE``."""
    duration_ms: int
    bulletin: Bulletin | None = None


@router.get("/programmes/{programme}")
async def programme_page(visit: Reader, programme: Slug) -> Response:
    """Show what is heard, in order."""
    services = visit.screen.services
    found = await services.programming.programme(ProgrammeId(programme))
    known = {each.id: each for each in await services.editorial.all()}
    rows = [_row(item, known) for item in found.items]
    offered = [each for each in reversed(list(known.values())) if _may_air(each) and each.id not in found.bulletins]
    return visit.show(
        "programme.html",
        programme=found,
        rows=rows,
        total_ms=sum(row.duration_ms for row in rows) * found.repeats,
        offered=offered[:_OFFERED],
        schedules=[each for each in await services.programming.schedules() if each.programme == found.id],
        longest_s=services.rulebook.rules.session_max_s,
        can_schedule=Permission.SCHEDULE in permissions_of(visit.actor),
    )


@router.post("/programmes/{programme}/move")
async def move(
    visit: Scheduler, programme: Slug, place: Place, to: Annotated[int, Form(ge=0, le=1_000)], revision: Revision
) -> Response:
    """Đổi thứ tự."""

    def step(items: list[ProgrammeItem]) -> None:
        items.insert(to, items.pop(place))

    return await _changed(visit, programme, revision, step, most=max(place, to))


@router.post("/programmes/{programme}/remove")
async def remove(visit: Scheduler, programme: Slug, place: Place, revision: Revision) -> Response:
    """Bỏ khỏi chương trình."""

    def step(items: list[ProgrammeItem]) -> None:
        items.pop(place)

    return await _changed(visit, programme, revision, step, most=place)


@router.post("/programmes/{programme}/add")
async def add(visit: Scheduler, programme: Slug, bulletin: Annotated[Id, Form()], revision: Revision) -> Response:
    """Thêm bản tin, after the last one: before the sign-off."""
    found = await visit.screen.services.editorial.get(BulletinId(bulletin))

    def step(items: list[ProgrammeItem]) -> None:
        last = max((n for n, item in enumerate(items) if isinstance(item, BulletinItem)), default=len(items) - 1)
        items.insert(last + 1, BulletinItem(bulletin=found.id))

    return await _changed(visit, programme, revision, step)


@router.post("/programmes/{programme}/repeats")
async def repeats(
    visit: Scheduler, programme: Slug, n: Annotated[int, Form(ge=1, le=10)], revision: Revision
) -> Response:
    """Đọc mấy lượt."""
    return await _changed(visit, programme, revision, lambda _: None, repeats=n)


async def _changed(
    visit: Visit,
    name: str,
    revision: int,
    step: Callable[[list[ProgrammeItem]], None],
    *,
    most: int = 0,
    repeats: int | None = None,
) -> Response:
    """Apply ``step`` to the items; ``most`` is the highest place it names."""
    programming = visit.screen.services.programming
    before = await programming.programme(ProgrammeId(name))
    items = list(before.items)
    if most >= len(items) or before.revision != revision:
        return visit.go(f"/programmes/{name}", Flash("programme.changed", Tone.WARN))
    try:
        step(items)
        after: Programme = replace(before, items=tuple(items), repeats=repeats or before.repeats)
        await programming.save_programme(after, by=visit.user)
    except Stale:
        return visit.go(f"/programmes/{name}", Flash("programme.changed", Tone.WARN))
    except BadInput as error:
        words = "; ".join(visit.screen.t.pair(each.vi, each.en) for each in error.problems)
        return visit.go(f"/programmes/{name}", Flash("programme.not", Tone.BAD, values={"why": words}))
    return visit.go(f"/programmes/{name}", Flash("programme.saved"))


def _row(item: ProgrammeItem, known: dict[BulletinId, Bulletin]) -> Row:
    match item:
        case Pause():
            return Row(title="", role="pause", duration_ms=item.duration_ms)
        case Clip():
            return Row(title=item.title, role=item.role.value, duration_ms=item.duration_ms)
        case BulletinItem():
            found = known.get(item.bulletin)
            length = found.audio.duration_ms if found and found.audio else 0
            return Row(
                title=found.title if found else item.bulletin, role="bulletin", duration_ms=length, bulletin=found
            )


def _may_air(bulletin: Bulletin) -> bool:
    return bulletin.state in {State.SUBMITTED, State.APPROVED}
