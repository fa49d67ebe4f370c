"""A camera server that we did not write: ``ipycam``, probed by the library and by the command.

It wants a login even for the time, refuses tokens 300 s off, puts elements out of the schema's order, shows pictures
behind Basic, and streams real H.264.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from devices.cameras.driver import CameraDriver
from devices.cameras.look import Wish
from devices.model.camera import Cause, Depth, Door, Layer, Memory, Secret, Status
from tests.ports import free_port

ROOT = Path(__file__).parents[3]
USER, PASSWORD = "admin", "mat-khau-ipycam"
STARTS_WITHIN_S = 40


@dataclass(frozen=True)
class Peer:
    port: int
    rtsp_port: int
    folder: Path

    def door(self, password: str = PASSWORD) -> Door:
        return Door(host="127.0.0.1", port=self.port, user=USER, password=Secret(password))


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def ipycam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    done = subprocess.run(
        [ROOT / "scripts" / "peers", "ipycam"], capture_output=True, text=True, timeout=110, check=False
    )
    if done.returncode:
        why = f"scripts/peers ipycam: {done.stderr[-500:]}"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    folder = tmp_path_factory.mktemp("ipycam")
    encoder = folder / "bin" / "ffmpeg"
    encoder.parent.mkdir()
    encoder.symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    clip = "testsrc2=size=320x180:rate=10"
    subprocess.run(
        [encoder, "-loglevel", "error", "-f", "lavfi", "-i", clip, "-t", "4", "-pix_fmt", "yuv420p", folder / "t.mp4"],
        check=True, timeout=60,
    )  # fmt: skip
    port, rtsp_port, web_port = free_port(), free_port(), free_port()
    (folder / "camera_config.json").write_text(
        json.dumps(
            {
                "name": "IPyCam", "onvif_port": port, "rtsp_port": rtsp_port, "web_port": web_port,
                "local_ip": "127.0.0.1", "username": USER, "password": PASSWORD, "hw_accel": "cpu",
                "main_width": 320, "main_height": 180, "main_fps": 10, "main_bitrate": "1M",
                "sub_width": 160, "sub_height": 90, "sub_fps": 5, "sub_bitrate": "1M",
            }
        )
    )  # fmt: skip
    python = ROOT / ".venv-peers" / "ipycam" / "bin" / "python"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [python, "-m", "ipycam", "--config", "camera_config.json", "--source", "t.mp4"],
            cwd=folder, stdout=log, stderr=log, start_new_session=True,
            env=os.environ | {"PATH": f"{encoder.parent}:{os.environ['PATH']}"},
        )  # fmt: skip
    try:
        ends = time.monotonic() + STARTS_WITHIN_S
        while not (listens(port) and listens(rtsp_port)):
            assert process.poll() is None, (folder / "log").read_text()[-2000:]
            assert time.monotonic() < ends, (folder / "log").read_text()[-2000:]
            time.sleep(0.2)
        yield Peer(port, rtsp_port, folder)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its own group: it starts encoders
        process.wait(timeout=20)


async def look(peer: Peer, *, password: str = PASSWORD, enrolling: bool = True) -> Any:
    async with CameraDriver(allow_local=True) as driver:
        wish = Wish(enrolling=enrolling)
        return await driver.look(peer.door(password), Memory(), Depth.PICTURE, wish=wish)


async def test_the_library_reads_all_of_it(ipycam: Peer) -> None:
    seen = await look(ipycam)
    assert seen.status is Status.OK, seen.layers
    assert [each.ok for each in seen.layers] == [True] * 5
    assert seen.device.maker == "PythonCam"
    assert seen.device.serial == "PY-000001"
    assert [(each.codec, each.width) for each in seen.profiles] == [("H264", 320), ("H264", 160)]
    assert seen.stream_uri.startswith(f"rtsp://127.0.0.1:{ipycam.rtsp_port}/")
    assert abs(seen.clock_offset_s) < 3
    assert (seen.metrics.width, seen.metrics.height) in {(320, 180), (160, 90)}


async def test_a_wrong_password_is_known_and_not_tried_on(ipycam: Peer) -> None:
    seen = await look(ipycam, password="sai")
    assert seen.layer(Layer.LOGIN).cause is Cause.AUTH_FAILED
    assert seen.memory.paused_until_ms > seen.at_ms


async def test_its_password_is_not_told_in_clear_unless_a_person_is_there(ipycam: Peer) -> None:
    seen = await look(ipycam, enrolling=False)
    result = seen.layer(Layer.PICTURE)
    if result.ok:
        assert seen.memory.snapshot_auth in {"none", "digest"}
    else:
        assert result.cause is Cause.SNAPSHOT_AUTH


async def test_a_survey_through_onvif_zeep_reads_it_too(ipycam: Peer) -> None:
    async with CameraDriver(allow_local=True) as driver:
        found = await driver.survey(ipycam.door())
    assert found.device.serial == "PY-000001"
    assert len(found.services) >= 2
    assert found.stream_uri is not None


def test_the_command_probes_it(ipycam: Peer) -> None:
    secret = ipycam.folder / "password"
    secret.write_text(PASSWORD + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "cameras", "probe", "127.0.0.1", "--port", str(ipycam.port),
         "--user", USER, "--password-file", secret, "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert (said["status"], said["device"]["maker"]) == ("ok", "PythonCam")
    assert [each["name"] for each in said["layers"]] == ["tcp", "clock", "login", "stream", "picture"]
    assert PASSWORD not in done.stdout + done.stderr
