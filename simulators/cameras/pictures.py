"""Hình của camera: a street that lives, with noise and a clock in it, and every way in which such a picture goes bad.

Scenes are drawn once and shared; each picture costs adding noise, painting the clock and one JPEG.
"""

import io
import random
from collections.abc import Set as AbstractSet
from datetime import datetime

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from simulators.cameras.faults import Fault

Pixels = npt.NDArray[np.int16]
OSD_PX = 26
"""The clock's band, at the top, of a picture 360 high; larger pictures have a larger band."""
_QUALITY = 80
_NOISE_SIGMA = 1.5
_MARGIN = 0.25
_MOST_SCENES = 24
_LOOKS = (
    Fault.BLACK,
    Fault.COVERED,
    Fault.PARTLY_COVERED,
    Fault.BLURRED,
    Fault.MOVED,
    Fault.OVEREXPOSED,
    Fault.NIGHT_IR,
)


class Gallery:
    """Draws scenes and keeps the last ones. One for a whole park of cameras."""

    def __init__(self, seed: int | str = 0) -> None:
        self._seed = seed
        self._scenes: dict[tuple[int, tuple[int, int], Fault | None], Pixels] = {}
        self._noise: dict[tuple[int, int], Pixels] = {}

    def picture(
        self, scene: int, size: tuple[int, int], faults: AbstractSet[Fault], *, at: datetime, tick: int, name: str
    ) -> bytes:
        """Return one JPEG of ``scene`` at this local time.

        ``tick`` moves what moves: another number is another moment.
        """
        look = next((fault for fault in _LOOKS if fault in faults), None)
        still = Fault.FROZEN_CLOCK_TICKS in faults
        pixels = self._scene(scene, size, look)
        quiet = look is Fault.BLACK
        moment = 0 if still else tick
        frame = pixels + self._noise_at(size, moment) // (3 if quiet else 1)
        if look in {None, Fault.BLURRED, Fault.MOVED, Fault.NIGHT_IR}:
            _passer_by(frame, moment, dull=look in {Fault.BLURRED, Fault.NIGHT_IR})
        image = Image.fromarray(np.clip(frame, 0, 255).astype(np.uint8), "RGB")
        _paint_clock(image, at, name)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=_QUALITY)
        return out.getvalue()

    def _scene(self, scene: int, size: tuple[int, int], look: Fault | None) -> Pixels:
        key = (scene, size, look)
        if key not in self._scenes:
            if len(self._scenes) >= _MOST_SCENES:
                del self._scenes[next(iter(self._scenes))]
            self._scenes[key] = _drawn(f"{self._seed}/{scene}", size, look)
        return self._scenes[key]

    def _noise_at(self, size: tuple[int, int], tick: int) -> Pixels:
        width, height = size
        if size not in self._noise:
            dice = np.random.default_rng(7)
            field = dice.normal(0, _NOISE_SIGMA, (height + 64, width + 64, 1))
            self._noise[size] = np.rint(field).astype(np.int16)
        dice2 = random.Random(tick)
        x, y = dice2.randrange(64), dice2.randrange(64)
        return self._noise[size][y : y + height, x : x + width]


