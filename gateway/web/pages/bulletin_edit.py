"""Soạn bản tin: written, pasted, out of a file; kept on the phone until it is sent."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway.domain.bulletin import MAX_TEXT, Bulletin
from gateway.domain.errors import BadInput, Problem, Stale
from gateway.domain.ids import BulletinId
from gateway.domain.paper import Paper
from gateway.domain.people import Permission
from gateway.web.multipart import MOST_BYTES
from gateway.web.pages.bulletin_form import Typed, typed
from gateway.web.pages.bulletin_voices import choices
from gateway.web.pages.bulletins import category_words
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash, Tone
from gateway.web.pages.received_file import file_in
from gateway.web.types import Id

router = APIRouter()

Author = Annotated[Visit, Depends(Door(Permission.WRITE_BULLETIN))]
Form = Annotated[Typed, Depends(typed)]


@router.get("/bulletins/new")
async def new_page(visit: Author) -> Response:
    """Show an empty form."""
    return await show_form(visit, Typed(speed=visit.screen.services.editorial.usual.speed))


@router.get("/bulletins/paper/file")
@router.get("/bulletins/paper")
async def paper_page(visit: Author) -> Response:
    """Whoever reloads after a file begins with an empty form."""
    return visit.go("/bulletins/new")


@router.post("/bulletins/new")
async def create(visit: Author, form: Form) -> Response:
    """Keep it as a draft, and go on to hear it. The same form twice is one bulletin."""
    try:
        made = await visit.screen.services.editorial.create(form.content(), by=visit.user, draft=form.draft)
    except BadInput as error:
        return await show_form(visit, _with(visit, form, error.problems), status=422)
    return visit.go(f"/bulletins/{made.id}/listen")


@router.post("/bulletins/paper")
async def take_pasted(visit: Author, form: Form) -> Response:
    """Bỏ đầu thư, chữ ký from what was pasted; what goes is shown."""
    try:
        paper = visit.screen.services.wording.text_in.paste(form.text, by=visit.user)
    except BadInput as error:
        return await show_form(visit, _with(visit, form, error.problems), status=422)
    return await _taken(visit, form, paper)


@router.post("/bulletins/paper/file")
async def take_file(visit: Author) -> Response:
    """Đưa văn bản vào from a file. The form is read by hand: nothing of a stranger's is, see :class:`Door`."""
    try:
        async with file_in(visit.screen.request, "file", most_bytes=MOST_BYTES) as path:
            paper = await visit.screen.services.wording.text_in.file(path, by=visit.user)
    except BadInput as error:
        said = "; ".join(visit.screen.t.pair(each.vi, each.en) for each in error.problems)
        return await show_form(visit, Typed(wrong={"file": said[:1].upper() + said[1:]}), status=422)
    return await _taken(visit, Typed(speed=visit.screen.services.editorial.usual.speed), paper)


async def _taken(visit: Visit, form: Typed, paper: Paper) -> Response:
    answer = await show_form(visit, replace(form, title=form.title or paper.title, text=paper.body), paper=paper)
    answer.headers["hx-push-url"] = "false"
    return answer


@router.get("/bulletins/{bulletin}/edit")
async def edit_page(visit: Author, bulletin: Id) -> Response:
    """Show the form with the bulletin in it."""
    found = await visit.screen.services.editorial.get(BulletinId(bulletin))
    return await show_form(visit, Typed.of(found), bulletin=found)


@router.post("/bulletins/{bulletin}/edit")
async def edit(visit: Author, bulletin: Id, form: Form) -> Response:
    """Lưu: voids an approval; somebody else's change meanwhile is shown, never overwritten."""
    editorial = visit.screen.services.editorial
    found = await editorial.get(BulletinId(bulletin))
    try:
        content = form.content(found.content)
        if content != found.content:
            await editorial.edit(found.id, content, was_revision=form.revision, by=visit.user)
    except BadInput as error:
        return await show_form(visit, _with(visit, form, error.problems), status=422, bulletin=found)
    except Stale:
        mine = replace(form, revision=found.revision)
        return await show_form(visit, mine, status=409, bulletin=found, theirs=found)
    return visit.go(f"/bulletins/{bulletin}/listen")


async def show_form(visit: Visit, form: Typed, *, status: int = 200, **more: Any) -> Response:
    """Answer with the form. ``begun_from``: what a new one was begun from, the phone keeps its draft apart by it."""
    known = {"bulletin": None, "paper": None, "theirs": None, "begun_from": "", **more}
    categories = await category_words(visit)
    chosen = form.category or await _usual_category(visit, categories)
    return visit.show(
        "bulletin_edit.html",
        status=status,
        form=replace(form, category=chosen),
        categories=list(categories.items()),
        voices=choices(visit),
        most=MAX_TEXT,
        removed=_removed(visit, known["paper"]),
        **known,
    )


async def _usual_category(visit: Visit, categories: dict[str, str]) -> str:
    """Return what this person wrote about last: most write about one thing."""
    mine: Sequence[Bulletin] = [
        each for each in await visit.screen.services.editorial.all() if each.author == visit.user.id
    ]
    last = mine[-1].content.category if mine else ""
    return last if last in categories else next(iter(categories), "")


def _removed(visit: Visit, paper: Paper | None) -> list[tuple[str, str, int]]:
    if paper is None:
        return []
    return [(each.text, visit.screen.t.pair(*each.reason.words), each.before) for each in paper.removed]


def _with(visit: Visit, form: Typed, problems: Sequence[Problem]) -> Typed:
    said: dict[str, str] = {}
    for each in problems:
        field = each.path if each.path in {"title", "category", "speed", "file"} else "text"
        said.setdefault(field, visit.screen.t.pair(each.vi, each.en))
    return replace(form, wrong={name: words[:1].upper() + words[1:] for name, words in said.items()})


def stale(path: str, visit: Visit) -> Response:
    """Somebody changed it meanwhile: show it as it is now."""
    return visit.go(path, Flash("bulletin.changed", Tone.WARN))
