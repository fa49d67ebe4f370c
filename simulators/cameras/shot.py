"""Ảnh chụp: what is behind a snapshot's address: a JPEG as a rule."""

import io
import itertools
import struct
from zlib import crc32

from PIL import Image

from simulators.cameras.faults import Fault
from simulators.cameras.message import Answer
from simulators.cameras.pictures import Gallery
from simulators.cameras.state import CameraState

_JPEG = "image/jpeg"
_BLOCK = 65_536
BIG = 20_000_000
_HTML = b"<!DOCTYPE html><html><body>Please log in</body></html>"
_HUGE_SIDE = 65_000
_LARGE_SIDE, _SCANS = 4_000, 3_000
_SCAN, _TABLE = b"\xff\xda", b"\xff\xc4"


class Lens:
    """Takes the pictures of one camera."""

    def __init__(self, state: CameraState, gallery: Gallery) -> None:
        self._state = state
        self._gallery = gallery
        self._taken = 0
        self._kept = b""
        """What a camera with a hung picture shows for ever."""

    def answer(self) -> Answer:
        """Return the next snapshot, as its faults make it."""
        state = self._state
        if Fault.SNAPSHOT_HTML in state:
            return Answer(body=_HTML, kind="text/html")
        picture = self._picture()
        if Fault.SNAPSHOT_CUT in state:
            return Answer(body=picture[: len(picture) // 2], kind=_JPEG)
        if Fault.SNAPSHOT_BOMB in state:
            return Answer(body=_claims(picture, _HUGE_SIDE), kind=_JPEG)
        if Fault.SNAPSHOT_SCANS in state:
            return Answer(body=_with_scans(_SCANS), kind=_JPEG)
        if Fault.SNAPSHOT_20MB in state:
            filling = itertools.repeat(bytes(_BLOCK), BIG // _BLOCK)
            return Answer(body=picture, kind=_JPEG, stream=filling, length=len(picture) + BIG // _BLOCK * _BLOCK)
        return Answer(body=picture, kind=_JPEG)

    def _picture(self) -> bytes:
        state = self._state
        if Fault.FROZEN_BYTES in state and self._kept:
            return self._kept
        self._taken += 1
        self._kept = self._gallery.picture(
            crc32(state.spec.code.encode()),
            state.spec.size,
            state.faults,
            at=state.body.local(),
            tick=self._taken,
            name=state.spec.code,
        )
        return self._kept


def _with_scans(count: int) -> bytes:
    """Return a flat progressive picture whose last scan, with the table it needs, comes ``count`` times more."""
    out = io.BytesIO()
    Image.new("RGB", (_LARGE_SIDE, _LARGE_SIDE), (90, 120, 60)).save(out, "JPEG", quality=30, progressive=True)
    whole, end = out.getvalue()[:-2], out.getvalue()[-2:]
    scan = whole.rfind(_SCAN)
    begins = max(whole.rfind(_TABLE, 0, scan), whole.rfind(_SCAN, 0, scan))
    last = whole[begins:] if whole[begins:].startswith(_TABLE) else whole[scan:]
    return whole + last * count + end


def _claims(picture: bytes, side: int) -> bytes:
    """Return ``picture`` with a header that claims ``side`` x ``side`` pixels."""
    at = 2
    while picture[at + 1] not in {0xC0, 0xC1, 0xC2}:
        at += 2 + int.from_bytes(picture[at + 2 : at + 4], "big")
    return picture[: at + 5] + struct.pack(">HH", side, side) + picture[at + 9 :]
