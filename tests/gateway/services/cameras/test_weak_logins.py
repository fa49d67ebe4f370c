"""Cameras that anybody gets into: one alert for each owner, that ends with the new password and wakes nobody twice."""

import logging
from pathlib import Path

import pytest

from devices.model.camera import Cause
from gateway.domain.camera_alert import AlertState, Grade
from gateway.domain.camera_watch import Health
from gateway.domain.device import CameraId, Owner
from gateway.domain.people import Permission
from gateway.domain.root_cause import Scope
from tests.gateway.services.cameras.eyes import TECHNICIAN, Ward, open_ward
from tests.gateway.services.cameras.test_poller import polling
from tests.gateway.services.cameras.test_room import go, told

FACTORY, OWN = "hik12345", "rieng-cua-phuong-77"
ONE, TWO, THREE = (CameraId(f"cam-{n:04}") for n in (1, 2, 3))


async def entered(ward: Ward, number: int, password: str, owner: Owner = Owner.SCHOOL) -> None:
    camera = ward.camera(number, user="admin", owner=owner)
    await ward.room.registry.save(camera, by=TECHNICIAN, password=password)


async def test_a_factory_password_is_a_warning_by_owner_and_the_camera_stays_good(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_ward(tmp_path) as ward:
        for number, owner in ((1, Owner.SCHOOL), (2, Owner.SCHOOL), (3, Owner.POLICE)):
            await entered(ward, number, FACTORY, owner)
        await entered(ward, 4, OWN)
        assert ward.room.weak_login(ONE) is Cause.FACTORY_LOGIN, "it is said before anybody looked"
        async with polling(ward):
            await go(ward, 90)
        standing = sorted(ward.room.alerts.standing, key=lambda alert: alert.key)
        assert [(each.wrong.scope, each.wrong.subject, each.wrong.cameras) for each in standing] == [
            (Scope.OWNER, "police", (THREE,)),
            (Scope.OWNER, "school", (ONE, TWO)),
        ]
        assert {each.wrong.grade for each in standing} == {Grade.WARNING}
        assert all(each.secret for each in standing)
        assert standing[1].wrong.vi == "2 camera (Trường học): mật khẩu mặc định, ai cũng biết"
        assert "Đổi mật khẩu" in standing[1].wrong.advice_vi
        assert not any(name in f"{each}" for each in told(ward) for name in (ONE, TWO, THREE)), (
            "who listens learns no name"
        )
        assert {ward.room.watcher.health(name) for name in (ONE, TWO, THREE)} == {Health.GOOD}
        assert [each.needs for each in told(ward)] == [Permission.KEEP_DEVICES] * 2, "it goes to nobody else's screen"
    assert FACTORY not in caplog.text


async def test_the_new_password_ends_it_and_a_refused_one_is_no_factory_password_any_more(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await entered(ward, 1, FACTORY)
        await entered(ward, 2, FACTORY, Owner.POLICE)
        async with polling(ward):
            await go(ward, 90)
            assert len(ward.room.alerts.standing) == 2
            ward.eyes.does = {2: "auth_failed"}  # somebody changed it on the camera, and not here yet
            await entered(ward, 1, OWN)
            assert ward.room.weak_login(ONE) is None
            await go(ward, 400)
        by_key = {each.key: each.state for each in ward.room.alerts.standing}
        assert by_key["factory_login:school"] is AlertState.REPAIRED
        assert by_key["factory_login:police"] is AlertState.REPAIRED
        assert by_key[f"camera:{TWO}"] is AlertState.NEW
        assert ward.room.weak_login(TWO) is None


async def test_a_camera_that_asks_for_no_password_is_told_whatever_is_kept_for_it(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await entered(ward, 1, OWN)
        ward.eyes.open_to_all = {1}
        async with polling(ward):
            await go(ward, 90)
            assert ward.room.weak_login(ONE) is Cause.OPEN_LOGIN
            ward.eyes.does = {1: "offline"}
            await go(ward, 180)
            assert ward.room.weak_login(ONE) is Cause.OPEN_LOGIN, "that it is gone now says nothing about it"
            assert "open_login:school" in {each.key for each in ward.room.alerts.standing if each.open}
            await ward.room.watcher.keep()
        async with open_ward(tmp_path) as again:
            assert again.room.weak_login(ONE) is Cause.OPEN_LOGIN
        ward.eyes.does, ward.eyes.open_to_all = {}, set()
        ward.room.poller.look_soon(ONE)
        async with polling(ward):
            await go(ward, 120)
        assert ward.room.weak_login(ONE) is None


async def test_closed_with_a_reason_it_is_quiet_until_there_is_one_more(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await entered(ward, 1, FACTORY)
        async with polling(ward):
            await go(ward, 90)
            (alert,) = ward.room.alerts.standing
            await ward.room.alerts.close(alert.id, by=TECHNICIAN, note="nhà trường đổi vào tuần sau")
            await go(ward, 60)
            assert ward.room.alerts.standing == []
            await entered(ward, 2, FACTORY)
            await go(ward, 90)
        (alert,) = ward.room.alerts.standing
        assert alert.wrong.cameras == (ONE, TWO)


async def test_a_fault_that_ends_is_not_folded_into_the_warning_about_its_password(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        await entered(ward, 1, FACTORY)
        async with polling(ward):
            await go(ward, 90)
            ward.eyes.does = {1: "offline"}
            await go(ward, 240)
            ward.eyes.does = {}
            ward.room.poller.look_soon(ONE)
            await go(ward, 400)
        by_key = {each.key: each for each in ward.room.alerts.standing}
        assert by_key[f"camera:{ONE}"].state is AlertState.REPAIRED
        assert by_key["factory_login:school"].open
        assert by_key["factory_login:school"].count == 1


async def test_an_import_tells_which_of_its_logins_everybody_knows_also_before_it_is_kept(tmp_path: Path) -> None:
    table = [
        ["code", "place", "zone", "host", "user", "password", "model"],
        ["a", "Cổng", "kp1", "192.0.2.1", "admin", FACTORY, ""],
        ["b", "Sân", "kp1", "192.0.2.2", "admin", OWN, ""],
        ["c", "Bếp", "kp1", "192.0.2.3", "admin", "", ""],
        ["d", "Lớp", "kp1", "192.0.2.4", "", "", ""],
        ["f", "Chỉ ghi tên", "kp1", "", "admin", "", ""],
        ["e", "Nhà xe", "kp1", "192.0.2.5", "root", "VK2-1080", "VK2-1080"],
    ]
    async with open_ward(tmp_path) as ward:
        for dry_run in (True, False):
            done = await ward.room.registry.import_(table, by=TECHNICIAN, dry_run=dry_run)
            assert done.weak == ("a", "c", "e")
        again = [["code", "place"], ["a", "Cổng chính"], ["b", "Sân"]]
        assert (await ward.room.registry.import_(again, by=TECHNICIAN)).weak == ("a",)
