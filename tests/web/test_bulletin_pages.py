"""The rest of the operator's day: papers, templates, a recording, quiet hours and clashes, zones on the map, drafts."""

import math
import re
import struct
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, Route, expect

from gateway.domain.bulletin import Bulletin, Content, State
from gateway.domain.ids import BulletinId
from gateway.domain.people import Role
from gateway.ports.records import User
from gateway.services.sessions import SignIn
from gateway.web.auth import SESSION_COOKIE
from tests.onair import office
from tests.web.phone import Phones, axe, fits

LETTER = Path(__file__).parent / "cong-van.txt"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def officer(phones: Phones) -> tuple[User, str]:
    """Somebody who both writes and schedules, and a session of theirs."""
    user, password = await phones.ward.hire("vanhoa", "Công chức văn hóa", Role.AUTHOR, Role.OPERATOR)
    signed_in = await phones.ward.gateway.people.sessions.sign_in(
        SignIn(name="vanhoa", password=password, address="127.0.0.1")
    )
    return user, signed_in.token


@pytest_asyncio.fixture(loop_scope="session")
async def draft(phones: Phones, officer: tuple[User, str]) -> AsyncIterator[Bulletin]:
    """A draft of theirs; gone afterwards, its airtime too."""
    parts = phones.ward.gateway.parts
    made = await parts.editorial.create(
        Content(title="Tiêm vắc xin", category=office.GENERAL, text=office.SHORT), by=officer[0]
    )
    yield made
    await tidy(phones, made.id)


async def tidy(phones: Phones, name: BulletinId) -> None:
    parts, staff = phones.ward.gateway.parts, phones.ward.staff
    for each in await parts.programming.schedules():
        if each.id == f"lich-{name}":
            await parts.programming.delete_schedule(each.id, by=staff[Role.OPERATOR])
    if (await parts.editorial.get(name)).state is not State.WITHDRAWN:
        await parts.editorial.withdraw(name, reason="hết thử", by=staff[Role.APPROVER])


async def enter(page: Page, phones: Phones, officer: tuple[User, str], path: str) -> None:
    await page.context.add_cookies([{"name": SESSION_COOKIE, "value": officer[1], "url": phones.ward.url}])
    await page.goto(path)


def name_in(page: Page) -> BulletinId:
    found = re.search(r"/bulletins/(bt-\w+)", page.url)
    assert found, page.url
    return BulletinId(found[1])


async def test_an_official_letter_loses_its_letterhead_and_a_part_can_be_put_back(
    phones: Phones, officer: tuple[User, str]
) -> None:
    async with phones() as page:
        await enter(page, phones, officer, "/bulletins/new")
        await page.get_by_label("Tệp văn bản").set_input_files(LETTER)
        await page.get_by_role("button", name="Lấy nội dung từ tệp").tap()
        await expect(page.get_by_text("Đã lấy nội dung")).to_be_visible()
        text = page.get_by_role("textbox", name="Nội dung")
        assert "tổng vệ sinh" in await text.input_value()
        assert "Nơi nhận" not in await text.input_value()
        await page.get_by_text(re.compile(r"Đã bỏ \d+ phần")).tap()
        await phones.shot(page, "bulletin-paper", whole=True)
        await axe(page)
        await fits(page)
        back = page.locator(".removed li", has_text="nơi gửi, nơi nhận").first
        piece = (await back.locator(".removed-text").inner_text()).strip().splitlines()[0]
        await back.get_by_role("button", name="Đưa lại").tap()
        assert piece in await text.input_value()


async def test_a_pasted_letter_is_cleaned_by_one_button_and_its_url_stays_a_form(
    phones: Phones, officer: tuple[User, str]
) -> None:
    async with phones() as page:
        await enter(page, phones, officer, "/bulletins/new")
        text = page.get_by_role("textbox", name="Nội dung")
        await text.fill(LETTER.read_text("utf-8"))
        await page.get_by_role("button", name="Bỏ đầu thư, chữ ký").tap()
        await expect(page.get_by_text("Đã lấy nội dung")).to_be_visible()
        assert (await text.input_value()).startswith("Ủy ban nhân dân phường phát động")
        assert page.url.endswith("/bulletins/new")
        await page.get_by_role("button", name="Tiếp tục: nghe thử").tap()
        await expect(page.get_by_role("heading", name="Nghe thử")).to_be_visible()
        name = name_in(page)
    made = await phones.ward.gateway.parts.editorial.get(name)
    assert made.title == "Thông báo tổng vệ sinh môi trường"
    await tidy(phones, name)


