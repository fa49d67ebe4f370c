"""Báo cáo in a leader's hand, the log behind a number, nghe lại for everybody, and the audit log."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from playwright.async_api import expect

from devices.clock import instant
from devices.model import AssetId, ClusterId, OccurrenceId, Outcome, Proof
from gateway.domain.attendance import Attended
from gateway.domain.people import Role
from gateway.ports.records import PlannedPlay
from tests.web.phone import Phones, axe, fits
from tests.web.ward import Ward

WEEKS = 3
ENDS = {
    (1, "kp1-02"): (Outcome.MISSED, Proof.NONE, "power"),
    (2, "kp2-01"): (Outcome.UNPROVEN, Proof.NONE, "no_word"),
    (2, "kp1-02"): (Outcome.REFUSED, Proof.NONE, "quiet_hours"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def past(ward: Ward) -> AsyncIterator[None]:
    """Three weeks of Thursdays before today, as the poles told of them."""
    store = ward.gateway.store
    bulletin = (await store.bulletins.all())[0]
    assert bulletin.audio is not None
    asset = AssetId(bulletin.audio.asset)
    now = instant(ward.clock.now_ms())
    plays = []
    for week in range(WEEKS):
        start = now.replace(hour=22, minute=30, second=0, microsecond=0) - timedelta(days=1 + 7 * (week + 1))
        for cluster in ward.gateway.parts.fleet.controllable:
            outcome, proof, why = ENDS.get((week, cluster), (Outcome.PLAYED, Proof.AMPLIFIER, ""))
            plays.append(
                PlannedPlay(
                    occ=OccurrenceId(f"ban-tin@{start.isoformat()}"),
                    cluster=cluster,
                    schedule=None,
                    title="Bản tin sáng",
                    priority="routine",
                    start_at=start,
                    duration_ms=600_000,
                    bulletins=(bulletin.id,),
                    assets=(asset,),
                    outcome=outcome,
                    proof=proof,
                    why=why,
                    heard_ms=594_000 if outcome is Outcome.PLAYED else 0,
                    journal_n=12 + week if outcome is not Outcome.UNPROVEN else None,
                    settled_at=start,
                )
            )
    await store.proofs.settle(plays)
    await store.attendance.add(
        [
            Attended(day=now.date() - timedelta(days=1), cluster=ClusterId(name), watched_s=86_400, online_s=online)
            for name, online in (("kp1-01", 86_400), ("kp1-02", 70_000), ("kp2-01", 86_000))
        ]
    )
    yield


async def test_a_leader_reads_the_half_year_copies_its_sentence_and_opens_the_lines_of_a_number(
    phones: Phones,
) -> None:
    async with phones(Role.APPROVER) as page:
        await page.goto("/")
        await page.get_by_role("link", name="Báo cáo").click()
        await expect(page.get_by_role("heading", name="6 tháng cuối năm 2026")).to_be_visible()
        await expect(page.locator("#sentences")).to_contain_text("phát 3 lượt trên hệ thống truyền thanh")
        await phones.shot(page, "report", whole=True)
        await axe(page)
        await fits(page)
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.get_by_role("button", name="Sao chép").click()
        await expect(page.get_by_role("button", name="Đã sao chép")).to_be_visible()
        copied = await page.evaluate("navigator.clipboard.readText()")
        assert "phát 3 lượt trên hệ thống truyền thanh" in copied
        await page.get_by_role("link", name="lượt phát").first.click()
        await expect(page.get_by_role("heading", name="Các dòng nhật ký")).to_be_visible()
        await expect(page.locator(".log-line")).to_have_count(6)
        await phones.shot(page, "report-lines", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("link", name="Xem bằng chứng").first.click()
        await expect(page.get_by_text("Cụm loa kp1-01").first).to_be_visible()
        await page.go_back()
        await page.get_by_role("link", name="Về báo cáo").click()
        await page.get_by_role("link", name="Lỡ giờ: mất điện").click()
        await expect(page.locator(".log-line")).to_have_count(1)


async def test_the_files_come_down_with_one_tap_each(phones: Phones) -> None:
    async with phones(Role.VIEWER) as page:
        await page.goto("/reports")
        for name, begins in (("Word", b"PK"), ("Bảng tính", b"PK"), ("CSV", "\ufeff".encode())):
            async with page.expect_download() as coming:
                await page.get_by_role("link", name=name, exact=True).click()
            file = await (await coming.value).path()
            assert file.read_bytes().startswith(begins)


async def test_other_days_are_two_fields_and_a_wrong_order_is_told_in_words(phones: Phones) -> None:
    async with phones(Role.VIEWER, allow="422", scripts=False) as page:
        await page.goto("/reports")
        await page.get_by_text("Chọn ngày khác").click()
        await page.get_by_label("Từ ngày").fill("2026-09-01")
        await page.get_by_label("Đến ngày").fill("2026-09-30")
        await page.get_by_role("button", name="Xem báo cáo").click()
        await expect(page.get_by_role("heading", name="tháng 9 năm 2026")).to_be_visible()
        await page.goto("/reports?from=2026-09-30&to=2026-09-01")
        await expect(page.get_by_text("kỳ báo cáo từ 1 đến 366 ngày")).to_be_visible()


async def test_the_report_is_as_legible_in_the_dark_in_english_and_on_a_wide_screen(phones: Phones) -> None:
    async with phones(Role.VIEWER, dark=True, english=True) as page:
        await page.goto("/reports")
        await expect(page.get_by_role("heading", name="the second half of 2026")).to_be_visible()
        await phones.shot(page, "report-dark-english", whole=True)
        await axe(page)
        await fits(page)
    async with phones(Role.VIEWER, width=1200) as page:
        await page.goto("/reports")
        await phones.shot(page, "report-wide", whole=True)
        await axe(page)


async def test_the_audit_log_is_filtered_by_person_and_kind(phones: Phones) -> None:
    async with phones(Role.ADMIN) as page:
        await page.goto("/audit")
        await page.get_by_text("Lọc theo người, loại việc, ngày").click()
        await page.get_by_label("Loại việc").select_option("bulletin")
        await phones.shot(page, "audit-filter")
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Lọc", exact=True).click()
        await expect(page.locator(".log").get_by_text("duyệt bản tin").first).to_be_visible()
        await expect(page.locator(".log").get_by_text("đăng nhập")).to_have_count(0)
        await page.get_by_role("link", name="Kiểm tra chuỗi").click()
        await expect(page.get_by_text("không bị sửa")).to_be_visible()
        await phones.shot(page, "audit")


async def test_everybody_listens_again_without_a_sign_in_a_script_or_a_cookie(phones: Phones) -> None:
    async with phones(scripts=False) as page:
        await page.goto("/listen")
        await expect(page.get_by_role("heading", name="Nghe lại bản tin")).to_be_visible()
        await phones.shot(page, "listen")
        await page.get_by_role("link", name="Mời họp").click()
        sound = page.locator("audio")
        await expect(sound).to_be_visible()
        await phones.shot(page, "listen-one", whole=True)
        address = await sound.get_attribute("src")
        assert address is not None
        part = await page.request.get(address, headers={"range": "bytes=0-99"})
        assert (part.status, len(await part.body())) == (206, 100)
        assert await page.context.cookies() == []
    async with phones(dark=True) as page:
        for path in ("/listen", "/listen?lang=en"):
            await page.goto(path)
            await axe(page)
            await fits(page)
