"""Đang phát: the ward's own morning broadcast as it is watched, paused, turned down, stopped and proven."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from devices.clock import instant
from gateway.domain.people import Role
from gateway.services.strips import Sound
from tests.onair import office
from tests.onair.held import Held
from tests.web.phone import Phones, axe, fits
from tests.web.ward import START, open_ward

MORNING = START.replace(hour=5, minute=29, second=46)
LONG = office.LONG * 4


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def air(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Phones]:
    """A ward of its own, a moment before its morning broadcast of some minutes."""
    held = Held(open_ward(tmp_path_factory.mktemp("morning"), start=MORNING, text=LONG))
    ward = await held.opened()
    yield Phones(browser, ward)
    await held.close()


async def test_a_broadcast_is_watched_paused_turned_down_and_stopped_and_the_proof_is_there(air: Phones) -> None:
    ward = air.ward
    gateway = ward.gateway
    occ = gateway.parts.planner.coming[0].id
    async with air(Role.OPERATOR) as page:
        await page.goto("/board")  # the only one: one is there at once
        await expect(page.get_by_role("heading", name="Bản tin sáng")).to_be_visible()
        if instant(ward.clock.now_ms()) < gateway.parts.planner.coming[0].start:
            await air.shot(page, "board-before", whole=True)
        await page.locator(".strip").first.focus()
        await expect(page.locator("main").get_by_text("3/3 đang phát")).to_be_visible(timeout=60_000)
        sounding = page.locator(".strip", has_text="Đang phát").first
        await expect(sounding).to_be_focused()  # as before, though it says something else now
        await air.shot(page, "board-playing", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Tạm dừng").tap()
        await expect(page.get_by_text("Đã ra lệnh tạm dừng")).to_be_visible()
        await expect(page.locator(".strip", has_text="Tạm dừng")).to_have_count(3)
        await expect(page.locator("main").get_by_text("0/3 đang phát")).to_be_visible()
        await air.shot(page, "board-paused", whole=True)
        await axe(page)
        await page.get_by_role("button", name="Hoàn tác").tap()
        await expect(page.locator("main").get_by_text("3/3 đang phát")).to_be_visible()
        await page.get_by_label("Âm lượng").select_option("45")
        await page.get_by_role("button", name="Đặt").tap()
        await expect(page.locator(".strip", has_text="45%")).to_have_count(3)
        await page.get_by_role("link", name="Cụm loa kp2-01").tap()
        await page.locator("summary", has_text="Dừng cụm này").tap()
        await page.get_by_role("button", name="Dừng ngay").tap()
        await expect(page.get_by_text("Đã ra lệnh dừng tới 1 cụm")).to_be_visible()
        await page.goto("/board")
        await expect(page.locator("main").get_by_text("2/3 đang phát")).to_be_visible()
        await expect(page.locator(".strip", has_text="Đã dừng")).to_contain_text("kp2-01")
        await page.locator("summary", has_text="Dừng lượt này").tap()
        await air.shot(page, "board-stop", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Dừng ngay").tap()
        await expect(page.locator(".strip", has_text="Đã dừng")).to_have_count(3, timeout=20_000)
        await expect(page.locator("main").get_by_text("0/3 có bằng chứng đã phát đủ")).to_be_visible()
        await expect(page.locator("main").get_by_text("Đã phát xong")).to_be_visible()
        await air.shot(page, "board-stopped", whole=True)
        await page.locator(".strip").first.tap()
        await expect(page.get_by_text("Bị ngắt")).to_be_visible()
        digest = await page.locator("code.secret").first.inner_text()
        assert re.fullmatch("[0-9a-f]{64}", digest)
        await air.shot(page, "board-proof", whole=True)
        await axe(page)
        await fits(page)
    board = await gateway.parts.board.of(occ)
    assert board.counts == {Sound.STOPPED: 3}


async def test_who_only_reads_sees_the_board_and_no_buttons(air: Phones) -> None:
    async with air(Role.VIEWER) as page:
        await page.goto("/board")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_text("Dừng tất cả")).to_have_count(0)
        await axe(page)
