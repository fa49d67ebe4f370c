"""Phát khẩn cấp theo mẫu: fill the blanks in, hear it as the poles will put it together, hold and send."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.errors import BadInput, NotFound
from gateway.domain.people import Permission
from gateway.domain.template import Kind, Template
from gateway.services.emergency_checked import Checked
from gateway.services.emergency_message import Message
from gateway.web.pages.blanks_form import Blanks, with_labels, wrong_blanks
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.dossier import needs_code
from gateway.web.pages.emergency_form import Choice, Chosen, send, zones_of
from gateway.web.pages.flash import Flash, Tone
from gateway.web.types import Slug

router = APIRouter(prefix="/emergency/templates")

Commander = Annotated[Visit, Depends(Door(Permission.EMERGENCY, hurried=True))]
StrongCommander = Annotated[Visit, Depends(Door(Permission.EMERGENCY, strong=True, hurried=True))]
Pin = Annotated[str, Form(max_length=64)]


@router.get("/{name}")
async def template_page(visit: Commander, name: Slug) -> Response:
    """Ask for the blanks, and where."""
    template = _emergency(visit, name)
    return _ask(visit, template, Choice(drill=template.drill), {})


@router.post("/{name}/check")
async def check(visit: StrongCommander, name: Slug, chosen: Chosen, blanks: Blanks) -> Response:
    """Show and play what would go out, to whom; nothing goes out yet."""
    template = _emergency(visit, name)
    fleet = visit.screen.services.fleet
    if not chosen.targets.reach(fleet.registry) & fleet.enrolled:
        return _ask(visit, template, chosen, blanks, {"where": visit.screen.t("em.where.nobody")})
    try:
        message = await _message(visit, template, chosen, blanks)
    except BadInput as error:
        return _ask(visit, template, chosen, blanks, wrong_blanks(visit.screen, error.problems))
    checked = await visit.screen.services.emergency.check(message, chosen.targets, by=visit.actor)
    return await _show_check(visit, template, chosen, blanks, checked)


@router.post("/{name}/start")
async def start(visit: StrongCommander, name: Slug, chosen: Chosen, blanks: Blanks, pin: Pin = "") -> Response:
    """PHÁT KHẨN CẤP, or a drill: exactly what was heard, whatever the template says by now."""
    template = _emergency(visit, name)
    try:
        unsent = await send(visit, chosen, lambda: _message(visit, template, chosen, blanks), pin=pin)
    except BadInput as error:
        return _ask(visit, template, chosen, blanks, wrong_blanks(visit.screen, error.problems))
    if unsent is None:
        return visit.go("/emergency", Flash("em.sent", Tone.WARN))
    return await _show_check(
        visit,
        template,
        chosen,
        blanks,
        unsent.checked,
        status=unsent.status,
        wrong_pin=unsent.wrong_pin,
        trouble=unsent.trouble,
    )


async def _message(visit: Visit, template: Template, chosen: Choice, blanks: Mapping[str, str]) -> Message:
    phrases = visit.screen.services.phrases
    message = await phrases.message(template.id, blanks, by=visit.actor, drill=chosen.drill)
    return replace(message, siren=chosen.siren)


def _ask(
    visit: Visit,
    template: Template,
    chosen: Choice,
    typed: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
) -> Response:
    services = visit.screen.services
    return visit.show(
        "emergency_template.html",
        status=422 if wrong else 200,
        asked=template,
        text=with_labels(visit.screen, template),
        typed=typed,
        wrong=wrong or {},
        places=services.phrases.book.places,
        chosen=chosen,
        zones=zones_of(services.fleet),
        total=len(services.fleet.enrolled),
        needs_code=needs_code(visit),
    )


async def _show_check(
    visit: Visit,
    template: Template,
    chosen: Choice,
    blanks: Mapping[str, str],
    checked: Checked,
    *,
    status: int = 200,
    wrong_pin: str = "",
    trouble: str = "",
) -> Response:
    services, message = visit.screen.services, checked.message
    registry = services.fleet.registry
    reached = chosen.targets.reach(registry) & services.fleet.enrolled
    files = {piece.audio.asset for piece in message.pieces if piece.audio is not None}
    names = [registry.zones[zone].name for zone in chosen.zones if zone in registry.zones]
    pieces = [
        [piece.audio.asset.removeprefix("sha256:") if piece.audio else "", piece.skip_ms, piece.dur_ms]
        for piece in message.pieces
    ]
    return visit.show(
        "emergency_template_check.html",
        status=status,
        asked=template,
        checked=checked,
        typed=blanks,
        chosen=chosen,
        drill=message.drill,
        text=message.text,
        times=message.times,
        pieces=pieces,
        held=len(services.readiness.holding(files) & reached) if files else 0,
        reached=len(reached),
        where=", ".join(names) or visit.screen.t("em.where.all"),
        wrong_pin=wrong_pin,
        trouble=trouble,
    )


def _emergency(visit: Visit, name: str) -> Template:
    """Return it.

    Raises:
        NotFound: there is none, or it is an everyday one.
    """
    template = visit.screen.services.phrases.book.get(name).template
    if template.kind is not Kind.EMERGENCY:
        raise NotFound(f"Không có mẫu khẩn cấp “{name}”.", f"There is no emergency template “{name}”.")
    return template
