"""Đo một ảnh: what is measured in one snapshot. Runs in a process of its own, see `eye`.

A band at top and bottom is left out: the clock painted there lives while the picture is dead. Clocks stand lower too,
and at the sides, so that the middle of the picture is compared by itself as well.
"""

import base64
import io
import struct
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

MOST_PIXELS = 40_000_000
MOST_SCANS = 40
"""A progressive picture has about ten, and each is drawn over all of it: in few bytes, thousands would take minutes."""
BLOCK = 8
BAND = 0.085
"""Share of the height that is left out at the top, and again at the bottom."""
MOST_BLOCKS = 2_048
MIDDLE = 0.25
"""Share of the width and height that is not the middle, on each side."""
SHARP_WIDTH = 960
EDGES = (80, 45)
_SCAN = b"\xff\xda"
"""Begins a scan; within one it cannot stand, so that counting it counts them, and those of an embedded thumbnail."""
_EDGE_ROWS = slice(4, 41)
_THUMBNAIL = (160, 90)
_THUMBNAIL_BLUR = 2.5
Grey = npt.NDArray[np.uint8]


class NoPictureError(ValueError):
    """It is no JPEG, only half a one, or too large."""


def measure(jpeg: bytes, *, thumbnail: bool = False) -> dict[str, Any]:
    """Return the fields of `devices.model.camera.Metrics` that need no other picture, and perhaps a thumbnail.

    Raises:
        NoPictureError: with why.
    """
    grey = _grey(jpeg)
    height, width = grey.shape
    view = _view(grey)
    small = _small(jpeg)
    counts = np.bincount(view.ravel(), minlength=256) / view.size
    used = counts[counts > 0]
    found: dict[str, Any] = {
        "width": width,
        "height": height,
        "mean": round(float(view.mean()), 2),
        "std": round(float(view.std()), 2),
        "entropy": round(float(-(used * np.log2(used)).sum()), 3),
        "sharpness": round(_sharpness(view), 2),
        "colour": round(float(np.abs(small[..., 0].astype(np.int16) - small[..., 2]).mean()), 2),
        "blocks": f"{width}x{height}:{base64.b64encode(_blocks(view).tobytes()).decode()}",
        "edges": base64.b64encode(_edges(grey).tobytes()).decode(),
    }
    if thumbnail:
        found["thumbnail"] = base64.b64encode(_thumbnail(small)).decode()
    return found


def same_blocks(one: str, other: str) -> float | None:
    """Return the share of blocks that are equal bit for bit, of all or of the middle, whichever is larger.

    None: pictures of another size.
    """
    sizes, coded = zip(*(each.split(":", 1) for each in (one, other)), strict=True)
    first, second = (np.frombuffer(base64.b64decode(each), np.uint16) for each in coded)
    if sizes[0] != sizes[1] or len(first) != len(second) or not len(first):
        return None
    same = first == second
    middle = same[_in_the_middle(sizes[0], len(same))]
    return round(max(float(same.mean()), float(middle.mean()) if len(middle) else 0.0), 4)


def _in_the_middle(size: str, count: int) -> npt.NDArray[np.bool_]:
    """Tell which of the ``count`` blocks that were chosen of a picture of this size are away from all its edges."""
    width, height = (int(side) for side in size.split("x"))
    top, bottom = _bands(height)
    across = width // BLOCK
    chosen = np.linspace(0, (bottom - top) // BLOCK * across - 1, count).astype(np.intp)
    y, x = top + chosen // across * BLOCK, chosen % across * BLOCK
    middle: npt.NDArray[np.bool_] = (
        (y >= height * MIDDLE)
        & (y + BLOCK <= height * (1 - MIDDLE))
        & (x >= width * MIDDLE)
        & (x + BLOCK <= width * (1 - MIDDLE))
    )
    return middle


def likeness(one: str, other: str) -> float | None:
    """Correlate two maps of edges: 1 the same view, about 0 another one."""
    first, second = (np.frombuffer(base64.b64decode(each), np.uint8).astype(np.float64) for each in (one, other))
    if len(first) != len(second) or not len(first):
        return None
    first, second = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((first @ first) * (second @ second)))
    return 0.0 if norm == 0.0 else round(float(first @ second) / norm, 4)


