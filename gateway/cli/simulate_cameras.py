"""``loa simulate --cameras``: simulated ONVIF cameras on this machine's loopback, well or in trouble."""

import argparse
import asyncio
import contextlib
import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devices.clock import SystemClock
from gateway.cli.console import Failed
from simulators.cameras.discovery import Discovery
from simulators.cameras.faults import Fault
from simulators.cameras.park import CameraPark
from simulators.cameras.scenarios import Turn, cabinet_lost, dirty_lens_week, play, power_flap, storm, usual_faults
from simulators.cameras.spec import CameraSpec
from simulators.cameras.ward import plain_cameras
from simulators.ward import many_files

FILES_PER_CAMERA = 5
FILES_OF_THE_PROCESS = 256
CABINET = "tu-nga-tu"
_PRIVATE = 0o600
_COLUMNS = (
    "code", "place", "zone", "owner", "switch", "maker", "model", "serial", "mac", "uuid",
    "host", "port", "user", "password",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CameraReport:
    """What ``--json`` prints at the end."""

    cameras: int
    accepted: int
    """Connections, of all cameras."""
    asked: int
    """Requests that the cameras still remember; each its last 2,000."""
    wrong_logins: int
    writes: int
    """Attempts to change a camera: there should be none."""
    broken: int
    """Cameras with something wrong at the end."""
    seconds: float


async def simulate(
    args: argparse.Namespace,
    tell: Callable[[str], None],
    told_to_stop: Callable[[], contextlib.AbstractContextManager[asyncio.Event]],
) -> CameraReport:
    """Run until told to stop, or for ``--seconds``.

    Raises:
        Failed: the list cannot be written, or there is no such cabinet.
        OSError: a port is taken.
    """
    specs = plain_cameras(args.cameras, seed=args.seed)
    clock = SystemClock()
    faults = usual_faults(specs, seed=args.seed) if args.scenario == "usual" else None
    park = CameraPark(specs, clock=clock, faults=faults, first_port=args.first_port, seed=args.seed)
    began_ns = clock.mono_ns()
    with many_files(FILES_PER_CAMERA * len(specs) + FILES_OF_THE_PROCESS), told_to_stop() as stop:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(park)
            if args.discovery:
                found = Discovery(park, interfaces=[args.discovery])
                await stack.enter_async_context(found)
            if args.list is not None:
                write_list(park, args.list)
            first = next(iter(park))
            tell(f"{len(park)} camera, từ {first.url} (mật khẩu: --list FILE) / cameras, the first of them there")
            playing = asyncio.ensure_future(play(park, _turns(args.scenario, specs, args.seed), clock))
            try:
                await _wait(stop, args.seconds, playing)
            finally:
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)
            return _report(park, (clock.mono_ns() - began_ns) / 1e9)


def write_list(park: CameraPark, path: Path) -> None:
    """Write who they are and how to reach them, as ``loa cameras import`` reads it; the file is the owner's alone.

    Raises:
        Failed: it cannot be written.
    """
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    for camera in park:
        spec = camera.spec
        identity = [spec.code, spec.place, spec.zone, spec.owner, spec.switch, spec.maker, spec.model, spec.serial]
        user = spec.users[0]
        address = [camera.host, camera.port, user.name, user.password]
        table.writerow([*identity, spec.mac, spec.uuid, *address])
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            os.fchmod(file, _PRIVATE)
            out.write(text.getvalue())
    except OSError as error:
        raise Failed(f"không ghi được {path} / cannot write: {error}") from error


def _turns(scenario: str | None, specs: Sequence[CameraSpec], seed: str) -> list[Turn]:
    match scenario:
        case "storm":
            return storm(specs, seed=seed)
        case "cabinet":
            return cabinet_lost(specs, _cabinet(specs))
        case "flap":
            return power_flap(specs, _cabinet(specs), seed=seed)
        case "dirty-week":
            return dirty_lens_week(specs, seed=seed)
    return []


def _cabinet(specs: Sequence[CameraSpec]) -> str:
    """Return the crossroads' cabinet, the first of the park."""
    return next((spec.switch for spec in specs if spec.switch == CABINET), specs[0].switch)


async def _wait(stop: asyncio.Event, seconds: float | None, playing: asyncio.Future[None]) -> None:
    """Wait for the end; what breaks in a scenario is heard at once, its end is not ours."""
    stopping = asyncio.ensure_future(stop.wait())
    try:
        async with asyncio.timeout(seconds):
            either: set[asyncio.Future[Any]] = {stopping, playing}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                playing.result()
            await stopping
    except TimeoutError:
        return
    finally:
        stopping.cancel()


def _report(park: CameraPark, seconds: float) -> CameraReport:
    seen = [request for camera in park for request in camera.requests]
    return CameraReport(
        cameras=len(park),
        accepted=park.asked,
        asked=len(seen),
        wrong_logins=sum(request.is_wrong_login for request in seen),
        writes=sum(request.is_write for request in seen),
        broken=sum(bool(camera.faults - {Fault.NIGHT_IR}) or not camera.powered for camera in park),
        seconds=round(seconds, 1),
    )


def lines(report: CameraReport) -> Iterator[str]:
    """Say the report to a person."""
    counts = f"{report.accepted} kết nối, {report.asked} lần hỏi, {report.wrong_logins} lần sai mật khẩu"
    yield f"{counts} / connections, questions, wrong logins"
    if report.writes:
        yield f"{report.writes} lần định thay đổi camera / attempts to change a camera"
