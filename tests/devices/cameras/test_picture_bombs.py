"""Pictures made to cost: few bytes, many pixels, many scans. Each costs its own camera one bad picture, and no more."""

import asyncio
import dataclasses
import io
import itertools
from pathlib import Path

import pytest
from PIL import Image

from devices.cameras import eye
from devices.cameras.driver import CameraDriver
from devices.cameras.eyes import Eyes
from devices.cameras.limits import Limits
from devices.cameras.metrics import MOST_PIXELS, MOST_SCANS, NoPictureError, measure
from devices.errors import CameraTrouble
from devices.model.camera import Cause, Depth, Layer, Memory, Metrics
from simulators.cameras.faults import Fault
from tests.devices.cameras.conftest import QUICK, Broken, door_of

SCAN = b"\xff\xda"
SLOW_TO_DRAW = 2_500
"""Scans over a large picture: minutes, for whoever draws them."""


def flat(side: int, *, progressive: bool = False) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), (90, 120, 60)).save(out, "JPEG", quality=30, progressive=progressive)
    return out.getvalue()


def scanned(side: int, times: int) -> bytes:
    """Return a progressive picture whose last scan comes ``times`` times more."""
    whole = flat(side, progressive=True)
    at = whole.rfind(SCAN)
    begins = max(whole.rfind(b"\xff\xc4", 0, at), whole.rfind(SCAN, 0, at) + 2)
    last = whole[begins:-2] if whole[begins : begins + 2] == b"\xff\xc4" else whole[at:-2]
    return whole[:-2] + last * times + whole[-2:]


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process ever held (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no VmHWM")


def test_a_progressive_picture_as_cameras_make_them_is_measured() -> None:
    jpeg = flat(640, progressive=True)
    assert 1 < jpeg.count(SCAN) < MOST_SCANS
    assert measure(jpeg)["width"] == 640


def test_a_picture_of_many_scans_is_refused_before_one_of_them_is_drawn() -> None:
    jpeg = scanned(4_000, SLOW_TO_DRAW)
    assert len(jpeg) < 1 << 20
    assert Image.open(io.BytesIO(jpeg)).size == (4_000, 4_000)
    with pytest.raises(NoPictureError, match="scans"):
        measure(jpeg)
    assert measure(scanned(640, MOST_SCANS - 20))["width"] == 640


def test_more_pixels_than_any_camera_has_are_refused_by_their_header() -> None:
    jpeg = flat(6_400)
    assert MOST_PIXELS < 6_400**2
    assert len(jpeg) < Limits().picture_bytes
    with pytest.raises(NoPictureError, match="pixels"):
        measure(jpeg)


async def test_the_largest_picture_that_is_taken_stays_within_the_memory_of_the_process() -> None:
    side = int(MOST_PIXELS**0.5) // 8 * 8
    eyes = Eyes(decode_s=60)
    try:
        for jpeg in (flat(side), scanned(side, MOST_SCANS - 20)):
            found, _ = await eyes.measure(jpeg, thumbnail=True)
            assert (found.width, found.height) == (side, side)
        assert eyes._process is not None
        assert peak_bytes(eyes._process.pid) < eye.MEMORY_BYTES // 2
    finally:
        await eyes.close()


async def test_a_picture_that_takes_too_long_ends_its_process_and_the_next_one_is_measured() -> None:
    eyes = Eyes(decode_s=0.02)
    try:
        with pytest.raises(CameraTrouble) as caught:
            await eyes.measure(flat(6_000))
        assert caught.value.cause is Cause.SNAPSHOT_BAD
        assert eyes._process is None, "it does not go on drawing"
        eyes._decode_s = 30.0
        found, _ = await eyes.measure(flat(640))
        assert isinstance(found, Metrics)
    finally:
        await eyes.close()


async def test_cameras_with_bombs_keep_nobody_elses_picture_away(broken: Broken) -> None:
    bombs = [await broken(fault) for fault in (Fault.SNAPSHOT_SCANS, Fault.SNAPSHOT_BOMB, Fault.SNAPSHOT_20MB)]
    well = [await broken() for _ in range(3)]
    together = list(itertools.chain.from_iterable(zip(bombs, well, strict=True)))
    async with CameraDriver(limits=dataclasses.replace(QUICK, deadline_s=20, slow_s=20), allow_local=True) as driver:
        seen = await asyncio.gather(*(driver.look(door_of(each), Memory(), Depth.PICTURE) for each in together))
    assert [each.layer(Layer.PICTURE).cause for each in seen[0::2]] == [Cause.SNAPSHOT_BAD] * 3
    assert [each.layer(Layer.PICTURE).ok for each in seen[1::2]] == [True] * 3
    assert all(each.layer(Layer.STREAM).ok for each in seen), "what else such a camera does is known all the same"
