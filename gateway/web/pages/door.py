"""Cửa của các trang: ``Depends(Door(permission))`` gives a page its visitor, or sends them where they can go on."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from starlette.responses import Response

from gateway.domain.errors import GatewayError
from gateway.services.sessions import Current
from gateway.web.auth import SAFE_METHODS, May, session_cookie
from gateway.web.pages.csrf import unmask
from gateway.web.pages.flash import Flash
from gateway.web.pages.screen import Screen, screen_of
from gateway.web.services import Has

CSRF_FIELD = "csrf"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, kw_only=True)
class Visit(Current):
    """Who is looking at a page, and the screen in front of them."""

    screen: Screen

    def show(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Answer with a page; see :meth:`Screen.show`."""
        return self.screen.show(template, status=status, **context)

    def go(self, path: str, flash: Flash | None = None) -> Response:
        """Answer a form; see :meth:`Screen.go`."""
        return self.screen.go(path, flash)


class Door(May):
    """Like :class:`May`, for pages: the CSRF token may come in the form's own field ``csrf``."""

    async def __call__(
        self,
        request: Request,
        services: Has,
        token: Annotated[str | None, Depends(session_cookie)] = None,
        x_csrf_token: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Visit:
        """Return the visitor.

        Raises:
            NotSignedIn, NotAllowed: answered with a page; see :mod:`gateway.web.pages.refusals`.
        """
        sent = x_csrf_token
        if sent is None and request.method not in SAFE_METHODS and _is_form(request):
            # The file of a stranger, or of somebody who may not send one, is not taken in first.
            self.expect_right(await self.who(services, token or ""))
            sent = str((await request.form()).get(CSRF_FIELD, ""))
        shown = unmask(sent) if sent else sent
        # A script may hold the bare token, as the API gives it.
        try:
            current = await self.check(request, services, token or "", (sent or "", shown or ""))
        except GatewayError:
            await request.close()  # a form that was read, and its file
            raise
        return Visit(user=current.user, session=current.session, lent=current.lent, screen=screen_of(request, current))


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith(_FORMS)
