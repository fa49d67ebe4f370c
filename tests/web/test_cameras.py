"""The 76 cameras of a ward in a technician's hand: which are gone, which anybody gets into, and what to do about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from devices.model import ZoneId
from gateway.domain.camera_watch import Health
from gateway.domain.device import Camera, CameraId, Owner
from gateway.domain.identity import Marks
from gateway.domain.people import Role
from gateway.ports.cameras import Found
from simulators.cameras.faults import Fault
from simulators.cameras.park import CameraPark
from simulators.cameras.ward import demo_cameras
from tests.onair.held import Held
from tests.web.phone import Phones, axe, fits
from tests.web.ward import Ward, open_ward
from tests.web.yard import MORNING

FACTORY = "admin123"
SCHOOL, CABINET = "cam-th-", "tu-quy"
OPEN, REFUSED = "cam-ca-01", "cam-ubnd-03"


@asynccontextmanager
async def open_cameras(folder: Path) -> AsyncIterator[Ward]:
    """A ward with all of them; the credit fund's cabinet is dead, one camera asks nobody for a password."""
    made = demo_cameras("dien-thoai")
    faults = {spec.code: [Fault.REFUSE] for spec in made if spec.switch == CABINET}
    faults |= {OPEN: [Fault.OPEN_TO_ALL], REFUSED: [Fault.WRONG_PASSWORD]}
    async with open_ward(folder, start=MORNING) as ward, CameraPark(made, clock=ward.clock, faults=faults) as park:
        rooms = ward.gateway.cameras
        technician = ward.staff[Role.TECHNICIAN]
        zones = [["code", "name", "zone", "zone_name"]]
        zones += [[f"loa-{n}", f"Loa {n}", f"kp{n}", f"Khu phố {n}"] for n in range(1, 11)]
        await rooms.sheets.import_(zones, by=technician)
        for spec in made:
            camera = Camera(
                id=CameraId(spec.code),
                place=spec.place,
                zone=ZoneId(spec.zone),
                owner=Owner(spec.owner.value),
                cabinet=spec.switch,
                host=park[spec.code].host,
                port=park[spec.code].port,
                user=spec.users[0].name,
                maker=spec.maker,
                model=spec.model,
                serial=spec.serial,
            )
            await rooms.registry.save(camera, by=technician, password=spec.users[0].password)
        await ward.until(lambda: len(rooms.watcher.watches) == len(made), "nobody looks at the cameras")
        settled = lambda: sum(watch.health is Health.LOST for watch in rooms.watcher.watches.values()) == 6  # noqa: E731
        await ward.until(settled, "the cabinet is not known to be lost")
        await rooms.alerts.look()
        yield ward


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def yard(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Phones]:
    held = Held(open_cameras(tmp_path_factory.mktemp("cameras")))
    ward = await held.opened()
    yield Phones(browser, ward)
    await held.close()


async def test_which_cameras_anybody_gets_into_is_one_tap_from_the_list(yard: Phones) -> None:
    async with yard(Role.TECHNICIAN) as page:
        await page.goto("/devices?kind=camera")
        await expect(page.locator(".state.is-all")).to_contain_text("76")
        await expect(page.locator(".state.is-lost")).to_contain_text("6")
        await yard.shot(page, "cameras", whole=True)
        await axe(page)
        await fits(page)
        await page.locator(".state.is-weak").tap()
        rows = page.locator("#now .row")
        await expect(rows).to_have_count(5)
        await expect(rows.first).to_contain_text("Cần đổi mật khẩu")
        await yard.shot(page, "cameras-weak", whole=True)
        await axe(page)
        await fits(page)
        await page.locator(f"#now a[href='/devices/{SCHOOL}01']").tap()
        await expect(page.get_by_text("Mật khẩu mặc định, ai cũng biết", exact=True)).to_be_visible()
        await expect(page.get_by_text("Đổi mật khẩu trên camera, rồi nhập mật khẩu mới vào danh mục.")).to_be_visible()
        await expect(page.get_by_role("heading", name="Camera tự báo sự kiện")).to_be_visible()
        await yard.shot(page, "camera-weak", whole=True)
        await axe(page)
        await fits(page)
        assert FACTORY not in await page.content()
        await page.get_by_role("link", name="Nhập mật khẩu mới").tap()
        await expect(page.get_by_label("Mật khẩu")).to_be_in_viewport()


async def test_a_viewer_is_shown_the_cameras_and_not_how_to_get_in(yard: Phones) -> None:
    async with yard(Role.VIEWER) as page:
        await page.goto("/devices?kind=camera")
        await expect(page.locator(".state.is-all")).to_contain_text("76")
        await expect(page.locator(".state.is-weak")).to_have_count(0)
        for path in (f"/devices/{SCHOOL}01", f"/devices/{OPEN}", "/alerts", "/"):
            await page.goto(path)
            assert "ật khẩu mặc định" not in await page.content(), path
            assert "Không cần mật khẩu" not in await page.content(), path


