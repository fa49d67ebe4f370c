"""Phát ngay by thumb: too early it is refused in words that say from when."""

from playwright.async_api import expect

from gateway.domain.bulletin import State
from gateway.domain.people import Role
from tests.web.phone import Phones, axe, fits


async def test_before_the_hours_of_the_rules_the_phone_says_so_and_nothing_sounds(phones: Phones) -> None:
    editorial = phones.ward.gateway.parts.editorial
    approved = (await editorial.all(state=State.APPROVED))[0]
    async with phones(Role.OPERATOR, allow="422") as page:
        await page.goto(f"/bulletins/{approved.id}")
        await page.get_by_role("link", name="Phát ngay").tap()
        await expect(page.get_by_role("heading", name="Phát ngay")).to_be_visible()
        await phones.shot(page, "bulletin-now", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Phát ngay").tap()
        await expect(page.get_by_role("alert")).to_contain_text("giờ")
        await phones.shot(page, "bulletin-now-refused", whole=True)
        await axe(page)
        await fits(page)
    on_air = await phones.ward.gateway.parts.board.on_air()
    assert not [each for each in on_air if each.occ.startswith("now-")]
