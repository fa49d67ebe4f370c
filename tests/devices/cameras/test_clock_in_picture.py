"""A clock painted anywhere along the edges lives while the picture is dead, and must not pass for life; nor hide it."""

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from devices.cameras.metrics import MOST_BLOCKS, _in_the_middle, measure, same_blocks
from devices.cameras.thresholds import Thresholds, judge_picture
from devices.model.camera import Cause, Metrics, PictureMemory

TABLE = Thresholds()
MINUTE_MS = 60_000
SIZES = [(640, 360), (352, 288), (1280, 720), (1920, 1080)]
PLACES = {
    "top": (0.02, 0.01), "lower than the band": (0.02, 0.10), "bottom": (0.5, 0.93), "above the band": (0.3, 0.82),
    "left": (0.0, 0.45), "right": (0.62, 0.5), "corner": (0.62, 0.86),
}  # fmt: skip


def scene(size: tuple[int, int]) -> npt.NDArray[np.int16]:
    """A wall of boxes: something to see in every block."""
    width, height = size
    dice = np.random.default_rng(4)
    coarse = dice.integers(40, 215, (height // 12 + 1, width // 12 + 1), dtype=np.int16)
    return np.kron(coarse, np.ones((12, 12), np.int16))[:height, :width]


def shot(size: tuple[int, int], place: tuple[float, float], turn: int, *, alive: bool, large: bool = False) -> Metrics:
    """Take a picture with a clock that shows another time at each ``turn``."""
    noise = np.random.default_rng(turn if alive else 0).normal(0, 2.0, (size[1], size[0]))
    image = Image.fromarray(np.clip(scene(size) + noise, 0, 255).astype(np.uint8)).convert("RGB")
    draw = ImageDraw.Draw(image)
    x, y = round(size[0] * place[0]), round(size[1] * place[1])
    high = round(size[1] * (0.11 if large else 0.055))
    draw.rectangle((x, y, x + size[0] * 0.36, y + high), fill=(0, 0, 0))
    text = f"2026-11-{turn % 28 + 1:02} {turn * 7 % 24:02}:{turn * 13 % 60:02}:{turn * 17 % 60:02}"
    draw.text((x + 2, y + 1), text, fill=(255, 255, 255), font_size=max(8, round(size[0] * 0.033)))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return Metrics(**measure(out.getvalue()))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_a_ticking_clock_is_no_life_and_hides_none(size: tuple[int, int], place: str, large: bool) -> None:
    where = PLACES[place]
    dead = [shot(size, where, turn, alive=False, large=large) for turn in (1, 2)]
    live = [shot(size, where, turn, alive=True, large=large) for turn in (1, 2)]
    frozen, moving = (same_blocks(pair[0].blocks, pair[1].blocks) for pair in (dead, live))
    assert frozen is not None
    assert moving is not None
    assert frozen >= TABLE.frozen_blocks
    assert moving < 0.5, "what lives is far away from what is dead"


def test_two_clocks_and_a_name_leave_the_middle_to_tell() -> None:
    """A picture with a third of it painted over is still seen to be dead."""
    memory: PictureMemory | None = None
    causes = []
    for turn in range(6):
        frame = scene((640, 360)).astype(np.uint8)
        image = Image.fromarray(frame).convert("RGB")
        draw = ImageDraw.Draw(image)
        for box in ((0, 0, 640, 80), (0, 280, 640, 360), (0, 0, 90, 360)):
            draw.rectangle(box, fill=(0, 0, 0))
            for top in range(box[1], box[3], 44):
                text = f"{turn:02}:{turn * 31 % 60:02}:{turn * 17 % 60:02}" * 8
                draw.text((box[0], top), text[: box[2] // 8], fill=(255, 255, 255))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=80)
        verdict = judge_picture(Metrics(**measure(out.getvalue())), memory, turn * 5 * MINUTE_MS)
        memory = verdict.memory
        causes.append(verdict.cause)
    assert causes[0] is None
    assert causes[-1] is Cause.FROZEN


@pytest.mark.parametrize("size", [*SIZES, (3840, 2160)], ids=str)
def test_the_middle_is_a_quarter_of_the_picture_whatever_its_size(size: tuple[int, int]) -> None:
    count = min(MOST_BLOCKS, (size[1] // 8) * (size[0] // 8))
    share = float(_in_the_middle(f"{size[0]}x{size[1]}", count).mean())
    assert 0.1 < share < 0.4
