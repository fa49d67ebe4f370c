"""Giọng đọc by thumb: both voices are heard as the form stands, before anything is saved."""

from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Page, expect

from gateway.domain.people import Role
from tests.web.phone import Phones, axe, fits

TEXT = "\n  Mời bà con họp tổ dân phố lúc 19 giờ.\nNội dung: vệ sinh môi trường."
SOUTH, MAN = "espeak:vi-vn-x-south", "espeak:vi"


async def heard(page: Page, button: str) -> dict[str, str]:
    """Tap ``button``; return what the phone asked the gateway to say."""
    async with page.expect_response(lambda answer: "/voices/sample" in answer.url) as waited:
        await page.get_by_role("link", name=button, exact=True).tap()
    answer = await waited.value
    assert answer.status in {200, 206}, answer.status
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.url).query).items()}


async def test_each_voice_is_heard_as_the_form_stands(phones: Phones) -> None:
    async with phones(Role.AUTHOR) as page:
        await page.goto("/bulletins/new")
        await page.get_by_label("Nội dung").first.fill(TEXT)
        await page.get_by_text("Giọng đọc và tốc độ").tap()
        second = page.get_by_role("link", name="Nghe thử giọng thứ hai")
        await expect(second).to_be_hidden()
        usual = await heard(page, "Nghe thử giọng này")
        assert usual == {"text": TEXT.strip().splitlines()[0], "speed": "1.0"}
        await page.get_by_label("Giọng đọc", exact=True).select_option(SOUTH)
        await page.get_by_label("Giọng thứ hai").select_option(MAN)
        await page.get_by_text("Rất chậm").tap()
        first = await heard(page, "Nghe thử giọng này")
        assert (first["voice"], first["speed"]) == (SOUTH, "0.8")
        assert (await heard(page, "Nghe thử giọng thứ hai"))["voice"] == MAN
        await expect(page.locator("#f-text")).to_have_value(TEXT)
        await axe(page)
        await fits(page)
        await phones.shot(page, "bulletin-voices", whole=True)
        await page.get_by_label("Giọng thứ hai").select_option("none")
        await expect(second).to_be_hidden()


async def test_without_a_script_the_voice_is_a_link_to_its_sound(phones: Phones) -> None:
    async with phones(Role.AUTHOR, scripts=False) as page:
        await page.goto("/bulletins/new")
        await page.get_by_text("Giọng đọc và tốc độ").tap()
        address = await page.get_by_role("link", name="Nghe thử giọng này").get_attribute("href")
        assert address is not None
        answer = await page.request.get(address)
        assert (answer.status, answer.headers["content-type"]) == (200, "audio/mpeg")
