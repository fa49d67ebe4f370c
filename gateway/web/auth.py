"""Who is asking, and may they: the session cookie, the CSRF token, and the permission each route names.

The services check permissions again with the same table; the check here comes before anything of the body is looked at.
"""

import hmac
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from fastapi.security import APIKeyCookie

from gateway.domain.errors import NotAllowed
from gateway.domain.people import Permission, expect, permissions_of
from gateway.services.sessions import Current, SignedIn
from gateway.web.services import Has, Services

SESSION_COOKIE = "loa_session"
DEVICE_COOKIE = "loa_device"
_DEVICE_LIFE_S = 365 * 24 * 3600
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

session_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="Phiên đăng nhập / session")


class May:
    """``Depends(May(permission))``: the route is for people who are signed in and have that permission.

    Of several, any one will do; with none, a session is enough. ``before_change``: also with a first password that
    was not changed yet. ``strong``: a second factor is asked for, of whoever has one or has to.
    ``hurried``: what silences is never told to slow down, nor to wait for a store that can be read.
    """

    def __init__(
        self, *permissions: Permission, before_change: bool = False, strong: bool = False, hurried: bool = False
    ) -> None:
        self.permissions = permissions
        self._before_change = before_change
        self._strong = strong
        self._hurried = hurried

    async def __call__(
        self,
        request: Request,
        services: Has,
        token: Annotated[str | None, Depends(session_cookie)] = None,
        x_csrf_token: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Current:
        """Return who is asking.

        Raises:
            NotSignedIn, NotAllowed
        """
        return await self.check(request, services, token or "", (x_csrf_token or "",))

    async def check(self, request: Request, services: Services, token: str, csrf: tuple[str, ...]) -> Current:
        """Return whose session ``token`` is, if they may; ``csrf`` are the tokens that were sent, one of them good.

        Raises:
            NotSignedIn, NotAllowed
        """
        current = await self.who(services, token)
        if request.method not in SAFE_METHODS:
            expect_same_site(request)
            good = current.session.csrf.encode()
            if not any(hmac.compare_digest(each.encode(), good) for each in csrf):
                raise NotAllowed(
                    "Trang đã cũ. Hãy tải lại rồi thử lại.",
                    "The page is out of date: reload it (X-CSRF-Token is missing or wrong).",
                    code="csrf",
                )
            if not self._hurried:
                request.app.state.session_pace.take(current.session.token_hash)
                request.app.state.address_pace.take(address_of(request))
        if current.user.must_change_password and not self._before_change:
            raise NotAllowed(
                "Hãy đổi mật khẩu lần đầu trước khi dùng.",
                "Change the first password before anything else.",
                code="must_change_password",
            )
        self.expect_right(current)
        if self._strong:
            services.second_factor.expect(current)
        return current

    async def who(self, services: Services, token: str) -> Current:
        """Return whose session ``token`` is; for what only silences, also while the store cannot be read.

        Raises:
            NotSignedIn, StoreFailed
        """
        return await services.sessions.who(token, blind=self._hurried and not self._strong)

    def expect_right(self, current: Current) -> None:
        """Refuse whoever has none of the permissions.

        Raises:
            NotAllowed
        """
        if self.permissions and not permissions_of(current.actor) & set(self.permissions):
            expect(current.actor, self.permissions[0])


def expect_same_site(request: Request) -> None:
    """Refuse what a browser sends on behalf of another site.

    Raises:
        NotAllowed: ``cross_site``.
    """
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise NotAllowed(
            "Yêu cầu đến từ một trang web khác.", "The request comes from another site.", code="cross_site"
        )


def address_of(request: Request) -> str:
    """Return whom to count tries against. An IPv6 subscriber has a whole /64: it counts as one."""
    host = request.client.host if request.client is not None else "unknown"
    return ":".join(host.split(":")[:4]) + "::/64" if host.count(":") > 1 and "." not in host else host


def set_cookies(response: Response, signed_in: SignedIn, services: Services) -> None:
    """Hand out the session and the device mark: never to scripts, never to other sites."""
    lasts_s = round((signed_in.session.expires_at - signed_in.session.created_at).total_seconds())
    for name, value, life_s in (
        (SESSION_COOKIE, signed_in.token, lasts_s),
        (DEVICE_COOKIE, signed_in.device, _DEVICE_LIFE_S),
    ):
        response.set_cookie(
            name,
            value,
            max_age=life_s,
            path="/",
            secure=services.options.secure_cookies,
            httponly=True,
            samesite="strict",
        )


def clear_session_cookie(response: Response, services: Services) -> None:
    """Take the session cookie back; the device stays known."""
    response.delete_cookie(
        SESSION_COOKIE, path="/", secure=services.options.secure_cookies, httponly=True, samesite="strict"
    )
