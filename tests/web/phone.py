"""A phone in somebody's hand: 360×740, a finger, Vietnamese; what its console complains of fails the test."""

import contextlib
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from gateway.domain.people import Role
from gateway.web.auth import SESSION_COOKIE
from tests.web.ward import Ward

WIDTH, HEIGHT = 360, 740
PATIENCE_MS = 40_000
"""For what is to appear, on a machine with much else to do."""
BROWSERS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
CHROMIUM = next(filter(os.path.exists, BROWSERS), BROWSERS[0])
"""Debian's. The one without a window does the same for half of the work."""
SMALLEST_TOUCH = 44
_SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, summary, input, select, textarea, label.chip')]
  .filter((each) => each.offsetParent && !each.matches('.skip, .brand img, input[type=radio], input[type=checkbox]'))
  .map((each) => ({ each, box: each.getBoundingClientRect() }))
  .filter(({ box }) => box.width > 1 && (box.height < 43.5 || box.width < 43.5))
  .map(({ each, box }) => `${each.outerHTML.slice(0, 120)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
_TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

PhoneOf = Callable[..., AbstractAsyncContextManager[Page]]


class Phones:
    """Hands out phones. ``async with phones(Role.AUTHOR) as page``: signed in, on the home page's site."""

    def __init__(self, browser: Browser, ward: Ward) -> None:
        self._browser = browser
        self.ward = ward
        self._shots = Path(os.environ["LOA_SHOTS"]) if os.environ.get("LOA_SHOTS") else None

    @contextlib.asynccontextmanager
    async def __call__(
        self,
        role: Role | None = None,
        *,
        english: bool = False,
        dark: bool = False,
        allow: str = "",
        width: int = WIDTH,
        scripts: bool = True,
        workers: bool = True,
    ) -> AsyncIterator[Page]:
        """Open a phone, signed in as ``role``. ``allow``: a pattern of console errors that belong to the test.

        ``workers=False``: no service worker, so that the test may stand in for the network itself.
        """
        context = await self._browser.new_context(
            base_url=self.ward.url,
            viewport={"width": width, "height": HEIGHT},
            device_scale_factor=2,
            is_mobile=width < 700,
            has_touch=width < 700,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            service_workers="allow" if workers else "block",
        )
        context.set_default_timeout(PATIENCE_MS)
        try:
            if role is not None:
                await self._carry(context, SESSION_COOKIE, await self.ward.token(role))
            if english:
                await self._carry(context, "loa_lang", "en")
            page = await context.new_page()
            complaints = _listen(page)
            yield page
            unasked = [each for each in complaints if not (allow and re.search(allow, each))]
            assert not unasked, unasked
        finally:
            await context.close()

    async def _carry(self, context: BrowserContext, name: str, value: str) -> None:
        await context.add_cookies([{"name": name, "value": value, "url": self.ward.url}])

    async def shot(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Take a picture for a person to look at, when ``LOA_SHOTS=DIR`` says that one will; it takes a while."""
        if self._shots is not None:
            await page.screenshot(path=self._shots / f"{name}.png", full_page=whole)


_SUPERSEDED = ("htmx:sendAbort", "htmx:afterRequest")
"""A question that a newer one replaced before its answer came. One that fails says so by another name."""


def _listen(page: Page) -> list[str]:
    heard: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_SUPERSEDED):
            heard.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


async def axe(page: Page) -> None:
    """Fail on anything serious that a screen reader or a keyboard would meet."""
    found = await Axe().run(page)
    grave = [each for each in found.response["violations"] if each["impact"] in {"serious", "critical"}]
    told = [f"{each['id']}: {node['html'][:200]} {node['failureSummary']}" for each in grave for node in each["nodes"]]
    assert not grave, "\n".join(told)


async def fits(page: Page) -> None:
    """Fail when something is wider than the phone, or smaller than a thumb."""
    assert await page.evaluate(_TOO_WIDE) <= 0, "the page scrolls sideways"
    small = await page.evaluate(_SMALL_TARGETS)
    assert not small, "\n".join(small)
