"""Trang thiết bị without a browser: mistakes that are told, what is refused, and what never leaves."""

import re
from dataclasses import replace

import pytest

from devices.model import ClusterId, ZoneId
from devices.model.camera import Cause, Layer
from gateway.domain.camera_look import Finding, Look
from gateway.domain.cluster_history import HOUR_MS, Gauge, Hour, reading
from gateway.domain.device import Camera, CameraId
from gateway.domain.identity import Marks
from gateway.domain.people import Role
from gateway.ports.cameras import Found
from tests.gateway.services.cameras.eyes import TECHNICIAN
from tests.gateway.web.test_pages import page, send
from tests.gateway.web.world import Browser, World

CAMERA = {"code": "cam-cho-01", "place": "Cổng chợ", "zone": "kp1", "host": "192.0.2.9", "user": "xem", "port": "80"}


async def add(browser: Browser, **changes: str) -> int:
    answer = await send(browser, "/devices/new/camera", **{**CAMERA, "watched": "1", **changes})
    return int(answer.status_code)


async def test_a_camera_is_entered_by_form_and_its_password_is_on_no_page_again(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as browser:
        assert await add(browser, password="bí-mật-của-cột", contractor="Đơn vị 1") == 303
        kept = world.services.cameras.registry.get(CameraId("cam-cho-01"))
        assert (kept.place, kept.zone, kept.contractor) == ("Cổng chợ", "kp1", "Đơn vị 1")
        for path in ("/devices", "/devices/cam-cho-01", "/devices/cam-cho-01/edit"):
            assert "bí-mật-của-cột" not in (await page(browser, path)).text
        await send(browser, "/devices/cam-cho-01/edit", **{**CAMERA, "place": "Cổng chợ mới"})
        assert world.services.cameras.registry.get(CameraId("cam-cho-01")).place == "Cổng chợ mới"
        assert world.services.cameras.registry.has_password(CameraId("cam-cho-01"))


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("code", "Cổng Chợ", "mã chỉ gồm chữ thường"),
        ("place", " ", "cần vị trí"),
        ("zone", "kp99", "không có khu phố"),
        ("port", "cổng", "không phải số"),
        ("host", "169.254.169.254/x", "cần địa chỉ IP"),
        ("installed", "hôm qua", "không phải ngày"),
        ("owner", "nobody", "chọn đơn vị sở hữu"),
    ],
)
async def test_what_is_wrong_with_a_camera_is_told_on_the_form_and_nothing_is_kept(
    world: World, field: str, value: str, told: str
) -> None:
    async with world.browser(Role.TECHNICIAN) as browser:
        answer = await send(browser, "/devices/new/camera", **{**CAMERA, field: value})
        assert answer.status_code == 422
        assert told in answer.text
        assert not world.services.cameras.registry.cameras


