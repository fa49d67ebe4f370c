"""Chữ lớn: who has text twice as large scrolls down only, and words do not lie on each other."""

import pytest
from playwright.async_api import Page

from gateway.domain.people import Role
from tests.web.phone import Phones

TWICE = "() => { document.documentElement.style.fontSize = '200%'; }"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
OVERLAPPING = """() => { const boxes = [...document.querySelectorAll('nav.bar a > span:not(.count)')].map((each) => {
    const range = document.createRange(); range.selectNodeContents(each); return range.getBoundingClientRect(); });
  return boxes.filter((box, n) => n && box.left < boxes[n - 1].right - 1).length; }"""
NAME_CUT = """() => { const name = document.querySelector('.brand span'); const bar = document.querySelector('.top');
  return name.scrollHeight > name.clientHeight + 1 || name.scrollWidth > name.clientWidth + 1
    || bar.getBoundingClientRect().height > innerHeight / 4; }"""
PAGES = {
    Role.OPERATOR: ("/", "/more", "/schedule", "/schedule/new", "/board", "/emergency", "/bulletins", "/me"),
    Role.APPROVER: ("/approvals",),
    Role.TECHNICIAN: ("/devices", "/devices/kp1-01", "/devices/kp1-01/ticket", "/tickets"),
    Role.VIEWER: ("/reports",),
}


async def wrong_with(page: Page, path: str) -> str:
    await page.goto(path)
    await page.evaluate(TWICE)
    wide, overlapping = await page.evaluate(TOO_WIDE), await page.evaluate(OVERLAPPING)
    if await page.evaluate(NAME_CUT):
        return f"{path}: the ward's name is cut short, or its bar takes a quarter of the screen"
    return f"{path}: {wide} px too wide, {overlapping} words overlap" if wide > 0 or overlapping else ""


@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize("role", list(PAGES))
async def test_text_twice_as_large_is_read_without_scrolling_sideways(
    phones: Phones, role: Role, *, english: bool
) -> None:
    async with phones(role, english=english) as page:
        found = [await wrong_with(page, path) for path in PAGES[role]]
        await phones.shot(page, f"large-text-{role}-{'en' if english else 'vi'}")
    assert not list(filter(None, found))
