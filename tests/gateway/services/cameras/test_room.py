"""Registry, history, alerts, search and repairs over a real store, with time moved by hand."""

import asyncio
import io
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from devices.clock import instant
from gateway.domain.camera_alert import AlertState
from gateway.domain.camera_watch import Health
from gateway.domain.device import Camera, CameraId, Owner
from gateway.domain.errors import BadInput, NotAllowed, NotFound, Stale, StoreFailed, WrongState
from gateway.domain.identity import Marks
from gateway.domain.root_cause import Scope
from gateway.domain.ticket import TicketState
from gateway.ports.cameras import Surveyed
from gateway.services.events import CameraAlertChanged
from gateway.store import layout
from gateway.store.backup import backup
from gateway.store.connection import open_writer
from tests.gateway.services.cameras.eyes import MORNING, TECHNICIAN, VIEWER, Ward, open_ward
from tests.gateway.services.cameras.test_poller import pass_time, polling

SECRET = "cam-on-42-bi-mat"
NIGHT = MORNING - 6 * 3_600_000
"""01:00 in the ward."""


async def go(ward: Ward, seconds: float) -> None:
    """Let time pass, with alerts looked at as often as the gateway does."""
    for _ in range(int(seconds // 5)):
        await pass_time(ward, 5)
        await ward.room.alerts.look()


def told(ward: Ward) -> list[CameraAlertChanged]:
    return [item.event for item in ward.bus._ring if isinstance(item.event, CameraAlertChanged)]


# -- registry and passwords ------------------------------------------------------------------------------------------


async def test_a_password_is_sealed_bound_to_its_camera_and_in_no_backup_log_or_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    folder = tmp_path / "data"
    async with open_ward(folder) as ward:
        registry = ward.room.registry
        one, two = ward.camera(1, user="admin"), ward.camera(2, user="admin")
        await registry.save(one, by=TECHNICIAN, password=SECRET)
        await registry.save(two, by=TECHNICIAN, password="khac-hoan-toan")
        assert registry.door(one.id).password == SECRET
        assert SECRET not in repr(registry.door(one.id))
        sealed = await ward.store.cameras.secrets()
        assert SECRET not in str(sealed)
        lines = await ward.store.audit.lines()
        assert SECRET not in str(lines)
        await ward.room.watcher.keep()
        archive = tmp_path / "sao-luu.tar"
        await asyncio.to_thread(backup, folder, archive, now=instant(MORNING))
    for path in (archive, *folder.rglob("*")):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
    assert SECRET not in caplog.text
    database = open_writer(layout.database(folder))
    with database.conn:
        database.execute("UPDATE camera_secret SET sealed = ? WHERE id = ?", [sealed[two.id], one.id])
    database.conn.close()
    with pytest.raises(StoreFailed, match="cannot be opened"):
        async with open_ward(folder):
            pass


async def test_a_password_left_out_stays_an_empty_one_goes_and_an_edited_one_is_tried_at_once(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        registry = ward.room.registry
        camera = await registry.save(ward.camera(1, user="admin"), by=TECHNICIAN, password=SECRET)
        first = registry.door(camera.id).credential
        await registry.save(replace(camera, place="Chợ"), by=TECHNICIAN)
        assert registry.has_password(camera.id)
        assert registry.door(camera.id).credential == first
        await registry.save(camera, by=TECHNICIAN, password="moi-2026-abc")
        assert registry.door(camera.id).credential != first
        await registry.save(camera, by=TECHNICIAN, password="")
        assert not registry.has_password(camera.id)


async def test_factory_passwords_are_warned_about(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        registry = ward.room.registry
        for number, password in ((1, "12345"), (2, SECRET)):
            await registry.save(ward.camera(number), by=TECHNICIAN, password=password)
        await registry.save(ward.camera(3, user="admin"), by=TECHNICIAN)
        assert registry.has_factory_password(CameraId("cam-0001"))
        assert not registry.has_factory_password(CameraId("cam-0002"))
        assert registry.has_factory_password(CameraId("cam-0003")), "a user without a password"
        await registry.save(ward.camera(1), by=TECHNICIAN, password="mot-mat-khau-rieng-77")
        assert not registry.has_factory_password(CameraId("cam-0001"))


async def test_a_viewer_changes_nothing(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1)])
        room = ward.room
        for refused in (
            room.registry.save(ward.camera(2), by=VIEWER),
            room.registry.remove(CameraId("cam-0001"), by=VIEWER),
            room.registry.import_([["code"], ["x"]], by=VIEWER),
            room.sheets.import_([["code"], ["x"]], by=VIEWER),
            room.tickets.open_("cam-0001", title="x", by=VIEWER),
            room.finder.search(by=VIEWER),
        ):
            with pytest.raises(NotAllowed):
                await refused


async def test_two_people_do_not_overwrite_each_other(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        camera = await ward.room.registry.save(ward.camera(1), by=TECHNICIAN, new=True)
        with pytest.raises(Stale):
            await ward.room.registry.save(camera, by=TECHNICIAN, new=True)
        await ward.room.registry.save(replace(camera, place="Chợ"), by=TECHNICIAN, was=camera)
        with pytest.raises(Stale):
            await ward.room.registry.save(replace(camera, place="Cầu"), by=TECHNICIAN, was=camera)


async def test_the_same_import_twice_is_the_same_as_once(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        table = [
            ["code", "place", "zone", "host", "owner", "password"],
            ["cam-1", "Ngã tư", "kp1", "192.0.2.1", "Trường học", SECRET],
            ["cam-2", "Chợ", "kp9", "192.0.2.2", "", ""],
        ]
        tried = await ward.room.registry.import_(table, by=TECHNICIAN, dry_run=True)
        assert (tried.new, ward.room.registry.cameras) == (1, {})
        first = await ward.room.registry.import_(table, by=TECHNICIAN)
        lines = await ward.store.audit.last_n()
        again = await ward.room.registry.import_(table, by=TECHNICIAN)
        assert [(each.new, each.changed, each.same) for each in (first, again)] == [(1, 0, 0), (0, 0, 1)]
        assert await ward.store.audit.last_n() == lines
        assert [each.row for each in first.rows.bad] == [3]
        assert ward.room.registry.counts() == {(Owner.SCHOOL, "kp1"): 1}


async def test_what_the_command_line_imports_is_followed_by_the_running_gateway(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.room.follower.look()
        async with open_ward(tmp_path, clock=ward.clock) as beside:
            await beside.room.registry.import_([["code", "place", "zone"], ["cam-1", "Chợ", "kp1"]], by=TECHNICIAN)
        assert not ward.room.registry.cameras
        await ward.room.follower.look()
        assert list(ward.room.registry.cameras) == ["cam-1"]


# -- history ---------------------------------------------------------------------------------------------------------


async def test_history_and_health_outlive_a_restart(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1)])
        async with polling(ward):
            await pass_time(ward, 1_200)
        await ward.room.watcher.keep()
        before = await ward.room.watcher.uptime([CameraId("cam-0001")], days=1)
        clock = ward.clock
    async with open_ward(tmp_path, clock=clock) as ward:
        assert ward.room.watcher.health(CameraId("cam-0001")) is Health.GOOD
        after = await ward.room.watcher.uptime([CameraId("cam-0001")], days=1)
        assert after.good_ms == before.good_ms > 1_000_000
        assert after.percent == 100.0
        assert after.known_percent < 2


async def test_uptime_counts_what_was_lost(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1), ward.camera(2)])
        async with polling(ward):
            await pass_time(ward, 1_800)
            ward.eyes.does = {1: "offline"}
            await pass_time(ward, 1_800)
        one, two = CameraId("cam-0001"), CameraId("cam-0002")
        found = await ward.room.watcher.uptimes({"a": [one], "b": [two], "both": [one, two]}, days=1)
        assert found["a"].percent is not None
        assert 45 < found["a"].percent < 65
        assert found["b"].percent == 100.0
        assert found["both"].cameras == 2


async def test_slices_melt_into_hours_and_are_forgotten_after_thirty_days(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1)])
        async with polling(ward):
            await pass_time(ward, 7_200)
        await ward.room.watcher.keep()
        name = CameraId("cam-0001")
        before = await ward.room.watcher.history(name, days=30)
        assert {each.width_ms for each in before} == {300_000}
        await ward.clock.advance(3 * 86_400)
        await ward.room.watcher.keep()
        melted = await ward.room.watcher.history(name, days=30)
        assert {each.width_ms for each in melted} == {3_600_000}
        assert sum(each.good_ms for each in melted) == sum(each.good_ms for each in before)
        assert len(melted) <= 3
        await ward.clock.advance(30 * 86_400)
        await ward.room.watcher.keep()
        assert await ward.room.watcher.history(name, days=30) == []


