"""Clients that we did not write accept the simulated cameras. What they read is what the camera is."""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.auth import HTTPDigestAuth

from devices.clock import SystemClock, instant
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.events import Topic

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
PEERS = ROOT / ".venv-peers"
PATIENCE_S = 60


def must_or_skip(why: str) -> None:
    """A missing peer fails where a change is judged, and explains itself elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@contextlib.contextmanager
def only_one(name: str) -> Iterator[None]:
    """Keep two test runs from installing the same thing at once."""
    PEERS.mkdir(exist_ok=True)
    with (PEERS / f".lock-{name}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def npm_onvif() -> Path:
    """A folder with npm's ``onvif`` in it, from the lock beside this file."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        must_or_skip("chưa có node và npm: apt-get install nodejs npm / node and npm are not installed")
    folder = PEERS / "npm-onvif"
    with only_one("npm-onvif"):
        lock = (HERE / "node" / "package-lock.json").read_bytes()
        made_from = folder / ".made-from"
        if not made_from.exists() or made_from.read_bytes() != lock:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(HERE / "node", folder)
            done = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=folder, capture_output=True, text=True, timeout=110, check=False,
            )  # fmt: skip
            if done.returncode:
                must_or_skip(f"npm ci: {done.stderr[-500:]}")
            made_from.write_bytes(lock)
        shutil.copy(HERE / "node" / "look.js", folder)
    return folder


@pytest.fixture(scope="session")
def onvif_async() -> Path:
    """The Python of an environment with ``onvif-zeep-async``, whose import name is that of ``onvif-zeep``."""
    done = subprocess.run(
        [ROOT / "scripts" / "peers", "onvif-async"], capture_output=True, text=True, timeout=110, check=False
    )
    if done.returncode:
        must_or_skip(f"scripts/peers onvif-async: {done.stderr[-500:]}")
    return PEERS / "onvif-async" / "bin" / "python"


async def run(*words: str | Path) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, out.decode() + err.decode()
    answer: dict[str, Any] = json.loads(out)
    return answer


def of(camera: SimulatedCamera) -> list[str]:
    user = camera.spec.users[0]
    return [camera.host, str(camera.port), user.name, user.password]


def stream_of(camera: SimulatedCamera) -> str:
    return f"rtsp://127.0.0.1:{camera.rtsp_port}/live/profile_1"


async def test_npm_onvif_reads_all_of_it(camera: SimulatedCamera, npm_onvif: Path) -> None:
    seen = await run("node", npm_onvif / "look.js", *of(camera))
    assert seen["device"]["serialNumber"] == camera.spec.serial
    assert seen["time"][:13] in {f"{instant(SystemClock().now_ms() + shift):%Y-%m-%dT%H}" for shift in (0, -60_000)}
    assert seen["hostname"] == camera.spec.hostname
    assert seen["profiles"] == ["profile_1", "profile_2"]
    assert seen["resolution"] == {"width": 1920, "height": 1080}
    assert seen["interfaces"][0]["info"]["hwAddress"] == camera.spec.mac
    assert seen["stream"] == stream_of(camera)
    assert seen["snapshot"] == f"http://127.0.0.1:{camera.port}/onvif/snapshot/profile_1"
    assert set(seen["events"]) == {Topic.MOTION, Topic.TAMPER}
    assert camera.events.subscriptions == 0
    assert not [seen.action for seen in camera.requests if seen.is_wrong_login]


async def test_onvif_zeep_async_reads_all_of_it(camera: SimulatedCamera, onvif_async: Path) -> None:
    seen = await run(onvif_async, HERE / "peers" / "onvif_async.py", *of(camera))
    assert seen["device"] == {"serial": camera.spec.serial, "maker": camera.spec.maker}
    assert seen["year"] == instant(SystemClock().now_ms()).year
    assert {"Device", "Media", "Events"} <= set(seen["capabilities"])
    assert (seen["profiles"], seen["encoding"]) == (["profile_1", "profile_2"], "H264")
    assert seen["stream"] == stream_of(camera)
    assert set(seen["topics"]) == {Topic.MOTION, Topic.TAMPER}
    assert seen["picture"] > 10_000
    assert camera.events.subscriptions == 0


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_stock_onvif_zeep_reads_all_of_it_and_leaves_a_subscription_behind(camera: SimulatedCamera) -> None:
    """It leaks one PullPoint a construction, and never closes its sessions: why ours does not use it as it comes."""
    seen = await asyncio.to_thread(_stock, camera)
    assert seen["serial"] == camera.spec.serial
    assert seen["mac"] == camera.spec.mac
    assert seen["stream"] == stream_of(camera)
    assert seen["picture"].startswith(b"\xff\xd8")
    assert seen["users"] == ["admin", "giamsat"]
    assert camera.events.subscriptions == 1


def _stock(camera: SimulatedCamera) -> dict[str, Any]:
    root = logging.getLogger()
    handlers = list(root.handlers)
    try:
        from onvif import ONVIFCamera

        host, port, user, password = of(camera)
        client = ONVIFCamera(host, int(port), user, password)
        media = client.create_media_service()
        token = media.GetProfiles()[0].token
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        shot = media.GetSnapshotUri({"ProfileToken": token}).Uri
        with requests.Session() as session:
            session.trust_env = False
            picture = session.get(shot, auth=HTTPDigestAuth(user, password), timeout=10).content
        return {
            "serial": client.devicemgmt.GetDeviceInformation().SerialNumber,
            "mac": client.devicemgmt.GetNetworkInterfaces()[0].Info.HwAddress,
            "users": [each.Username for each in client.devicemgmt.GetUsers()],
            "stream": media.GetStreamUri({"StreamSetup": setup, "ProfileToken": token}).Uri,
            "picture": picture,
        }
    finally:
        root.handlers[:] = handlers  # importing it adds one
