"""Phát khẩn cấp by thumb: choose, hear, hold with a PIN, watch who sounds, end; and a drill that looks like one."""

import re

import pyotp
from playwright.async_api import Page, expect

from devices.model import OccurrenceId
from gateway.domain.people import Role
from tests.web.phone import Phones, axe, fits
from tests.web.test_frame import hold

SEND, DRILL, END = "Giữ 3 giây để PHÁT KHẨN CẤP", "Giữ 3 giây để DIỄN TẬP", "Giữ để hết báo động"


def pin_of(phones: Phones) -> str:
    return phones.ward.gateway.secrets.emergency_pin or ""


async def end_all(phones: Phones) -> None:
    """Leave the ward as it was."""
    gateway, operator = phones.ward.gateway, phones.ward.staff[Role.OPERATOR]
    for active in gateway.parts.emergency_watch.active:
        await gateway.parts.emergency.end(OccurrenceId(active.em), pin=pin_of(phones), by=operator)
    await phones.ward.until(
        lambda: not any(live.playing for live in gateway.parts.monitor.all().values()), "it sounds on"
    )


async def held(page: Page, name: str, ms: int) -> None:
    await page.get_by_role("button", name=name).scroll_into_view_if_needed()
    await hold(page, name, ms)


async def test_an_emergency_is_heard_held_sent_watched_and_ended(phones: Phones) -> None:
    watch = phones.ward.gateway.parts.emergency_watch
    try:
        async with phones(Role.OPERATOR, allow="422") as page, phones(Role.AUTHOR) as another:
            await another.goto("/")
            await page.goto("/more")
            await page.get_by_role("link", name="Phát khẩn cấp").tap()
            await expect(page.get_by_role("heading", name="Phát khẩn cấp")).to_be_visible()
            await phones.shot(page, "emergency", whole=True)
            await axe(page)
            await fits(page)
            await page.get_by_role("link", name="Lũ lên nhanh").tap()
            await page.get_by_label("Nơi ngập").fill("toàn phường")
            await page.get_by_label("Phải xong trước giờ").fill("17:45")
            await page.get_by_label("Nơi sơ tán").fill("trường cạnh cầu Bà Rén")
            await phones.shot(page, "emergency-blanks", whole=True)
            await axe(page)
            await fits(page)
            await page.get_by_role("button", name="Nghe trước khi phát").tap()
            await expect(page.get_by_text("KHẨN CẤP THẬT")).to_be_visible()
            await expect(page.get_by_text("Phát tới 3 cụm loa: Toàn phường")).to_be_visible()
            await page.get_by_role("button", name="Nghe như cụm loa sẽ phát").tap()
            await page.wait_for_function("() => Number(document.querySelector('[data-pieces]').dataset.seconds) > 5")
            await phones.shot(page, "emergency-check", whole=True)
            await axe(page)
            await fits(page)
            await page.get_by_label("Mã PIN khẩn cấp").fill("00000000")
            await held(page, SEND, 1_000)
            await page.wait_for_timeout(2_500)
            assert not watch.active  # a short hold does nothing
            await held(page, SEND, 3_300)
            await expect(page.get_by_text("Sai mã PIN khẩn cấp")).to_be_visible()
            await phones.shot(page, "emergency-wrong-pin", whole=True)
            assert not watch.active
            await page.get_by_label("Mã PIN khẩn cấp").fill(pin_of(phones))
            await held(page, SEND, 3_300)
            await expect(page.locator("main").get_by_text("3/3 cụm đang phát")).to_be_visible()
            await phones.shot(page, "emergency-on", whole=True)
            await axe(page)
            await fits(page)
            (active,) = watch.active
            assert "cầu Bà Rén" in active.text
            assert not active.drill
            await expect(another.get_by_role("link", name="ĐANG PHÁT KHẨN CẤP", exact=True)).to_be_visible()
            await phones.shot(another, "emergency-banner")
            await page.get_by_label("Mã PIN khẩn cấp").fill(pin_of(phones))
            await held(page, END, 1_500)
            await expect(page.get_by_text("Đã phát lệnh hết báo động")).to_be_visible()
            await expect(another.get_by_role("link", name="ĐANG PHÁT KHẨN CẤP", exact=True)).to_have_count(0)
    finally:
        await end_all(phones)


async def test_a_drill_outside_the_allowed_hours_is_refused_in_words_and_looks_like_a_drill(phones: Phones) -> None:
    async with phones(Role.APPROVER, allow="422|409|403") as page:
        await page.goto("/emergency")
        await page.get_by_text("Lời cần phát").first.scroll_into_view_if_needed()
        await page.get_by_label("Lời cần phát").fill("Thông báo khẩn. Đang có cháy, nhường đường cho xe chữa cháy.")
        await page.get_by_text("Đây là DIỄN TẬP", exact=True).tap()
        await page.get_by_role("button", name="Nghe trước khi phát").tap()
        await expect(page.locator(".say")).to_contain_text("Đây là diễn tập. Thông báo khẩn. Đang có cháy")
        await expect(page.locator(".say")).to_contain_text("chữa cháy. Đây là diễn tập.")
        await page.get_by_label("Mã PIN khẩn cấp").fill(pin_of(phones))
        await phones.shot(page, "emergency-drill", whole=True)
        await axe(page)
        await held(page, DRILL, 3_300)  # it is 04:45
        await expect(page.get_by_role("alert")).to_contain_text("diễn tập không phát ngoài khung giờ")
        assert not phones.ward.gateway.parts.emergency_watch.active