async def test_a_removed_camera_leaves_nothing(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        camera = await ward.room.registry.save(ward.camera(1), by=TECHNICIAN, password=SECRET)
        async with polling(ward):
            await pass_time(ward, 400)
            await ward.room.watcher.keep()
            await ward.room.registry.remove(camera.id, by=TECHNICIAN)
            await pass_time(ward, 100)
            await ward.room.watcher.keep()
        assert await ward.store.camera_log.watches() == []
        assert await ward.store.camera_log.slices(since_ms=0, until_ms=ward.clock.now_ms()) == []
        assert await ward.store.cameras.secrets() == {}


# -- privacy ---------------------------------------------------------------------------------------------------------


def jpeg(size: tuple[int, int] = (640, 360)) -> bytes:
    """A picture with hard edges, and the place it was taken in its metadata."""
    picture = Image.new("L", size)
    for x in range(0, size[0], 2):
        picture.paste(255, (x, 0, x + 1, size[1]))
    exif = Image.Exif()
    exif[0x010E] = "nha van hoa khu pho 3"
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


async def test_no_picture_is_kept_unless_a_person_turned_it_on(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1), ward.camera(2, pictures=True)])
        ward.eyes.pictures = {1: jpeg(), 2: jpeg()}
        async with polling(ward):
            await pass_time(ward, 30)
            for _ in range(200):  # the picture is drawn and written on a thread
                if list((tmp_path / layout.THUMBNAILS).glob("*.jpg")):
                    break
                await asyncio.sleep(0.02)
        now_ms = ward.clock.now_ms()
        assert await ward.store.pictures.thumbnail(CameraId("cam-0001"), now_ms=now_ms) is None
        assert await ward.store.pictures.thumbnail(CameraId("cam-0002"), now_ms=now_ms) is not None


