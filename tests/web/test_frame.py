"""What every page has: the kill switch, undo, refusals, drafts, and the copy for when there is no network."""

import asyncio
import re

from playwright.async_api import Page, Route, expect

from gateway.domain.people import Role
from gateway.ports.records import Severity
from tests.web.phone import Phones, axe, fits


async def hold(page: Page, name: str, ms: int) -> None:
    box = await page.get_by_role("button", name=name).bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down()
    await page.wait_for_timeout(ms)
    await page.mouse.up()


async def test_two_touches_silence_the_ward_from_any_page_and_a_short_one_does_not(phones: Phones) -> None:
    silence = phones.ward.gateway.parts.silence
    try:
        async with phones(Role.OPERATOR) as page:
            await page.goto("/alarms")
            await page.get_by_role("link", name="IM LẶNG").click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            await phones.shot(page, "silence-dialog")
            await axe(page)
            await fits(page)
            await hold(page, "Giữ để IM LẶNG", 300)
            await page.wait_for_timeout(1_200)
            assert not silence.state.silent
            await page.get_by_text("Loa phát tiếng lạ").click()
            await hold(page, "Giữ để IM LẶNG", 1_400)
            await expect(page.get_by_role("heading", name="Toàn phường đang IM LẶNG")).to_be_visible()
            assert silence.state.silent
            await expect(page.locator("main").get_by_text("3 cụm đã im")).to_be_visible(timeout=10_000)
            await phones.shot(page, "silence-on", whole=True)
            await axe(page)
            await fits(page)
            await page.goto("/")
            await expect(page.get_by_role("link", name="Toàn phường đang IM LẶNG", exact=True)).to_be_visible()
            await phones.shot(page, "home-silent")
            await axe(page)
            await page.get_by_role("link", name="Toàn phường đang IM LẶNG", exact=True).click()
            await page.get_by_label("Vì sao an toàn").fill("đã gỡ thiết bị lạ")
            await hold(page, "Giữ để cho phát trở lại", 1_400)
            await expect(page.get_by_text("Đã cho phát trở lại")).to_be_visible()
            assert not silence.state.silent
    finally:
        await phones.ward.open_again()


async def test_the_kill_switch_is_held_by_keyboard_and_pressed_twice_by_a_screen_reader(phones: Phones) -> None:
    silence = phones.ward.gateway.parts.silence
    try:
        async with phones(Role.TECHNICIAN) as page:
            await page.goto("/silence")
            button = page.get_by_role("button", name="Giữ để IM LẶNG")
            await button.focus()
            await page.keyboard.down("Enter")
            await page.wait_for_timeout(1_400)
            await page.keyboard.up("Enter")
            await expect(page.get_by_role("heading", name="Toàn phường đang IM LẶNG")).to_be_visible()
            await page.get_by_label("Vì sao an toàn").fill("thử bàn phím")
            await page.get_by_role("button", name="Giữ để cho phát trở lại").evaluate("each => each.click()")
            assert silence.state.silent
            await page.get_by_role("button", name="Bấm lần nữa để xác nhận").evaluate("each => each.click()")
            await expect(page.get_by_text("Đã cho phát trở lại")).to_be_visible()
    finally:
        await phones.ward.open_again()