def _open(jpeg: bytes) -> Image.Image:
    if not jpeg.startswith(b"\xff\xd8"):
        raise NoPictureError("no JPEG")
    try:
        image = Image.open(io.BytesIO(jpeg), formats=["JPEG"])
    except (OSError, ValueError, struct.error, SyntaxError, Image.DecompressionBombError) as error:
        raise NoPictureError(f"no JPEG: {type(error).__name__}") from error
    if (scans := jpeg.count(_SCAN)) > MOST_SCANS:
        raise NoPictureError(f"{scans} scans")
    if image.width * image.height > MOST_PIXELS or min(image.size) < 4 * BLOCK:
        raise NoPictureError(f"{image.width} x {image.height} pixels")
    return image


def _grey(jpeg: bytes) -> Grey:
    image = _open(jpeg)
    image.draft("L", image.size)  # the decoder leaves the colours out
    try:
        return np.asarray(image.convert("L"))
    except (OSError, ValueError, SyntaxError, MemoryError) as error:
        raise NoPictureError("half a JPEG") from error


def _small(jpeg: bytes) -> npt.NDArray[np.uint8]:
    """Return it in colour, decoded at about an eighth of its size."""
    image = _open(jpeg)
    image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
    return np.asarray(image.convert("RGB"))


def _view(grey: Grey) -> Grey:
    """Leave the bands out, in whole blocks."""
    height, width = grey.shape
    top, bottom = _bands(height)
    return grey[top:bottom, : width // BLOCK * BLOCK]


def _bands(height: int) -> tuple[int, int]:
    """Return where the bands at top and bottom end and begin, in whole blocks."""
    band = -(-round(height * BAND) // BLOCK) * BLOCK
    return band, (height - band) // BLOCK * BLOCK


def _blocks(view: Grey) -> npt.NDArray[np.uint16]:
    """Return a hash of each 8x8 block; of large pictures only of some, spread evenly."""
    height, width = view.shape
    grid = view.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK).swapaxes(1, 2)
    down, across = grid.shape[:2]
    chosen = np.linspace(0, down * across - 1, min(MOST_BLOCKS, down * across)).astype(np.intp)
    blocks = grid[chosen // across, chosen % across].reshape(-1, BLOCK * BLOCK)
    weights = np.random.default_rng(20_260).integers(1, 2**32, BLOCK * BLOCK, dtype=np.uint64) | np.uint64(1)
    sums = (blocks.astype(np.uint64) * weights).sum(axis=1)
    hashes: npt.NDArray[np.uint16] = ((sums >> np.uint64(13)) & np.uint64(0xFFFF)).astype(np.uint16)
    return hashes


def _sharpness(view: Grey) -> float:
    """Return the variance of the Laplacian; of large pictures, at a fraction of their size."""
    step = max(1, view.shape[1] // SHARP_WIDTH)
    pixels = view[::step, ::step].astype(np.int16)
    centre = 4 * pixels[1:-1, 1:-1]
    laplacian = centre - pixels[:-2, 1:-1] - pixels[2:, 1:-1] - pixels[1:-1, :-2] - pixels[1:-1, 2:]
    return float(laplacian.astype(np.float32).var())


def _edges(grey: Grey) -> npt.NDArray[np.uint8]:
    """Return how steep a coarse picture is everywhere: enough to know a view again, too little to know a face."""
    coarse = np.asarray(Image.fromarray(grey).resize(EDGES, Image.Resampling.BOX), np.float32)[_EDGE_ROWS]
    down, across = np.gradient(coarse)
    steep = np.hypot(down, across)
    edges: Grey = np.clip(steep * (255.0 / max(1.0, float(steep.max()))), 0, 255).astype(np.uint8)
    return edges


def _thumbnail(small: npt.NDArray[np.uint8]) -> bytes:
    """Return a blurred little JPEG: whether there is a picture can be seen in it, and nobody in it be known."""
    image = Image.fromarray(small).resize(_THUMBNAIL, Image.Resampling.BOX)
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(_THUMBNAIL_BLUR)).save(out, "JPEG", quality=60)
    return out.getvalue()
