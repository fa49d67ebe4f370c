"""What simulated pictures look like, measured as a health check would: the clock's band left out."""

import io
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.faults import Fault
from simulators.cameras.pictures import OSD_PX, Gallery
from simulators.cameras.shot import BIG
from simulators.cameras.spec import make_spec
from tests.simulators.cameras.asking import Said, digest, raw

SIZE = (640, 360)
SNAPSHOT = "/onvif/snapshot/profile_1"
Grey = npt.NDArray[np.float64]


def shot(gallery: Gallery, *faults: Fault, tick: int = 1, second: int = 0, scene: int = 3) -> Grey:
    at = datetime(2026, 11, 26, 5, 30, second)  # noqa: DTZ001 - what a camera paints is local
    return grey(gallery.picture(scene, SIZE, set(faults), at=at, tick=tick, name="cam"))


def grey(jpeg: bytes) -> Grey:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"), np.float64)


def seen(picture: Grey) -> Grey:
    """Leave the clock out; the band and the block that it cuts."""
    return picture[-(-OSD_PX // 8) * 8 :]


def same_blocks(first: Grey, second: Grey) -> float:
    """Return the share of 8x8 blocks that are equal bit for bit."""
    same = (seen(first) == seen(second)).reshape(-1, 8, SIZE[0] // 8, 8)
    return float(same.all(axis=(1, 3)).mean())


def sharpness(picture: Grey) -> float:
    view = seen(picture)
    laplacian = 4 * view[1:-1, 1:-1] - view[:-2, 1:-1] - view[2:, 1:-1] - view[1:-1, :-2] - view[1:-1, 2:]
    return float(laplacian.var())


def likeness(first: Grey, second: Grey) -> float:
    """Correlate the edges of two pictures at an eighth of their size."""

    def edges(picture: Grey) -> Grey:
        small = np.asarray(Image.fromarray(seen(picture).astype(np.uint8)).resize((80, 41), Image.Resampling.BOX))
        down, across = np.gradient(small.astype(np.float64))
        return np.hypot(down, across)

    return float(np.corrcoef(edges(first).ravel(), edges(second).ravel())[0, 1])


def test_a_live_picture_lives_and_a_frozen_one_does_not_though_its_clock_ticks(gallery: Gallery) -> None:
    assert same_blocks(shot(gallery, tick=1), shot(gallery, tick=2)) < 0.2
    first = shot(gallery, Fault.FROZEN_CLOCK_TICKS, tick=1, second=1)
    later = shot(gallery, Fault.FROZEN_CLOCK_TICKS, tick=9, second=42)
    assert same_blocks(first, later) > 0.95
    assert (first[:OSD_PX] != later[:OSD_PX]).any()


@pytest.mark.parametrize("scene", range(4))
def test_each_bad_look_differs_from_a_good_one_in_its_own_measure(gallery: Gallery, scene: int) -> None:
    good, again = shot(gallery, scene=scene), shot(gallery, tick=5, scene=scene)
    assert likeness(good, again) > 0.9
    black = seen(shot(gallery, Fault.BLACK, scene=scene))
    assert black.mean() < 16
    assert black.std() < 12
    white = seen(shot(gallery, Fault.OVEREXPOSED, scene=scene))
    assert white.mean() > 240
    assert white.std() < 12
    covered = shot(gallery, Fault.COVERED, scene=scene)
    assert likeness(good, covered) < 0.25
    assert seen(covered).std() < 0.5 * seen(good).std()
    assert likeness(good, shot(gallery, Fault.PARTLY_COVERED, scene=scene)) < 0.8
    assert likeness(good, shot(gallery, Fault.MOVED, scene=scene)) < 0.6
    assert sharpness(shot(gallery, Fault.BLURRED, scene=scene)) < 0.4 * sharpness(good)
    assert sharpness(shot(gallery, Fault.MOVED, scene=scene)) > 0.6 * sharpness(good)


def test_an_infrared_night_is_grey_and_otherwise_well(gallery: Gallery) -> None:
    at = datetime(2026, 11, 26, 2, 0)  # noqa: DTZ001 - local
    night = gallery.picture(3, SIZE, {Fault.NIGHT_IR}, at=at, tick=1, name="cam")
    red, _, blue = (np.asarray(band, int) for band in Image.open(io.BytesIO(night)).convert("RGB").split())
    assert abs(red - blue).mean() < 2
    assert likeness(grey(night), shot(gallery)) > 0.8
    assert seen(grey(night)).mean() > 40


def test_scenes_differ_from_each_other(gallery: Gallery) -> None:
    assert likeness(shot(gallery, scene=1), shot(gallery, scene=2)) < 0.6


async def fetch(camera: SimulatedCamera, *, limit: int = 1 << 20) -> Said:
    refused = await raw(camera.host, camera.port, f"GET {SNAPSHOT} HTTP/1.1\r\nConnection: close")
    answer = digest(camera, refused.headers["www-authenticate"], "GET", SNAPSHOT)
    head = f"GET {SNAPSHOT} HTTP/1.1\r\n{answer}Connection: close"
    return await raw(camera.host, camera.port, head, limit=limit)


async def test_files_that_are_no_pictures(gallery: Gallery) -> None:
    async with SimulatedCamera(make_spec("c"), gallery=gallery) as camera:
        await camera.break_(Fault.FROZEN_BYTES)
        assert (await fetch(camera)).body == (await fetch(camera)).body
        await camera.mend()
        await camera.break_(Fault.SNAPSHOT_HTML)
        assert (await fetch(camera)).headers["content-type"] == "text/html"
        await camera.mend()
        await camera.break_(Fault.SNAPSHOT_401)
        assert (await fetch(camera)).status == 401
        await camera.mend()
        await camera.break_(Fault.SNAPSHOT_CUT)
        half = (await fetch(camera)).body
        assert half.startswith(b"\xff\xd8")
        assert not half.endswith(b"\xff\xd9")
        await camera.mend()
        await camera.break_(Fault.SNAPSHOT_20MB)
        big = await fetch(camera)
        assert int(big.headers["content-length"]) >= BIG
        await camera.mend()
        await camera.break_(Fault.SNAPSHOT_BOMB)
        bomb = (await fetch(camera)).body
        assert len(bomb) < 100_000
        with pytest.raises(Image.DecompressionBombError):
            Image.open(io.BytesIO(bomb))
        await camera.mend()
        await camera.break_(Fault.SNAPSHOT_SCANS)
        scans = (await fetch(camera)).body
        assert len(scans) < 1_000_000
        assert scans.count(b"\xff\xda") > 1_000
        assert Image.open(io.BytesIO(scans)).size == (4_000, 4_000)
        await camera.mend()
        await camera.break_(Fault.NO_SNAPSHOT)
        assert (await fetch(camera)).status == 404
