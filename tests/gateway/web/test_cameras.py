"""Cameras, devices, alerts and repairs over HTTP."""

import io
from typing import Any

import httpx
import pytest
from openpyxl import Workbook, load_workbook
from PIL import Image

from devices.model.camera import Layer
from gateway.domain.camera_look import Finding, Look
from gateway.domain.device import CameraId
from gateway.domain.people import Role
from tests.gateway.web.world import Browser, World

SECRET = "khong-ai-duoc-thay-42"
ENTRY = {
    "place": "Ngã tư trung tâm",
    "zone": "kp1",
    "owner": "ward",
    "host": "192.0.2.20",
    "user": "giamsat",
    "password": SECRET,
    "cabinet": "Tủ ngã tư",
    "warranty_until": "2099-12-31",
    "contractor": "Đơn vị A",
}
PATHS = (
    ("GET", "/api/v1/cameras"),
    ("GET", "/api/v1/cameras/counts"),
    ("GET", "/api/v1/cameras/poller"),
    ("GET", "/api/v1/cameras/cam-1"),
    ("GET", "/api/v1/cameras/cam-1/history"),
    ("GET", "/api/v1/devices"),
    ("GET", "/api/v1/alerts"),
    ("GET", "/api/v1/alerts/history"),
    ("GET", "/api/v1/tickets"),
)
CHANGES = (
    ("PUT", "/api/v1/cameras/cam-2"),
    ("DELETE", "/api/v1/cameras/cam-1"),
    ("POST", "/api/v1/cameras/cam-1/look"),
    ("POST", "/api/v1/cameras/cam-1/baseline"),
    ("POST", "/api/v1/cameras/cam-1/accept"),
    ("POST", "/api/v1/cameras/cam-1/move"),
    ("POST", "/api/v1/cameras/search"),
    ("POST", "/api/v1/devices/cameras/import"),
    ("POST", "/api/v1/devices/clusters/import"),
    ("PUT", "/api/v1/devices/kp1-01/particulars"),
    ("POST", "/api/v1/alerts/1/seen"),
    ("POST", "/api/v1/alerts/1/close"),
    ("POST", "/api/v1/tickets"),
    ("POST", "/api/v1/tickets/1/assign"),
    ("POST", "/api/v1/tickets/1/photos"),
)
SECRETIVE = (
    ("GET", "/api/v1/cameras/found"),
    ("GET", "/api/v1/cameras/cam-1/thumbnail"),
    ("GET", "/api/v1/devices/cameras/export"),
    ("GET", "/api/v1/devices/clusters/export"),
    ("GET", "/api/v1/devices/labels"),
)


async def enter(technician: Browser, code: str = "cam-1", **changes: Any) -> httpx.Response:
    return await technician.send("PUT", f"/api/v1/cameras/{code}", {**ENTRY, **changes})


async def upload(browser: Browser, path: str, content: bytes) -> httpx.Response:
    return await browser.client.post(path, files={"file": ("f", content)}, headers={"x-csrf-token": browser.csrf})


def seen(world: World, code: str, cause: str = "", layer: Layer = Layer.LOGIN) -> Any:
    camera = world.services.cameras.registry.get(CameraId(code))
    finding = Finding(
        layer=layer, ok=not cause, cause=cause, vi="Sai mật khẩu", en="wrong password", detail="HTTP 401", ms=12.0
    )
    findings = (finding,) if layer is Layer.TCP else (Finding(layer=Layer.TCP, ok=True, ms=3.0), finding)
    return world.services.cameras.watcher.seen(camera, Look(at_ms=world.clock.now_ms(), findings=findings))


