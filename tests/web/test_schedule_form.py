"""Tạo lịch by thumb: every kind of repeat, and which of two equals goes first, decided before anything is saved."""

import re
from collections.abc import AsyncIterator
from datetime import date, time

import pytest_asyncio
from playwright.async_api import expect

from gateway.domain.clash import Answer
from gateway.domain.ids import ProgrammeId
from gateway.domain.people import Role
from gateway.domain.programme import BulletinItem, Programme
from gateway.domain.rule import MonthlyByDay
from tests.onair import office
from tests.web.phone import Phones, axe, fits

TITLE = "Nhắc lịch tiêm chủng"


@pytest_asyncio.fixture(loop_scope="session")
async def reminder(phones: Phones) -> AsyncIterator[ProgrammeId]:
    """A programme that nothing schedules yet; what a test made of it is deleted."""
    gateway, staff = phones.ward.gateway, phones.ward.staff
    programming, operator = gateway.parts.programming, staff[Role.OPERATOR]
    told = await office.approved(gateway, staff, "Mời bà con đưa trẻ đi tiêm chủng.", title=TITLE)
    name = ProgrammeId("nhac-tiem")
    known = {each.id: each.revision for each in await programming.programmes()}
    items = (BulletinItem(bulletin=told.id),)
    await programming.save_programme(
        Programme(id=name, title=TITLE, items=items, revision=known.get(name, 1)), by=operator
    )
    yield name
    for each in await programming.schedules():
        if each.programme == name:
            await programming.delete_schedule(each.id, by=operator)
    await gateway.parts.editorial.withdraw(told.id, reason="hết thử", by=staff[Role.APPROVER])