async def test_a_thumbnail_is_small_and_blurred_and_gone_within_a_day(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        camera = ward.camera(2, pictures=True)
        await ward.have([camera])
        await ward.store.pictures.keep_thumbnail(camera.id, jpeg(), at_ms=ward.clock.now_ms())
        found = await ward.store.pictures.thumbnail(camera.id, now_ms=ward.clock.now_ms())
        assert found is not None
        with Image.open(io.BytesIO(found[1])) as small:
            assert small.width <= 320
            low, high = small.convert("L").getextrema()
            assert high - low < 60, "hard edges are gone"
        files = tmp_path / layout.THUMBNAILS
        await ward.clock.advance(86_400 - 120)
        await ward.room.watcher.keep()
        assert len(list(files.iterdir())) == 1
        await ward.clock.advance(181)
        assert await ward.store.pictures.thumbnail(camera.id, now_ms=ward.clock.now_ms()) is None
        await ward.room.watcher.keep()
        assert list(files.iterdir()) == []


async def test_turning_pictures_off_deletes_the_last_one(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        camera = ward.camera(2, pictures=True)
        await ward.have([camera])
        await ward.store.pictures.keep_thumbnail(camera.id, jpeg(), at_ms=ward.clock.now_ms())
        await ward.room.registry.save(replace(camera, pictures=False), by=TECHNICIAN)
        await ward.room.watcher.keep()
        assert await ward.store.pictures.thumbnail(camera.id, now_ms=ward.clock.now_ms()) is None


# -- alerts ----------------------------------------------------------------------------------------------------------


async def test_a_cabinet_that_dies_is_one_alert_and_its_return_says_how_long(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have(
            [
                *(ward.camera(n, cabinet="Ngã tư") for n in range(1, 7)),
                *(ward.camera(n, zone="kp2") for n in range(7, 21)),
            ]
        )
        async with polling(ward):
            await go(ward, 120)
            ward.eyes.does = dict.fromkeys(range(1, 7), "offline")
            await go(ward, 240)
            standing = ward.room.alerts.standing
            assert [(each.wrong.scope, each.wrong.subject, len(each.wrong.cameras)) for each in standing] == [
                (Scope.CABINET, "Ngã tư", 6)
            ]
            assert standing[0].wrong.vi == "Cả tủ Ngã tư mất: 6 camera."
            ward.eyes.does = {}
            for n in range(1, 7):
                ward.room.poller.look_soon(CameraId(f"cam-{n:04}"))
            await go(ward, 400)
        (alert,) = ward.room.alerts.standing
        assert alert.state is AlertState.REPAIRED
        assert told(ward)[-1].text_vi.startswith("Đã có lại sau ")
        assert [each.state for each in told(ward)] == ["new", "repaired"]


async def test_at_night_nobody_is_woken_and_in_the_morning_what_is_still_wrong_is_told(tmp_path: Path) -> None:
    async with open_ward(tmp_path, start_ms=NIGHT) as ward:
        await ward.have([ward.camera(1), ward.camera(2)])
        ward.eyes.does = {1: "auth_failed"}
        async with polling(ward):
            await go(ward, 120)
            (alert,) = ward.room.alerts.standing
            assert not alert.told
            assert [each.notify for each in told(ward)] == [False]
            await ward.clock.advance(4 * 3_600)
            await go(ward, 60)
        (alert,) = ward.room.alerts.standing
        assert alert.told
        assert [each.notify for each in told(ward)] == [False, True]


async def test_what_flaps_is_one_alert_that_counts(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1), ward.camera(2)])
        async with polling(ward):
            for _ in range(4):
                ward.eyes.does = {1: "auth_failed"}
                await go(ward, 300)
                ward.eyes.does = {}
                await go(ward, 500)
        assert len(await ward.room.alerts.history(limit=10)) == 1
        (alert,) = ward.room.alerts.standing
        assert alert.count == 4


async def test_an_alert_closed_with_a_reason_stays_quiet_until_it_was_well_once(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1), ward.camera(2)])
        ward.eyes.does = {1: "auth_failed"}
        async with polling(ward):
            await go(ward, 120)
            (alert,) = ward.room.alerts.standing
            seen = await ward.room.alerts.see(alert.id, by=TECHNICIAN)
            assert seen.seen_by == TECHNICIAN.id
            with pytest.raises(BadInput):
                await ward.room.alerts.close(alert.id, by=TECHNICIAN)
            await ward.room.alerts.close(alert.id, by=TECHNICIAN, note="đang chờ trường đưa mật khẩu")
            await go(ward, 300)
            assert ward.room.alerts.standing == []
            ward.eyes.does = {}
            await go(ward, 200)
            ward.eyes.does = {1: "auth_failed"}
            await go(ward, 200)
            assert len(ward.room.alerts.standing) == 1