async def test_a_password_goes_in_and_comes_out_nowhere(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        answers = [await enter(technician)]
        answers += [await technician.get(path) for _, path in (*PATHS, *SECRETIVE)]
        answers.append(await enter(technician, password=SECRET, zone="kp9"))
        async with world.browser(Role.APPROVER) as leader:
            answers.append(await leader.get("/api/v1/audit"))
    assert all(SECRET not in answer.text for answer in answers)
    entered = answers[0].json()
    assert entered["door"]["has_password"] is True
    assert entered["door"]["factory_password"] is False
    assert entered["health"] == "unknown"
    assert world.services.cameras.registry.door(CameraId("cam-1")).password == SECRET


async def test_a_viewer_reads_how_cameras_are_and_not_how_to_get_in(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician, world.browser(Role.VIEWER) as viewer:
        await enter(technician)
        await seen(world, "cam-1", "auth_failed")
        for method, path in PATHS:
            assert (await viewer.send(method, path)).status_code == 200, path
        for method, path in (*CHANGES, *SECRETIVE):
            assert (await viewer.send(method, path, {})).status_code == 403, path
        shown = (await viewer.get("/api/v1/cameras/cam-1")).json()
        assert shown["door"] is None
        assert "192.0.2.20" not in str(shown)
        assert shown["health"] == "faulty"
        assert shown["text_vi"] == "Sai mật khẩu"
        assert [each["detail"] for each in shown["layers"]] == ["", ""]
        detailed = (await technician.get("/api/v1/cameras/cam-1")).json()
        assert detailed["layers"][1]["detail"] == "HTTP 401"
    async with world.browser() as stranger:
        for method, path in (*PATHS, *CHANGES, *SECRETIVE):
            assert (await stranger.send(method, path, {})).status_code in (401, 403), path


async def test_how_long_ago_it_was_looked_at_is_told_and_old_news_are_not_green(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        await enter(technician)
        await seen(world, "cam-1")
        await world.clock.advance(40)
        shown = (await technician.get("/api/v1/cameras/cam-1")).json()
        assert (shown["health"], shown["checked_s"]) == ("good", 40.0)
        assert [each["id"] for each in (await technician.get("/api/v1/cameras?health=good")).json()] == ["cam-1"]
        await world.clock.advance(1_300)
        assert (await technician.get("/api/v1/cameras/cam-1")).json()["health"] == "unknown"
        counts = (await technician.get("/api/v1/cameras/counts")).json()
        assert counts["health"]["unknown"] == counts["total"] == counts["by_owner"]["ward"]["cameras"] == 1


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"zone": "kp9"}, "zone"),
        ({"host": "169.254.169.254", "port": 70_000}, "port"),
        ({"latitude": 95}, "latitude"),
        ({"cluster": "kp9-01"}, "cluster"),
        ({"mac": "xyz"}, "mac"),
        ({"host": "http://x/"}, "host"),
        ({"password": "a" * 300}, "password"),
        ({"colour": "trắng"}, "colour"),
    ],
)
async def test_a_wrong_field_is_named(world: World, changes: dict[str, Any], path: str) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        answer = await enter(technician, **changes)
        assert answer.status_code == 422
        assert path in [each["path"] for each in answer.json()["problems"]]
        assert SECRET not in answer.text


async def test_a_workbook_comes_in_with_a_report_and_goes_out_safe(world: World) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Mã", "Vị trí", "Khu phố", "Bảo hành đến", "Ghi chú", "Mật khẩu"],
        ["cam-1", "Ngã tư", "Khu phố 1", "31/12/2027", "=HYPERLINK(1)", SECRET],
        ["cam-2", "Chợ", "Khu phố 7", "", "", ""],
    ):
        sheet.append(row)
    sheet["E2"].data_type = "s"
    out = io.BytesIO()
    book.save(out)
    async with world.browser(Role.TECHNICIAN) as technician:
        path = "/api/v1/devices/cameras/import"
        tried = await upload(technician, f"{path}?dry_run=true", out.getvalue())
        assert tried.json()["new"] == 1
        assert (await technician.get("/api/v1/cameras")).json() == []
        done = (await upload(technician, path, out.getvalue())).json()
        assert (done["new"], done["changed"]) == (1, 0)
        assert [(each["row"], each["column"]) for each in done["bad"]] == [(3, "Khu phố")]
        assert (await upload(technician, path, out.getvalue())).json()["same"] == 1
        exported = await technician.get("/api/v1/devices/cameras/export?form=xlsx")
        cells = [cell for row in load_workbook(io.BytesIO(exported.content)).active.values for cell in row]
        assert "'=HYPERLINK(1)" in cells
        text = (await technician.get("/api/v1/devices/cameras/export")).text
        assert '"\'=HYPERLINK(1)"' in text
        assert SECRET not in text
        assert (await upload(technician, path, text.encode())).json()["same"] == 1
        assert world.services.cameras.registry.door(CameraId("cam-1")).password == SECRET


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 broken", b"\xff\xd8\xff\xe0", b"a,b\n1,2", "Mã\n".encode("cp1258", "replace")]
)
async def test_a_file_that_is_no_sheet_is_refused_with_what_to_do(world: World, content: bytes) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        answer = await upload(technician, "/api/v1/devices/cameras/import", content)
        assert answer.status_code == 422
        assert answer.json()["problems"][0]["vi"]


