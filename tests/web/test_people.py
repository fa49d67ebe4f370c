"""The administrator's pages by thumb, and what the people meet whom they are about."""

from playwright.async_api import Page, expect

from gateway.domain.people import Role
from gateway.services.sessions import SignIn
from tests.gateway.services.people import WHY
from tests.web.phone import Phones, axe, fits


async def sign_in(page: Page, name: str, password: str) -> None:
    await page.get_by_label("Tên đăng nhập").fill(name)
    await page.get_by_label("Mật khẩu").fill(password)
    await page.get_by_role("button", name="Đăng nhập").click()


async def looked_at(phones: Phones, page: Page, name: str) -> None:
    await phones.shot(page, name, whole=True)
    await axe(page)
    await fits(page)


async def test_somebody_new_is_added_handed_a_password_and_led_to_their_own(phones: Phones) -> None:
    async with phones(Role.ADMIN, allow="422") as page:
        await page.goto("/more")
        await page.get_by_role("link", name="Người dùng").click()
        await expect(page.get_by_role("heading", name="Người dùng")).to_be_visible()
        await looked_at(phones, page, "people")
        await page.get_by_role("link", name="Thêm người").click()
        await page.get_by_label("Họ tên").fill("Biên tập viên tổ 9")
        await page.get_by_label("Tên đăng nhập").fill("to 9")
        await page.get_by_label("Lý do").fill("theo phân công ngày 08/10")
        await page.get_by_role("button", name="Tạo tài khoản").click()
        await expect(page.get_by_text("chọn ít nhất một vai trò")).to_be_visible()
        await expect(page.get_by_label("Họ tên")).to_have_value("Biên tập viên tổ 9")
        await looked_at(phones, page, "people-new-wrong")
        await page.get_by_label("Tên đăng nhập").fill("to9")
        await page.get_by_role("checkbox", name="Biên tập viên").check()
        await page.get_by_role("button", name="Tạo tài khoản").click()
        await expect(page.get_by_role("heading", name="Mật khẩu đầu tiên")).to_be_visible()
        password = await page.locator("#the-password").inner_text()
        await looked_at(phones, page, "people-password")
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.get_by_role("button", name="Sao chép").click()
        await expect(page.get_by_text("Đã sao chép")).to_be_visible()
        assert await page.evaluate("navigator.clipboard.readText()") == password
        await page.get_by_role("link", name="Tôi đã trao").click()
        row = page.get_by_role("link", name="Biên tập viên tổ 9")
        await expect(row).to_contain_text("chưa đăng nhập lần nào")
        await expect(row).to_contain_text("Chưa đặt mật khẩu riêng")
        assert password not in await page.content()
    async with phones() as page:
        await page.goto("/sign-in")
        await sign_in(page, "to9", password)
        await expect(page.get_by_role("heading", name="Đặt mật khẩu của bạn")).to_be_visible()


async def test_a_reset_is_confirmed_in_words_and_throws_out_whoever_is_signed_in(phones: Phones) -> None:
    user, old = await phones.ward.hire("quenmk", "Người quên mật khẩu", Role.AUTHOR)
    async with phones() as theirs, phones(Role.ADMIN, allow="422") as page:
        await theirs.goto("/sign-in")
        await sign_in(theirs, "quenmk", old)
        await expect(theirs.get_by_role("heading", name="Hôm nay cần làm gì?")).to_be_visible()
        await page.goto(f"/users/{user.id}")
        await looked_at(phones, page, "person")
        await page.get_by_role("link", name="Cấp lại mật khẩu").click()
        await expect(page.get_by_text("bị đăng xuất ngay")).to_be_visible()
        await page.get_by_label("Lý do").fill("quên mật khẩu")
        await page.get_by_label("Gõ tên đăng nhập").fill("quen")
        await page.get_by_role("button", name="Cấp lại mật khẩu").click()
        await expect(page.get_by_text("chưa khớp với tên đăng nhập")).to_be_visible()
        await looked_at(phones, page, "person-reset-wrong")
        await page.get_by_label("Gõ tên đăng nhập").fill("QuenMK")
        await page.get_by_role("button", name="Cấp lại mật khẩu").click()
        fresh = await page.locator("#the-password").inner_text()
        await theirs.goto("/bulletins")
        await expect(theirs.get_by_role("heading", name="Đăng nhập")).to_be_visible()
        await sign_in(theirs, "quenmk", fresh)
        await theirs.get_by_label("Mật khẩu được cấp").fill(fresh)
        await theirs.get_by_label("Mật khẩu mới · bắt buộc", exact=True).fill("một câu dài dễ nhớ")
        await theirs.get_by_label("Nhập lại mật khẩu mới").fill("một câu dài dễ nhớ")
        await theirs.get_by_role("button", name="Lưu").click()
        await expect(theirs.get_by_text("Đã đổi mật khẩu")).to_be_visible()