async def test_the_finger_lifted_while_the_order_travels_does_not_give_it_twice(phones: Phones) -> None:
    sent: list[str] = []

    async def slowly(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
            await asyncio.sleep(1.5)
        await route.continue_()

    try:
        async with phones(Role.OPERATOR) as page:
            await page.goto("/silence")
            await page.route("**/silence", slowly)
            await hold(page, "Giữ để IM LẶNG", 1_400)
            await expect(page.get_by_role("heading", name="Toàn phường đang IM LẶNG")).to_be_visible()
            assert len(sent) == 1
    finally:
        await phones.ward.open_again()


async def test_the_kill_switch_needs_no_script(phones: Phones) -> None:
    try:
        async with phones(Role.APPROVER, scripts=False) as page:
            await page.goto("/")
            await page.get_by_role("link", name="IM LẶNG").click()
            await page.get_by_role("button", name="Giữ để IM LẶNG").click()
            await expect(page.get_by_role("heading", name="Toàn phường đang IM LẶNG")).to_be_visible()
    finally:
        await phones.ward.open_again()


async def test_who_may_not_silence_is_not_shown_the_switch(phones: Phones) -> None:
    async with phones(Role.AUTHOR, allow="403") as page:
        await page.goto("/")
        await expect(page.get_by_role("link", name="IM LẶNG")).to_have_count(0)
        await page.goto("/silence")
        await expect(page.get_by_role("alert")).to_contain_text("Bạn không có quyền bật, tắt IM LẶNG")
        await phones.shot(page, "refused")
        await axe(page)
        await fits(page)


async def test_an_alarm_is_taken_on_and_closed_and_the_close_can_be_taken_back(phones: Phones) -> None:
    alarms = phones.ward.gateway.parts.alarms
    await alarms.raise_("thu:1", Severity.CRITICAL, "Cụm loa KP1-01 phát tiếng lạ.", "A strange voice on KP1-01.")
    await alarms.raise_("thu:2", Severity.WARNING, "Đồng hồ cụm loa KP2-01 chưa tin được.", "KP2-01's clock.")
    try:
        async with phones(Role.TECHNICIAN) as page:
            await page.goto("/")
            await expect(page.get_by_text("2 cảnh báo chưa ai nhận")).to_be_visible()
            await phones.shot(page, "home-alarms", whole=True)
            await page.goto("/alarms")
            await phones.shot(page, "alarms", whole=True)
            await axe(page)
            await fits(page)
            strange = page.locator(".alarm", has_text="tiếng lạ")
            await strange.get_by_role("button", name="Tôi nhận việc này").click()
            await expect(strange.get_by_text("Đã có người nhận")).to_be_visible()
            await strange.get_by_role("button", name="Đã xử lý xong").click()
            await page.get_by_role("button", name="Hoàn tác").click()
            await page.wait_for_timeout(300)
            assert "thu:1" in alarms.standing
            await strange.get_by_role("button", name="Đã xử lý xong").click()
            await page.get_by_role("link", name="Hôm nay").click()  # leaving does what was tapped
            await phones.ward.until(lambda: "thu:1" not in alarms.standing, "the close was lost")
    finally:
        await alarms.clear("thu:1")
        await alarms.clear("thu:2")


async def test_the_audit_log_reads_like_a_diary(phones: Phones) -> None:
    async with phones(Role.ADMIN) as page:
        await page.goto("/audit")
        approved = page.locator(".log-line", has_text="Phó chủ tịch phụ trách duyệt bản tin “Mời họp”")
        while not await approved.count():
            await page.get_by_role("link", name="Cũ hơn").click()
        await expect(approved).to_be_visible()
        await phones.shot(page, "audit")
        await axe(page)
        await fits(page)
        await page.get_by_role("link", name="Kiểm tra chuỗi").click()
        await expect(page.get_by_text("không bị sửa")).to_be_visible()


async def copy_is(page: Page, *, kept: bool) -> None:
    """Wait until the phone has the copy, or has it no more."""
    async with asyncio.timeout(8):
        while await page.evaluate("async () => Boolean(await caches.match('/offline/today'))") is not kept:
            await asyncio.sleep(0.05)


async def test_without_a_network_the_phone_shows_todays_programme(phones: Phones) -> None:
    async with phones(Role.VIEWER, allow=r"ERR_INTERNET|Failed to fetch") as page:
        await page.goto("/")
        await copy_is(page, kept=True)
        await page.wait_for_function("() => navigator.serviceWorker.controller?.state === 'activated'")
        await page.context.set_offline(offline=True)
        await expect(page.locator("#offline")).to_be_visible()
        await page.goto("/alarms")
        await expect(page.get_by_role("heading", name="Chương trình hôm nay")).to_be_visible()
        await expect(page.get_by_text("Đang xem bản lưu trên điện thoại")).to_be_visible()
        await expect(page.get_by_text("05:30")).to_be_visible()
        await phones.shot(page, "offline")
        await page.context.set_offline(offline=False)
        await page.get_by_role("link", name="Tải lại").click()
        await expect(page.get_by_role("heading", name="Hôm nay cần làm gì?")).to_be_visible()


async def test_the_copy_on_the_phone_is_gone_after_signing_out(phones: Phones) -> None:
    _, password = await phones.ward.hire("ra-ve", "Người ra về", Role.VIEWER)
    async with phones() as page:
        await page.goto("/sign-in")
        await page.get_by_label("Tên đăng nhập").fill("ra-ve")
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Đăng nhập").click()
        await copy_is(page, kept=True)
        await page.goto("/more")
        await page.get_by_role("button", name="Đăng xuất").click()
        await expect(page.get_by_text("Bạn đã đăng xuất")).to_be_visible()
        await copy_is(page, kept=False)


class Desk:
    """A page of the product with a form on it that is kept as a draft, and a network that comes and goes."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.up = True

    async def open(self, page: Page) -> None:
        answer = await page.request.get("/more", headers={"accept": "text/html"})
        form = (
            '<form method="post" action="/soan" data-draft="soan" hx-boost="true"><label for="x">Nội dung</label>'
            '<textarea id="x" name="text"></textarea><input type="password" name="pin" aria-label="PIN">'
            '<button class="button is-main">Gửi</button></form>'
        )
        html = re.sub(r"(<main[^>]*>).*</main>", rf"\1<h1>Soạn</h1>{form}</main>", await answer.text(), flags=re.DOTALL)

        async def serve(route: Route) -> None:
            if not self.up:
                await route.abort("internetdisconnected")
            elif route.request.method == "POST":
                self.came.append(route.request.post_data or "")
                await route.fulfill(body=html.replace("<h1>Soạn</h1>", "<h1>Đã nhận</h1>"), content_type="text/html")
            else:
                await route.fulfill(body=html, content_type="text/html")

        await page.route("**/soan", serve)
        await page.goto("/soan")


async def test_what_was_being_written_is_there_again_and_no_secret_of_it(phones: Phones) -> None:
    desk = Desk()
    async with phones(Role.AUTHOR, workers=False) as page:
        await desk.open(page)
        await page.get_by_label("Nội dung").fill("Kính mời bà con đi họp")
        await page.get_by_label("PIN").fill("24681357")
        await expect(page.locator(".draft-note")).to_have_text("Đã giữ trên điện thoại này.")
        await page.reload()
        await expect(page.get_by_label("Nội dung")).to_have_value("Kính mời bà con đi họp")
        await expect(page.get_by_label("PIN")).to_have_value("")
        assert "24681357" not in await page.evaluate("() => JSON.stringify(localStorage)")
        await phones.shot(page, "draft")
        await page.get_by_role("button", name="Bỏ bản dở").click()
        await expect(page.get_by_label("Nội dung")).to_have_value("")


async def test_what_is_sent_without_a_network_is_sent_once_when_there_is_one(phones: Phones) -> None:
    desk = Desk()
    async with phones(Role.AUTHOR, allow=r"ERR_INTERNET|htmx:|Failed to fetch", workers=False) as page:
        await desk.open(page)
        await page.get_by_label("Nội dung").fill("Bão số 6 đang vào")
        desk.up = False
        await page.context.set_offline(offline=True)
        await page.get_by_role("button", name="Gửi").click()
        await expect(page.locator(".draft-note")).to_contain_text("sẽ tự gửi khi có mạng")
        assert not desk.came
        desk.up = True
        await page.context.set_offline(offline=False)
        await expect(page.get_by_text("Đã gửi việc còn chờ")).to_be_visible()
        await asyncio.sleep(0.3)
        assert len(desk.came) == 1
        assert "B%C3%A3o" in desk.came[0]
        assert re.search(r"draft=[0-9a-f]{24}", desk.came[0])
        await page.reload()
        await expect(page.get_by_label("Nội dung")).to_have_value("")
        assert len(desk.came) == 1


async def test_what_was_sent_is_no_draft_any_more(phones: Phones) -> None:
    desk = Desk()
    async with phones(Role.AUTHOR, workers=False) as page:
        await desk.open(page)
        await page.get_by_label("Nội dung").fill("Đã gửi thật")
        await expect(page.locator(".draft-note")).to_be_visible()
        await page.get_by_role("button", name="Gửi").click()
        await expect(page.get_by_role("heading", name="Đã nhận")).to_be_visible()
        await page.goto("/soan")
        await expect(page.get_by_label("Nội dung")).to_have_value("")
