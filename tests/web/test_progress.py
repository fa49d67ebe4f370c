"""Whoever waits over a second is told for what, and sends once; what silences is sent as often as it is held."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, Route, expect

from gateway.domain.bulletin import Bulletin, Content
from gateway.domain.people import Role
from tests.onair import office
from tests.web.phone import Phones


@pytest_asyncio.fixture(loop_scope="session")
async def draft(phones: Phones) -> AsyncIterator[Bulletin]:
    """One to be spoken; withdrawn afterwards."""
    editorial, author = phones.ward.gateway.parts.editorial, phones.ward.staff[Role.AUTHOR]
    content = Content(title="Dọn rác", category=office.GENERAL, text="Sáng thứ bảy bà con dọn rác.")
    made = await editorial.create(content, by=author)
    yield made
    await editorial.withdraw(made.id, reason="hết thử", by=author)


class SlowNetwork:
    """Forms take two seconds, and are counted."""

    def __init__(self) -> None:
        self.came = 0

    async def between(self, page: Page, pattern: str) -> None:
        async def serve(route: Route) -> None:
            if route.request.method == "POST":
                self.came += 1
                await asyncio.sleep(2)
            await route.continue_()

        await page.route(pattern, serve)


WATCH = """(selector) => {
  const again = document.querySelector(selector);
  setInterval(() => {
    sessionStorage.said = document.getElementById("working").innerText || sessionStorage.said || "";
    sessionStorage.bar ||= document.getElementById("progress").hidden ? "" : "1";
  }, 100);
  setTimeout(() => again.form.requestSubmit(again), 1000);
  setTimeout(() => again.form.requestSubmit(again), 1500);
}"""
"""The page cannot be asked while the browser leaves it: it notes itself what it says, and taps twice."""


async def test_a_long_wait_says_for_what_and_a_second_tap_sends_nothing(phones: Phones, draft: Bulletin) -> None:
    slow = SlowNetwork()
    async with phones(Role.AUTHOR, workers=False) as page:
        await slow.between(page, "**/render")
        await page.goto(f"/bulletins/{draft.id}/listen")
        await page.evaluate(WATCH, "form[action$='/render'] button")
        await expect(page.get_by_role("heading", name="Gửi duyệt")).to_be_visible(timeout=20_000)
        assert await page.evaluate("() => sessionStorage.said") == "Đang tạo giọng đọc. Bản dài có thể mất nửa phút…"
        assert await page.evaluate("() => sessionStorage.bar") == "1"
        await expect(page.locator("#working")).to_be_hidden()
    assert slow.came == 1


async def test_a_quick_answer_says_nothing(phones: Phones) -> None:
    async with phones(Role.AUTHOR) as page:
        await page.goto("/more")
        await page.evaluate(
            "() => new MutationObserver(() => { document.title = 'đã nói' })"
            ".observe(document.getElementById('working'), { attributes: true, childList: true })"
        )
        await page.evaluate(
            "() => document.body.dispatchEvent(new CustomEvent('htmx:beforeRequest', "
            "{ bubbles: true, detail: { elt: document.querySelector('main form') } }))"
        )
        await page.wait_for_timeout(400)
        await expect(page.locator("#progress")).to_be_visible()
        await page.evaluate(
            "() => document.body.dispatchEvent(new CustomEvent('htmx:afterRequest', { bubbles: true }))"
        )
        await expect(page.locator("#progress")).to_be_hidden()
        assert await page.locator("#working").inner_text() == ""


async def test_silence_is_sent_again_as_often_as_it_is_held(phones: Phones) -> None:
    """The first one may hang in a bad network: whoever holds again gets another."""
    slow = SlowNetwork()
    try:
        async with phones(Role.OPERATOR, workers=False) as page:
            await slow.between(page, "**/silence")
            await page.goto("/silence")
            await page.evaluate(WATCH, "form[action='/silence'] button[data-hold]")
            await expect(page.get_by_role("heading", name="Toàn phường đang IM LẶNG")).to_be_visible(timeout=20_000)
        assert slow.came == 2
    finally:
        await phones.ward.open_again()