async def test_alerts_stand_after_a_restart_and_a_removed_cameras_is_closed(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await ward.have([ward.camera(1), ward.camera(2)])
        ward.eyes.does = {1: "auth_failed"}
        async with polling(ward):
            await go(ward, 120)
        await ward.room.watcher.keep()
        clock = ward.clock
    async with open_ward(tmp_path, clock=clock) as ward:
        await ward.room.alerts.look()
        (alert,) = ward.room.alerts.standing
        assert len(await ward.room.alerts.history(limit=10)) == 1
        await ward.room.registry.remove(CameraId("cam-0001"), by=TECHNICIAN)
        await ward.room.alerts.look()
        assert ward.room.alerts.standing == []
        assert (await ward.room.alerts.get(alert.id)).state is AlertState.CLOSED


# -- found again -----------------------------------------------------------------------------------------------------


async def test_a_camera_that_changed_its_address_is_found_and_moves_when_a_person_says_so(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        camera = ward.camera(1, uuid="u-1", mac="00:11:22:33:44:55")
        await ward.have([camera, ward.camera(2)])
        ward.eyes.does = {1: "offline"}
        ward.eyes.network = [ward.found(camera, host="192.0.2.77", uuid="u-1"), ward.found(camera, host="192.0.2.99")]
        searching = asyncio.ensure_future(ward.room.finder.run())
        try:
            async with polling(ward):
                await pass_time(ward, 600)
        finally:
            searching.cancel()
            await asyncio.gather(searching, return_exceptions=True)
        assert ward.eyes.searches == 1, "it searches by itself, and seldom"
        matches = ward.room.finder.matches
        assert [(each.camera.id if each.camera else None, each.moved) for each in matches] == [
            ("cam-0001", True), (None, False),
        ]  # fmt: skip
        assert ward.room.registry.get(camera.id).host == camera.host, "an answer proves nothing"
        moved = await ward.room.finder.accept(camera.id, by=TECHNICIAN)
        assert (moved.host, moved.port) == ("192.0.2.77", 80)
        with pytest.raises(NotFound):
            await ward.room.finder.accept(camera.id, by=TECHNICIAN)


async def test_what_a_camera_says_of_itself_fills_gaps_and_never_what_a_person_wrote(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        marks = Marks(uuid="urn:uuid:U-1", mac="00-11-22-33-44-55", serial="SER-1", maker="Hikvision", model="DS-2")
        ward.eyes.says = {1: Surveyed(marks=marks, firmware="V5.7", profile="S, T")}
        ward.eyes.does = {3: "offline"}
        await ward.have([ward.camera(1, serial="do-nguoi-ghi"), ward.camera(2), ward.camera(3)])
        surveying = asyncio.ensure_future(ward.room.surveyor.run())
        try:
            async with polling(ward):
                await pass_time(ward, 60)
                for _ in range(200):  # it is written on a thread
                    if ward.room.registry.get(CameraId("cam-0001")).uuid:
                        break
                    await asyncio.sleep(0.02)
                learnt = ward.room.registry.get(CameraId("cam-0001"))
                assert (learnt.uuid, learnt.mac, learnt.maker) == ("u-1", "00:11:22:33:44:55", "Hikvision")
                assert learnt.serial == "do-nguoi-ghi"
                await pass_time(ward, 600)
                assert sorted(ward.eyes.surveyed) == [1, 2], "once, and only those that are well"
        finally:
            surveying.cancel()
            await asyncio.gather(surveying, return_exceptions=True)


# -- repairs ---------------------------------------------------------------------------------------------------------


async def test_a_repair_with_photo_cost_and_a_word_about_warranty(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        desk = ward.room.tickets
        camera = ward.camera(1, warranty_until=instant(MORNING).date(), contractor="Đơn vị A")
        await ward.have([camera])
        made = await desk.open_(camera.id, title="Mờ", by=TECHNICIAN)
        warning = desk.warning(camera.id)
        assert warning is not None
        assert "Đơn vị A" in warning[0]
        shown = await desk.add_photo(made.id, jpeg((3_000, 2_000)), by=TECHNICIAN, caption="trước khi sửa")
        kept = await desk.photo(made.id, shown.photos[0].sha256)
        assert b"nha van hoa" not in kept
        with Image.open(io.BytesIO(kept)) as picture:
            assert max(picture.size) == 1_600
        with pytest.raises(BadInput):
            await desk.add_photo(made.id, b"<html>", by=TECHNICIAN)
        await desk.assign(made.id, "Đơn vị A", by=TECHNICIAN)
        await desk.repair(made.id, by=TECHNICIAN, warranty=True)
        done = await desk.close(made.id, by=TECHNICIAN)
        assert done.state is TicketState.CLOSED
        assert [each.id for each in await desk.all(device=camera.id)] == [made.id]
        assert await desk.all(open_only=True) == []
        with pytest.raises(WrongState):
            await desk.assign(made.id, "B", by=TECHNICIAN)


async def test_tickets_are_for_devices_that_exist_loudspeakers_too(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        first = await ward.room.tickets.open_("kp1-01", title="Loa rè", by=TECHNICIAN)
        second = await ward.room.tickets.open_("kp1-01", title="Mất tiếng", by=TECHNICIAN)
        assert (first.id, second.id) == (1, 2)
        with pytest.raises(NotFound):
            await ward.room.tickets.open_("kp9-99", title="x", by=TECHNICIAN)
        with pytest.raises(NotFound):
            await ward.room.tickets.photo(first.id, "0" * 64)


async def test_a_picture_that_claims_billions_of_pixels_is_refused(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        bomb = bytearray(jpeg((64, 64)))
        start = bomb.index(b"\xff\xc0")
        bomb[start + 5 : start + 9] = b"\xff\xff\xff\xff"
        with pytest.raises(BadInput):
            await ward.store.pictures.keep_photo(bytes(bomb))


def test_a_camera_never_carries_its_password() -> None:
    assert not [name for name in Camera.__dataclass_fields__ if "pass" in name or "secret" in name]
