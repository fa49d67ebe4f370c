"""A recording on the phone: an approver listens and returns it or approves it; its sender reads why."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest_asyncio
from playwright.async_api import expect

from devices.model import asset_sha256
from gateway.domain.people import Role
from gateway.ports.records import StoredAudio
from tests.tts.sounds import babble, pcm, write
from tests.web.phone import Phones, axe, fits


@pytest_asyncio.fixture(loop_scope="session")
async def greeting(phones: Phones, tmp_path: Path) -> AsyncIterator[StoredAudio]:
    """One that waits, very quiet and with much to cut; taken out of what waits afterwards."""
    parts, staff = phones.ward.gateway.parts, phones.ward.staff
    sound = pcm(np.concatenate([np.zeros(5 * 48_000), babble(2.0, peak=0.02)]))
    kept = await parts.library.upload(write(tmp_path / "ghi.m4a", sound), title="Lời chào", by=staff[Role.OPERATOR])
    parts.editorial.sent_in(kept)
    yield kept
    now = await parts.library.get(kept.asset)
    if now.waits:
        await parts.editorial.return_recording(kept.asset, reason="hết thử", by=staff[Role.APPROVER])
    if now.release is not None:
        await parts.editorial.withdraw_recording(kept.asset, reason="hết thử", by=staff[Role.APPROVER])


async def test_it_is_heard_and_returned_and_whoever_sent_it_reads_why(phones: Phones, greeting: StoredAudio) -> None:
    path = f"/recordings/{asset_sha256(greeting.asset)}"
    async with phones(Role.APPROVER, allow="422") as page:
        await page.goto("/approvals")
        await expect(page.locator(".bar .count")).to_contain_text("1")
        await expect(page.get_by_role("heading", name="Ghi âm chờ duyệt")).to_be_visible()
        await phones.shot(page, "recordings-waiting", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("link", name="Lời chào").tap()
        await expect(page.get_by_text("LUFS")).to_be_visible()
        await expect(page.get_by_text("rất nhỏ")).to_be_visible()
        await page.evaluate("() => document.querySelector('audio').play()")
        await phones.shot(page, "recording", whole=True)
        await axe(page)
        await fits(page)
        await page.locator("summary", has_text="Trả lại").tap()
        await page.get_by_label("Cần sửa gì?").fill("   ")
        await page.get_by_role("button", name="Trả lại cho người gửi").tap()
        await expect(page.get_by_text("Ghi lý do để người gửi biết")).to_be_visible()
        await page.get_by_label("Cần sửa gì?").fill("Nói gần micrô hơn")
        await page.get_by_role("button", name="Trả lại cho người gửi").tap()
        await expect(page.get_by_text("Đã trả lại")).to_be_visible()
        await expect(page.get_by_role("heading", name="Ghi âm chờ duyệt")).to_have_count(0)
    async with phones(Role.OPERATOR) as page:
        await page.goto("/recordings")
        await axe(page)
        await fits(page)
        await phones.shot(page, "recordings", whole=True)
        await page.get_by_role("link", name="Lời chào").tap()
        await expect(page.get_by_text("Nói gần micrô hơn")).to_be_visible()
        await expect(page.get_by_role("button", name="Duyệt", exact=True)).to_have_count(0)
        await phones.shot(page, "recording-returned", whole=True)
        await axe(page)
    async with phones(Role.OPERATOR, english=True) as page:
        await page.goto(path)
        await expect(page.get_by_text("Nói gần micrô hơn")).to_be_visible()
        await expect(page.get_by_role("heading", name="What the machine found")).to_be_visible()
        await fits(page)


async def test_a_list_that_is_looked_at_shows_the_approval_as_it_happens(phones: Phones, greeting: StoredAudio) -> None:
    async with phones(Role.OPERATOR) as sender, phones(Role.APPROVER) as page:
        await sender.goto("/recordings")
        row = sender.get_by_role("link", name="Lời chào")
        await expect(row).to_contain_text("Chờ duyệt")
        await page.goto(f"/recordings/{asset_sha256(greeting.asset)}")
        await page.get_by_role("button", name="Duyệt", exact=True).tap()
        await expect(page.get_by_text("Đã duyệt “Lời chào”")).to_be_visible(timeout=9_000)
        await expect(row).to_contain_text("Đã duyệt")
    assert (await phones.ward.gateway.parts.library.get(greeting.asset)).release is not None
