"""76 camera của phường mẫu: in the registry as a technician enters them, and alive on loopback, some in trouble."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

from devices.clock import Clock, instant
from gateway.demo.camera_past import give_camera_past
from gateway.domain.camera_sheet import CAMERA_COLUMNS
from gateway.domain.errors import WrongState
from gateway.main.gateway import Gateway
from gateway.ports.records import User
from simulators.cameras.park import CameraPark
from simulators.cameras.scenarios import usual_faults
from simulators.cameras.spec import CameraSpec
from simulators.cameras.ward import demo_cameras

SEED = "phuong-mau"
_CONTRACTORS = ("Đơn vị lắp đặt số 1", "Đơn vị lắp đặt số 2", "Đơn vị lắp đặt số 3")
_WARRANTY = timedelta(days=730)
_ACROSS = 5
"""Neighbourhoods beside each other on the plain map; two rows of them."""


@asynccontextmanager
async def living_cameras(gateway: Gateway, technician: User, clock: Clock) -> AsyncIterator[CameraPark]:
    """Run the ward's cameras on loopback, and have the gateway know them and thirty simulated days of theirs.

    Raises:
        WrongState: a row of our own data was not accepted.
    """
    specs = demo_cameras(SEED)
    faults = usual_faults(specs, seed=SEED)
    async with CameraPark(specs, clock=clock, faults=faults, remembers=10) as park:
        today = instant(clock.now_ms()).date()
        table = [list(_HEADINGS), *(_row(spec, park, today) for spec in specs)]
        done = await gateway.cameras.registry.import_(table, by=technician)
        if done.rows.bad:
            raise WrongState(f"Dữ liệu mẫu sai: {done.rows.bad[0].vi}", f"Bad demo data: {done.rows.bad[0].en}")
        await give_camera_past(gateway.store, specs, faults, now_ms=clock.now_ms())
        yield park


_HEADINGS = tuple(column.name for column in CAMERA_COLUMNS)


def _row(spec: CameraSpec, park: CameraPark, today: date) -> list[str]:
    camera = park[spec.code]
    dna = hashlib.sha256(spec.code.encode()).digest()
    installed = today - timedelta(days=100 + dna[0] * 6)
    line, column = divmod(int(spec.zone.removeprefix("kp")) - 1, _ACROSS)
    values = {
        "code": spec.code,
        "place": spec.place,
        "zone": spec.zone,
        "owner": spec.owner.value,
        "host": camera.host,
        "port": str(camera.port),
        "user": spec.users[0].name,
        "password": spec.users[0].password,
        "mac": spec.mac,
        "uuid": str(spec.uuid),
        "profile": "S, T" if spec.media2 else "S",
        "maker": spec.maker,
        "model": spec.model,
        "firmware": spec.firmware,
        "serial": spec.serial,
        "installed": installed.isoformat(),
        "warranty_until": (installed + _WARRANTY).isoformat(),
        "contractor": _CONTRACTORS[dna[1] % len(_CONTRACTORS)],
        "cabinet": spec.switch,
        "map_x": f"{column * 20 + 3 + dna[2] % 15}",
        "map_y": f"{line * 50 + 6 + dna[3] % 38}",
        "watched": "1",
    }
    return [values.get(name, "") for name in _HEADINGS]
