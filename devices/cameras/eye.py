"""The process that decodes pictures: ``python -m devices.cameras.eye``. Frames in, one JSON line out for each.

A frame is a flag byte (1: with a thumbnail), four bytes of length, and the JPEG. Memory and time of the process are
limited; what a hostile picture does to it, it does to it alone.
"""

import json
import resource
import struct
import sys
from typing import Any

from PIL import Image

from devices.cameras.metrics import MOST_PIXELS, NoPictureError, measure

MEMORY_BYTES = 1 << 30
HEAD = struct.Struct(">BI")


def main() -> int:
    """Serve until the parent hangs up."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    source, out = sys.stdin.buffer, sys.stdout
    while head := source.read(HEAD.size):
        if len(head) < HEAD.size:
            break
        flag, length = HEAD.unpack(head)
        out.write(json.dumps(_answer(source.read(length), thumbnail=bool(flag))) + "\n")
        out.flush()
    return 0


def _answer(jpeg: bytes, *, thumbnail: bool) -> dict[str, Any]:
    try:
        return measure(jpeg, thumbnail=thumbnail)
    except NoPictureError as error:
        return {"bad": str(error)}
    except MemoryError:
        return {"bad": "more memory than a picture may take"}
    except Exception as error:  # noqa: BLE001 - a decoder may raise anything; the parent is told all of it
        return {"bad": type(error).__name__}


if __name__ == "__main__":
    sys.exit(main())
