"""Frames between an engine and its worker process: two lengths, a JSON head, a body of bytes."""

import json
import struct
from typing import Any, BinaryIO

LENGTHS = struct.Struct(">II")
MAX_HEAD_BYTES = 32 * 1024
"""A request fits in a pipe's buffer, so that writing one to a hung worker cannot block."""
MAX_BODY_BYTES = 256 * 1024 * 1024


def pack(head: dict[str, Any], body: bytes = b"") -> bytes:
    """Build one frame.

    Raises:
        ValueError: the head or the body is larger than a frame may be.
    """
    text = json.dumps(head, ensure_ascii=False).encode()
    if len(text) > MAX_HEAD_BYTES or len(body) > MAX_BODY_BYTES:
        raise ValueError(f"frame of {len(text)} + {len(body)} bytes")
    return LENGTHS.pack(len(text), len(body)) + text + body


def lengths(prefix: bytes) -> tuple[int, int]:
    """Return the lengths of head and body.

    Raises:
        ValueError: they are not those of a frame.
    """
    head, body = LENGTHS.unpack(prefix)
    if head > MAX_HEAD_BYTES or body > MAX_BODY_BYTES:
        raise ValueError(f"not a frame: {head} + {body} bytes")
    return head, body


def read_request(stream: BinaryIO) -> dict[str, Any] | None:
    """Return the next request on a worker's input, or ``None`` when the parent has gone."""
    prefix = stream.read(LENGTHS.size)
    if len(prefix) < LENGTHS.size:
        return None
    head, body = lengths(prefix)
    text = stream.read(head)
    stream.read(body)
    if len(text) < head:
        return None
    request: dict[str, Any] = json.loads(text)
    return request
