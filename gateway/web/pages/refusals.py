"""Khi bị từ chối: a refusal as a page that says what happened and what to do, or as the page where one can go on."""

from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.web.errors import Refused
from gateway.web.pages.screen import screen_of

SIGN_IN, FIRST_PASSWORD, STEP_UP, FACTOR = "/sign-in", "/password", "/step-up", "/me/factor"
_GO_ON = {
    "not_signed_in": SIGN_IN,
    "must_change_password": FIRST_PASSWORD,
    "second_factor_needed": STEP_UP,
    "second_factor_missing": FACTOR,
}
_MACHINES = ("/api/", "/a/", "/healthz")


def wants_page(request: Request) -> bool:
    """Tell whether a person is asking: a browser, at an address that is not the API's."""
    if request.url.path.startswith(_MACHINES):
        return False
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers


def safe_path(text: str) -> str:
    """Return ``text`` if it is a path of ours to come back to, else ``/``."""
    parts = urlsplit(text)
    ours = text.startswith("/") and not text.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return text if ours and text.isprintable() else "/"


def page(request: Request, refusal: Refused) -> Response | None:
    """Answer ``request`` with what a person can act on; nothing when a program asks."""
    if not wants_page(request):
        return None
    if where := _GO_ON.get(refusal.code):
        return _send_to(request, where)
    if refusal.code == "http_405" and request.method in {"GET", "HEAD"}:
        # the address of a form's answer, come back to after a code or a sign-in: the page that the form belongs to
        return RedirectResponse(request.url.path.rstrip("/").rpartition("/")[0] or "/", status_code=303)
    screen = screen_of(request)
    key = str(refusal.status) if f"refused.{refusal.status}.title" in screen.kit.catalogue else _family(refusal.status)
    title, what = screen.t(f"refused.{key}.title"), screen.t.pair(refusal.vi, refusal.en)
    do = f"refused.{refusal.code}.do" if f"refused.{refusal.code}.do" in screen.kit.catalogue else f"refused.{key}.do"
    return screen.show(
        "refused.html",
        status=refusal.status,
        title=title,
        what="" if what.rstrip(".") == title else what,  # said once is enough
        do=screen.t(do),
        code=refusal.code,
    )


def _family(status: int) -> str:
    return "500" if status >= 500 else "400"  # noqa: PLR2004 - the two families of HTTP


def _send_to(request: Request, where: str) -> Response:
    """Go there, and come back to the page that was asked for; after a form, to the page it stood on."""
    back = request.url.path
    if request.method not in {"GET", "HEAD"}:
        back = urlsplit(request.headers.get("referer", "")).path or "/"
    elif request.url.query:
        back = f"{back}?{request.url.query}"
    path = where if back in {"/", where} else f"{where}?next={quote(safe_path(back), safe='/')}"
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"hx-redirect": path})
    return RedirectResponse(path, status_code=303)