async def test_a_template_is_filled_in_by_its_blanks_and_becomes_a_draft_that_can_be_heard(
    phones: Phones, officer: tuple[User, str]
) -> None:
    async with phones(allow="422") as page:
        await enter(page, phones, officer, "/bulletins/templates")
        await phones.shot(page, "bulletin-templates", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("link", name="Cắt điện").tap()
        await expect(page.locator(".say")).to_contain_text("[Khu vực cắt điện]")
        await page.get_by_label("Khu vực cắt điện").fill("toàn phường")
        await page.get_by_label("Từ giờ").fill("07:00")
        await page.get_by_label("Đến giờ").fill("11:30")
        await page.get_by_label("Ngày").fill("2026-10-01")  # last week
        await page.get_by_role("button", name="Điền vào bản tin").tap()
        await expect(page.get_by_text("đã qua hoặc quá xa")).to_be_visible()
        await expect(page.get_by_label("Khu vực cắt điện")).to_have_value("toàn phường")
        await phones.shot(page, "bulletin-blanks", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_label("Ngày").fill("2026-10-10")
        await page.get_by_role("button", name="Điền vào bản tin").tap()
        text = page.get_by_role("textbox", name="Nội dung")
        await expect(text).to_have_value(
            re.compile("toàn phường, từ 7 giờ đến 11 giờ 30 phút, thứ bảy ngày 10 tháng 10")
        )
        assert "Lý do" not in await text.input_value()  # nobody filled it in
        await page.get_by_role("button", name="Tiếp tục: nghe thử").tap()
        await expect(page.get_by_role("heading", name="Nghe thử")).to_be_visible()
        name = name_in(page)
    made = await phones.ward.gateway.parts.editorial.get(name)
    assert made.title == "Cắt điện"
    await tidy(phones, name)


async def test_a_blank_in_brackets_that_came_with_a_text_is_not_heard(
    phones: Phones, officer: tuple[User, str]
) -> None:
    async with phones(allow="422") as page:
        await enter(page, phones, officer, "/bulletins/new")
        await page.get_by_role("textbox", name="Nội dung").fill("Mời bà con họp lúc [giờ] tại nhà văn hóa.")
        await page.get_by_role("button", name="Tiếp tục: nghe thử").tap()
        await expect(page.get_by_text("Còn chỗ chưa điền: [giờ]")).to_be_visible()
        await axe(page)


async def test_an_emergency_template_is_no_bulletin(phones: Phones, officer: tuple[User, str]) -> None:
    async with phones(allow="404") as page:
        await enter(page, phones, officer, "/bulletins/templates/bao")
        await expect(page.get_by_text("Không có mẫu bản tin “bao”")).to_be_visible()


async def test_quiet_hours_are_refused_in_plain_words_before_saving_and_a_free_hour_is_one_tap_away(
    phones: Phones, officer: tuple[User, str], draft: Bulletin
) -> None:
    async with phones() as page:
        await enter(page, phones, officer, f"/bulletins/{draft.id}/air")
        await expect(page.locator("#verdict-line")).to_contain_text("phát được")
        await page.get_by_text("Giờ khác").tap()
        await page.get_by_label("Ngày", exact=True).fill("2026-10-10")
        await page.get_by_label("Giờ", exact=True).fill("03:15")
        await page.get_by_label("Giờ", exact=True).blur()
        await expect(page.get_by_text("Quy chế không cho phát giờ này")).to_be_visible()
        await expect(page.get_by_text("ngoài khung giờ được phát").first).to_be_visible()
        await page.get_by_text("Quy chế không cho phát giờ này").scroll_into_view_if_needed()
        await phones.shot(page, "air-refused")
        await axe(page)
        await fits(page)
        await page.get_by_label("Giờ", exact=True).fill("05:30")
        await page.get_by_label("Giờ", exact=True).blur()
        await expect(page.locator("#verdict .note").get_by_text("Trùng giờ", exact=True)).to_be_visible()
        await phones.shot(page, "air-clash", whole=True)
        assert not [each for each in await phones.ward.gateway.parts.programming.schedules() if draft.id in each.id]
        await page.get_by_role("button", name="Chọn 05:31 thứ Bảy").tap()
        await expect(page.get_by_text("Không trùng giờ, đúng quy chế")).to_be_visible()


async def test_zones_are_chosen_on_the_map_or_the_list_and_only_they_will_hear_it(
    phones: Phones, officer: tuple[User, str], draft: Bulletin
) -> None:
    async with phones() as page:
        await enter(page, phones, officer, f"/bulletins/{draft.id}/air")
        await page.get_by_text("Chọn khu phố, cụm loa").tap()
        await expect(page.get_by_text("chưa chọn vùng phát")).to_be_visible()
        await page.locator("[data-map] [data-zone='kp2'] polygon").tap()
        await expect(page.get_by_role("checkbox", name="Khu phố 2")).to_be_checked()
        await expect(page.get_by_text("1 cụm loa sẽ phát")).to_be_visible()
        await page.locator("[data-map]").scroll_into_view_if_needed()
        await phones.shot(page, "air-zones", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Gửi duyệt").tap()
        await expect(page.get_by_text("Đã gửi duyệt")).to_be_visible()
        await expect(page.locator(".rows").get_by_text("hôm nay").first).to_be_visible()
    kept = await phones.ward.gateway.parts.programming.schedules()
    (mine,) = [each for each in kept if each.id == f"lich-{draft.id}"]
    assert (mine.targets.everywhere, set(mine.targets.zones)) == (False, {"kp2"})


async def test_a_word_is_taught_once_and_read_so_from_then_on(
    phones: Phones, officer: tuple[User, str], draft: Bulletin
) -> None:
    editorial = phones.ward.gateway.parts.editorial
    content = Content(title="Học bơi", category=office.GENERAL, text="Trung tâm QWZ mở lớp học bơi.")
    await editorial.edit(draft.id, content, was_revision=draft.revision, by=officer[0])
    async with phones(allow="422") as page:
        await enter(page, phones, officer, f"/bulletins/{draft.id}/listen")
        await page.get_by_label("Đọc là").fill("9 chấm")
        await page.get_by_role("button", name="Thêm vào từ điển").tap()
        await expect(page.locator(".doubt .wrong")).to_be_visible()
        await page.get_by_label("Đọc là").fill("quê vê dét")
        await page.get_by_role("button", name="Thêm vào từ điển").tap()
        await expect(page.get_by_text("dùng cho mọi bản tin")).to_be_visible()
        await expect(page.locator("#lines .spoken").get_by_text("quê vê dét")).to_be_visible()
        await expect(page.get_by_text("Không còn chỗ nào chưa rõ")).to_be_visible()


async def test_a_voice_is_recorded_on_the_phone_and_used(
    phones: Phones, officer: tuple[User, str], draft: Bulletin
) -> None:
    async with phones() as page:
        await enter(page, phones, officer, f"/bulletins/{draft.id}/record")
        await phones.shot(page, "record", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Bắt đầu ghi").tap()
        await expect(page.get_by_text("Đang ghi 0:02")).to_be_visible()
        await phones.shot(page, "record-on")
        await page.get_by_role("button", name="Dừng ghi").tap()
        await expect(page.get_by_text("Nghe lại, rồi bấm")).to_be_visible()
        await phones.shot(page, "record-done", whole=True)
        await page.get_by_role("button", name="Dùng bản ghi này").tap()
        await expect(page.get_by_text("Đã gắn bản ghi âm của bạn")).to_be_visible(timeout=20_000)
    found = await phones.ward.gateway.parts.editorial.get(draft.id)
    assert found.audio is not None
    assert found.audio.recorded


async def test_without_scripts_a_recording_is_a_file_and_the_path_is_whole(
    phones: Phones, officer: tuple[User, str], draft: Bulletin, tmp_path: Path
) -> None:
    async with phones(scripts=False) as page:
        await enter(page, phones, officer, f"/bulletins/{draft.id}/record")
        await page.get_by_label("Hoặc chọn tệp ghi âm").set_input_files(a_hum(tmp_path / "giong.wav"))
        await page.get_by_role("button", name="Dùng bản ghi này").tap()
        await expect(page.get_by_text("Đã gắn bản ghi âm của bạn")).to_be_visible(timeout=20_000)
        await page.get_by_role("button", name="Gửi duyệt").tap()
        await expect(page.get_by_text("Đã gửi duyệt")).to_be_visible()
    found = await phones.ward.gateway.parts.editorial.get(draft.id)
    assert found.state is State.SUBMITTED


def a_hum(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        tones = (int(9_000 * math.sin(n / 9) * math.sin(n / 900)) for n in range(48_000))
        file.writeframes(b"".join(struct.pack("<h", each) for each in tones))
    return path


async def test_what_is_written_without_a_network_becomes_one_bulletin_when_there_is_one(
    phones: Phones, officer: tuple[User, str]
) -> None:
    up = True
    editorial = phones.ward.gateway.parts.editorial

    async def serve(route: Route) -> None:
        await (route.continue_() if up else route.abort("internetdisconnected"))

    async with phones(allow=r"ERR_INTERNET|htmx:|Failed to fetch", workers=False) as page:
        await page.route("**/bulletins/new", serve)
        await enter(page, phones, officer, "/bulletins/new")
        await page.get_by_role("textbox", name="Nội dung").fill("Bão số 6 vào đêm nay, bà con chằng chống nhà cửa.")
        await expect(page.locator(".draft-note")).to_have_text("Đã giữ trên điện thoại này.")
        up = False
        await page.context.set_offline(offline=True)
        await page.get_by_role("button", name="Tiếp tục: nghe thử").tap()
        await expect(page.locator(".draft-note")).to_contain_text("sẽ tự gửi khi có mạng")
        await phones.shot(page, "bulletin-queued")
        before = len(await editorial.all())
        up = True
        await page.context.set_offline(offline=False)
        await expect(page.get_by_text("Đã gửi việc còn chờ")).to_be_visible()
    found = await editorial.all()
    assert len(found) == before + 1
    assert [each.state for each in found if "Bão số 6" in each.title] == [State.DRAFT]
    for each in found:
        if "Bão số 6" in each.title:
            await tidy(phones, each.id)


async def test_somebody_elses_change_meanwhile_is_shown_and_not_overwritten(
    phones: Phones, officer: tuple[User, str], draft: Bulletin
) -> None:
    editorial = phones.ward.gateway.parts.editorial
    async with phones(allow="409") as page:
        await enter(page, phones, officer, f"/bulletins/{draft.id}/edit")
        theirs = Content(title="Tiêm vắc xin", category=office.GENERAL, text="Bản của người khác.")
        await editorial.edit(draft.id, theirs, was_revision=draft.revision, by=phones.ward.staff[Role.AUTHOR])
        await page.get_by_role("textbox", name="Nội dung").fill("Bản của tôi.")
        await page.get_by_role("button", name="Tiếp tục: nghe thử").tap()
        await expect(page.get_by_text("Người khác vừa sửa bản tin này")).to_be_visible()
        await expect(page.get_by_text("Bản của người khác.")).to_be_visible()
        await expect(page.get_by_role("textbox", name="Nội dung")).to_have_value("Bản của tôi.")
        await phones.shot(page, "bulletin-theirs", whole=True)
        assert (await editorial.get(draft.id)).content.text == "Bản của người khác."
        await page.get_by_role("button", name="Tiếp tục: nghe thử").tap()
        await expect(page.get_by_role("heading", name="Nghe thử")).to_be_visible()
    assert (await editorial.get(draft.id)).content.text == "Bản của tôi."


async def test_the_list_is_filtered_and_a_bulletin_is_withdrawn_with_a_reason(
    phones: Phones, officer: tuple[User, str], draft: Bulletin
) -> None:
    async with phones() as page:
        await enter(page, phones, officer, "/bulletins")
        await phones.shot(page, "bulletins", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("link", name=re.compile(r"^Nháp")).tap()
        await page.get_by_role("link", name="Tiêm vắc xin").first.tap()
        await page.locator("summary", has_text="Thu hồi bản tin").tap()
        await page.get_by_label("Vì sao thu hồi?").fill("Đổi ngày tiêm")
        await page.get_by_role("button", name="Thu hồi ngay").tap()
        await expect(page.get_by_text("Đã thu hồi “Tiêm vắc xin”")).to_be_visible(timeout=9_000)
        await phones.shot(page, "bulletin-withdrawn", whole=True)
        await axe(page)
    assert (await phones.ward.gateway.parts.editorial.get(draft.id)).state is State.WITHDRAWN
