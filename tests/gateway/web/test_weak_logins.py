"""Cameras that anybody gets into: told to who keeps the registry, everywhere and at once, and to nobody else."""

import io

from openpyxl import load_workbook

from devices.model.camera import Layer
from gateway.domain.camera_look import Finding, Look
from gateway.domain.device import CameraId
from gateway.domain.people import Role
from tests.gateway.web.test_cameras import enter, upload
from tests.gateway.web.test_pages import page, send
from tests.gateway.web.world import World

FACTORY, OWN = "Hik12345", "chi-phuong-nay-biet-77"
SHEET = f"Mã,Vị trí,Khu phố,Địa chỉ,Tên đăng nhập,Mật khẩu\ncam-5,Sân,kp1,192.0.2.5,admin,{FACTORY}\n"


async def looked_at(world: World, code: str, *, open_login: bool = False) -> None:
    camera = world.services.cameras.registry.get(CameraId(code))
    findings = tuple(Finding(layer=layer, ok=True, ms=3.0) for layer in (Layer.TCP, Layer.LOGIN))
    look = Look(at_ms=world.clock.now_ms(), findings=findings, open_login=open_login)
    await world.services.cameras.watcher.seen(camera, look)


async def test_whoever_enters_a_factory_password_over_http_is_told_at_once(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        entered = (await enter(technician, password=FACTORY)).json()
        assert entered["health"] == "unknown", "nobody looked yet"
        assert entered["door"]["factory_password"] is True
        assert entered["door"]["weak_login"]["cause"] == "factory_login"
        assert "Đổi mật khẩu" in entered["door"]["weak_login"]["advice_vi"]
        await enter(technician, "cam-2", password=OWN, host="192.0.2.21")
        weak = (await technician.get("/api/v1/cameras?weak_login=true")).json()
        assert [each["id"] for each in weak] == ["cam-1"]
        others = (await technician.get("/api/v1/cameras?weak_login=false")).json()
        assert [each["id"] for each in others] == ["cam-2"]
        await looked_at(world, "cam-2", open_login=True)
        opened = (await technician.get("/api/v1/cameras/cam-2")).json()
        assert (opened["health"], opened["door"]["weak_login"]["cause"]) == ("good", "open_login")
        mended = (await enter(technician, password=OWN)).json()
        assert mended["door"]["weak_login"] is None


async def test_which_cameras_anybody_gets_into_is_no_news_for_viewers(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician, world.browser(Role.VIEWER) as viewer:
        await enter(technician, password=FACTORY)
        await looked_at(world, "cam-1")
        await world.services.cameras.alerts.look()
        (alert,) = (await technician.get("/api/v1/alerts")).json()
        assert (alert["grade"], alert["scope"], alert["cameras"]) == ("warning", "owner", ["cam-1"])
        assert (await viewer.get("/api/v1/alerts")).json() == []
        assert (await viewer.get("/api/v1/alerts/history?camera=cam-1")).json() == []
        assert (await viewer.get(f"/api/v1/alerts/{alert['id']}")).status_code == 404
        assert (await viewer.get("/api/v1/cameras?weak_login=true")).status_code == 403
        assert (await page(viewer, "/devices?state=weak")).status_code == 403
        for path in ("/", "/alerts", "/devices", "/devices/cam-1", "/devices/cam-1/now"):
            assert "ật khẩu mặc định" not in (await page(viewer, path)).text, path
            assert "Cần đổi mật khẩu" not in (await page(viewer, path)).text, path
        assert "1 camera (UBND phường): mật khẩu mặc định" in (await page(technician, "/alerts")).text


async def test_the_pages_say_it_when_it_is_saved_and_on_the_list_and_beside_the_camera(world: World) -> None:
    form = {"code": "cam-7", "place": "Cổng", "zone": "kp1", "host": "192.0.2.7", "user": "admin", "watched": "1"}
    async with world.browser(Role.TECHNICIAN) as technician:
        assert (await send(technician, "/devices/new/camera", **form, password=FACTORY)).status_code == 303
        told = (await page(technician, "/devices/cam-7")).text
        assert "Đã lưu. Nhưng đăng nhập này ai cũng biết" in told
        assert "Mật khẩu mặc định, ai cũng biết" in told
        assert FACTORY not in told
        await looked_at(world, "cam-7")
        assert "Mật khẩu mặc định, ai cũng biết" in (await page(technician, "/devices/cam-7/now")).text
        listed = (await page(technician, "/devices")).text
        assert "Cần đổi mật khẩu" in listed
        assert 'href="/devices?state=weak"' in listed
        assert "/devices/cam-7" in (await page(technician, "/devices?state=weak")).text
        await send(technician, "/devices/cam-7/edit", **form, password=OWN)
        again = (await page(technician, "/devices/cam-7")).text
        assert "Đã lưu lý lịch." in again
        assert "ật khẩu mặc định" not in again
        assert "state=weak" not in (await page(technician, "/devices")).text


async def test_a_sheet_tells_it_coming_in_and_going_out_and_never_the_password(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        path = "/api/v1/devices/cameras/import"
        for query in ("?dry_run=true", ""):
            assert (await upload(technician, path + query, SHEET.encode())).json()["weak_logins"] == ["cam-5"]
        out = (await technician.get("/api/v1/devices/cameras/export")).text
        assert "Cảnh báo mật khẩu" in out
        assert "Mật khẩu mặc định, ai cũng biết. Đổi mật khẩu trên camera" in out
        assert FACTORY not in out
        back = (await upload(technician, path, out.encode())).json()
        assert (back["same"], back["bad"], back["unknown_columns"]) == (1, [], [])
        book = await technician.get("/api/v1/devices/cameras/export?form=xlsx")
        cells = [str(cell) for row in load_workbook(io.BytesIO(book.content)).active.values for cell in row]
        assert any(cell.startswith("Mật khẩu mặc định") for cell in cells)
        kept = await technician.client.post(
            "/devices/import",
            data={"csrf": technician.csrf, "what": "cameras", "act": "keep"},
            files={"file": ("camera.csv", SHEET.encode())},
        )
        assert "1 camera dùng mật khẩu mặc định hoặc không có mật khẩu" in kept.text
        assert FACTORY not in kept.text


async def test_how_it_stands_with_a_cameras_events_is_on_its_page_and_over_http(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician, world.browser(Role.VIEWER) as viewer:
        await enter(technician, password=OWN)
        for browser in (technician, viewer):
            said = (await browser.get("/api/v1/cameras/cam-1")).json()
            assert said["events"] == "polling"
            assert (said["listening"]["why"], said["listening"]["last"]) == ("unknown", None)
            assert said["listening"]["text_vi"] == "chưa biết camera có báo sự kiện không"
            shown = (await page(browser, "/devices/cam-1/now")).text
            assert "Chỉ kiểm tra theo lượt" in shown
            assert "Chưa biết camera có báo sự kiện không." in shown


async def test_a_critical_camera_alert_is_on_the_home_page_and_a_warning_is_counted(world: World) -> None:
    none = "Không có cảnh báo"
    async with world.browser(Role.VIEWER) as viewer, world.browser(Role.TECHNICIAN) as technician:
        assert none in (await page(viewer, "/home/now")).text
        await enter(technician, password=FACTORY)
        await looked_at(world, "cam-1")
        await world.services.cameras.alerts.look()
        assert none in (await page(viewer, "/home/now")).text, "the warning is not the viewer's"
        mine = (await page(technician, "/home/now")).text
        assert none not in mine
        assert "Xem 1 cảnh báo camera" in mine
        camera = world.services.cameras.registry.get(CameraId("cam-1"))
        refused = Finding(layer=Layer.LOGIN, ok=False, cause="auth_failed", vi="Sai mật khẩu", en="wrong password")
        for _ in range(2):
            findings = (Finding(layer=Layer.TCP, ok=True), refused)
            await world.services.cameras.watcher.seen(camera, Look(at_ms=world.clock.now_ms(), findings=findings))
        await world.services.cameras.alerts.look()
        for browser in (viewer, technician):
            home = (await page(browser, "/")).text
            assert none not in home
            assert "(cam-1): Sai mật khẩu" in home
            assert 'href="/alerts"' in home
