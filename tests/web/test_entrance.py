"""The door, the first password, my account and the second factor, as thumbs meet them."""

import pyotp
from playwright.async_api import expect

from gateway.domain.people import Role
from gateway.services.sessions import SignIn
from tests.web.phone import Phones, axe, fits


async def test_a_new_person_signs_in_chooses_a_password_and_is_home(phones: Phones) -> None:
    _, first = await phones.ward.hire("moi", "Người mới", Role.AUTHOR, changed=False)
    async with phones(allow=r"422|401") as page:
        await page.goto("/alarms")
        await expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
        await phones.shot(page, "sign-in")
        await axe(page)
        await fits(page)
        await page.get_by_label("Tên đăng nhập").fill("moi")
        await page.get_by_label("Mật khẩu").fill("không phải")
        await page.get_by_role("button", name="Đăng nhập").click()
        await expect(page.get_by_role("alert")).to_contain_text("Sai tên đăng nhập hoặc mật khẩu")
        await expect(page.get_by_label("Tên đăng nhập")).to_have_value("moi")
        await phones.shot(page, "sign-in-wrong")
        await page.get_by_label("Mật khẩu").fill(first)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Đặt mật khẩu của bạn")).to_be_visible()
        await page.get_by_label("Mật khẩu được cấp").fill(first)
        await page.get_by_label("Mật khẩu mới · bắt buộc", exact=True).fill("12345678901")
        await page.get_by_label("Nhập lại mật khẩu mới").fill("12345678901")
        await page.get_by_role("button", name="Lưu").click()
        await expect(page.get_by_text("không được chỉ gồm chữ số")).to_be_visible()
        await phones.shot(page, "password-wrong")
        await axe(page)
        await fits(page)
        for label, text in (("Mật khẩu được cấp", first), ("Nhập lại mật khẩu mới", "một câu dài dễ nhớ")):
            await page.get_by_label(label).fill(text)
        await page.get_by_label("Mật khẩu mới · bắt buộc", exact=True).fill("một câu dài dễ nhớ")
        await page.get_by_role("button", name="Lưu").click()
        await expect(page.get_by_role("heading", name="Hôm nay cần làm gì?")).to_be_visible()
        await expect(page.get_by_text("Đã đổi mật khẩu")).to_be_visible()


async def test_whoever_guesses_is_told_how_long_to_wait(phones: Phones) -> None:
    await phones.ward.hire("quen", "Người hay quên", Role.VIEWER)
    async with phones(allow=r"401|429") as page:
        await page.goto("/sign-in")
        for _ in range(6):
            await page.get_by_label("Tên đăng nhập").fill("quen")
            await page.get_by_label("Mật khẩu").fill("không nhớ")
            await page.get_by_role("button", name="Đăng nhập").click()
            await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_role("alert")).to_contain_text("Thử lại sau 0 phút")
        await expect(page.get_by_role("alert")).to_contain_text("nhờ quản trị viên")
        await phones.shot(page, "sign-in-locked")


async def test_a_lost_phone_is_signed_out_and_a_slip_of_the_thumb_is_taken_back(phones: Phones) -> None:
    _, password = await phones.ward.hire("matmay", "Người mất máy", Role.OPERATOR)
    sessions = phones.ward.gateway.people.sessions
    lost = await sessions.sign_in(
        SignIn(name="matmay", password=password, address="127.0.0.1", user_agent="Mozilla (iPhone) Safari/605")
    )
    async with phones() as page:
        await page.goto("/sign-in?next=/me")
        await page.get_by_label("Tên đăng nhập").fill("matmay")
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Đăng nhập").click()
        await expect(page.get_by_text("Safari · iPhone")).to_be_visible()
        await phones.shot(page, "me", whole=True)
        await axe(page)
        await fits(page)
        out = page.get_by_role("button", name="Đăng xuất thiết bị này")
        await out.click()
        await page.get_by_role("button", name="Hoàn tác").click()
        await expect(page.locator(".undo-bar")).to_have_count(0)
        assert len(await sessions.mine(lost)) == 2
        await out.click()
        await expect(page.locator(".undo-bar")).to_contain_text("Sẽ làm sau")
        await phones.shot(page, "me-undo")
        await expect(page.get_by_text("Đã đăng xuất thiết bị đó")).to_be_visible(timeout=9_000)
        await expect(page.get_by_text("Safari · iPhone")).to_have_count(0)


async def test_the_second_factor_is_turned_on_by_qr_and_asked_for_in_the_next_session(phones: Phones) -> None:
    _, password = await phones.ward.hire("haiLop", "Phó chủ tịch", Role.APPROVER)

    def code(secret: str, *, later: int = 0) -> str:
        return pyotp.TOTP(secret).generate_otp(phones.ward.clock.now_ms() // 30_000 + later)

    async with phones(allow="422") as page:
        await page.goto("/sign-in?next=/me/factor")
        await page.get_by_label("Tên đăng nhập").fill("HAILOP")
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Đăng nhập").click()
        await expect(page.get_by_role("img", name="Mã QR")).to_be_visible()
        await phones.shot(page, "factor", whole=True)
        await axe(page)
        await fits(page)
        secret = (await page.locator("code.secret").inner_text()).replace(" ", "")
        await page.get_by_label("Mã 6 số").fill("000000")
        await page.get_by_role("button", name="Xác nhận và bật").click()
        await expect(page.get_by_text("xem lại giờ của điện thoại")).to_be_visible()
        assert (await page.locator("code.secret").inner_text()).replace(" ", "") == secret
        await page.get_by_label("Mã 6 số").fill(code(secret))
        await page.get_by_role("button", name="Xác nhận và bật").click()
        await expect(page.locator(".codes li")).to_have_count(8)
        await phones.shot(page, "factor-codes", whole=True)
        await axe(page)
        recovery = await page.locator(".codes code").first.inner_text()
        await page.get_by_role("link", name="Tôi đã ghi lại").click()
        await expect(page.get_by_text("Đang bật")).to_be_visible()
        await page.get_by_role("button", name="Đăng xuất", exact=True).click()

        await page.get_by_label("Tên đăng nhập").fill("hailop")
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Đăng nhập").click()
        await page.goto("/me/factor")
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Tắt xác nhận hai lớp").click()
        await expect(page.get_by_role("heading", name="Xác nhận là bạn")).to_be_visible()
        await phones.shot(page, "step-up")
        await axe(page)
        await fits(page)
        await page.get_by_label("Mã 6 số").fill("123123")
        await page.get_by_role("button", name="Xác nhận").click()
        await expect(page.get_by_text("Mã không đúng")).to_be_visible()
        await page.get_by_label("Mã 6 số").fill(recovery)
        await page.get_by_role("button", name="Xác nhận").click()
        await expect(page.get_by_text("Đã xác nhận. Hãy làm lại")).to_be_visible()
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Tắt xác nhận hai lớp").click()
        await expect(page.get_by_text("Đã tắt xác nhận hai lớp")).to_be_visible()
