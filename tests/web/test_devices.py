"""Loa và camera in a technician's hand: found, understood, tested, repaired; also two hundred of them."""

import io
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, FilePayload, expect

from devices.model import ClusterId
from gateway.domain.device import CameraId
from gateway.domain.people import Role
from tests.onair.held import Held
from tests.web.phone import Phones, axe, fits
from tests.web.yard import DEAD, LOCKED, WELL, crowd, open_yard

CLUSTER = ClusterId("kp1-01")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def yard(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Phones]:
    """A ward of its own, with phones for it."""
    held = Held(open_yard(tmp_path_factory.mktemp("yard")))
    ward = await held.opened()
    yield Phones(browser, ward)
    await held.close()


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (120, 150, 130)).save(out, "JPEG")
    return out.getvalue()


async def test_everything_on_the_poles_is_in_one_list_and_what_needs_a_hand_comes_first(yard: Phones) -> None:
    async with yard(Role.TECHNICIAN) as page:
        await page.goto("/")
        await page.get_by_role("link", name="Loa & camera").tap()
        await expect(page.get_by_role("heading", name="Loa và camera")).to_be_visible()
        rows = page.locator("#now .row")
        await expect(rows).to_have_count(7)
        await expect(rows.first).to_contain_text("Mất kết nối")
        await expect(page.locator(".state.is-online")).to_contain_text("6")
        await yard.shot(page, "devices", whole=True)
        await axe(page)
        await fits(page)
        await page.locator(".state.is-repair").tap()
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text(LOCKED)
        await page.get_by_label("Tìm theo tên, mã hoặc số máy").fill("kp2")
        await page.get_by_role("button", name="Tìm").tap()
        await expect(page.get_by_text("Không có thiết bị nào như vậy")).to_be_visible()
        await page.locator(".state.is-all").tap()
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("Cụm loa kp2-01")


