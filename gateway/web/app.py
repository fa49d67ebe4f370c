"""The HTTP application: put together from small routers, and given its services. Nothing here runs at import."""

import re
from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.middleware import Middleware

from gateway.web import errors, poles, status_page
from gateway.web.api import (
    alarms,
    alerts,
    audio,
    audit,
    auth,
    broadcasts,
    bulletins,
    camera_sheets,
    cameras,
    catalogue,
    clusters,
    commands,
    devices,
    emergencies,
    enrolment,
    events,
    health,
    lexicon,
    out_of_hours,
    papers,
    plays,
    policy,
    programmes,
    reports,
    schedules,
    silence,
    spoken,
    technical,
    templates,
    tickets,
    users,
)
from gateway.web.armour import Armour
from gateway.web.described import Described
from gateway.web.pace import Allowance, Pace
from gateway.web.pages import ROUTERS as PAGES
from gateway.web.pages import refusals
from gateway.web.pages.screen import Kit
from gateway.web.services import Services

API = "/api/v1"
_UPLOAD = re.compile(
    rf"{API}/(?:audio|papers|bulletins/[^/]+/recording|devices/[a-z]+/import|tickets/[^/]+/photos)"
    r"|/bulletins/(?:paper/file|[^/]+/record)|/devices/import|/lexicon/import|/devices/[^/]+/ticket|/tickets/[^/]+/photos"
    r"|/recordings/new"
)

_API_ROUTERS: Sequence[APIRouter] = (
    auth.router,
    users.router,
    bulletins.router,
    spoken.router,
    papers.router,
    lexicon.router,
    audio.router,
    programmes.router,
    schedules.router,
    schedules.plan_router,
    broadcasts.router,
    emergencies.router,
    templates.router,
    clusters.router,
    catalogue.router,
    technical.router,
    commands.router,
    plays.router,
    reports.router,
    silence.router,
    policy.router,
    out_of_hours.router,
    alarms.router,
    cameras.router,
    camera_sheets.router,
    devices.router,
    alerts.router,
    tickets.router,
    audit.router,
    enrolment.router,
    events.router,
    health.router,
)


def create_app(services: Services, *, routes: FastAPI | None = None) -> FastAPI:
    """Build the application that ``services`` stand behind.

    ``routes``: made by :func:`assemble` before, and behind nobody else any more. To make them takes half a second.
    """
    app = routes or assemble(https=services.options.secure_cookies)
    app.state.services = services
    app.state.streams = set()
    app.state.uploads = set()
    options = services.options
    one = Allowance(burst=options.changes_at_once, per_s=options.changes_per_s)
    app.state.session_pace = Pace(services.clock, one)
    app.state.address_pace = Pace(services.clock, Allowance(burst=one.burst * 10, per_s=one.per_s * 10))
    app.state.public_pace = Pace(services.clock, Allowance(burst=240, per_s=4.0))  # a page, its icons, its sound
    app.state.kit = Kit([route.path or "" for route in iter_route_contexts(app.routes)])
    return app


def assemble(*, https: bool = False) -> FastAPI:
    """Build the routes alone: enough to describe them, not to serve them."""
    app = Described(
        title="Loa Phường",
        summary="Đài truyền thanh phường / a ward's loudspeaker radio",
        version="1",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        generate_unique_id_function=_operation,
        middleware=[Middleware(Armour, https=https, is_upload=_is_upload)],
    )
    errors.install(app, refusals.page)
    for router in _API_ROUTERS:
        app.include_router(router, prefix=API)
    app.include_router(poles.router)
    app.include_router(status_page.router)
    for router in PAGES:
        app.include_router(router, include_in_schema=False)
    return app


def _is_upload(path: str) -> bool:
    return _UPLOAD.fullmatch(path) is not None


def _operation(route: APIRoute) -> str:
    """Name an operation after its function: stable names for whoever generates a client."""
    return route.name
