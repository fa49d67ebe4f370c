"""Duyệt bản tin in three taps, returning one, and a deputy for some days."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from devices.clock import instant
from gateway.domain.bulletin import Bulletin, Content, State
from gateway.domain.people import Role
from tests.onair import office
from tests.web.phone import Phones, axe, fits

DOUBTFUL = "Bà con ở tổ 5 liên hệ ông Tổ trưởng, số 0912 345 678, trước 17h30 ngày 12/10."


@pytest_asyncio.fixture(loop_scope="session")
async def submitted(phones: Phones) -> AsyncIterator[Bulletin]:
    """One bulletin that waits, with a telephone number in it; withdrawn afterwards."""
    editorial, staff = phones.ward.gateway.parts.editorial, phones.ward.staff
    content = Content(
        title="Thu gom rác thải điện tử", category=office.GENERAL, text=DOUBTFUL, source_name="UBND phường"
    )
    made = await editorial.create(content, by=staff[Role.AUTHOR])
    yield await editorial.submit(made.id, by=staff[Role.AUTHOR])
    if (await editorial.get(made.id)).state is not State.WITHDRAWN:
        await editorial.withdraw(made.id, reason="hết thử", by=staff[Role.APPROVER])


class Taps:
    """Counts what a thumb does."""

    def __init__(self) -> None:
        self.n = 0

    async def on(self, target: Locator) -> None:
        self.n += 1
        await target.tap()


async def state_of(phones: Phones, bulletin: Bulletin) -> State:
    return (await phones.ward.gateway.parts.editorial.get(bulletin.id)).state


async def test_three_taps_from_home_to_approved_and_the_last_can_be_taken_back(
    phones: Phones, submitted: Bulletin
) -> None:
    taps = Taps()
    async with phones(Role.APPROVER) as page:
        await page.goto("/")
        await expect(page.locator(".bar .count")).to_contain_text("1")
        await phones.shot(page, "approver-home", whole=True)
        await taps.on(page.get_by_role("link", name="1 bản tin chờ bạn duyệt"))
        await expect(page.get_by_role("heading", name="Thu gom rác thải điện tử")).to_be_visible()
        await expect(page.get_by_text("Có thể có dữ liệu cá nhân")).to_be_visible()
        await expect(page.get_by_text("Nguồn tin: UBND phường")).to_be_visible()
        await expect(page.get_by_text("mười bảy giờ ba mươi").first).to_be_visible()
        await phones.shot(page, "approval", whole=True)
        await axe(page)
        await fits(page)
        approve = page.get_by_role("button", name="Duyệt", exact=True)
        await page.evaluate("() => document.querySelector('audio').play()")
        await approve.tap()
        await page.get_by_role("button", name="Hoàn tác").tap()
        assert await state_of(phones, submitted) is State.SUBMITTED
        taps.n += 1  # play
        await taps.on(approve)
        await phones.shot(page, "approval-undo")
        await expect(page.get_by_text("Đã duyệt “Thu gom rác thải điện tử”")).to_be_visible(timeout=9_000)
        await phones.shot(page, "approvals-none")
        await axe(page)
    assert await state_of(phones, submitted) is State.APPROVED
    assert taps.n == 3


async def test_it_is_returned_with_a_reason_and_never_without(phones: Phones, submitted: Bulletin) -> None:
    async with phones(Role.APPROVER, allow="422") as page:
        await page.goto("/approvals")
        await phones.shot(page, "approvals")
        await axe(page)
        await fits(page)
        await page.get_by_role("link", name="Thu gom rác").tap()
        await page.locator("summary", has_text="Trả lại").tap()
        await page.get_by_label("Cần sửa gì?").fill("   ")
        await page.get_by_role("button", name="Trả lại cho người soạn").tap()
        await expect(page.get_by_text("Ghi lý do để người soạn biết")).to_be_visible()
        await phones.shot(page, "approval-return", whole=True)
        await axe(page)
        await page.get_by_label("Cần sửa gì?").fill("Bỏ số điện thoại riêng của ông tổ trưởng")
        await page.get_by_role("button", name="Trả lại cho người soạn").tap()
        await expect(page.get_by_text("Đã trả lại")).to_be_visible()
    found = await phones.ward.gateway.parts.editorial.get(submitted.id)
    assert found.state is State.REJECTED
    assert found.remark is not None
    assert found.remark.reason == "Bỏ số điện thoại riêng của ông tổ trưởng"


async def test_whoever_looks_at_another_page_is_told_of_a_new_one(phones: Phones) -> None:
    editorial, staff = phones.ward.gateway.parts.editorial, phones.ward.staff
    async with phones(Role.APPROVER) as page:
        await page.goto("/alarms")
        await expect(page.locator("[data-waiting='0']")).to_have_count(1)
        made = await editorial.create(
            Content(title="Tiêm phòng cho trẻ", category=office.GENERAL, text=office.SHORT), by=staff[Role.AUTHOR]
        )
        await editorial.submit(made.id, by=staff[Role.AUTHOR])
        try:
            await expect(page.get_by_role("status").get_by_text("Có nội dung mới chờ bạn duyệt")).to_be_visible()
            await phones.shot(page, "approver-told")
            await axe(page)
        finally:
            await editorial.withdraw(made.id, reason="hết thử", by=staff[Role.APPROVER])
        await expect(page.locator("#notice")).to_be_hidden()


async def deputy_sees(page: Page, path: str) -> int:
    answer = await page.goto(path)
    assert answer is not None
    return answer.status


async def test_a_deputy_approves_while_it_lasts_and_is_refused_when_it_is_over(
    phones: Phones, submitted: Bulletin
) -> None:
    ward = phones.ward
    deputy, password = await ward.hire("duyetthay", "Công chức văn hóa", Role.OPERATOR)
    async with phones(Role.APPROVER) as page:
        await page.goto("/approvals/delegation")
        await phones.shot(page, "delegation", whole=True)
        await page.get_by_label("Ủy quyền cho").select_option(label="Công chức văn hóa")
        await page.get_by_label("Căn cứ hoặc lý do").fill("Đi công tác theo Quyết định 12")
        await page.get_by_role("button", name="Ủy quyền", exact=True).tap()
        await expect(page.get_by_text("Đã ủy quyền cho Công chức văn hóa")).to_be_visible()
        await expect(page.get_by_text("Đang có hiệu lực")).to_be_visible()
        await phones.shot(page, "delegation-given", whole=True)
        await axe(page)
        await fits(page)
    async with phones(allow="403") as page:
        await page.goto("/sign-in?next=/approvals")
        await page.get_by_label("Tên đăng nhập").fill("duyetthay")
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Đăng nhập").tap()
        await page.get_by_role("link", name="Thu gom rác").tap()
        await expect(page.get_by_text("Bạn đang duyệt thay Phó chủ tịch phụ trách")).to_be_visible()
        await phones.shot(page, "approval-deputy")
        delegations = ward.gateway.people.delegations
        (standing,) = [each for each in await delegations.all() if each.to == deputy.id]
        assert standing.until - instant(ward.clock.now_ms()) < timedelta(days=1)
        await delegations.take_back(standing.id, by=ward.staff[Role.APPROVER])
        await page.get_by_role("button", name="Duyệt", exact=True).tap()
        await expect(page.get_by_role("alert")).to_contain_text("Bạn không có quyền duyệt bản tin", timeout=9_000)
        assert await deputy_sees(page, "/approvals") == 403
    assert await state_of(phones, submitted) is State.SUBMITTED
