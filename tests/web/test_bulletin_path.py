"""From a blank page to a submitted bulletin, by thumb: twelve taps and two minutes are enough for somebody new."""

import re

from playwright.async_api import Locator, Page, expect

from gateway.domain.bulletin import State
from gateway.domain.ids import BulletinId
from gateway.domain.people import Role
from tests.web.phone import Phones, axe, fits

NOTICE = (
    "UBND phường mời bà con KP3 họp lúc 19h30 ngày 15/10 tại nhà văn hóa. "
    "Ban điều hành KTX báo cáo về ATTP. Liên hệ XYZ để biết thêm."
)
SECONDS_A_TAP = 2.5
"""To find it and to hit it, for who never saw the page."""
SECONDS_A_WORD_READ = 0.35
SECONDS_A_LETTER = 0.25
"""With one thumb, accents included; a password manager is not counted on."""
SECONDS = 120


class Thumb:
    """Counts taps, the letters that are typed, and the words that have to be read: what it asks of a person."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0
        self.words = 0
        self.letters = 0

    @property
    def seconds(self) -> float:
        """What all this takes a person; the machine's own time is the benchmarks' business."""
        return self.taps * SECONDS_A_TAP + self.letters * SECONDS_A_LETTER + self.words * SECONDS_A_WORD_READ

    async def on(self, target: Locator) -> None:
        self.taps += 1
        await target.tap()

    async def fill(self, target: Locator, text: str) -> None:
        """Tap a field and type."""
        await self.on(target)
        self.letters += len(text)
        await target.fill(text)

    async def paste(self, target: Locator, text: str) -> None:
        """Hold a field, then tap "Dán": the notice came in a message."""
        await self.on(target)
        self.taps += 1
        await target.fill(text)

    async def read(self, where: str) -> None:
        """Read that whole; what is only found and tapped is in the taps."""
        self.words += len((await self.page.inner_text(where)).split())


async def test_somebody_new_submits_a_bulletin_in_twelve_taps_and_two_minutes(phones: Phones) -> None:
    _, password = await phones.ward.hire("canbo", "Cán bộ văn hóa", Role.AUTHOR, Role.OPERATOR)
    async with phones() as page:
        thumb = Thumb(page)
        await page.goto("/sign-in")
        await thumb.fill(page.get_by_label("Tên đăng nhập"), "canbo")
        await thumb.fill(page.get_by_label("Mật khẩu"), password)
        await thumb.on(page.get_by_role("button", name="Đăng nhập"))
        await expect(page.get_by_role("heading", name="Hôm nay cần làm gì?")).to_be_visible()
        await phones.shot(page, "operator-home", whole=True)
        await thumb.on(page.get_by_role("link", name="Soạn bản tin mới"))
        await expect(page.get_by_role("heading", name="Soạn bản tin")).to_be_visible()
        await phones.shot(page, "bulletin-new", whole=True)
        await axe(page)
        await fits(page)
        await thumb.paste(page.get_by_role("textbox", name="Nội dung"), NOTICE)
        await thumb.on(page.get_by_role("button", name="Tiếp tục: nghe thử"))
        await expect(page.get_by_role("heading", name="Nghe thử")).to_be_visible()
        await expect(page.locator(".spoken").get_by_text("mười chín giờ ba mươi phút")).to_be_visible()
        await thumb.read("#lines")
        await phones.shot(page, "bulletin-listen", whole=True)
        await axe(page)
        await fits(page)
        async with page.expect_response(re.compile(r"/sentences/0/audio")) as heard:
            await thumb.on(page.get_by_role("link", name="Nghe câu 1"))
        assert (await heard.value).status in {200, 206}
        await thumb.on(page.get_by_role("button", name="Đọc “ích i dài dét” là đúng"))
        await expect(page.get_by_text("Không còn chỗ nào chưa rõ")).to_be_visible()
        await thumb.on(page.get_by_role("button", name="Tiếp tục: giờ phát"))
        await expect(page.get_by_text("Không trùng giờ, đúng quy chế")).to_be_visible()
        await expect(page.get_by_role("radio", name=re.compile("hôm nay"))).to_have_count(2)
        await thumb.read(".slots")
        await thumb.read("#verdict .note")
        await phones.shot(page, "bulletin-air", whole=True)
        await axe(page)
        await fits(page)
        await thumb.on(page.get_by_role("button", name="Gửi duyệt"))
        await expect(page.get_by_text("Đã gửi duyệt “UBND phường mời bà con KP3")).to_be_visible()
        await phones.shot(page, "bulletin-sent", whole=True)
        await axe(page)
        await fits(page)
        name = BulletinId(page.url.rsplit("/", 1)[-1])
    try:
        assert thumb.taps <= 12
        assert thumb.seconds <= SECONDS, (thumb.seconds, thumb.taps, thumb.letters, thumb.words)
        parts = phones.ward.gateway.parts
        made = await parts.editorial.get(name)
        assert made.state is State.SUBMITTED
        (airs,) = [each for each in await parts.programming.forecast(7) if each.schedule == f"lich-{name}"]
        assert f"{airs.local_start:%H:%M}" != "05:30", "the weekly bulletin has that minute"
    finally:
        await clean(phones, name)


async def test_without_scripts_it_is_written_given_an_hour_submitted_and_approved(phones: Phones) -> None:
    _, password = await phones.ward.hire("canbo-cu", "Cán bộ máy cũ", Role.AUTHOR, Role.OPERATOR)
    text = "Sáng thứ bảy tổng vệ sinh các tuyến đường của phường."
    async with phones(scripts=False) as page:
        await page.goto("/sign-in?next=/bulletins/new")
        await page.get_by_label("Tên đăng nhập").fill("canbo-cu")
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Đăng nhập").tap()
        await page.get_by_role("textbox", name="Nội dung").fill(text)
        await page.get_by_role("button", name="Tiếp tục: nghe thử").tap()
        await expect(page.get_by_role("heading", name="Nghe thử")).to_be_visible()
        await page.get_by_role("button", name="Tiếp tục: giờ phát").tap()
        await expect(page.locator("#verdict")).to_contain_text("được kiểm tra trước khi lưu")
        await phones.shot(page, "bulletin-air-no-script", whole=True)
        await fits(page)
        await page.get_by_role("button", name="Gửi duyệt").tap()
        await expect(page.get_by_text("Đã gửi duyệt")).to_be_visible()
        name = BulletinId(page.url.rsplit("/", 1)[-1])
    parts = phones.ward.gateway.parts
    try:
        assert [each for each in await parts.programming.forecast(7) if each.schedule == f"lich-{name}"]
        async with phones(Role.APPROVER, scripts=False) as page:
            await page.goto(f"/approvals/{name}")
            await expect(page.locator("audio").first).to_be_visible()
            await phones.shot(page, "approval-no-script", whole=True)
            await fits(page)
            await page.get_by_role("button", name="Duyệt", exact=True).tap()
            await expect(page.get_by_text("Đã duyệt “Sáng thứ bảy")).to_be_visible()
        assert (await parts.editorial.get(name)).state is State.APPROVED
    finally:
        await clean(phones, name)


async def clean(phones: Phones, name: BulletinId) -> None:
    """Leave the ward as it was."""
    parts, staff = phones.ward.gateway.parts, phones.ward.staff
    for each in await parts.programming.schedules():
        if each.id == f"lich-{name}":
            await parts.programming.delete_schedule(each.id, by=staff[Role.OPERATOR])
    await parts.editorial.withdraw(name, reason="hết thử", by=staff[Role.APPROVER])


async def test_who_sets_no_hours_is_not_led_to_them_and_back_does_not_end_on_an_empty_step(phones: Phones) -> None:
    async with phones(Role.AUTHOR) as page:
        await page.goto("/bulletins/new")
        await page.get_by_role("textbox", name="Nội dung").fill("Chủ nhật này thu gom đồ điện tử cũ tại trụ sở phường.")
        await page.get_by_role("button", name="Tiếp tục: nghe thử").tap()
        await page.get_by_role("button", name="Tiếp tục: gửi duyệt").tap()
        await expect(page.get_by_role("heading", name="Gửi duyệt")).to_be_visible()
        await expect(page.get_by_text("người vận hành sẽ đặt giờ phát")).to_be_visible()
        await phones.shot(page, "bulletin-send-author", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Gửi duyệt").tap()
        await expect(page.get_by_text("Đã gửi duyệt “Chủ nhật này")).to_be_visible()
        name = BulletinId(page.url.rsplit("/", 1)[-1])
        await page.go_back()
        await expect(page.get_by_text("Người duyệt đã được báo")).to_be_visible()
        assert page.url.endswith(f"/bulletins/{name}")
    await clean(phones, name)
