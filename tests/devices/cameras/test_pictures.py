"""Pictures: each bad look is told from a good one, after as many pictures as it takes, and a dead picture in any case.

The numbers of the table in `devices.cameras.thresholds` are measured here again, on simulated scenes.
"""

import dataclasses
import io
from datetime import datetime

import numpy as np
import pytest
from PIL import Image

from devices.cameras.driver import CameraDriver
from devices.cameras.eyes import Eyes
from devices.cameras.look import Wish
from devices.cameras.metrics import NoPictureError, likeness, measure, same_blocks
from devices.cameras.thresholds import PATIENCE, PictureVerdict, Thresholds, judge_picture
from devices.clock import ManualClock
from devices.errors import CameraTrouble
from devices.model.camera import Cause, Depth, Layer, Memory, Metrics, PictureMemory
from simulators.cameras.faults import Fault
from simulators.cameras.pictures import Gallery
from tests.devices.cameras.conftest import QUICK, Broken, door_of

MINUTE_MS = 60_000
SIZES = [(640, 360), (1280, 720)]
TABLE = Thresholds()


def shot(gallery: Gallery, *faults: Fault, tick: int, scene: int = 3, size: tuple[int, int] = (640, 360)) -> Metrics:
    at = datetime(2026, 11, 26, 5, tick % 60, tick % 60)  # noqa: DTZ001 - what a camera paints is local
    return Metrics(**measure(gallery.picture(scene, size, set(faults), at=at, tick=tick, name="cam")))


def watched(gallery: Gallery, *faults: Fault, times: int, good: int = 3, scene: int = 3) -> list[PictureVerdict]:
    """Watch a good camera for a while, then with these faults, every five minutes."""
    memory: PictureMemory | None = None
    found = []
    for turn in range(good + times):
        now = faults if turn >= good else ()
        verdict = judge_picture(shot(gallery, *now, tick=turn + 1, scene=scene), memory, turn * 5 * MINUTE_MS)
        memory = verdict.memory
        found.append(verdict)
    assert all(each.cause is None and each.suspect is None for each in found[:good])
    return found[good:]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("scene", range(5))
def test_what_separates_the_dead_from_the_living_stands_as_far_apart_as_the_table_says(
    gallery: Gallery, scene: int, size: tuple[int, int]
) -> None:
    one, two = (shot(gallery, tick=tick, scene=scene, size=size) for tick in (1, 2))
    frozen = [shot(gallery, Fault.FROZEN_CLOCK_TICKS, tick=tick, scene=scene, size=size) for tick in (1, 9)]
    alive = same_blocks(one.blocks, two.blocks)
    dead = same_blocks(frozen[0].blocks, frozen[1].blocks)
    assert alive is not None
    assert dead is not None
    assert alive < 0.2
    assert dead > TABLE.frozen_blocks
    views = {
        look: likeness(one.edges, shot(gallery, look, tick=3, scene=scene, size=size).edges)
        for look in (Fault.NIGHT_IR, Fault.COVERED, Fault.MOVED, Fault.BLURRED)
    }
    same = likeness(one.edges, two.edges)
    assert same is not None
    assert None not in views.values()
    assert same > 0.9
    assert (views[Fault.NIGHT_IR] or 0) > TABLE.moved_view
    assert (views[Fault.COVERED] or 0) < TABLE.other_view
    assert (views[Fault.MOVED] or 0) < TABLE.moved_view
    assert shot(gallery, Fault.BLURRED, tick=3, scene=scene, size=size).sharpness < TABLE.blurred * one.sharpness


@pytest.mark.parametrize("scene", range(4))
@pytest.mark.parametrize(
    ("fault", "causes"),
    [
        (Fault.FROZEN_CLOCK_TICKS, {Cause.FROZEN}),
        (Fault.FROZEN_BYTES, set()),  # the gallery draws; only a camera repeats its bytes: see below
        (Fault.BLACK, {Cause.BLACK}),
        (Fault.OVEREXPOSED, {Cause.OVEREXPOSED}),
        (Fault.COVERED, {Cause.COVERED}),
        (Fault.BLURRED, {Cause.BLURRED}),
        (Fault.MOVED, {Cause.MOVED}),
        (Fault.PARTLY_COVERED, {Cause.COVERED, Cause.VIEW_CHANGED, Cause.MOVED}),
        (Fault.NIGHT_IR, set()),
    ],
)
def test_a_bad_look_is_named_when_it_has_lasted_and_not_before(
    gallery: Gallery, fault: Fault, causes: set[Cause], scene: int
) -> None:
    found = watched(gallery, fault, times=8, scene=scene)
    assert found[0].cause is None, "one picture proves nothing"
    later = {each.cause for each in found[5:]}
    assert later <= causes if causes else later == {None}
    first = next((turn for turn, each in enumerate(found) if each.cause is not None), None)
    if causes:
        cause = found[-1].cause
        assert first is not None
        assert cause is not None
        assert first + 1 >= PATIENCE[cause]


