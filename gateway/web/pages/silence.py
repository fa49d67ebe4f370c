"""IM LẶNG: the switch, who obeys it, and letting the ward sound again."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from gateway.domain.people import Permission
from gateway.services.silence import SilenceReport
from gateway.web.pages.door import Door, Visit
from gateway.web.pages.flash import Flash, Tone
from gateway.web.types import Reason

router = APIRouter()

Switcher = Annotated[Visit, Depends(Door(Permission.KILL_SWITCH, hurried=True))]
Why = Literal["stray", "wrong", "other"]


@router.get("/silence")
async def silence_page(visit: Switcher) -> Response:
    """Show the switch as it stands."""
    return visit.show("silence.html", **_known(visit))


@router.get("/silence/now")
async def silence_now(visit: Switcher) -> Response:
    """Return who obeys, for htmx."""
    return visit.show("silence_now.html", **_known(visit))


@router.post("/silence")
async def engage(
    visit: Switcher, why: Annotated[Why, Form()] = "other", note: Annotated[Reason, Form()] = ""
) -> Response:
    """Bật IM LẶNG, now; nothing of the form may stand in its way."""
    words = [visit.screen.t("silence.by") if why == "other" else visit.screen.t(f"silence.why.{why}"), note.strip()]
    report = await visit.screen.services.silence.engage(by=visit.actor, reason=". ".join(filter(None, words)))
    return visit.go("/silence", _said(report))


@router.post("/silence/end")
async def rearm(visit: Switcher, reason: Annotated[Reason, Form()] = "") -> Response:
    """Cho phát trở lại."""
    if not reason.strip():
        wrong = visit.screen.t("silence.end.why")
        return visit.show("silence.html", status=422, **{**_known(visit), "wrong": wrong, "reason": reason})
    await visit.screen.services.silence.rearm(by=visit.actor, reason=reason)
    return visit.go("/", Flash("silence.off"))


def _known(visit: Visit) -> dict[str, Any]:
    services = visit.screen.services
    report = services.silence.report()
    return {
        "report": report,
        "names": {key: services.fleet.names(getattr(report, key), at_most=12) for key in ("differ", "unreachable")},
        "wrong": "",
        "reason": "",
    }


def _said(report: SilenceReport) -> Flash:
    if not report.delivered:
        return Flash("silence.on.undelivered", Tone.BAD)
    return Flash("silence.on") if report.kept else Flash("silence.on.unkept", Tone.WARN)