async def test_what_is_critical_with_cameras_is_on_the_home_page_and_leads_to_what_to_do(yard: Phones) -> None:
    async with yard(Role.TECHNICIAN) as page:
        await page.goto("/")
        alarms = page.locator("section[aria-labelledby=alarms-title]")
        await expect(alarms).to_contain_text("Cả tủ tu-quy mất: 6 camera.")
        await expect(alarms).not_to_contain_text("Không có cảnh báo")
        await yard.shot(page, "home-cameras", whole=True)
        await axe(page)
        await fits(page)
        await alarms.get_by_text("Cả tủ tu-quy mất").tap()
        await expect(page.get_by_text("Kiểm tra nguồn điện và đường mạng của tủ trước")).to_be_visible()
        await expect(page.get_by_text("4 camera (Trường học): mật khẩu mặc định, ai cũng biết")).to_be_visible()
        await expect(page.get_by_text("1 camera (Công an): không cần mật khẩu cũng vào được")).to_be_visible()
        first = await page.locator(".alarm-text").first.inner_text()
        assert "tu-quy" in first, "what is critical comes first, and of that what took the most cameras"
        await yard.shot(page, "alerts-cameras", whole=True)
        await axe(page)
        await fits(page)


@pytest.mark.parametrize("code", [REFUSED, "cam-quy-01", OPEN, "cam-diem-01"])
async def test_a_cameras_page_fits_the_hand_whatever_is_wrong_with_it(yard: Phones, code: str) -> None:
    async with yard(Role.TECHNICIAN) as page:
        await page.goto(f"/devices/{code}")
        await expect(page.locator("h1")).to_be_visible()
        await yard.shot(page, f"camera-{code}", whole=True)
        await axe(page)
        await fits(page)


async def test_who_saves_a_factory_password_on_the_phone_is_told_so_at_once(yard: Phones) -> None:
    async with yard(Role.TECHNICIAN) as page:
        await page.goto("/devices/new/camera")
        await page.get_by_label("Mã").first.fill("cam-moi")
        await page.get_by_label("Vị trí").fill("Cổng sau")
        await page.get_by_label("Địa chỉ IP").fill("10.9.9.9")
        await page.get_by_label("Tên đăng nhập").fill("admin")
        await page.get_by_label("Mật khẩu").fill("12345")
        await page.get_by_role("button", name="Lưu").tap()
        await expect(page.get_by_text("Đã lưu. Nhưng đăng nhập này ai cũng biết")).to_be_visible()
        await yard.shot(page, "camera-saved-weak")
        await axe(page)
        await fits(page)


async def test_a_camera_that_answers_elsewhere_is_moved_there_with_one_tap(yard: Phones) -> None:
    cameras = yard.ward.gateway.cameras
    name = CameraId("cam-diem-05")
    camera = cameras.registry.get(name)
    await cameras.registry.save(replace(camera, uuid="u-5"), by=yard.ward.staff[Role.TECHNICIAN])
    moved = Found(
        host="10.1.2.33", port=80, tls=False, marks=Marks(uuid="u-5", model="DS-2CD2T47G2-L"), name="Hikvision"
    )
    strange = Found(
        host="fe80::20d:a1ff:fe55:1%eth0", port=80, tls=False, marks=Marks(uuid="u-x", model="IPC-HFW1230S-S5")
    )
    cameras.finder._found = (moved, strange)
    try:
        async with yard(Role.TECHNICIAN) as page:
            await page.goto("/devices/found")
            await expect(page.get_by_text("Có trong danh mục, ở địa chỉ khác")).to_be_visible()
            column = await page.locator("main .lead").bounding_box()
            row = await page.locator("main .row", has_text="fe80").bounding_box()
            assert column is not None
            assert row is not None
            assert row["x"] + row["width"] <= column["x"] + column["width"] + 1, "a long address keeps to the column"
            await yard.shot(page, "cameras-found", whole=True)
            await axe(page)
            await fits(page)
            await page.get_by_text(camera.place).first.tap()
            await expect(page.get_by_text("Thấy camera này ở địa chỉ 10.1.2.33")).to_be_in_viewport()
            await yard.shot(page, "camera-moved", whole=True)
            await axe(page)
            await fits(page)
            await page.get_by_role("button", name="Nhận địa chỉ mới").tap()
            await expect(page.get_by_text("Đã đổi địa chỉ thành 10.1.2.33.")).to_be_visible(timeout=12_000)
        assert cameras.registry.get(name).host == "10.1.2.33"
    finally:
        cameras.finder._found = ()
        await cameras.registry.save(camera, by=yard.ward.staff[Role.TECHNICIAN])