def test_a_day_and_a_night_raise_nothing(gallery: Gallery) -> None:
    memory: PictureMemory | None = None
    for turn in range(60):
        faults = (Fault.NIGHT_IR,) if 20 <= turn < 40 else ()
        verdict = judge_picture(shot(gallery, *faults, tick=turn + 1), memory, turn * 5 * MINUTE_MS)
        memory = verdict.memory
        assert (verdict.cause, verdict.suspect) == (None, None), turn


def test_darkness_takes_twice_as_long_by_night(gallery: Gallery) -> None:
    memory: PictureMemory | None = None
    named = []
    for turn in range(5):
        verdict = judge_picture(shot(gallery, Fault.BLACK, tick=turn), memory, turn, night=True)
        memory = verdict.memory
        named.append(verdict.cause)
    assert named == [None, None, None, Cause.BLACK, Cause.BLACK]


def test_nothing_is_learnt_from_a_bad_picture(gallery: Gallery) -> None:
    found = watched(gallery, Fault.BLURRED, times=20)
    assert found[-1].cause is Cause.BLURRED, "a blur of days does not become the usual"
    assert found[-1].memory.sharp_day == found[0].memory.sharp_day


def test_a_good_picture_ends_it(gallery: Gallery) -> None:
    bad = watched(gallery, Fault.COVERED, times=4)[-1]
    assert bad.cause is Cause.COVERED
    assert judge_picture(shot(gallery, tick=77), bad.memory, 10**9).cause is None


def test_another_size_is_compared_by_its_view_alone(gallery: Gallery) -> None:
    first = judge_picture(shot(gallery, tick=1), None, 0)
    second = judge_picture(shot(gallery, tick=2, size=(1280, 720)), first.memory, 1)
    assert second.metrics.same_blocks is None
    assert (second.metrics.likeness or 0) > 0.8


def test_what_is_remembered_of_a_picture_is_too_coarse_for_a_face(gallery: Gallery) -> None:
    memory = judge_picture(shot(gallery, tick=1, size=(1280, 720)), None, 0).memory
    assert len(memory.edges) < 5_000
    assert len(memory.blocks) < 7_000
    thumbnail = measure(picture(gallery), thumbnail=True)["thumbnail"]
    assert len(thumbnail) < 8_000


def picture(gallery: Gallery) -> bytes:
    return gallery.picture(1, (640, 360), set(), at=datetime(2026, 11, 26, 5, 30), tick=1, name="cam")  # noqa: DTZ001


@pytest.mark.parametrize("bad", [b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"<html>", b"\xff\xd8" + bytes(5_000)])
def test_what_is_no_jpeg_is_none(bad: bytes) -> None:
    with pytest.raises(NoPictureError):
        measure(bad)


def test_other_formats_and_tiny_pictures_are_refused() -> None:
    for size, kind in (((640, 360), "PNG"), ((16, 16), "JPEG")):
        out = io.BytesIO()
        Image.fromarray(np.zeros((size[1], size[0], 3), np.uint8)).save(out, kind)
        with pytest.raises(NoPictureError):
            measure(out.getvalue())


async def test_the_process_that_measures_survives_nonsense_and_is_made_anew_when_it_does_not(gallery: Gallery) -> None:
    eyes = Eyes(decode_s=20)
    try:
        good, _ = await eyes.measure(picture(gallery))
        with pytest.raises(CameraTrouble, match="snapshot_bad"):
            await eyes.measure(b"\xff\xd8 nonsense")
        assert (await eyes.measure(picture(gallery)))[0] == good
        assert eyes._process is not None
        eyes._process.kill()
        await eyes._process.wait()
        with pytest.raises(CameraTrouble, match="snapshot_bad"):
            await eyes.measure(picture(gallery))
        found, thumbnail = await eyes.measure(picture(gallery), thumbnail=True)
        assert found == good
        assert thumbnail is not None
        assert Image.open(io.BytesIO(thumbnail)).size == (160, 90)
    finally:
        await eyes.close()


async def test_a_camera_that_shows_the_same_file_for_ever_is_frozen(broken: Broken) -> None:
    clock = ManualClock(1_795_000_000_000)
    camera = await broken(Fault.FROZEN_BYTES)
    memory, causes = Memory(), []
    async with CameraDriver(clock, limits=dataclasses.replace(QUICK, deadline_s=10), allow_local=True) as driver:
        for _ in range(6):
            seen = await driver.look(door_of(camera), memory, Depth.PICTURE)
            memory = seen.memory
            causes.append(seen.layer(Layer.PICTURE).cause)
            await clock.advance(300)
    assert causes == [None, None, None, Cause.FROZEN, Cause.FROZEN, Cause.FROZEN]


async def test_a_thumbnail_is_given_only_when_asked_for(broken: Broken, driver: CameraDriver) -> None:
    camera = await broken()
    seen = await driver.look(door_of(camera), Memory(), Depth.PICTURE, wish=Wish(thumbnail=True))
    assert seen.thumbnail is not None
    assert seen.thumbnail.startswith(b"\xff\xd8")
    assert "thumbnail" not in repr(seen)
