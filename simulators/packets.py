"""As much of MQTT's framing (3.1.1 and 5) as a meddler in the middle needs: where packets end, and their ids."""

import asyncio
from enum import IntEnum

_DUP, _QOS, _QOS_SHIFT = 0x08, 0x06, 1
_MORE, _SEVEN_BITS, _LENGTH_BYTES = 0x80, 7, 4


class Kind(IntEnum):
    """Control packet types; the others pass unread."""

    CONNECT = 1
    PUBLISH = 3
    PUBACK = 4
    DISCONNECT = 14


async def read_packet(reader: asyncio.StreamReader) -> bytes:
    """Return the next whole packet.

    Raises:
        asyncio.IncompleteReadError: the connection ended.
        ValueError: this is not MQTT.
    """
    head = bytearray(await reader.readexactly(1))
    length = 0
    for place in range(_LENGTH_BYTES):
        byte = (await reader.readexactly(1))[0]
        head.append(byte)
        length |= (byte & ~_MORE) << (_SEVEN_BITS * place)
        if not byte & _MORE:
            return bytes(head) + await reader.readexactly(length)
    raise ValueError("not MQTT: a length of more than four bytes")


def kind(packet: bytes) -> int:
    """Return its control packet type."""
    return packet[0] >> 4


def qos(packet: bytes) -> int:
    """Return the quality of service of a PUBLISH."""
    return (packet[0] & _QOS) >> _QOS_SHIFT


def packet_id(packet: bytes) -> int:
    """Return the id of a PUBLISH above QoS 0, or of a PUBACK."""
    at = _id_at(packet)
    return int.from_bytes(packet[at : at + 2])


def copy_with_id(packet: bytes, number: int) -> bytes:
    """Return a PUBLISH as another delivery of the same: a new packet id, and no DUP flag."""
    at = _id_at(packet)
    return bytes([packet[0] & ~_DUP]) + packet[1:at] + number.to_bytes(2) + packet[at + 2 :]


def client_id(packet: bytes) -> str:
    """Return who a CONNECT is from."""
    at = _after_string(packet, _body_at(packet)) + 4  # version, flags, two of keepalive
    if packet[at - 4] >= 5:  # noqa: PLR2004 - MQTT 5 has properties here
        size, at = _varint(packet, at)
        at += size
    return packet[at + 2 : _after_string(packet, at)].decode("utf-8", "replace")


def _id_at(packet: bytes) -> int:
    body = _body_at(packet)
    return _after_string(packet, body) if kind(packet) == Kind.PUBLISH else body


def _body_at(packet: bytes) -> int:
    return _varint(packet, 1)[1]


def _after_string(packet: bytes, at: int) -> int:
    return at + 2 + int.from_bytes(packet[at : at + 2])


def _varint(packet: bytes, at: int) -> tuple[int, int]:
    """Return the number that stands at ``at``, and where it ends."""
    value = shift = 0
    while True:
        byte = packet[at]
        at += 1
        value |= (byte & ~_MORE) << shift
        if not byte & _MORE:
            return value, at
        shift += _SEVEN_BITS
