"""The lexicon by thumb, in a real browser."""

from playwright.async_api import expect

from gateway.domain.people import Role
from tests.web.phone import Phones, axe, fits


async def test_a_word_is_added_after_a_look_and_undone(phones: Phones) -> None:
    async with phones(Role.AUTHOR) as page:
        await page.goto("/lexicon")
        await axe(page)
        await fits(page)
        await page.get_by_label("Từ như trong văn bản").fill("XKQ")
        await page.locator("#f-reading").fill("xóm kênh quýt")
        await page.get_by_role("button", name="Xem sẽ đổi gì").first.click()
        await expect(page.get_by_role("heading", name="Trước khi lưu")).to_be_visible()
        await expect(page.get_by_text("xóm kênh quýt")).to_be_visible()
        await phones.shot(page, "lexicon-check", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Lưu", exact=True).click()
        await expect(page.get_by_text("Đã lưu từ điển.")).to_be_visible()
        await page.get_by_text("Sửa hoặc bỏ “XKQ”").click()
        await phones.shot(page, "lexicon", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Quay lại trước lần sửa này").first.click()
        await page.get_by_role("button", name="Lưu", exact=True).click()
        await expect(page.get_by_text("Đã lưu từ điển.")).to_be_visible()
        await expect(page.get_by_text("Sửa hoặc bỏ “XKQ”")).to_have_count(0)


async def test_it_is_whole_in_english_and_in_the_dark(phones: Phones) -> None:
    async with phones(Role.AUTHOR, english=True, dark=True) as page:
        await page.goto("/lexicon")
        await expect(page.get_by_role("heading", name="Pronunciation")).to_be_visible()
        await phones.shot(page, "lexicon-english", whole=True)
        await axe(page)
        await fits(page)
