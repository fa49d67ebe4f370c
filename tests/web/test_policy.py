"""The air rules and out of hours by thumb: asked on one phone, permitted on another."""

import pyotp
from playwright.async_api import Page, expect

from gateway.domain.people import Role
from tests.web.phone import Phones, axe, fits

WHY = "Tìm trẻ lạc ở khu phố 3"


async def looked_at(phones: Phones, page: Page, name: str) -> None:
    await phones.shot(page, name, whole=True)
    await axe(page)
    await fits(page)


async def test_it_is_asked_on_one_phone_and_permitted_on_another(phones: Phones) -> None:
    _, password = await phones.ward.hire("pct", "Phó chủ tịch thứ hai", Role.APPROVER)
    async with phones(Role.OPERATOR, allow="422") as page:
        await page.goto("/more")
        await page.get_by_role("link", name="Quy chế phát").click()
        await expect(page.get_by_text("05:00–22:00")).to_be_visible()
        await page.get_by_text("Đề nghị phát ngoài giờ").click()
        await page.get_by_label("Từ giờ").fill("22:30")
        await page.get_by_label("Đến giờ").fill("22:30")
        await page.get_by_label("Vì sao không chờ được").fill(WHY)
        await page.get_by_role("button", name="Gửi đề nghị").click()
        await expect(page.get_by_text("nhiều nhất 4 giờ")).to_be_visible()
        await looked_at(phones, page, "policy-ask-wrong")
        await page.get_by_label("Đến giờ").fill("23:30")
        await page.get_by_role("button", name="Gửi đề nghị").click()
        await expect(page.get_by_text("22:30–23:30 hôm nay")).to_be_visible()
        await expect(page.get_by_text("phải có người khác cho phép")).to_be_visible()
        await looked_at(phones, page, "policy-asked")
    async with phones() as page:
        await page.goto("/sign-in?next=/alarms")
        await page.get_by_label("Tên đăng nhập").fill("pct")
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Đăng nhập").click()
        await page.get_by_role("link", name="Xem đề nghị").click()
        await page.get_by_role("link", name="Xem và cho phép").click()
        await expect(page.get_by_role("img", name="Mã QR")).to_be_visible()  # here everybody has to have one
        secret = (await page.locator("code.secret").inner_text()).replace(" ", "")
        code = pyotp.TOTP(secret).generate_otp(phones.ward.clock.now_ms() // 30_000)
        await page.get_by_label("Mã 6 số").fill(code)
        await page.get_by_role("button", name="Xác nhận và bật").click()
        await page.get_by_role("link", name="Tôi đã ghi lại").click()
        await page.goto("/policy")
        await page.get_by_role("link", name="Xem và cho phép").click()
        await expect(page.get_by_role("heading", name="Cho phép phát ngoài giờ?")).to_be_visible()
        await looked_at(phones, page, "policy-check")
        await page.get_by_role("button", name="Cho phép").click()
        await expect(page.get_by_text("Chờ ít giây cho các cụm loa nhận")).to_be_visible()
        await expect(page.get_by_text("Cả 3 cụm loa đã nhận giờ mới")).to_be_visible(timeout=30_000)
        await looked_at(phones, page, "policy-granted")
        assert len(phones.ward.gateway.parts.rulebook.permits) == 1
    async with phones(Role.OPERATOR, scripts=False) as page:
        await page.goto("/policy")
        await page.get_by_text("Thu hồi giấy phép").first.click()
        await phones.shot(page, "policy-withdraw", whole=True)
        await page.get_by_role("button", name="Thu hồi giấy phép").click()
        await expect(page.get_by_text("Giờ phát trở lại như quy chế")).to_be_visible()
        assert phones.ward.gateway.parts.rulebook.permits == ()


async def test_it_is_whole_in_english_and_in_the_dark(phones: Phones) -> None:
    async with phones(Role.VIEWER, english=True, dark=True) as page:
        await page.goto("/policy")
        await expect(page.get_by_role("heading", name="Air rules", exact=True)).to_be_visible()
        await looked_at(phones, page, "policy-english")


async def test_new_rules_are_written_on_one_phone_and_adopted_on_another(phones: Phones) -> None:
    ward = phones.ward
    _, password = await ward.hire("ct", "Chủ tịch phường", Role.APPROVER)
    async with phones(Role.APPROVER, allow="422") as page:
        await page.goto("/policy")
        await page.get_by_role("link", name="Đổi quy chế phát").click()
        await page.get_by_label("Giờ được phát").fill("04:30-22:00")
        await page.get_by_label("Âm lượng cao nhất").fill("to")
        await page.get_by_label("Căn cứ").fill("Quyết định 12/QĐ-UBND ngày 3/10/2026")
        await looked_at(phones, page, "policy-change")
        await page.get_by_role("button", name="Xem thay đổi").click()
        await expect(page.get_by_text("Âm lượng cao nhất (%): cần một số nguyên")).to_be_visible()
        await looked_at(phones, page, "policy-change-wrong")
        await page.get_by_label("Âm lượng cao nhất").fill("80")
        await page.get_by_role("button", name="Xem thay đổi").click()
        await expect(page.get_by_text("Sẽ là: 04:30–22:00")).to_be_visible()
        await expect(page.get_by_role("button", name="Ban hành", exact=True)).to_have_count(0)
        await looked_at(phones, page, "policy-proposal-own")
    async with phones(english=True) as page:
        await page.goto("/sign-in?next=/")
        await page.get_by_label("Name").fill("ct")
        await page.get_by_label("Password").fill(password)
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("link", name="New air rules wait for a decision").click()
        await expect(page.get_by_text("Allows more")).to_be_visible()
        await looked_at(phones, page, "policy-proposal-english")
        await page.get_by_text("Refuse").first.click()
        await page.get_by_label("Why").fill("Nights are for sleeping")
        await page.get_by_role("button", name="Refuse").click()
        await expect(page.get_by_text("The rules in force stay")).to_be_visible()
    assert ward.gateway.parts.rulebook.proposal is None
    assert ward.gateway.parts.rulebook.rules.version == 1
    async with phones(Role.APPROVER, scripts=False) as page:
        await page.goto("/policy/change")
        await page.get_by_label("Âm lượng cao nhất").fill("80")
        await page.get_by_label("Căn cứ").fill("Quyết định 12/QĐ-UBND ngày 3/10/2026")
        await page.get_by_role("button", name="Xem thay đổi").click()
        await expect(page.get_by_role("button", name="Ban hành", exact=True)).to_be_visible()
        await page.get_by_text("Rút lại đề nghị").first.click()
        await page.get_by_role("button", name="Rút lại đề nghị").click()
        await expect(page.get_by_text("Quy chế đang dùng giữ nguyên")).to_be_visible()
