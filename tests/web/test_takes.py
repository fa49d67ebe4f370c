"""Recordings made without a network: kept on the phone, seen, sent once when there is one, or deleted."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, Route, expect

from devices.model import asset_id
from gateway.domain.bulletin import Bulletin, Content
from gateway.domain.people import Role
from gateway.ports.records import AuditQuery, StoredAudio
from tests.onair import office
from tests.web.phone import Phones, axe, fits
from tests.web.test_bulletin_pages import a_hum

LOST = r"ERR_INTERNET|ERR_FAILED|htmx:|Failed to fetch|Failed to load resource"
KEPT = """() => new Promise((ok) => { const asked = indexedDB.open("loa-takes"); asked.onsuccess = () => {
  const base = asked.result; const all = base.transaction("takes").objectStore("takes").getAll();
  all.onsuccess = () => { base.close(); ok(all.result.map((each) => each.state)); }; }; })"""


@pytest_asyncio.fixture(loop_scope="session")
async def draft(phones: Phones) -> AsyncIterator[Bulletin]:
    """One to read out; withdrawn afterwards."""
    editorial, author = phones.ward.gateway.parts.editorial, phones.ward.staff[Role.AUTHOR]
    content = Content(title="Phun thuốc muỗi", category=office.GENERAL, text="Sáng thứ bảy phun thuốc diệt muỗi.")
    made = await editorial.create(content, by=author)
    yield made
    await editorial.withdraw(made.id, reason="hết thử", by=author)


async def recorded(phones: Phones, bulletin: Bulletin) -> int:
    """Count how often a reading of it was taken in."""
    lines = await phones.ward.gateway.store.audit.find(AuditQuery(kind="bulletin.record"))
    return len([line for line in lines if line.note.subject == bulletin.id])


async def kept_are(page: Page, *states: str) -> None:
    """Wait until the phone keeps takes in these states."""
    await page.wait_for_function(f"async (states) => JSON.stringify(await ({KEPT})()) === states", arg=_json(states))


def _json(states: tuple[str, ...]) -> str:
    return json.dumps(states, separators=(",", ":"))


async def read_out(page: Page, seconds: int = 2) -> None:
    await page.get_by_role("button", name=re.compile("Bắt đầu ghi|Ghi lại")).tap()
    await expect(page.get_by_text(f"Đang ghi 0:0{seconds}")).to_be_visible()
    await page.get_by_role("button", name="Dừng ghi").tap()
    await expect(page.get_by_role("button", name="Dừng ghi")).to_be_hidden()
    await expect(page.get_by_text("Nghe lại, rồi bấm")).to_be_visible()


async def working(page: Page) -> None:
    await page.goto("/")
    await page.wait_for_function("() => navigator.serviceWorker.controller?.state === 'activated'")
    await page.wait_for_function("async () => Boolean(await caches.match('/offline/today'))")


async def test_a_reading_without_a_network_outlives_the_page_and_is_sent_once(phones: Phones, draft: Bulletin) -> None:
    async with phones(Role.AUTHOR, allow=LOST) as page:
        await working(page)
        await page.goto(f"/bulletins/{draft.id}/record")
        await page.context.set_offline(offline=True)
        await read_out(page)
        await page.get_by_role("button", name="Dùng bản ghi này").tap()
        await expect(page.locator("[data-take-note]")).to_contain_text("Đã giữ trên điện thoại này, tự gửi khi có mạng")
        await expect(page.get_by_text("Chưa gửi: chờ mạng")).to_be_visible()
        await phones.shot(page, "take-queued", whole=True)
        await axe(page)
        await fits(page)
        another = await page.context.new_page()
        await page.close()
        await another.goto("/bulletins")  # the copy on the phone
        await expect(another.get_by_role("heading", name="Chương trình hôm nay")).to_be_visible()
        await expect(another.get_by_text("Phun thuốc muỗi")).to_be_visible()
        await expect(another.get_by_text("Chưa gửi: chờ mạng")).to_be_visible()
        await phones.shot(another, "take-offline-home", whole=True)
        await axe(another)
        await fits(another)
        assert await recorded(phones, draft) == 0
        await another.context.set_offline(offline=False)
        await another.goto("/more")
        await expect(another.get_by_text("Đã gửi ghi âm còn chờ.")).to_be_visible(timeout=20_000)
        await expect(another.get_by_text("ghi âm chưa gửi")).to_be_hidden()
        await kept_are(another)
        await another.goto("/recordings")
        await expect(another.get_by_role("heading", name="Ghi âm chưa gửi")).to_be_hidden()
    assert await recorded(phones, draft) == 1
    found = await phones.ward.gateway.parts.editorial.get(draft.id)
    assert found.audio is not None
    assert found.audio.recorded


async def test_what_came_though_the_answer_was_lost_is_not_taken_in_twice(phones: Phones, draft: Bulletin) -> None:
    lost = 1

    async def serve(route: Route) -> None:
        nonlocal lost
        if route.request.method == "POST" and lost:
            lost -= 1
            await route.fetch(max_redirects=0, timeout=20_000)  # it came; nobody hears so
            await route.abort("internetdisconnected")
        else:
            await route.continue_()

    async with phones(Role.AUTHOR, allow=LOST, workers=False) as page:
        await page.route("**/record", serve)
        await page.goto(f"/bulletins/{draft.id}/record")
        await read_out(page)
        await page.get_by_role("button", name="Dùng bản ghi này").tap()
        await expect(page.locator("[data-take-note]")).to_contain_text("tự gửi khi có mạng", timeout=20_000)
        assert await recorded(phones, draft) == 1
        await page.locator("[data-takes] [data-send]").tap()
        await expect(page.get_by_text("Đã gửi ghi âm còn chờ.")).to_be_visible(timeout=20_000)
        await kept_are(page)
    assert await recorded(phones, draft) == 1


async def test_a_page_closed_in_the_middle_of_recording_loses_nothing_and_sends_nothing(
    phones: Phones, draft: Bulletin
) -> None:
    async with phones(Role.AUTHOR) as page:
        await page.goto(f"/bulletins/{draft.id}/record")
        await page.get_by_role("button", name="Bắt đầu ghi").tap()
        await expect(page.get_by_text("Đang ghi 0:04")).to_be_visible()
        again = await page.context.new_page()
        await page.close()
        await again.goto(f"/bulletins/{draft.id}/record")
        await expect(again.get_by_text("Đã lấy lại bản ghi chưa gửi")).to_be_visible()
        await expect(again.get_by_text("Chưa gửi: chưa bấm gửi")).to_be_visible()
        await expect(again.locator("audio[data-take]")).to_be_visible()
        await phones.shot(again, "take-back", whole=True)
        assert await recorded(phones, draft) == 0
        await again.get_by_role("button", name="Dùng bản ghi này").tap()
        await expect(again.get_by_text("Đã gắn bản ghi âm của bạn")).to_be_visible(timeout=20_000)
        await kept_are(again)
    assert await recorded(phones, draft) == 1


async def test_one_that_nobody_wants_is_deleted_after_saying_what_is_lost(phones: Phones, draft: Bulletin) -> None:
    async with phones(Role.AUTHOR) as page:
        await page.goto(f"/bulletins/{draft.id}/record")
        await read_out(page)
        await read_out(page)  # again: the first one goes
        await expect(page.locator("#takes-banner")).to_be_hidden()  # it stands in the form
        await kept_are(page, "kept")
        await page.goto("/")
        await expect(page.get_by_role("link", name="Còn 1 ghi âm chưa gửi")).to_be_visible()
        await phones.shot(page, "take-banner")
        await page.get_by_role("link", name="Còn 1 ghi âm chưa gửi").tap()
        await expect(page.get_by_role("link", name="Mở trang để nghe và gửi")).to_have_attribute(
            "href", f"/bulletins/{draft.id}/record"
        )
        await page.locator("summary", has_text="Xóa…").tap()
        await expect(page.get_by_text("Xóa là mất hẳn")).to_be_visible()
        await phones.shot(page, "take-delete", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Xóa hẳn ghi âm này").tap()
        await expect(page.get_by_role("heading", name="Ghi âm chưa gửi")).to_be_hidden()
        await kept_are(page)
        await page.reload()
        await expect(page.locator("#takes-banner")).to_be_hidden()
    assert await recorded(phones, draft) == 0


async def test_what_is_refused_stays_and_says_why(phones: Phones, draft: Bulletin) -> None:
    editorial = phones.ward.gateway.parts.editorial
    async with phones(Role.AUTHOR, allow=f"{LOST}|409") as page:
        await page.goto(f"/bulletins/{draft.id}/record")
        await page.context.set_offline(offline=True)
        await read_out(page)
        await page.get_by_role("button", name="Dùng bản ghi này").tap()
        await expect(page.get_by_text("Chưa gửi: chờ mạng")).to_be_visible()
        content = Content(title="Phun thuốc muỗi", category=office.GENERAL, text="Hoãn sang chủ nhật.")
        await editorial.edit(draft.id, content, was_revision=draft.revision, by=phones.ward.staff[Role.AUTHOR])
        await page.context.set_offline(offline=False)
        await expect(page.get_by_text("Không gửi được")).to_be_visible()
        await expect(page.locator("[data-why]")).to_have_text(
            "Không dùng được tệp này. Lời bản tin đã đổi sau khi bạn ghi âm. Đọc lại lời mới rồi ghi lại"
        )
        await phones.shot(page, "take-refused", whole=True)
        await kept_are(page, "refused")
    assert await recorded(phones, draft) == 0


async def test_a_phone_keeps_so_much_and_says_when_it_cannot(phones: Phones, draft: Bulletin, tmp_path: Path) -> None:
    large = tmp_path / "rat-dai.wav"
    with large.open("wb") as file:
        file.truncate(60_000_001)
    async with phones(Role.AUTHOR, allow=LOST) as page:
        await page.goto(f"/bulletins/{draft.id}/record")
        await page.context.set_offline(offline=True)
        await page.get_by_label("Hoặc chọn tệp ghi âm").set_input_files(large)
        await page.get_by_role("button", name="Dùng bản ghi này").tap()
        await expect(page.locator("[data-take-note]")).to_contain_text("Điện thoại hết chỗ giữ ghi âm")
        await kept_are(page)
        await page.get_by_label("Hoặc chọn tệp ghi âm").set_input_files(a_hum(tmp_path / "giong.wav"))
        await page.get_by_role("button", name="Dùng bản ghi này").tap()
        await expect(page.locator("[data-take-note]")).to_contain_text("Đã giữ trên điện thoại này")
        await kept_are(page, "queued")
        await page.context.set_offline(offline=False)
        await expect(page.get_by_text("Đã gửi ghi âm còn chờ.")).to_be_visible(timeout=20_000)
    assert await recorded(phones, draft) == 1


async def test_a_greeting_is_recorded_and_sent_in_from_its_own_page(phones: Phones) -> None:
    library, editorial = phones.ward.gateway.parts.library, phones.ward.gateway.parts.editorial
    async with phones(Role.OPERATOR, allow="422") as page:
        await page.goto("/recordings")
        await page.get_by_role("link", name="Gửi ghi âm").tap()
        await read_out(page, seconds=3)
        await page.get_by_label("Tên ghi âm").fill("Bài đọc buổi chiều")
        await page.locator("summary", has_text="Nhạc, bản quyền").tap()
        await phones.shot(page, "recording-new", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Gửi ghi âm này").tap()
        await expect(page.get_by_text("Ghi âm chờ người khác duyệt")).to_be_visible(timeout=20_000)
        sha = page.url.rsplit("/", 1)[-1]
        await phones.shot(page, "recording-sent", whole=True)
    sound: StoredAudio = await library.get(asset_id(sha))
    assert (sound.title, sound.waits) == ("Bài đọc buổi chiều", True)
    await editorial.approve_recording(sound.asset, by=phones.ward.staff[Role.APPROVER])
    async with phones(Role.APPROVER) as page:
        await page.goto(f"/recordings/{sha}")
        await page.locator("summary", has_text="Thu hồi ghi âm").tap()
        await page.get_by_label("Vì sao thu hồi?").fill("Đọc sai giờ")
        await phones.shot(page, "recording-withdraw", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Thu hồi ngay").tap()
        await page.get_by_role("button", name="Hoàn tác").tap()
        await page.wait_for_timeout(300)
        assert (await library.get(sound.asset)).release is not None
        await page.get_by_role("button", name="Thu hồi ngay").tap()
        await expect(page.get_by_text("Đã thu hồi “Bài đọc buổi chiều”")).to_be_visible(timeout=9_000)
    assert (await library.get(sound.asset)).release is None


async def test_who_signs_out_is_told_what_is_lost_and_leaves_nothing_on_the_phone(
    phones: Phones, draft: Bulletin
) -> None:
    _, password = await phones.ward.hire("ghi-am", "Người ghi âm", Role.AUTHOR)
    async with phones() as page:
        await page.goto(f"/sign-in?next=/bulletins/{draft.id}/record")
        await page.get_by_label("Tên đăng nhập").fill("ghi-am")
        await page.get_by_label("Mật khẩu").fill(password)
        await page.get_by_role("button", name="Đăng nhập").tap()
        await read_out(page)
        await page.goto("/bulletins/new")
        await page.get_by_role("textbox", name="Nội dung").fill("Chuyện riêng của tôi.")
        await expect(page.locator(".draft-note")).to_have_text("Đã giữ trên điện thoại này.")
        await page.evaluate("() => localStorage.setItem('loa.draft.nguoi-khac.x', '1')")
        await page.goto("/more")
        await page.wait_for_function("async () => Boolean(await caches.match('/offline/today'))")
        await page.get_by_role("button", name="Đăng xuất").tap()
        await expect(page.get_by_role("dialog")).to_contain_text("còn 2 việc chưa gửi")
        await phones.shot(page, "leave")
        await axe(page)
        await page.get_by_role("button", name="Ở lại để gửi").tap()
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await kept_are(page, "kept")
        await page.get_by_role("button", name="Đăng xuất").tap()
        await page.get_by_role("button", name="Xóa và đăng xuất").tap()
        await expect(page.get_by_text("Bạn đã đăng xuất")).to_be_visible()
        await kept_are(page)
        assert await page.evaluate("() => Object.keys(localStorage)") == ["loa.draft.nguoi-khac.x"]
        assert await page.evaluate("() => caches.has('today')") is False
        kept = await page.evaluate(
            "async () => (await Promise.all((await caches.keys()).map(async (name) => "
            "(await (await caches.open(name)).keys()).map((each) => new URL(each.url).pathname)))).flat()"
        )
        assert kept
        assert all(path.startswith("/static/") for path in kept), kept
        await page.go_back()
        await expect(page.get_by_label("Mật khẩu")).to_be_visible()  # not what was seen before


async def test_the_copy_of_today_that_comes_after_somebody_left_is_not_kept(phones: Phones) -> None:
    async with phones(Role.AUTHOR) as page:
        await working(page)
        await page.goto("/more")
        await page.evaluate(
            "async () => { const { active } = await navigator.serviceWorker.ready;"
            " active.postMessage('keep-today'); active.postMessage('forget'); }"
        )
        await page.wait_for_timeout(1_500)  # the answer to the first comes after the second
        assert await page.evaluate("() => caches.has('today')") is False
        await page.evaluate("async () => (await navigator.serviceWorker.ready).active.postMessage('keep-today')")
        await page.wait_for_function("async () => Boolean(await caches.match('/offline/today'))")


async def test_a_browser_that_does_not_list_its_stores_forgets_recordings_too(phones: Phones, draft: Bulletin) -> None:
    _, password = await phones.ward.hire("ghi-am-cu", "Người có máy cũ", Role.AUTHOR)
    async with phones() as page:
        await page.add_init_script("delete IDBFactory.prototype.databases")
        for waits in (False, True):
            await page.goto(f"/sign-in?next=/bulletins/{draft.id}/record")
            await page.get_by_label("Tên đăng nhập").fill("ghi-am-cu")
            await page.get_by_label("Mật khẩu").fill(password)
            await page.get_by_role("button", name="Đăng nhập").tap()
            await expect(page.get_by_role("button", name="Bắt đầu ghi")).to_be_visible()
            if waits:
                await read_out(page)
            await page.goto("/more")
            await page.get_by_role("button", name="Đăng xuất").tap()
            if waits:
                await expect(page.get_by_role("dialog")).to_contain_text("còn 1 việc chưa gửi")
                await page.get_by_role("button", name="Xóa và đăng xuất").tap()
            await expect(page.get_by_text("Bạn đã đăng xuất")).to_be_visible()
        await kept_are(page)


async def test_what_is_being_recorded_in_one_tab_is_no_take_of_another(phones: Phones, draft: Bulletin) -> None:
    async with phones(Role.AUTHOR) as page:
        await page.goto(f"/bulletins/{draft.id}/record")
        await page.get_by_role("button", name="Bắt đầu ghi").tap()
        await expect(page.get_by_text("Đang ghi 0:03")).to_be_visible()
        another = await page.context.new_page()
        await another.goto(f"/bulletins/{draft.id}/record")
        await expect(another.get_by_role("button", name="Bắt đầu ghi")).to_be_visible()
        await another.wait_for_timeout(500)
        await expect(another.locator("audio[data-take]")).to_be_hidden()
        await expect(another.locator("[data-takes]")).to_be_hidden()
        await page.bring_to_front()
        await page.get_by_role("button", name="Dừng ghi").tap()
        await expect(page.get_by_text("Nghe lại, rồi bấm")).to_be_visible()
        await another.reload()
        await expect(another.get_by_text("Đã lấy lại bản ghi chưa gửi")).to_be_visible()
        await page.get_by_role("button", name="Dùng bản ghi này").tap()
        await expect(page.get_by_text("Đã gắn bản ghi âm của bạn")).to_be_visible(timeout=20_000)
        await kept_are(page)
