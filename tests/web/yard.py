"""A ward of three loudspeakers and four cameras with thirty days behind them, or of two hundred and seventy-six."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import sin
from pathlib import Path

from devices.model import ClusterId, ZoneId
from gateway.domain.cluster_history import HOUR_MS, Gauge, Hour, Spread
from gateway.domain.device import Camera, CameraId, Owner
from gateway.domain.people import Role
from simulators.cameras.faults import Fault
from simulators.cameras.park import CameraPark
from simulators.cameras.ward import demo_cameras
from tests.web.ward import START, Ward, open_ward

MORNING = START.replace(hour=8)
"""An hour in which a test tone may sound."""
DAYS = 30
WELL, LOCKED, DEAD, SPARE = (spec.code for spec in demo_cameras("thu")[:4])
"""Of the four cameras: the second does not take our password, the third has no power."""


@asynccontextmanager
async def open_yard(folder: Path) -> AsyncIterator[Ward]:
    """Found it, on a Thursday at eight."""
    specs = demo_cameras("thu")[:4]
    faults = {LOCKED: [Fault.WRONG_PASSWORD], DEAD: [Fault.REFUSE]}
    async with open_ward(folder, start=MORNING) as ward, CameraPark(specs, clock=ward.clock, faults=faults) as park:
        registry = ward.gateway.cameras.registry
        for number, spec in enumerate(specs):
            camera = Camera(
                id=CameraId(spec.code),
                place=spec.place,
                zone=ZoneId("kp1"),
                owner=Owner.POLICE if number else Owner.WARD,
                host=park[spec.code].host,
                port=park[spec.code].port,
                user=spec.users[0].name,
                maker=spec.maker,
                model=spec.model,
                serial=spec.serial,
                contractor="Đơn vị lắp đặt số 1",
                cluster=ClusterId("kp1-01") if not number else None,
            )
            await registry.save(camera, by=ward.staff[Role.TECHNICIAN], password=spec.users[0].password)
        await _measured(ward)
        watcher = ward.gateway.cameras.watcher
        await ward.until(lambda: len(watcher.watches) == len(specs), "nobody looks at the cameras")
        yield ward


async def _measured(ward: Ward) -> None:
    """Thirty days of ``kp1-01``, with an afternoon without power and a hole in which the gateway was off."""
    now_ms = ward.clock.now_ms() // HOUR_MS * HOUR_MS
    hours = []
    for back in range(1, DAYS * 24):
        if 200 < back < 230:
            continue
        wave, dark = sin(back / 24 * 6.28), 400 < back < 406
        gauges = {
            Gauge.VOLTS: _spread(226 + 5 * wave, 4),
            Gauge.TEMPERATURE: _spread(46 + 9 * wave, 2),
            Gauge.SIGNAL: _spread(-64 - 4 * wave, 5),
            Gauge.CLOCK: _spread(3 + 2 * wave, 1.5),
        }
        hours.append(
            Hour(
                cluster=ClusterId("kp1-01"),
                start_ms=now_ms - back * HOUR_MS,
                watched_s=3600,
                online_s=300 if dark else 3590,
                battery_s=300 if dark else 0,
                boots=int(back == 400),
                gauges={} if dark else gauges,
            )
        )
    await ward.gateway.store.hours.add(hours, forget_before_ms=0)


def _spread(mean: float, half: float) -> Spread:
    return Spread(n=120, total=120 * mean, low=mean - half, high=mean + half)


async def crowd(ward: Ward) -> None:
    """Enter 197 more clusters of ten neighbourhoods and 72 cameras, as an import does; most are not enrolled yet."""
    technician = ward.staff[Role.TECHNICIAN]
    heading = ["code", "name", "zone", "zone_name", "latitude", "longitude"]
    clusters = [heading]
    for n in range(197):
        zone, turn = n % 10 + 1, n * 2.39996
        row, column = divmod(zone - 1, 4)
        latitude = 15.57 - row * 0.012 + 0.004 * (n / 197) ** 0.5 * sin(turn)
        longitude = 108.47 + column * 0.012 + 0.004 * (n / 197) ** 0.5 * sin(turn + 1.57)
        clusters.append(
            [f"dong-{n:03}", f"Loa đông {n}", f"kp{zone}", f"Khu phố {zone}", f"{latitude:.5f}", f"{longitude:.5f}"]
        )
    done = await ward.gateway.cameras.sheets.import_(clusters, by=technician)
    assert not done.rows.bad, done.rows.bad[:3]
    cameras = [["code", "place", "zone", "owner"]]
    owners = list(Owner)
    cameras += [[f"dong-cam-{n:02}", f"Ngã ba số {n}", f"kp{n % 10 + 1}", owners[n % 6].value] for n in range(72)]
    seen = await ward.gateway.cameras.registry.import_(cameras, by=technician)
    assert not seen.rows.bad, seen.rows.bad[:3]