async def test_a_loudspeaker_tells_how_it_is_with_thirty_days_of_charts_and_is_heard_in_one_tap(yard: Phones) -> None:
    async with yard(Role.TECHNICIAN) as page:
        await page.goto(f"/devices/{CLUSTER}")
        await expect(page.get_by_role("heading", name="Cụm loa kp1-01")).to_be_visible()
        await expect(page.locator(".chart svg")).to_have_count(5)
        await expect(page.get_by_text("Khởi động lại 1 lần")).to_be_visible()
        await page.get_by_text("Xem bằng bảng số").tap()
        await expect(page.locator(".cells tbody tr")).to_have_count(30, timeout=2_000)
        await yard.shot(page, "device-loudspeaker", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Phát âm thử").tap()
        await expect(page.get_by_text("Đã ra lệnh phát âm thử")).to_be_visible()
        await expect(page.locator("#orders .row").first).to_contain_text("Đã xong", timeout=15_000)
        await yard.shot(page, "device-tone")


async def test_in_repair_mode_nothing_is_offered_but_a_test_tone_and_it_can_be_taken_back(yard: Phones) -> None:
    workshop = yard.ward.gateway.parts.workshop
    async with yard(Role.TECHNICIAN) as page:
        await page.goto(f"/devices/{CLUSTER}")
        await page.get_by_text("Vào chế độ sửa chữa").tap()
        await page.get_by_label("Sửa gì?").fill("Thay amply")
        await page.get_by_role("button", name="Bắt đầu sửa").tap()
        await expect(page.get_by_text("Đang ở chế độ sửa chữa")).to_be_visible()
        assert workshop.get(CLUSTER).maintenance.active
        await expect(page.get_by_role("button", name="Phát âm thử")).to_be_visible()
        await expect(page.get_by_role("button", name="Khởi động lại")).to_have_count(0)
        await yard.shot(page, "device-repair-mode", whole=True)
        await axe(page)
        await page.get_by_role("button", name="Hoàn tác").tap()
        await expect(page.get_by_text("Đã ra khỏi chế độ sửa chữa")).to_be_visible()
        assert not workshop.get(CLUSTER).maintenance.active


async def test_a_repair_is_opened_with_a_photo_assigned_done_and_checked(yard: Phones) -> None:
    async with yard(Role.TECHNICIAN) as page:
        await page.goto(f"/devices/{DEAD}")
        await expect(page.locator(".note.is-bad")).to_be_visible()
        await yard.shot(page, "device-camera-lost", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_role("link", name="Mở phiếu sửa chữa").tap()
        assert await page.get_by_label("Hỏng gì?").input_value()
        files: FilePayload = {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": photo()}
        await page.get_by_label("Chụp ảnh").set_input_files(files)
        await yard.shot(page, "ticket-new", whole=True)
        await axe(page)
        await page.get_by_role("button", name="Mở phiếu").tap()
        await expect(page.get_by_text("Đã mở phiếu.")).to_be_visible()
        await expect(page.locator(".photos img")).to_have_count(1)
        await page.locator("summary", has_text="Giao sửa").tap()
        await expect(page.get_by_label("Giao cho")).to_have_value("Đơn vị lắp đặt số 1")
        await page.get_by_role("button", name="Giao sửa").tap()
        await expect(page.get_by_text("Đã giao cho Đơn vị lắp đặt số 1.")).to_be_visible()
        await axe(page)
        await fits(page)
        await page.locator("summary", has_text="Đã sửa xong").tap()
        await page.get_by_label("Đã làm gì?").fill("Thay nguồn 12 V")
        await page.get_by_label("Chi phí").fill("350.000")
        await page.get_by_role("button", name="Đã sửa xong").tap()
        await expect(page.get_by_text("350.000 đ")).to_be_visible()
        await yard.shot(page, "ticket", whole=True)
        await page.locator("summary", has_text="Nghiệm thu, đóng phiếu").tap()
        await page.get_by_role("button", name="Nghiệm thu, đóng phiếu").tap()
        await expect(page.get_by_text("Đã đóng phiếu.")).to_be_visible()
        await page.goto("/tickets?closed=true")
        await expect(page.locator(".row")).to_have_count(1)
        await axe(page)
        await fits(page)


async def test_a_label_leads_to_its_device_and_a_wrong_code_to_the_ones_like_it(yard: Phones) -> None:
    async with yard(Role.TECHNICIAN, allow="404") as page:
        await page.goto(f"/t/{WELL}")
        await expect(page).to_have_url(re.compile(f"/devices/{WELL}$"))
        await expect(page.get_by_text("Từng lớp")).to_be_visible()
        await yard.shot(page, "device-camera", whole=True)
        await axe(page)
        await page.goto("/t/kp1")
        await expect(page.get_by_text("Không có thiết bị “kp1”")).to_be_visible()
        await expect(page.locator(".row")).to_have_count(2)
        await yard.shot(page, "scan", whole=True)
        await axe(page)
        await fits(page)
        await page.get_by_label("Mã thiết bị").fill(" KP1-02 ")
        await page.get_by_role("button", name="Tới thiết bị").tap()
        await expect(page).to_have_url(re.compile("/devices/kp1-02$"))


async def test_a_camera_that_refuses_us_says_so_and_its_alert_is_taken_on(yard: Phones) -> None:
    alerts = yard.ward.gateway.cameras.alerts
    await yard.ward.until(lambda: any(each.wrong.subject == LOCKED for each in alerts.standing), "no alert")
    async with yard(Role.TECHNICIAN) as page:
        await page.goto("/alerts")
        card = page.locator(".alarm", has_text=LOCKED)
        await expect(card).to_be_visible()
        await yard.shot(page, "alerts", whole=True)
        await axe(page)
        await fits(page)
        await card.get_by_role("button", name="Tôi nhận việc này").tap()
        await expect(card.get_by_text("Đã có người nhận")).to_be_visible()
        await page.goto(f"/devices/{LOCKED}")
        await expect(page.locator(".note").first).to_contain_text("mật khẩu")
        await yard.shot(page, "device-camera-faulty", whole=True)


async def test_a_new_loudspeaker_is_entered_and_its_code_is_there_to_scan(yard: Phones) -> None:
    async with yard(Role.TECHNICIAN, allow="422") as page:
        await page.goto("/devices/new/cluster")
        await page.get_by_label("Mã", exact=False).first.fill("KP1 mới")
        await page.get_by_label("Tên").fill("Cổng chào khu phố 1")
        await page.get_by_role("button", name="Tiếp tục").tap()
        await expect(page.get_by_text("chỉ gồm chữ thường").first).to_be_visible()
        await page.locator("#f-code").fill("kp1-09")
        await axe(page)
        await page.get_by_role("button", name="Tiếp tục").tap()
        await expect(page).to_have_url(re.compile("/devices/kp1-09/enrol$"))
        await page.get_by_role("button", name="Tạo mã ghi danh").tap()
        await expect(page.locator(".qr svg")).to_be_visible()
        await expect(page.locator("#the-code")).to_have_text(re.compile(r"^[0-9A-Z]{4}(-[0-9A-Z]{4})+$"))
        await expect(page.get_by_text("Đang chờ bộ điều khiển")).to_be_visible()
        await yard.shot(page, "enrol", whole=True)
        await axe(page)
        await fits(page)


async def test_a_sheet_is_looked_at_first_and_its_bad_rows_are_named(yard: Phones) -> None:
    sheet = "code,place,zone,port\ncam-moi-1,Cổng chợ,kp1,80\ncam-moi-2,Trường học,kp9,80\ncam-moi-3,Đình,kp1,cổng\n"
    files: FilePayload = {"name": "camera.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
    cameras = yard.ward.gateway.cameras.registry
    async with yard(Role.TECHNICIAN) as page:
        for button, kept in (("Xem thử", False), ("Nhập", True)):
            await page.goto("/devices/import")
            await page.locator("#f-cameras").set_input_files(files)
            form = page.locator("section", has=page.locator("#f-cameras"))
            await form.get_by_role("button", name=button, exact=True).tap()
            await expect(page.get_by_text("Dòng 3", exact=False)).to_be_visible()
            await expect(page.get_by_text("Dòng 4", exact=False)).to_be_visible()
            assert ("cam-moi-1" in cameras.cameras) is kept
        await yard.shot(page, "import", whole=True)
        await axe(page)
        await fits(page)
        await cameras.remove(CameraId("cam-moi-1"), by=yard.ward.staff[Role.TECHNICIAN])


async def test_the_particulars_of_a_camera_are_edited_and_its_password_never_comes_back(yard: Phones) -> None:
    async with yard(Role.TECHNICIAN, allow="422") as page:
        await page.goto(f"/devices/{WELL}/edit")
        assert await page.locator("#f-password").input_value() == ""
        await page.locator("#f-warranty_until").fill("2027-12-31")
        await page.locator("#f-latitude").fill("95")
        await page.get_by_role("button", name="Lưu").tap()
        await expect(page.get_by_text("phải từ -90 đến 90").first).to_be_visible()
        await page.locator("#f-latitude").fill("")
        await axe(page)
        await fits(page)
        await page.get_by_role("button", name="Lưu").tap()
        await expect(page.get_by_text("31/12/2027")).to_be_visible()
        assert yard.ward.gateway.cameras.registry.has_password(CameraId(WELL))


async def test_without_scripts_everything_needed_is_still_there(yard: Phones) -> None:
    async with yard(Role.TECHNICIAN, scripts=False) as page:
        await page.goto("/devices?q=kp1-02")
        await page.locator("#now a.row-in").tap()
        await page.get_by_role("button", name="Phát âm thử").tap()
        await expect(page.get_by_text("Đã ra lệnh phát âm thử")).to_be_visible()


async def test_a_viewer_sees_how_things_are_and_no_button_that_would_refuse(yard: Phones) -> None:
    async with yard(Role.VIEWER) as page:
        for path in ("/devices", f"/devices/{CLUSTER}", f"/devices/{WELL}", "/alerts", "/tickets"):
            await page.goto(path)
            assert await page.locator('form[method="post"]').count() == 0, path


async def test_two_hundred_loudspeakers_and_seventy_six_cameras_are_a_calm_list_and_a_map(yard: Phones) -> None:
    await crowd(yard.ward)
    registry = yard.ward.gateway.cameras.registry
    many = len(registry.ward.clusters) + len(registry.cameras)
    assert many >= 276
    async with yard(Role.TECHNICIAN) as page:
        answer = await page.goto("/devices")
        assert answer is not None
        assert len(await answer.body()) < 150_000
        await expect(page.locator("#now .row")).to_have_count(40)
        await yard.shot(page, "devices-many")
        await page.get_by_role("link", name="Bản đồ").tap()
        await expect(page.locator(".ward-map .pin")).to_have_count(many)
        await yard.shot(page, "map", whole=True)
        await axe(page)
        await fits(page)
        await page.locator("#now .row", has_text="Khu phố 1").first.tap()
        await expect(page.locator(".ward-map a").first).to_be_visible()
        await yard.shot(page, "map-zone", whole=True)
        await axe(page)
        await fits(page)
        await page.goto("/devices/labels?kind=speaker&zone=kp2")
        await yard.shot(page, "labels")
        await axe(page)
        await fits(page)
    async with yard(Role.TECHNICIAN, width=1280) as page:
        await page.goto("/devices?view=map")
        await yard.shot(page, "map-wide")
    async with yard(Role.TECHNICIAN, dark=True, english=True) as page:
        await page.goto(f"/devices/{CLUSTER}")
        await yard.shot(page, "device-dark", whole=True)
        await axe(page)
