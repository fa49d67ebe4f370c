"""Màn hình: turns a template and what it needs into an answer, in the reader's language, with the frame around it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from devices.clock import instant
from gateway.domain.people import permissions_of
from gateway.services.sessions import Current
from gateway.web.gzipped import squeeze, takes_gzip
from gateway.web.pages.assets import Assets
from gateway.web.pages.calendar_words import CalendarWords
from gateway.web.pages.csrf import mask
from gateway.web.pages.flash import FLASH_COOKIE, LIVES_S, Flash, FlashSeal
from gateway.web.pages.menu import Menu
from gateway.web.services import Services
from gateway.web.words import Language, Words, gather

LANGUAGE_COOKIE = "loa_lang"
_SMALLEST_TO_SQUEEZE = 1_000
_QUICK = 5  # a page is compressed while somebody waits


class Kit:
    """What all screens share: templates, words, static files, the menu. Made once per application."""

    def __init__(self, paths: list[str]) -> None:
        self.assets = Assets()
        self.catalogue = gather()
        self.flashes = FlashSeal()
        self.menu = Menu(paths)
        self.templates = Environment(
            loader=PackageLoader("gateway.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.do"],
        )
        self.templates.globals["asset"] = self.assets.url


@dataclass(frozen=True)
class Screen:
    """One request's way to answer with a page."""

    request: Request
    services: Services
    kit: Kit
    language: Language
    heard: int
    """The last event there was before anything was read for this page; the page goes on from it."""
    current: Current | None = None
    """Who is looking; ``None`` before signing in."""

    @property
    def t(self) -> Words:
        """Says words of the catalogue."""
        return Words(self.kit.catalogue, self.language)

    @property
    def now(self) -> datetime:
        """The gateway's own time, aware."""
        return instant(self.services.clock.now_ms())

    @property
    def at(self) -> CalendarWords:
        """Says instants."""
        return CalendarWords(self.t, ZoneInfo(self.services.options.timezone), self.now)

    @property
    def is_part(self) -> bool:
        """Whether htmx asks for a part of a page that is already there."""
        return "hx-request" in self.request.headers and "hx-boosted" not in self.request.headers

    def show(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Answer with ``template``; see ``templates/base.html`` for what every one of them knows."""
        flash = self.kit.flashes.read(self.request.cookies.get(FLASH_COOKIE, ""))
        if flash is not None and flash.key not in self.kit.catalogue:
            flash = None
        text = self.render(template, flash=flash, **context)
        answer = self._html(text, status)
        if flash is not None and not self.is_part:
            answer.delete_cookie(FLASH_COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    def render(self, template: str, **context: Any) -> str:
        """Return ``template`` as text."""
        current = self.current
        known = {
            "t": self.t,
            "lang": self.language.value,
            "at": self.at,
            "now": self.now,
            "now_ms": self.services.clock.now_ms(),
            "heard": self.heard,
            "ward": self.services.options.ward_name,
            "path": self.request.url.path,
            "menu": self.kit.menu,
            "me": current.user if current else None,
            "may": permissions_of(current.actor) if current else frozenset(),
            "account": current.actor if current else None,
            "csrf": mask(current.session.csrf) if current else "",
            "silent": self.services.silence.state.silent,
            "emergencies": self.services.emergency_watch.active,
            "at_path": self.request.url.path,
            "flash": None,
        }
        taken = sorted(known.keys() & context.keys() - {"flash", "at_path"})
        if taken:
            raise ValueError(f"{template}: the frame of every page has these names already: {', '.join(taken)}")
        return self.kit.templates.get_template(template).render({**known, **context})

    def go(self, path: str, flash: Flash | None = None) -> Response:
        """Answer a form with another page (POST, redirect, GET), which says ``flash`` first. ``path`` is ours."""
        answer = RedirectResponse(path, status_code=303)
        if flash is not None:
            self._set_flash(answer, flash)
        return answer

    def _set_flash(self, answer: Response, flash: Flash) -> None:
        answer.set_cookie(
            FLASH_COOKIE,
            self.kit.flashes.write(flash),
            max_age=LIVES_S,
            path="/",
            secure=self.services.options.secure_cookies,
            httponly=True,
            samesite="strict",
        )

    def _html(self, text: str, status: int) -> Response:
        body = text.encode()
        headers = {
            "vary": "accept-encoding, cookie",
            "content-language": self.language.value,
            "referrer-policy": "same-origin",  # so that a refused form knows the page it stood on
        }
        if len(body) >= _SMALLEST_TO_SQUEEZE and takes_gzip(self.request):
            body, headers["content-encoding"] = squeeze(body, _QUICK), "gzip"
        return HTMLResponse(body, status_code=status, headers=headers)


def language_of(request: Request) -> Language:
    """Vietnamese, unless this browser was switched to English."""
    return Language.EN if request.cookies.get(LANGUAGE_COOKIE) == Language.EN else Language.VI


def screen_of(request: Request, current: Current | None = None) -> Screen:
    """Return the screen of ``request``."""
    state = request.app.state
    return Screen(request, state.services, state.kit, language_of(request), state.services.bus.last_id, current)


def _of_anybody(request: Request) -> Screen:
    return screen_of(request)


Anybody = Annotated[Screen, Depends(_of_anybody)]
"""The screen of somebody who need not be signed in."""
