"""A whole gateway over simulated cameras on real sockets: what each fault becomes, and what it must not touch."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from devices.clock import SystemClock
from devices.model import ZoneId
from gateway.domain.camera_watch import Health
from gateway.domain.device import Camera, CameraId, Owner
from gateway.domain.people import Role
from gateway.domain.root_cause import Scope
from gateway.domain.targets import Zone
from gateway.main.gateway import Gateway, open_gateway
from gateway.ports.records import User
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.faults import Fault
from simulators.cameras.park import CameraPark
from simulators.cameras.spec import CameraSpec
from simulators.cameras.ward import demo_cameras
from tests.onair.world import settings_for

FAULTS = {
    "cam-diem-07": (Fault.REFUSE, Health.LOST, {"refused", "offline"}),
    "cam-diem-08": (Fault.WRONG_PASSWORD, Health.FAULTY, {"auth_failed"}),
    "cam-diem-09": (Fault.STREAM_404, Health.FAULTY, {"stream_missing"}),
    "cam-diem-10": (Fault.CLOCK_PLUS_1H, Health.FAULTY, {"clock_wrong"}),
    "cam-diem-11": (Fault.LOGIN_PAGE, Health.FAULTY, {"not_onvif"}),
    "cam-diem-12": (Fault.HANG, Health.FAULTY, {"timeout"}),
    "cam-diem-13": (Fault.ENTITY_BOMB, Health.FAULTY, {"suspicious"}),
}


@dataclass
class Ward:
    gateway: Gateway
    park: CameraPark
    admin: User

    def camera(self, code: str) -> SimulatedCamera:
        return self.park[code]

    def health(self, code: str) -> Health:
        return self.gateway.cameras.watcher.health(CameraId(code))

    async def until(self, true, what: str, *, patience_s: float = 40) -> None:
        try:
            async with asyncio.timeout(patience_s):
                while not true():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(what) from None

    async def look_twice(self, codes: list[str]) -> None:
        """Have these looked at until two looks agree."""
        room = self.gateway.cameras
        for _ in range(2):
            seen = {code: room.watcher.watch(CameraId(code)).looked_ms for code in codes}
            for code in codes:
                room.poller.look_soon(CameraId(code))
            await self.until(
                lambda seen=seen: all(room.watcher.watch(CameraId(c)).looked_ms != seen[c] for c in codes),
                "not looked at again",
            )

    async def healthz(self) -> dict[str, bool]:
        async with httpx.AsyncClient(base_url=self.gateway.url) as screen:
            answer = await screen.get("/healthz")
        return {each["name"]: each["ok"] for each in answer.json()["checks"]}


def entry(spec: CameraSpec, camera: SimulatedCamera) -> Camera:
    return Camera(
        id=CameraId(spec.code),
        place=spec.place,
        zone=ZoneId(spec.zone),
        owner=Owner(spec.owner.value),
        host=camera.host,
        port=camera.port,
        user=spec.users[0].name,
        cabinet=spec.switch,
    )


@asynccontextmanager
async def open_ward(folder: Path) -> AsyncIterator[Ward]:
    specs = demo_cameras()[:24]
    settings = settings_for(folder, timezone="Asia/Ho_Chi_Minh", broker="auto", policy="default")
    settings = settings.model_copy(update={"cameras": settings.cameras.model_copy(update={"allow_local": True})})
    clock = SystemClock()
    async with (
        CameraPark(specs, clock=clock, faults={code: (each[0],) for code, each in FAULTS.items()}) as park,
        open_gateway(settings, clock, version="test") as gateway,
    ):
        admin = next(user for user in await gateway.store.accounts.users() if Role.ADMIN in user.roles)
        for zone in sorted({spec.zone for spec in specs}):
            await gateway.parts.inventory.save_zone(Zone(id=ZoneId(zone), name=f"Khu phố {zone[2:]}"), by=admin)
        for spec in specs:
            await gateway.cameras.registry.save(entry(spec, park[spec.code]), by=admin, password=spec.users[0].password)
        yield Ward(gateway, park, admin)


async def test_a_ward_of_cameras_from_the_first_look_to_a_dead_cabinet(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_ward(tmp_path) as ward:
        room = ward.gateway.cameras
        codes = [camera.spec.code for camera in ward.park]
        before = await ward.healthz()
        await ward.until(lambda: all(ward.health(code) is not Health.UNKNOWN for code in codes), "not all looked at")
        found = {code: room.watcher.watch(CameraId(code)) for code in codes}
        wrong = {
            code: (watch.health, watch.fault.cause if watch.fault else "")
            for code, watch in found.items()
            if watch.health is not Health.GOOD
        }
        assert wrong.keys() == FAULTS.keys(), wrong
        for code, (_, health, causes) in FAULTS.items():
            assert wrong[code][0] is health, (code, wrong[code])
            assert wrong[code][1] in causes, (code, wrong[code])
            fault = found[code].fault
            assert fault is not None
            assert fault.vi
            assert fault.advice_vi

        # dead and hostile cameras are nobody's alarm but their own
        after = await ward.healthz()
        assert after.keys() == before.keys()
        assert after["task.camera poller"]
        assert after["alarms"] == before["alarms"]

        # what paper did not say, the camera does
        await room.surveyor.survey(room.registry.get(CameraId("cam-diem-01")))
        learnt, spec = room.registry.get(CameraId("cam-diem-01")), ward.camera("cam-diem-01").spec
        assert (learnt.mac, learnt.maker, learnt.serial) == (spec.mac, spec.maker, spec.serial)

        # the whole cabinet at the crossroads goes: one alert, not six
        cabinet = [camera.spec.code for camera in ward.park.on_switch("tu-nga-tu")]
        assert len(cabinet) == 6
        for code in cabinet:
            await ward.camera(code).power_off()
        await ward.look_twice(cabinet)
        assert {ward.health(code) for code in cabinet} == {Health.LOST}
        await room.alerts.look()
        shared = [each.wrong for each in room.alerts.standing if each.wrong.scope is not Scope.CAMERA]
        assert [(each.scope, each.subject, len(each.cameras)) for each in shared] == [(Scope.CABINET, "tu-nga-tu", 6)]

        for code in cabinet:
            await ward.camera(code).power_on()
        await ward.look_twice(cabinet)
        assert {ward.health(code) for code in cabinet} == {Health.GOOD}

        passwords = {camera.spec.users[0].password for camera in ward.park}
        assert not [password for password in passwords if password in caplog.text]