async def test_a_drill_template_is_a_drill_whatever_is_ticked_and_a_wrong_blank_is_named(phones: Phones) -> None:
    async with phones(Role.OPERATOR, allow="422|409|403") as page:
        await page.goto("/emergency/templates/dien-tap")
        await page.get_by_role("checkbox", name="Đây là DIỄN TẬP").uncheck(force=True)
        await page.locator("[name=blank-noi]").fill("noi-nao-do")
        await page.locator("[name=blank-gio]").fill("08:00")
        await page.get_by_role("button", name="Nghe trước khi phát").tap()
        await expect(page.locator(".wrong")).to_contain_text("không có nơi “noi-nao-do”")
        await page.locator("[name=blank-noi]").fill("toàn phường")
        await page.get_by_role("button", name="Nghe trước khi phát").tap()
        await expect(page.locator(".say")).to_have_text(
            re.compile(r"^Đây là diễn tập\..*Đây là diễn tập\.$", re.DOTALL)
        )
        await expect(page.get_by_text("KHẨN CẤP THẬT")).to_have_count(0)
        await page.get_by_label("Mã PIN khẩn cấp").fill(pin_of(phones))
        await phones.shot(page, "emergency-drill-template", whole=True)
        await axe(page)
        await held(page, DRILL, 3_300)  # it is 04:45
        await expect(page.get_by_role("alert")).to_contain_text("diễn tập không phát ngoài khung giờ")
        assert not phones.ward.gateway.parts.emergency_watch.active


async def test_nothing_is_said_and_nobody_is_meant_are_told_on_the_form(phones: Phones) -> None:
    async with phones(Role.OPERATOR, allow="422") as page:
        await page.goto("/emergency")
        await page.get_by_text("Tự viết", exact=True).tap()
        await page.get_by_role("button", name="Nghe trước khi phát").tap()
        await expect(page.get_by_text("Viết nội dung cần phát")).to_be_visible()
        await expect(page.get_by_label("Tự viết")).to_be_checked()


async def test_whoever_has_a_second_factor_gives_it_before_choosing(phones: Phones) -> None:
    _, password = await phones.ward.hire("khancap2", "Phó chủ tịch trực", Role.APPROVER)
    async with phones() as page:
        await page.goto("/sign-in?next=/me/factor")
        await page.get_by_label("Tên đăng nhập").fill("khancap2")
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Đăng nhập").tap()
        secret = (await page.locator("code.secret").inner_text()).replace(" ", "")
        code = pyotp.TOTP(secret).generate_otp(phones.ward.clock.now_ms() // 30_000)
        await page.get_by_label("Mã 6 số").fill(code)
        await page.locator("main form button").first.tap()
        recovery = await page.locator(".codes code").first.inner_text()
        await page.get_by_role("link", name="Tôi đã ghi lại").tap()
        await expect(page.get_by_text("Đang bật")).to_be_visible()
        await page.goto("/more")
        await page.get_by_role("button", name="Đăng xuất").tap()
        await page.get_by_label("Tên đăng nhập").fill("khancap2")
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Đăng nhập").tap()
        await expect(page.get_by_role("navigation")).to_be_visible()
        await page.goto("/emergency")
        await expect(page.get_by_role("button", name="Nghe trước khi phát")).to_have_count(0)
        await phones.shot(page, "emergency-code")
        await axe(page)
        await page.get_by_role("link", name="Nhập mã xác nhận trước").tap()
        await page.get_by_label("Mã 6 số").fill(recovery)
        await page.get_by_role("button", name="Xác nhận").tap()
        await expect(page.get_by_role("button", name="Nghe trước khi phát")).to_be_visible()


async def test_while_the_ward_is_silent_the_page_says_what_to_do_first(phones: Phones) -> None:
    silence = phones.ward.gateway.parts.silence
    operator = phones.ward.staff[Role.OPERATOR]
    async with phones(Role.OPERATOR) as page:
        await page.goto("/board")
        await silence.engage(by=operator, reason="thử")
        try:
            await expect(page.get_by_role("link", name="Toàn phường đang IM LẶNG")).to_be_visible()  # by itself
            await page.goto("/emergency")
            await expect(page.get_by_role("alert")).to_contain_text("Khi IM LẶNG, khẩn cấp cũng không phát được")
            await phones.shot(page, "emergency-silent")
            await axe(page)
        finally:
            await phones.ward.open_again()
        await expect(page.get_by_role("link", name="Toàn phường đang IM LẶNG")).to_have_count(0)
    live = phones.ward.gateway.parts.monitor
    await phones.ward.until(lambda: not any(each.silent for each in live.all().values()), "they are silent still")


async def test_an_emergency_that_was_read_out_to_its_end_is_not_shown_as_unheard(phones: Phones) -> None:
    try:
        async with phones(Role.OPERATOR) as page:
            await page.goto("/emergency")
            await page.get_by_label("Lời cần phát").fill("Cháy.")
            await page.get_by_text("Hú còi trước", exact=True).tap()
            await page.get_by_role("button", name="Nghe trước khi phát").tap()
            await page.get_by_label("Mã PIN khẩn cấp").fill(pin_of(phones))
            await held(page, SEND, 3_300)
            await expect(page.locator("main").get_by_text("3/3 cụm đã phát đủ")).to_be_visible(timeout=90_000)
            await expect(page.get_by_text("Chưa phát")).to_have_count(0)
            await expect(page.get_by_role("button", name=END)).to_be_visible()
            await phones.shot(page, "emergency-read-out", whole=True)
            await axe(page)
            await fits(page)
    finally:
        await end_all(phones)
