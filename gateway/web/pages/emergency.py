"""Phát khẩn cấp: choose, hear, hold and send; who sounds it; the end of the alert."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from devices.model import ClusterId, OccurrenceId
from gateway.domain.errors import BadInput, GatewayError, NotAllowed, NotFound, StoreFailed, TryLater
from gateway.domain.people import Permission
from gateway.domain.template import Kind
from gateway.services.emergency_checked import Checked
from gateway.services.emergency_message import Message
from gateway.services.strips import Sound
from gateway.web.errors import status_of
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.dossier import needs_code
from gateway.web.pages.emergency_form import Choice, Chosen, Unsent, ready_made, send, zones_of
from gateway.web.pages.flash import Flash, Tone
from gateway.web.types import Id, Reason

router = APIRouter(prefix="/emergency")

Commander = Annotated[Visit, Depends(Door(Permission.EMERGENCY, hurried=True))]
StrongCommander = Annotated[Visit, Depends(Door(Permission.EMERGENCY, strong=True, hurried=True))]
Pin = Annotated[str, Form(max_length=64)]
_NAMED = 12


@router.get("")
async def emergency_page(visit: Commander) -> Response:
    """Show what is on, or offer to begin."""
    active = visit.screen.services.emergency_watch.active
    if active:
        return visit.show("emergency_on.html", reports=await _reports(visit), wrong={})
    return await _compose(visit, Choice())


@router.get("/now")
async def emergency_now(visit: Commander) -> Response:
    """Return who sounds what, for htmx."""
    return visit.show("emergency_now.html", reports=await _reports(visit))


@router.post("/check")
async def check(visit: StrongCommander, chosen: Chosen) -> Response:
    """Show and play what would go out, to whom; nothing goes out yet."""
    text = chosen.text
    if not text and not chosen.ready and chosen.what != "siren":
        return await _compose(visit, chosen, {"more": visit.screen.t("em.need")})
    reached = chosen.targets.reach(visit.screen.services.fleet.registry) & visit.screen.services.fleet.enrolled
    if not reached:
        return await _compose(visit, chosen, {"where": visit.screen.t("em.where.nobody")})
    try:
        checked = await visit.screen.services.emergency.check(chosen.message(), chosen.targets, by=visit.actor)
    except (BadInput, NotFound) as error:  # what was ready a moment ago is not any more
        return await _compose(visit, chosen, {"what": visit.screen.t.pair(error.vi, error.en)})
    return await _show_check(visit, chosen, checked)


@router.post("/start")
async def start(visit: StrongCommander, chosen: Chosen, pin: Pin = "") -> Response:
    """PHÁT KHẨN CẤP, or a drill: exactly what was heard."""

    async def message() -> Message:
        return chosen.message()

    try:
        unsent = await send(visit, chosen, message, pin=pin)
    except (BadInput, NotFound) as error:
        return await _compose(visit, chosen, {"what": visit.screen.t.pair(error.vi, error.en)})
    return (
        visit.go("/emergency", Flash("em.sent", Tone.WARN)) if unsent is None else await _again(visit, chosen, unsent)
    )


@router.post("/{em}/end")
async def end(visit: Commander, em: Id, pin: Pin = "", why: Annotated[Reason, Form()] = "") -> Response:
    """Hết báo động."""
    try:
        await visit.screen.services.emergency.end(OccurrenceId(em), pin=pin, by=visit.actor, why=why)
    except (NotAllowed, TryLater) as error:
        wrong = {em: visit.screen.t.pair(error.vi, error.en)}
        return visit.show("emergency_on.html", status=_status(error), reports=await _reports(visit), wrong=wrong)
    return visit.go("/emergency", Flash("em.ended"))


def _status(error: GatewayError) -> int:
    """A wrong PIN is a mistake in a form, not a page one may not open."""
    return 422 if isinstance(error, NotAllowed) else status_of(error)


async def _compose(visit: Visit, chosen: Choice, wrong: dict[str, str] | None = None) -> Response:
    services = visit.screen.services
    templates = [each.template for each in services.phrases.book.all if each.template.kind is Kind.EMERGENCY]
    return visit.show(
        "emergency.html",
        status=422 if wrong else 200,
        chosen=chosen,
        templates=templates,
        ready=await ready_made(visit),
        zones=zones_of(services.fleet),
        total=len(services.fleet.enrolled),
        needs_code=needs_code(visit),
        wrong=wrong or {},
    )


async def _again(visit: Visit, chosen: Choice, unsent: Unsent) -> Response:
    return await _show_check(
        visit, chosen, unsent.checked, status=unsent.status, wrong_pin=unsent.wrong_pin, trouble=unsent.trouble
    )


async def _show_check(
    visit: Visit, chosen: Choice, checked: Checked, *, status: int = 200, wrong_pin: str = "", trouble: str = ""
) -> Response:
    fleet = visit.screen.services.fleet
    ready = next((each for each in await ready_made(visit) if each.value == chosen.what), None)
    names = [fleet.registry.zones[zone].name for zone in chosen.zones if zone in fleet.registry.zones]
    return visit.show(
        "emergency_check.html",
        status=status,
        chosen=chosen,
        checked=checked,
        text=checked.message.text,
        sound=checked.clip.asset.removeprefix("sha256:") if checked.clip else "",
        title=ready.title if ready else "",
        reached=len(chosen.targets.reach(fleet.registry) & fleet.enrolled),
        where=", ".join(names) or visit.screen.t("em.where.all"),
        wrong_pin=wrong_pin,
        trouble=trouble,
    )


async def _read_out(visit: Visit, em: OccurrenceId) -> Mapping[Sound, set[ClusterId]]:
    """Return who has read it out to its end, with proof and still without, as far as can be read now."""
    found: dict[Sound, set[ClusterId]] = {Sound.PROVEN: set(), Sound.ENDING: set()}
    try:
        board = await visit.screen.services.board.of(em)
    except (NotFound, StoreFailed):  # not written down yet, or a broken disk: who sounds it is known all the same
        return found
    for strip in board.strips:
        if strip.sound in found:
            found[strip.sound].add(strip.cluster)
    return found


async def _reports(visit: Visit) -> Sequence[dict[str, Any]]:
    services = visit.screen.services
    found = []
    for active in services.emergency_watch.active:
        report = services.emergency_watch.report(active.em)
        read_out = await _read_out(visit, OccurrenceId(active.em))
        heard, ending = read_out[Sound.PROVEN] & active.clusters, read_out[Sound.ENDING] & active.clusters
        quiet = active.clusters - report.sounding - report.unreachable - report.clock_unsynced - heard - ending
        found.append(
            {
                "active": active,
                "sounding": len(report.sounding),
                "heard": len(heard),
                "total": len(active.clusters),
                "ending": services.fleet.names(ending, at_most=_NAMED) if ending else "",
                "quiet": services.fleet.names(quiet, at_most=_NAMED) if quiet else "",
                "unreachable": services.fleet.names(report.unreachable, at_most=_NAMED) if report.unreachable else "",
                "clock": services.fleet.names(report.clock_unsynced, at_most=_NAMED) if report.clock_unsynced else "",
            }
        )
    return found