async def test_an_administrator_who_raises_himself_is_warned_and_seen_by_everybody(phones: Phones) -> None:
    ward = phones.ward
    user, password = await ward.hire("quantri2", "Quản trị thứ hai", Role.ADMIN)
    async with phones(allow="422") as page:
        await page.goto("/sign-in?next=/users")
        await sign_in(page, "quantri2", password)
        await page.get_by_role("link", name="Quản trị thứ hai").click()
        await page.get_by_role("link", name="Đổi vai trò").click()
        await page.get_by_role("checkbox", name="Lãnh đạo duyệt").check()
        await looked_at(phones, page, "person-roles")
        await page.get_by_role("button", name="Xem sẽ đổi gì").click()
        await expect(page.get_by_text("tự cấp thêm quyền cho chính mình")).to_be_visible()
        await expect(page.get_by_text("duyệt bản tin")).to_be_visible()
        await page.get_by_label("Lý do").fill("thay người duyệt đang ốm")
        await looked_at(phones, page, "person-roles-check")
        await page.get_by_label("Gõ tên đăng nhập").fill("quantri2")
        await page.get_by_role("button", name="Đổi vai trò").click()
        await expect(page.get_by_text("Đã đổi vai trò của Quản trị thứ hai")).to_be_visible()
    async with phones(Role.OPERATOR) as page:
        await page.goto("/alarms")
        await expect(page.get_by_text("tự cấp thêm quyền cho chính mình")).to_be_visible()
        await phones.shot(page, "people-own-rights-alarm")
    await ward.gateway.people.accounts.change(ward.staff[Role.ADMIN], user.id, active=False, reason=WHY)
    await ward.gateway.people.accounts.change(
        ward.staff[Role.ADMIN], user.id, roles=frozenset({Role.VIEWER}), reason=WHY
    )
    assert not [key for key in ward.gateway.parts.alarms.standing if key.startswith("own-rights")]


async def test_a_locked_person_is_let_in_again_and_one_who_left_is_shut_out_without_scripts(phones: Phones) -> None:
    ward = phones.ward
    await ward.hire("khoamay", "Người gõ nhầm", Role.VIEWER)
    async with phones(allow="401|429") as page:
        await page.goto("/sign-in")
        for _ in range(6):
            await sign_in(page, "khoamay", "không nhớ")
    async with phones(Role.ADMIN, scripts=False) as page:
        await page.goto("/users")
        await page.get_by_role("link", name="Người gõ nhầm").click()
        await expect(page.get_by_text("Bị khóa đến")).to_be_visible()
        await phones.shot(page, "person-locked", whole=True)
        await page.get_by_role("link", name="Mở khóa đăng nhập").click()
        await page.get_by_label("Lý do").fill("gõ nhầm bàn phím")
        await page.get_by_role("button", name="Mở khóa đăng nhập").click()
        await expect(page.get_by_text("Đã mở khóa cho Người gõ nhầm")).to_be_visible()
        await expect(page.get_by_text("Bị khóa đến")).to_have_count(0)
        await page.get_by_role("link", name="Đóng tài khoản").click()
        await phones.shot(page, "person-close", whole=True)
        await page.get_by_label("Lý do").fill("nghỉ việc")
        await page.get_by_label("Gõ tên đăng nhập").fill("khoamay")
        await page.get_by_role("button", name="Đóng tài khoản").click()
        await expect(page.get_by_text("Đã đóng tài khoản của Người gõ nhầm")).to_be_visible()
        await page.get_by_role("link", name="Người gõ nhầm").click()
        await expect(page.get_by_role("link", name="Mở lại tài khoản")).to_be_visible()
        await phones.shot(page, "person-closed", whole=True)


async def test_it_is_whole_in_english_and_in_the_dark(phones: Phones) -> None:
    user, password = await phones.ward.hire("english", "Somebody", Role.OPERATOR, Role.AUTHOR)
    await phones.ward.gateway.people.sessions.sign_in(SignIn(name="english", password=password, address="127.0.0.1"))
    async with phones(Role.ADMIN, english=True, dark=True) as page:
        for path, name in (("/users", "list"), (f"/users/{user.id}", "one"), (f"/users/{user.id}/close", "close")):
            await page.goto(path)
            await looked_at(phones, page, f"people-english-{name}")
