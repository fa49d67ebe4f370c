"""By keyboard and screen reader: everything is reached and seen, and one stays where one was when a page comes anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from devices.model import asset_sha256
from gateway.domain.people import Role
from gateway.ports.records import Severity, StoredAudio
from tests.tts.sounds import babble, pcm, write
from tests.web.phone import Phones

PAGES = (
    "/",
    "/more",
    "/alarms",
    "/alerts",
    "/bulletins",
    "/bulletins/new",
    "/bulletins/templates",
    "/recordings",
    "/recordings/new",
    "/schedule",
    "/schedule/ban-tin",
    "/schedule/new",
    "/policy",
    "/users",
    "/users/new",
    "/devices",
    "/devices/kp1-01",
    "/board",
    "/emergency",
    "/silence",
    "/reports",
    "/lexicon",
    "/calendar",
    "/me",
)
EYES = (Path(__file__).parent / "keyboard.js").read_text()


@pytest.mark.parametrize("path", PAGES)
async def test_tab_reaches_everything_and_what_has_the_focus_is_seen(phones: Phones, path: str) -> None:
    roles = {"bulletins": Role.AUTHOR, "users": Role.ADMIN}
    async with phones(roles.get(path.split("/")[1], Role.OPERATOR)) as page:
        await page.goto(path)
        await page.evaluate(EYES)
        many = await page.evaluate("markTheReachable()")
        assert many
        reached: set[str] = set()
        for _ in range(many * 2 + 20):  # a player of sound has several stops of its own
            await page.keyboard.press("Tab")
            on = await page.evaluate("theFocused()")
            if on is None:
                if len(reached) == many:
                    break
                continue
            assert on["seen"], f"behind a bar or off the screen: {on['what']}"
            assert on["ring"] or "<audio" in on["what"], f"no ring: {on['what']}"
            reached.add(on["n"])
        missed = [
            await page.locator(f'[data-n="{n}"]').evaluate("each => each.outerHTML.slice(0, 160)")
            for n in range(many)
            if str(n) not in reached
        ]
        assert not missed


@pytest_asyncio.fixture(loop_scope="session")
async def waiting(phones: Phones, tmp_path: Path) -> AsyncIterator[StoredAudio]:
    """A recording that waits."""
    parts, staff = phones.ward.gateway.parts, phones.ward.staff
    kept = await parts.library.upload(
        write(tmp_path / "ghi.m4a", pcm(babble(3.5))), title="Lời kết", by=staff[Role.OPERATOR]
    )
    yield kept
    if (await parts.library.get(kept.asset)).waits:
        await parts.editorial.return_recording(kept.asset, reason="hết thử", by=staff[Role.APPROVER])


async def on(page: Page) -> str:
    return str(await page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)"))


async def anew(page: Page, kind: str) -> None:
    """Let what hangs on ``kind`` come anew, as when it happened at the gateway."""
    async with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        await page.evaluate("kind => document.body.dispatchEvent(new CustomEvent(`loa:${kind}`))", kind)
    await page.wait_for_timeout(200)


async def test_a_list_that_comes_anew_leaves_the_focus_where_it_was(phones: Phones, waiting: StoredAudio) -> None:
    async with phones(Role.OPERATOR) as page:
        await page.goto("/recordings")
        row = page.get_by_role("link", name="Lời kết")
        await row.focus()
        await row.evaluate("each => { each.dataset.old = '1' }")
        await anew(page, "content")
        assert "data-old" not in await on(page)
        assert asset_sha256(waiting.asset) in await on(page)


async def test_what_is_wrong_has_the_focus_and_a_new_page_its_beginning(phones: Phones, waiting: StoredAudio) -> None:
    async with phones(Role.APPROVER, allow="422") as page:
        await page.goto(f"/recordings/{asset_sha256(waiting.asset)}")
        await page.locator("summary", has_text="Trả lại").focus()
        await page.keyboard.press("Enter")
        await page.get_by_label("Cần sửa gì?").fill("  ")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Ghi lý do để người gửi biết")).to_be_visible()
        await expect(page.get_by_label("Cần sửa gì?")).to_be_focused()
        await page.get_by_label("Cần sửa gì?").fill("Nói to hơn")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Đã trả lại")).to_be_visible()
        await expect(page.locator("#main")).to_be_focused()


async def test_a_new_person_with_a_bad_name_leads_back_to_the_name(phones: Phones) -> None:
    async with phones(Role.ADMIN, allow="422") as page:
        await page.goto("/users/new")
        for label, text in (("Tên đăng nhập", "a"), ("Họ tên", "Người thử"), ("Lý do", "thử bàn phím")):
            await page.get_by_label(label).first.fill(text)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("tên đăng nhập gồm")).to_be_visible()
        await expect(page.get_by_label("Tên đăng nhập")).to_be_focused()
        await expect(page.get_by_label("Họ tên")).to_have_value("Người thử")


async def test_what_is_to_be_heard_before_an_emergency_is_read_from_its_beginning(phones: Phones) -> None:
    async with phones(Role.OPERATOR) as page:
        await page.goto("/emergency/templates/lu")
        fields = (("Nơi ngập", "tổ 4"), ("Phải xong trước giờ", "17:45"), ("Nơi sơ tán", "trường học"))
        for label, text in fields:
            await page.get_by_label(label).fill(text)
        await page.get_by_role("button", name="Nghe trước khi phát").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Nghe", exact=False).first).to_be_visible()
        await expect(page.get_by_text("KHẨN CẤP THẬT")).to_be_visible()
        await page.wait_for_load_state("load")
        # not in the PIN's field: what will sound is read first
        assert await page.evaluate("[document.body, document.getElementById('main')].includes(document.activeElement)")


async def test_a_tap_that_is_taken_back_gives_the_focus_back(phones: Phones) -> None:
    alarms = phones.ward.gateway.parts.alarms
    await alarms.raise_("thu:9", Severity.WARNING, "Cụm loa KP1-01 lạ.", "Strange.")
    try:
        async with phones(Role.TECHNICIAN) as page:
            await page.goto("/alarms")
            close = page.locator(".alarm", has_text="KP1-01 lạ").get_by_role("button", name="Đã xử lý xong")
            await close.focus()
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("button", name="Hoàn tác")).to_be_focused()
            await page.keyboard.press("Enter")
            await expect(close).to_be_focused()
            assert "thu:9" in alarms.standing
    finally:
        await alarms.clear("thu:9")


async def test_a_tap_counts_though_its_part_of_the_page_came_anew_meanwhile(phones: Phones) -> None:
    """The part comes anew by time; the form that waits is then no longer on the page."""
    alarms = phones.ward.gateway.parts.alarms
    await alarms.raise_("thu:9", Severity.WARNING, "Cụm loa KP1-01 lạ.", "Strange.")
    try:
        async with phones(Role.TECHNICIAN) as page:
            await page.goto("/alarms")
            row = page.locator(".alarm", has_text="KP1-01 lạ")
            await row.get_by_role("button", name="Đã xử lý xong").tap()
            await row.evaluate("each => { each.outerHTML = each.outerHTML }")
            await expect(page.get_by_text("Đã đóng cảnh báo")).to_be_visible(timeout=9_000)
            assert "thu:9" not in alarms.standing
    finally:
        await alarms.clear("thu:9")


async def test_a_part_in_which_somebody_types_does_not_come_anew(phones: Phones) -> None:
    async with phones(Role.OPERATOR) as page:
        await page.goto("/recordings")
        await page.locator("#recordings").evaluate(
            "each => { each.innerHTML += '<label for=x>Ghi chú</label><input id=x name=x>' }"
        )
        await page.get_by_label("Ghi chú").fill("đang gõ dở")
        await anew(page, "content")
        await expect(page.get_by_label("Ghi chú")).to_have_value("đang gõ dở")
        await page.get_by_label("Ghi chú").fill("")
        await page.locator("h1").click()
        await anew(page, "content")
        await expect(page.get_by_label("Ghi chú")).to_have_count(0)


LISTEN = """() => { window.told = []; const news = document.getElementById("news");
  new MutationObserver(() => told.push(news.textContent)).observe(news, { childList: true, subtree: true }); }"""


async def test_what_changed_is_told_once_and_what_did_not_is_not_told(phones: Phones) -> None:
    silence, operator = phones.ward.gateway.parts.silence, phones.ward.staff[Role.OPERATOR]
    await silence.engage(by=operator, reason="thử")
    await phones.ward.until(lambda: len(silence.report().agree) == 3, "not everybody is silent")
    try:
        async with phones(Role.TECHNICIAN) as page:
            await page.goto("/silence")
            await page.evaluate(LISTEN)
            await page.wait_for_timeout(2_500)  # it asks every two seconds
            assert await page.evaluate("() => told") == []
            await silence.rearm(by=operator, reason="hết thử")
            await page.wait_for_function("() => told.length > 0")
            await page.wait_for_timeout(2_500)
            assert await page.evaluate("() => told") == ["Phường đang phát bình thường."]
    finally:
        await phones.ward.open_again()