def _drawn(seed: str, size: tuple[int, int], look: Fault | None) -> Pixels:
    width, height = size
    wide, high = round(width * (1 + _MARGIN)), round(height * (1 + _MARGIN))
    street = _street(random.Random(f"street/{seed}"), wide, high)
    shift = (round(width * 0.15), round(height * 0.12)) if look is Fault.MOVED else (0, 0)
    image = street.crop((shift[0], shift[1], shift[0] + width, shift[1] + height))
    if look is Fault.BLURRED:
        image = image.filter(ImageFilter.GaussianBlur(width / 140))
    elif look is Fault.NIGHT_IR:
        image = image.convert("L").convert("RGB").point(lambda value: round(20 + value * 0.7))
    elif look is Fault.COVERED:
        image = _cloth(width, height)
    elif look is Fault.PARTLY_COVERED:
        image.paste(_cloth(round(width * 0.6), height), (0, 0))
    pixels = np.asarray(image, np.int16)
    if look is Fault.BLACK:
        return np.full_like(pixels, 3)
    if look is Fault.OVEREXPOSED:
        return np.minimum(243 + pixels // 12, 255).astype(np.int16)
    return pixels


def _street(dice: random.Random, width: int, height: int) -> Image.Image:
    """Houses with windows and doors under a sky, trees, poles and a road."""
    image = Image.new("RGB", (width, height), (150, 175, 205))
    draw = ImageDraw.Draw(image)
    for y in range(height // 3):
        tone = 140 + 60 * y * 3 // height
        draw.line((0, y, width, y), fill=(tone - 10, tone + 5, tone + 30))
    ground = round(height * 0.55)
    x = -dice.randrange(40)
    while x < width:
        x = _house(draw, dice, x, ground, height)
    draw.rectangle((0, ground, width, height), fill=(95, 93, 90))
    for _ in range(width * height // 260):
        spot_x, spot_y, tone = dice.randrange(width), dice.randrange(ground, height), dice.randrange(70, 125)
        draw.rectangle((spot_x, spot_y, spot_x + dice.randrange(1, 5), spot_y + 1), fill=(tone, tone, tone - 4))
    for dash in range(0, width, width // 9):
        draw.rectangle((dash, round(height * 0.67), dash + width // 20, round(height * 0.682)), fill=(225, 225, 220))
    for _ in range(4):
        _tree(draw, dice, dice.randrange(width), ground, height)
    return image


def _house(draw: ImageDraw.ImageDraw, dice: random.Random, x: int, ground: int, height: int) -> int:
    """Draw one house from ``x`` on; return where it ends."""
    wide = dice.randrange(height // 6, height // 3)
    top = dice.randrange(height // 8, height // 2)
    wall = tuple(dice.randrange(110, 230) for _ in range(3))
    draw.rectangle((x, top, x + wide, ground), fill=wall, outline=(50, 45, 45))
    step = max(10, height // 16)
    for window_y in range(top + step // 2, ground - step, step):
        for window_x in range(x + step // 2, x + wide - step // 2, step):
            dark = dice.randrange(25, 95)
            draw.rectangle(
                (window_x, window_y, window_x + step // 2, window_y + step // 2),
                fill=(dark, dark + 8, dark + 16),
                outline=(240, 240, 235),
            )
    for brick in range(top, ground, 4):
        draw.line((x, brick, x + wide, brick), fill=tuple(max(0, part - 14) for part in wall))
    return x + wide


def _tree(draw: ImageDraw.ImageDraw, dice: random.Random, x: int, ground: int, height: int) -> None:
    draw.rectangle((x - 2, ground - height // 4, x + 2, ground + 4), fill=(70, 52, 38))
    for _ in range(70):
        leaf_x = x + dice.randrange(-height // 10, height // 10)
        leaf_y = ground - height // 4 + dice.randrange(-height // 9, height // 12)
        draw.ellipse((leaf_x, leaf_y, leaf_x + 7, leaf_y + 5), fill=(30, dice.randrange(70, 150), 35))


def _cloth(width: int, height: int) -> Image.Image:
    """Something close before the lens: dark, smooth, of no shape."""
    ramp = np.linspace(52, 78, width, dtype=np.float32)[None, :] + np.linspace(-8, 8, height, dtype=np.float32)[:, None]
    pixels = np.stack([ramp, ramp * 0.92, ramp * 0.8], axis=-1)
    return Image.fromarray(pixels.astype(np.uint8), "RGB")


def _passer_by(frame: Pixels, tick: int, *, dull: bool) -> None:
    """A motorbike somewhere on the road."""
    height, width = frame.shape[:2]
    wide, high = width // 16, height // 14
    x = (tick * 37) % max(1, width - wide)
    y = round(height * 0.74)
    frame[y : y + high, x : x + wide] = (70, 70, 70) if dull else (150, 32, 28)


def _paint_clock(image: Image.Image, at: datetime, name: str) -> None:
    """Paint date, time and name into the band at the top, on black, as the makers do."""
    draw = ImageDraw.Draw(image)
    band = round(OSD_PX * image.height / 360)
    text = f"{at:%d-%m-%Y %H:%M:%S}"
    size = max(10, round(band * 0.6))
    draw.rectangle((0, 0, image.width, band), fill=(0, 0, 0))
    draw.text((8, band // 6), text, fill=(255, 255, 255), font_size=size)
    draw.text((image.width - 8, band // 6), name, fill=(255, 255, 255), font_size=size, anchor="ra")