async def test_clusters_come_in_by_sheet_and_all_devices_stand_in_one_list(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        await enter(technician)
        sheet = "Mã,Tên cụm,Khu phố,Tên khu phố,Loại,Hãng\nkp8-fm,Loa FM đình,kp8,Khu phố 8,fm,ITC\n"
        done = await upload(technician, "/api/v1/devices/clusters/import", sheet.encode())
        assert (done.json()["new"], done.json()["new_zones"]) == (1, 1)
        listed = {each["code"]: each for each in (await technician.get("/api/v1/devices")).json()}
        assert listed["kp8-fm"]["state"] == "listed"
        assert listed["kp8-fm"]["maker"] == "ITC"
        assert listed["cam-1"]["kind"] == "camera"
        assert listed["kp1-01"]["state"] == "unknown"
        found = await technician.get("/api/v1/devices", params={"text": "dinh"})
        assert [each["code"] for each in found.json()] == ["kp8-fm"]
        assert [each["code"] for each in (await technician.get("/api/v1/devices?kind=camera")).json()] == ["cam-1"]
        assert (await technician.send("PUT", "/api/v1/devices/kp1-01/particulars", {"maker": "TOA"})).status_code == 204
        assert (await technician.get("/api/v1/devices?kind=ip")).json()[0]["maker"] == "TOA"


async def test_labels_lead_to_the_device_and_carry_no_markup_of_others(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        await enter(technician, place="<script>alert(1)</script>")
        page = await technician.get("/api/v1/devices/labels?code=cam-1")
        assert page.headers["content-type"].startswith("text/html")
        assert page.text.count("<svg") == 1
        assert "<script" not in page.text
        assert (await technician.get("/api/v1/devices/labels")).text.count("<svg") == 5


async def test_an_alert_is_seen_and_closed_by_a_technician(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        await enter(technician)
        await seen(world, "cam-1", "auth_failed")
        await world.services.cameras.alerts.look()
        (alert,) = (await technician.get("/api/v1/alerts")).json()
        assert (alert["state"], alert["grade"], alert["cameras"]) == ("new", "critical", ["cam-1"])
        path = f"/api/v1/alerts/{alert['id']}"
        assert (await technician.post(f"{path}/seen")).json()["state"] == "seen"
        assert (await technician.post(f"{path}/close", {})).status_code == 422
        closed = await technician.post(f"{path}/close", {"note": "đang chờ nhà trường"})
        assert closed.json()["state"] == "closed"
        assert (await technician.get("/api/v1/alerts")).json() == []
        assert len((await technician.get("/api/v1/alerts/history?camera=cam-1")).json()) == 1
        assert (await technician.post(f"{path}/close", {"note": "x"})).status_code == 404
        assert (await technician.get("/api/v1/alerts/99")).status_code == 404


async def test_dead_cameras_do_not_touch_the_health_of_the_radio(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as technician:
        before = (await technician.get("/healthz")).json()
        await enter(technician)
        for _ in range(2):
            await seen(world, "cam-1", "offline", Layer.TCP)
        await world.clock.advance(90)
        await world.services.cameras.alerts.look()
        assert (await technician.get("/api/v1/alerts")).json()[0]["grade"] == "critical"
        assert (await technician.get("/healthz")).json() == before
        assert (await technician.get("/api/v1/alarms")).json() == []


async def test_a_repair_from_the_label_to_the_bill(world: World) -> None:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(out, "PNG")
    async with world.browser(Role.TECHNICIAN) as technician, world.browser(Role.VIEWER) as viewer:
        await enter(technician)
        made = await technician.post("/api/v1/tickets", {"device": "cam-1", "title": "Ống kính mờ"})
        assert made.status_code == 201
        assert "Đơn vị A" in made.json()["warranty_vi"]
        path = f"/api/v1/tickets/{made.json()['id']}"
        shown = await upload(technician, f"{path}/photos?caption=trước", out.getvalue())
        (photo,) = shown.json()["photos"]
        picture = await viewer.get(f"{path}/photos/{photo['sha256']}")
        assert picture.headers["content-type"] == "image/jpeg"
        assert (await upload(technician, f"{path}/photos", b"not a picture")).status_code == 422
        assert (await technician.post(f"{path}/assign", {"contractor": "Đơn vị A"})).json()["state"] == "assigned"
        done = await technician.post(f"{path}/repair", {"note": "lau sạch", "warranty": True})
        assert done.json()["state_vi"] == "đã sửa, chờ nghiệm thu"
        assert (await technician.post(f"{path}/close", {})).json()["warranty_vi"] == ""
        assert (await technician.post(f"{path}/repair", {})).status_code == 409
        assert (await viewer.get("/api/v1/tickets?open=true")).json() == []
        assert len((await viewer.get("/api/v1/tickets?device=cam-1")).json()) == 1
        assert (await technician.send("DELETE", "/api/v1/cameras/cam-1")).status_code == 204
        assert (await viewer.get(path)).json()["device"] == "cam-1"