async def test_a_code_is_given_once(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as browser:
        assert await add(browser) == 303
        assert await add(browser) == 422
        taken = await send(browser, "/devices/new/cluster", code="kp1-01", name="Loa", zone="kp1", kind="ip")
        assert (taken.status_code, "mã này đã có" in taken.text) == (422, True)


async def test_filters_count_what_they_would_show_and_search_needs_no_accents(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as browser:
        await add(browser)
        text = (await page(browser, "/devices?q=cong+cho&kind=&owner=&zone=")).text
        assert text.count('class="row-in" href="/devices/cam-cho-01"') == 1
        assert "kp1-01" not in re.sub(r"<option.*?</option>", "", text)
        fm = (await page(browser, "/devices?kind=fm")).text
        assert "Cụm FM cũ" in fm
        assert "Chỉ có trong danh mục" in fm
        assert (await page(browser, "/devices?state=ill")).status_code == 422


async def test_a_listed_loudspeaker_offers_no_orders_and_cannot_be_ordered(world: World) -> None:
    async with world.browser(Role.TECHNICIAN, Role.OPERATOR) as browser:
        text = (await page(browser, "/devices/kp2-fm")).text
        assert "không theo dõi được" in text
        assert "/devices/kp2-fm/tone" not in text
        assert (await send(browser, "/devices/kp2-fm/tone")).status_code == 422
        assert (await send(browser, "/devices/kp2-fm/maintenance", reason="thử")).status_code == 404
        assert world.poles.sent == []


async def test_an_order_goes_to_the_one_loudspeaker_and_a_reason_is_asked_for_repair_mode(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as browser:
        await send(browser, "/devices/kp1-01/tone")
        await send(browser, "/devices/kp1-01/reboot")
        assert [(typ, to.cluster) for typ, to, _ in world.poles.sent] == [("test_tone", "kp1-01"), ("reboot", "kp1-01")]
        await send(browser, "/devices/kp1-01/maintenance", reason=" ")
        assert not world.services.workshop.get(ClusterId("kp1-01")).maintenance.active
        assert "cần ghi đang sửa gì" in (await page(browser, "/devices/kp1-01")).text


async def test_a_technician_has_no_volume_for_the_air_and_an_operator_no_test_tone(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as browser:
        assert (await send(browser, "/devices/kp1-01/volume", percent="50")).status_code == 403
    async with world.browser(Role.OPERATOR) as browser:
        assert (await send(browser, "/devices/kp1-01/tone")).status_code == 403
        assert (await send(browser, "/devices/kp1-01/volume", percent="50")).status_code == 303


async def test_settings_out_of_bounds_are_told_beside_their_field(world: World) -> None:
    fields = {
        "default_percent": "60",
        "max_percent": "120",
        "dac_offset_ms": "0",
        "amp_wake_ms": "600",
        "cache_mb": "1",
    }
    async with world.browser(Role.TECHNICIAN) as browser:
        answer = await send(browser, "/devices/kp1-01/settings", **fields)
        assert answer.status_code == 422
        assert answer.text.count('class="wrong"') == 2
        await send(browser, "/devices/kp1-01/settings", **{**fields, "max_percent": "80", "cache_mb": "512"})
        assert world.services.workshop.get(ClusterId("kp1-01")).settings.max_percent == 80


async def test_a_code_for_enrolment_is_shown_once(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as browser:
        made = await send(browser, "/devices/kp1-01/enrol")
        (code,) = re.findall(r'id="the-code">([0-9A-Z-]+)<', made.text)
        assert "<svg" in made.text
        assert code not in (await page(browser, "/devices/kp1-01/enrol")).text


async def test_only_the_scan_page_may_look_through_the_phone(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as browser:
        scan = await page(browser, "/devices/scan")
        assert "camera=(self)" in scan.headers["permissions-policy"]
        assert "camera=()" in (await page(browser, "/devices")).headers["permissions-policy"]


async def test_names_that_look_like_markup_stay_names(world: World) -> None:
    place = "<script>alert(1)</script>"
    async with world.browser(Role.TECHNICIAN) as browser:
        await add(browser, place=place)
        for path in (
            "/devices",
            "/devices?view=map&zone=kp1",
            "/devices/cam-cho-01",
            "/devices/labels",
            "/t/cam-cho-0",
        ):
            assert "<script>alert" not in (await page(browser, path)).text


async def test_the_hours_are_there_for_programs_too(world: World) -> None:
    now_ms = world.clock.now_ms()
    hours = [
        Hour(
            cluster=ClusterId("kp1-01"),
            start_ms=now_ms - back * HOUR_MS,
            watched_s=3600,
            online_s=1800,
            gauges={Gauge.VOLTS: reading(221.0)},
        )
        for back in (2, 50)
    ]
    await world.store.hours.add(hours, forget_before_ms=0)
    async with world.browser(Role.VIEWER) as browser:
        day = (await browser.get("/api/v1/clusters/kp1-01/history")).json()
        month = (await browser.get("/api/v1/clusters/kp1-01/history?days=30")).json()
    assert [each["online_s"] for each in day] == [1800]
    assert day[0]["gauges"]["volts"] == {"n": 1, "low": 221.0, "mean": 221.0, "high": 221.0}
    assert len(month) == 2


async def test_a_camera_taken_out_leaves_its_repairs_readable(world: World) -> None:
    made = Camera(id=CameraId("cam-cu"), place="Đình làng", zone=ZoneId("kp1"))
    technician = await world.door.person("tho", Role.TECHNICIAN)
    await world.services.cameras.registry.save(made, by=technician)
    ticket = await world.services.cameras.tickets.open_("cam-cu", title="Mất hình", by=technician)
    async with world.browser(Role.TECHNICIAN) as browser:
        assert (await send(browser, "/devices/cam-cu/remove")).status_code == 303
        text = (await page(browser, f"/tickets/{ticket.id}")).text
        assert "đã xóa khỏi danh mục" in text
        assert (await page(browser, "/tickets")).status_code == 200
        assert (await page(browser, "/devices/cam-cu")).status_code == 404


async def test_what_a_search_found_stands_in_the_form_of_a_new_camera(world: World) -> None:
    async with world.browser(Role.TECHNICIAN) as browser:
        searched = await send(browser, "/devices/found")
        assert "Không có camera nào trả lời" in searched.text
        text = (await page(browser, "/devices/new/camera?host=192.0.2.9&port=8080&maker=<b>&password=lộ")).text
        assert 'value="192.0.2.9"' in text
        assert 'value="8080"' in text
        assert "<b>" not in text
        assert "lộ" not in text


async def test_a_camera_that_answers_elsewhere_is_moved_with_one_tap_and_not_taken_for_a_replaced_one(
    world: World,
) -> None:
    cameras = world.services.cameras
    async with world.browser(Role.TECHNICIAN) as browser:
        await add(browser)
        camera = replace(cameras.registry.get(CameraId("cam-cho-01")), uuid="u-1")
        await cameras.registry.save(camera, by=TECHNICIAN)
        other = Finding(layer=Layer.LOGIN, ok=False, cause=Cause.REPLACED, vi="Camera khác", en="another", grave=False)
        findings = (Finding(layer=Layer.TCP, ok=True), other)
        await cameras.watcher.seen(camera, Look(at_ms=world.clock.now_ms(), findings=findings))
        shown = (await page(browser, "/devices/cam-cho-01")).text
        assert "/devices/cam-cho-01/accept" in shown
        assert "/devices/cam-cho-01/move" not in shown
        marks = Marks(uuid="u-1")
        cameras.finder._found = (Found(host="192.0.2.77", port=80, tls=False, marks=marks),)
        shown = (await page(browser, "/devices/cam-cho-01")).text
        assert "Thấy camera này ở địa chỉ 192.0.2.77" in shown
        assert "/devices/cam-cho-01/accept" not in shown, "it is not gone: it stands elsewhere"
        assert (await send(browser, "/devices/cam-cho-01/move")).status_code == 303
        assert cameras.registry.get(camera.id).host == "192.0.2.77"
        assert "/devices/cam-cho-01/move" not in (await page(browser, "/devices/cam-cho-01")).text
