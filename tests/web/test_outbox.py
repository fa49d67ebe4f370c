"""What waits on the phone for the gateway: it is sent once, by itself, and never over what was written after it."""

import re

from playwright.async_api import Page, expect

from gateway.domain.bulletin import Bulletin
from gateway.domain.people import Role
from tests.web.phone import Phones
from tests.web.test_takes import LOST

SENDS = re.compile("Tiếp tục: nghe thử")
WAITS = "sẽ tự gửi khi có mạng"


async def unreachable(page: Page) -> None:
    """The gateway is being started again: the phone has a network, and nobody answers a form."""
    await page.route(
        "**/bulletins/new", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )


async def of(phones: Phones, beginning: str) -> list[Bulletin]:
    return [each for each in await phones.ward.gateway.parts.editorial.all() if each.content.text.startswith(beginning)]


async def withdrawn(phones: Phones, beginning: str) -> None:
    parts, staff = phones.ward.gateway.parts, phones.ward.staff
    for each in await of(phones, beginning):
        await parts.editorial.withdraw(each.id, reason="hết thử", by=staff[Role.AUTHOR])


async def test_what_is_written_on_after_the_network_went_is_not_lost_when_it_is_back(phones: Phones) -> None:
    begun = "Sáng mai tổ 8 dọn mương."
    whole = f"{begun} Mời mỗi nhà một người, mang theo cuốc xẻng."
    async with phones(Role.AUTHOR, allow=LOST, workers=False) as page:
        await page.goto("/bulletins/new")
        field, note = page.get_by_role("textbox", name="Nội dung"), page.locator(".draft-note")
        await field.fill(begun)
        await page.context.set_offline(offline=True)
        await page.get_by_role("button", name=SENDS).tap()
        await expect(note).to_contain_text(WAITS)
        await field.fill(whole)
        await expect(note).to_contain_text("chưa gửi")
        await phones.shot(page, "outbox-written-on")
        await page.context.set_offline(offline=False)
        await page.wait_for_load_state("networkidle")
        assert not await of(phones, begun), "half of it was sent"
        await expect(field).to_have_value(whole)
        await page.get_by_role("button", name=SENDS).tap()
        await expect(page.get_by_role("heading", name="Nghe thử")).to_be_visible()
    (made,) = await of(phones, begun)
    assert made.content.text == whole
    await withdrawn(phones, begun)


async def test_what_waits_is_sent_by_itself_when_a_gateway_that_was_away_answers_again(phones: Phones) -> None:
    text = "Chiều mai tổ 9 họp bàn việc trồng cây."
    async with phones(Role.AUTHOR, allow=LOST, workers=False) as page:
        await page.goto("/bulletins/new")
        await page.get_by_role("textbox", name="Nội dung").fill(text)
        await unreachable(page)
        await page.get_by_role("button", name=SENDS).tap()
        await expect(page.locator(".draft-note")).to_contain_text(WAITS)
        await page.unroute_all()
        await expect(page.get_by_text("Đã gửi việc còn chờ")).to_be_visible()
        await expect(page.get_by_role("textbox", name="Nội dung")).to_have_value("")
    assert len(await of(phones, text)) == 1
    await withdrawn(phones, text)


async def test_what_waited_does_not_come_back_over_what_was_sent_after_it(phones: Phones) -> None:
    first = "Tối mai tổ 10 chiếu phim lúc 19 giờ."
    mended = f"{first} Trời mưa thì hoãn."
    async with phones(Role.AUTHOR, allow=LOST, workers=False) as page:
        await page.goto("/bulletins/new")
        field = page.get_by_role("textbox", name="Nội dung")
        await field.fill(first)
        await unreachable(page)
        await page.get_by_role("button", name=SENDS).tap()
        await expect(page.locator(".draft-note")).to_contain_text(WAITS)
        await field.fill(mended)
        await page.unroute_all()
        await page.get_by_role("button", name=SENDS).tap()
        await expect(page.get_by_role("heading", name="Nghe thử")).to_be_visible()
        await page.goto("/bulletins")
        await page.wait_for_load_state("networkidle")
        await expect(page.get_by_text("Đã gửi việc còn chờ")).to_have_count(0)
    (made,) = await of(phones, first)
    assert made.content.text == mended
    await withdrawn(phones, first)
