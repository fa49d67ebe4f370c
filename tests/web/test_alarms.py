"""/alarms after a storm, on a narrow phone, in both languages."""

import pytest
from playwright.async_api import expect

from gateway.domain.people import Role
from gateway.ports.records import Severity
from tests.web.phone import Phones, axe, fits

MANY = 43


@pytest.mark.parametrize("english", [False, True])
async def test_a_group_is_one_card_unfolds_and_is_closed_with_time_to_take_it_back(
    phones: Phones, *, english: bool
) -> None:
    alarms = phones.ward.gateway.parts.alarms
    keys = {f"unproven:bao-{n:02}" for n in range(MANY)}
    for n, key in enumerate(sorted(keys)):
        await alarms.raise_(
            key, Severity.CRITICAL, f"Cụm {n:02}: không có bằng chứng đã phát.", f"Cluster {n:02}: no proof."
        )
    title, each, close, undo = (
        (f"{MANY} clusters show no proof that they played", f"One by one ({MANY})", "Close them all", "Undo")
        if english
        else (f"{MANY} cụm loa không có bằng chứng đã phát", f"Xem từng cái ({MANY})", "Đóng cả nhóm", "Hoàn tác")
    )
    try:
        async with phones(Role.TECHNICIAN) as page:
            if english:
                await page.goto("/more")
                await page.get_by_role("button", name="English").click()
            await page.goto("/alarms")
            card = page.locator(".heap")
            await expect(card.get_by_text(title)).to_be_visible()
            await expect(card.locator("details .alarm").first).to_be_hidden()
            await phones.shot(page, f"alarms-group-{'en' if english else 'vi'}", whole=True)
            await fits(page)
            await card.get_by_text(each).click()
            await expect(card.locator("details .alarm")).to_have_count(MANY)
            await expect(card.locator("details .alarm").first).to_be_visible()
            await axe(page)
            await fits(page)
            await card.get_by_role("button", name=close).click()
            await page.get_by_role("button", name=undo).click()
            assert keys <= set(alarms.standing)
            await card.get_by_role("button", name=close).click()
            await phones.ward.until(lambda: not keys & set(alarms.standing), "the group was not closed")
    finally:
        for key in keys:
            await alarms.clear(key)
