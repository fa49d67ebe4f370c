"""Mẫu bản tin thường ngày: choose one, fill its blanks in, and go on writing with the text that comes of it."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway.domain.errors import BadInput, NotFound
from gateway.domain.people import Permission
from gateway.domain.template import Kind, Template
from gateway.web.pages.blanks_form import Blanks, with_labels, wrong_blanks
from gateway.web.pages.bulletin_edit import show_form
from gateway.web.pages.bulletin_form import Typed
from gateway.web.pages.door import Door, Visit
from gateway.web.types import Slug

router = APIRouter(prefix="/bulletins/templates")

Author = Annotated[Visit, Depends(Door(Permission.WRITE_BULLETIN))]


@router.get("")
async def templates_page(visit: Author) -> Response:
    """List the everyday templates, the ward's own among them."""
    known = [each.template for each in visit.screen.services.phrases.book.all]
    return visit.show("bulletin_templates.html", templates=[each for each in known if each.kind is Kind.EVERYDAY])


@router.get("/{name}")
async def template_page(visit: Author, name: Slug) -> Response:
    """Ask for what goes into the blanks."""
    return _ask(visit, _everyday(visit, name), {}, {})


@router.post("/{name}")
async def fill(visit: Author, name: Slug, blanks: Blanks) -> Response:
    """Điền mẫu: nothing is kept yet; the text goes into the form that every bulletin is written in."""
    template = _everyday(visit, name)
    services = visit.screen.services
    try:
        text = services.phrases.book.fill(template, blanks).text
    except BadInput as error:
        return _ask(visit, template, blanks, wrong_blanks(visit.screen, error.problems))
    begun = Typed(title=template.name_vi, text=text, speed=services.editorial.usual.speed)
    # What the phone kept of another filling must not come back over this one.
    return await show_form(visit, begun, begun_from=f"{name}-{sha256(text.encode()).hexdigest()[:8]}")


def _ask(visit: Visit, template: Template, typed: Mapping[str, str], wrong: Mapping[str, str]) -> Response:
    return visit.show(
        "bulletin_template.html",
        status=422 if wrong else 200,
        asked=template,
        text=with_labels(visit.screen, template),
        typed=typed,
        wrong=wrong,
        places=visit.screen.services.phrases.book.places,
    )


def _everyday(visit: Visit, name: str) -> Template:
    """Return it.

    Raises:
        NotFound: there is none, or it is for emergencies.
    """
    template = visit.screen.services.phrases.book.get(name).template
    if template.kind is not Kind.EVERYDAY:
        raise NotFound(f"Không có mẫu bản tin “{name}”.", f"There is no everyday template “{name}”.")
    return template
