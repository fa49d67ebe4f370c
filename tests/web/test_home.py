"""Hôm nay cần làm gì? in everybody's hand."""

import re

import pytest
from playwright.async_api import Route, expect

from gateway.domain.people import Role
from gateway.ports.records import Severity
from tests.web.phone import Phones, axe, fits


@pytest.mark.parametrize("role", list(Role))
async def test_everybody_sees_what_airs_next_and_how_many_will_play_without_the_network(
    phones: Phones, role: Role
) -> None:
    async with phones(role) as page:
        await page.goto("/")
        await expect(page.get_by_role("heading", name="Hôm nay cần làm gì?")).to_be_visible()
        await expect(page.locator("main").get_by_text("3/3 cụm sẽ phát dù mất mạng")).to_be_visible()
        await expect(page.locator(".countdown")).to_have_text(re.compile(r"còn \d+ phút"))
        await phones.shot(page, f"home-{role}", whole=True)
        await axe(page)
        await fits(page)


async def test_the_countdown_goes_by_the_gateways_clock_and_not_the_phones(phones: Phones) -> None:
    async with phones(Role.OPERATOR) as page:
        await page.goto("/")
        first = await page.locator(".countdown").inner_text()
        await expect(page.locator(".countdown")).not_to_have_text(first, timeout=4_000)
        assert re.search(r"còn [34]\d phút", await page.locator(".countdown").inner_text())


async def test_what_happens_while_the_page_travels_to_the_phone_is_on_it_at_once(phones: Phones) -> None:
    alarms = phones.ward.gateway.parts.alarms

    async def late(route: Route) -> None:
        await alarms.raise_("thu:3", Severity.CRITICAL, "Cụm loa KP2-01 câm.", "KP2-01 is mute.")
        await route.continue_()

    try:
        async with phones(Role.OPERATOR) as page:
            await page.route("**/api/v1/events*", late, times=1)
            await page.goto("/")
            await expect(page.get_by_text("Cụm loa KP2-01 câm.")).to_be_visible()
    finally:
        await alarms.clear("thu:3")


async def test_one_tap_makes_it_english_and_one_more_vietnamese_again(phones: Phones) -> None:
    async with phones(Role.VIEWER) as page:
        await page.goto("/more")
        await page.get_by_role("button", name="English").click()
        await expect(page.get_by_role("heading", name="More")).to_be_visible()
        await page.goto("/")
        await expect(page.get_by_role("heading", name="What needs doing today?")).to_be_visible()
        await phones.shot(page, "home-english")
        await page.goto("/more")
        await page.get_by_role("button", name="Tiếng Việt").click()
        await expect(page.get_by_role("heading", name="Thêm")).to_be_visible()


async def test_in_the_dark_it_is_as_legible(phones: Phones) -> None:
    async with phones(Role.OPERATOR, dark=True) as page:
        await page.goto("/")
        await phones.shot(page, "home-dark", whole=True)
        await axe(page)