async def test_a_monthly_schedule_is_made_seen_before_it_is_saved_and_edited(
    phones: Phones, reminder: ProgrammeId
) -> None:
    programming = phones.ward.gateway.parts.programming
    async with phones(Role.OPERATOR, allow="422") as page:
        await page.goto("/schedule")
        await page.get_by_role("link", name="Tạo lịch phát").tap()
        await expect(page.locator("#verdict")).to_contain_text("được kiểm tra trước khi lưu")  # nothing is red yet
        await page.get_by_label("Phát chương trình nào?").select_option(label=TITLE)
        await page.get_by_label("Giờ phát").fill("03:15")
        await page.get_by_text("Hằng tháng, theo ngày").tap()
        await expect(page.locator(".weekdays")).to_be_hidden()
        await page.get_by_label("Những ngày nào trong tháng?").fill("1, 15, cuối")
        await page.get_by_label("Những ngày nào trong tháng?").press("Tab")
        await expect(page.locator("#verdict")).to_contain_text("ngoài khung giờ được phát")
        await page.get_by_label("Giờ phát").fill("18:40")
        await page.get_by_label("Giờ phát").press("Tab")
        await expect(page.locator("#verdict")).to_contain_text("Không trùng giờ, đúng quy chế")  # still without a name
        await page.get_by_label("Tên lịch").fill("Nhắc tiêm hằng tháng")
        await phones.shot(page, "schedule-new", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Tạo lịch").tap()
        await expect(page.get_by_text("Đã tạo lịch “Nhắc tiêm hằng tháng”")).to_be_visible()
        await expect(page.get_by_text("ngày cuối tháng, 1, 15 hằng tháng")).to_be_visible()
        (made,) = [each for each in await programming.schedules() if each.programme == reminder]
        assert made.rule == MonthlyByDay(days_of_month=frozenset({1, 15, -1}), first=date(2026, 10, 8))
        assert made.times == (time(18, 40),)
        await page.get_by_role("link", name="Sửa lịch").tap()
        await expect(page.get_by_label("Những ngày nào trong tháng?")).to_have_value("1, 15, cuối")
        await page.get_by_label("Những ngày nào trong tháng?").fill("40")
        await page.get_by_role("button", name="Lưu").tap()
        await expect(page.get_by_role("alert")).to_contain_text("từ 1 đến 31")
        await page.get_by_text("Hằng tháng, theo thứ").tap()
        await page.get_by_label("Lần thứ mấy trong tháng?").select_option("-1")
        await page.get_by_label("Vào thứ mấy?").select_option(label="thứ Sáu")
        await page.get_by_role("button", name="Lưu").tap()
        await expect(page.get_by_text("Đã lưu lịch phát")).to_be_visible()
        await expect(page.get_by_text("thứ Sáu lần thứ cuối của tháng")).to_be_visible()


async def test_which_of_two_equals_goes_first_is_chosen_on_the_form_and_kept_with_it(
    phones: Phones, reminder: ProgrammeId
) -> None:
    programming = phones.ward.gateway.parts.programming
    before = {each.id for each in await programming.decisions()}
    async with phones(Role.OPERATOR, allow="409") as page:
        await page.goto("/schedule/new")
        await page.get_by_label("Phát chương trình nào?").select_option(label=TITLE)
        await page.get_by_label("Tên lịch").fill("Nhắc tiêm sáng")
        await page.get_by_label("Giờ phát").fill("05:30")
        await page.get_by_label("Giờ phát").press("Tab")
        which = page.get_by_role("group", name=re.compile("lịch nào phát trước"))
        await expect(which).to_be_visible()
        assert await which.get_by_role("radio", checked=True).count() == 0, "nothing is decided by luck"
        await page.get_by_role("button", name="Tạo lịch").tap()
        await expect(page.get_by_role("alert")).to_contain_text("trùng giờ với")
        assert not [each for each in await programming.schedules() if each.programme == reminder]
        assert {each.id for each in await programming.decisions()} == before
        await page.get_by_text("lịch này phát ngay sau đó").tap()
        await expect(page.locator("#verdict")).to_contain_text("Không trùng giờ, đúng quy chế")
        await expect(which.get_by_role("radio", checked=True)).to_have_count(1)
        await phones.shot(page, "schedule-order", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Tạo lịch").tap()
        await expect(page.get_by_text("Đã tạo lịch “Nhắc tiêm sáng”")).to_be_visible()
        (made,) = [each for each in await programming.schedules() if each.programme == reminder]
        (decision,) = [each for each in await programming.decisions() if each.id not in before]
        assert (decision.other, decision.answer, decision.day) == (made.id, Answer.AFTER, None)
        await page.goto("/schedule")
        await expect(page.get_by_text("Chờ quyết định")).to_have_count(0)


async def test_without_scripts_it_is_refused_in_words_put_in_order_and_made(
    phones: Phones, reminder: ProgrammeId
) -> None:
    programming = phones.ward.gateway.parts.programming
    async with phones(Role.OPERATOR, scripts=False, allow="409|422") as page:
        await page.goto("/schedule/new")
        await expect(page.locator("#verdict")).to_contain_text("được kiểm tra trước khi lưu")
        await page.get_by_label("Phát chương trình nào?").select_option(label=TITLE)
        await page.get_by_label("Tên lịch").fill("Nhắc tiêm không script")
        await page.get_by_text("Hằng tháng, theo thứ").tap()
        await expect(page.locator(".weekdays")).to_be_hidden()
        await page.get_by_text("Hằng tuần").tap()
        await page.get_by_label("Giờ phát").fill("3h15")
        await page.get_by_role("button", name="Tạo lịch").tap()
        await expect(page.get_by_role("alert")).to_contain_text("ngoài khung giờ được phát")
        await expect(page.get_by_label("Tên lịch")).to_have_value("Nhắc tiêm không script")
        await phones.shot(page, "schedule-new-no-script", whole=True)
        await fits(page)
        await page.get_by_label("Giờ phát").fill("05:30")
        await page.get_by_role("button", name="Tạo lịch").tap()
        await expect(page.get_by_role("alert")).to_contain_text("trùng giờ với")
        await page.get_by_text("lịch này phát ngay sau đó").tap()
        await phones.shot(page, "schedule-order-no-script", whole=True)
        await fits(page)
        await page.get_by_role("button", name="Tạo lịch").tap()
        await expect(page.get_by_text("Đã tạo lịch “Nhắc tiêm không script”")).to_be_visible()
    (made,) = [each for each in await programming.schedules() if each.programme == reminder]
    assert made.times == (time(5, 30),)
