"""Lịch phát by thumb: the week, one date left out and taken back, a schedule edited, programmes put in order."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, time

import pytest_asyncio
from playwright.async_api import expect

from devices.model import Priority, Source
from gateway.domain.ids import ProgrammeId, ScheduleId
from gateway.domain.people import Role
from gateway.domain.programme import BulletinItem, Programme
from gateway.domain.rule import Once
from tests.onair import office
from tests.web.phone import Phones, axe, fits

NAME = ScheduleId("nghe-lai")
PROGRAMME = ProgrammeId("nghe-lai")


@pytest_asyncio.fixture(loop_scope="session")
async def evening(phones: Phones) -> AsyncIterator[ScheduleId]:
    """A schedule of its own: two bulletins, Mondays at 18:15."""
    gateway, staff = phones.ward.gateway, phones.ward.staff
    two = [await office.approved(gateway, staff, f"Tin số {n} của phường.", title=f"Tin {n}") for n in ("một", "hai")]
    items = tuple(BulletinItem(bulletin=each.id) for each in two)
    known = {each.id: each for each in await gateway.parts.programming.programmes()}
    before = known.get(PROGRAMME)
    made = Programme(id=PROGRAMME, title="Nghe lại", items=items, revision=before.revision if before else 1)
    await gateway.parts.programming.save_programme(made, by=staff[Role.OPERATOR])
    rule = office.weekly(NAME, PROGRAMME, time(18, 15), first=date(2026, 10, 8), weekdays=frozenset({0}))
    await office.schedule(gateway, staff, rule)
    yield NAME
    if NAME in {each.id for each in await gateway.parts.programming.schedules()}:
        await gateway.parts.programming.delete_schedule(NAME, by=staff[Role.OPERATOR])
    for each in two:
        await gateway.parts.editorial.withdraw(each.id, reason="hết thử", by=staff[Role.APPROVER])


async def test_the_week_is_shown_as_it_will_air(phones: Phones, evening: ScheduleId) -> None:
    async with phones(Role.VIEWER) as page:
        await page.goto("/schedule")
        await expect(page.get_by_role("heading", name="Hôm nay")).to_be_visible()
        await expect(page.locator(".week").get_by_text("18:15")).to_be_visible()
        await expect(page.get_by_text("18:15, thứ Hai hằng tuần · Toàn phường")).to_be_visible()
        await phones.shot(page, "schedule", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("link", name=re.compile("18:15, thứ Hai")).tap()
        await expect(page.get_by_role("heading", name="nghe-lai")).to_be_visible()
        await expect(page.get_by_role("button", name=re.compile("Bỏ buổi"))).to_have_count(0)


async def test_one_date_is_left_out_and_taken_back_at_once(phones: Phones, evening: ScheduleId) -> None:
    programming = phones.ward.gateway.parts.programming
    async with phones(Role.OPERATOR) as page:
        await page.goto(f"/schedule/{evening}")
        await phones.shot(page, "schedule-one", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Bỏ buổi ngày 12/10").tap()
        await expect(page.get_by_text("Đã bỏ ngày 12/10")).to_be_visible()
        assert (await programming.schedule(evening)).exceptions == {date(2026, 10, 12)}
        await phones.shot(page, "schedule-skipped", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Hoàn tác").tap()
        await expect(page.get_by_text("Ngày 12/10 phát lại như cũ")).to_be_visible()
    assert (await programming.schedule(evening)).exceptions == frozenset()


async def test_an_edit_that_breaks_the_rules_is_refused_with_why_and_what_was_typed_stays(
    phones: Phones, evening: ScheduleId
) -> None:
    async with phones(Role.OPERATOR, allow="422|409") as page:
        await page.goto(f"/schedule/{evening}/edit")
        await phones.shot(page, "schedule-edit", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_label("Giờ phát").fill("03:15")
        await page.get_by_role("button", name="Lưu").tap()
        await expect(page.get_by_role("alert")).to_contain_text("ngoài khung giờ được phát")
        await expect(page.get_by_label("Giờ phát")).to_have_value("03:15")
        await page.get_by_label("Giờ phát").fill("18 giờ kém")
        await page.get_by_role("button", name="Lưu").tap()
        await expect(page.get_by_role("alert")).to_contain_text("không phải giờ")
        await page.get_by_label("Giờ phát").fill("17h45")
        await page.locator(".weekdays").get_by_text("thứ Tư").tap()
        await page.get_by_role("button", name="Lưu").tap()
        await expect(page.get_by_text("Đã lưu lịch phát")).to_be_visible()
        await expect(page.get_by_text("17:45, thứ Hai, thứ Tư hằng tuần")).to_be_visible()


async def test_a_programme_is_put_in_another_order(phones: Phones, evening: ScheduleId) -> None:
    programming = phones.ward.gateway.parts.programming
    before = (await programming.programme(PROGRAMME)).bulletins
    async with phones(Role.OPERATOR) as page:
        await page.goto(f"/programmes/{PROGRAMME}")
        await phones.shot(page, "programme", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Đưa “Tin hai” lên").tap()
        await expect(page.get_by_text("Đã lưu chương trình")).to_be_visible()
        assert (await programming.programme(PROGRAMME)).bulletins == before[::-1]
        await page.get_by_role("button", name="Bỏ “Tin một”").tap()
        await page.get_by_role("link", name="Hôm nay").tap()
        await expect(page.get_by_role("heading", name="Hôm nay cần làm gì?")).to_be_visible()
    assert (await programming.programme(PROGRAMME)).bulletins == before[1:]


async def test_a_schedule_is_paused_and_deleted_with_time_to_think(phones: Phones, evening: ScheduleId) -> None:
    programming = phones.ward.gateway.parts.programming
    async with phones(Role.OPERATOR) as page:
        await page.goto(f"/schedule/{evening}")
        await page.locator("summary", has_text="Xóa lịch").tap()
        await page.get_by_role("button", name="Xóa hẳn").tap()
        await page.get_by_role("button", name="Hoàn tác").tap()
        assert await programming.schedule(evening)
        await page.get_by_role("button", name="Xóa hẳn").tap()
        await expect(page.get_by_text("Đã xóa lịch")).to_be_visible(timeout=9_000)
    assert evening not in {each.id for each in await programming.schedules()}


async def test_two_priority_programmes_that_meet_are_put_in_order_by_thumb(phones: Phones, evening: ScheduleId) -> None:
    gateway, staff = phones.ward.gateway, phones.ward.staff
    programming, operator = gateway.parts.programming, staff[Role.OPERATOR]
    items = (await programming.programme(PROGRAMME)).items
    met = []
    for source in (Source.PROVINCE, Source.WARD):
        name = f"uu-tien-{source.value}"
        known = {each.id: each.revision for each in await programming.programmes()}
        made = Programme(
            id=ProgrammeId(name),
            title=f"Ưu tiên {source.value}",
            items=items,
            priority=Priority.PRIORITY,
            source=source,
            revision=known.get(ProgrammeId(name), 1),
        )
        await programming.save_programme(made, by=operator)
        rule = office.weekly(name, made.id, time(16, 0), first=date(2026, 10, 8), weekdays=frozenset({1}))
        met.append(await office.schedule(gateway, staff, replace(rule, rule=Once(day=date(2026, 10, 13)))))
    upper, ours = met
    try:
        async with phones(Role.OPERATOR) as page:
            await page.goto("/schedule")
            waiting = page.locator(".week").get_by_role("link", name="Chờ quyết định")
            await expect(waiting).to_have_count(2)
            await waiting.last.tap()
            await expect(page.locator("#ask-1")).to_be_in_viewport()
            await page.locator("summary", has_text="Chọn tin phát trước").tap()
            await phones.shot(page, "schedule-question", whole=True)
            await axe(page)
            await fits(page)
            await page.get_by_text("16:00 Ưu tiên ward").tap()
            await page.get_by_text("Dời sang giờ muộn hơn").tap()
            await page.get_by_label("Dời muộn hơn bao nhiêu phút?").fill("45")
            await page.get_by_role("button", name="Quyết định").tap()
            await expect(page.get_by_text("“Ưu tiên province” dời muộn hơn 45 phút")).to_be_visible()
            await expect(page.locator("summary", has_text="Chọn tin phát trước")).to_have_count(0)
            await expect(waiting).to_have_count(0)
            await expect(page.locator(".week").get_by_text("16:45")).to_be_visible()
        (decision,) = [each for each in await programming.decisions() if each.other == upper.id]
        assert (decision.first, decision.shift_ms) == (ours.id, 45 * 60_000)
    finally:
        for each in met:
            await programming.delete_schedule(each.id, by=operator)


async def test_a_calendar_link_is_made_once_and_ended(phones: Phones) -> None:
    async with phones(Role.VIEWER) as page:
        await page.goto("/calendar")
        await page.get_by_role("button", name="Tạo liên kết").tap()
        link = await page.locator(".secret").inner_text()
        await phones.shot(page, "calendar")
        await axe(page)
        await fits(page)
        answer = await page.request.get(link)
        assert answer.headers["content-type"].startswith("text/calendar")
        assert "SUMMARY:Bản tin sáng" in (await answer.text()).replace("\r\n ", "")
        await page.goto("/calendar")
        await expect(page.get_by_text("Bạn đang có một liên kết còn hiệu lực")).to_be_visible()
        await page.locator("summary", has_text="Hủy liên kết").last.tap()
        await expect(page.get_by_text("phải thêm lại bằng liên kết mới").last).to_be_visible()
        await page.get_by_role("button", name="Hủy hẳn liên kết").tap()
        await expect(page.get_by_text("Bạn đang có một liên kết còn hiệu lực")).to_have_count(0)
        await page.get_by_role("link", name="Hôm nay").tap()
        await expect(page.get_by_role("heading", name="Hôm nay cần làm gì?")).to_be_visible()
        assert (await page.request.get(link)).status == 404
