"""Reading what clusters say: the topic, the seal and the speaker must agree before a word of it is believed."""

from devices.errors import BadMessage, SealBroken
from devices.model import ClusterId
from devices.seal import Trust, unseal
from devices.seal.jws import Opened
from devices.wire.base import DOCUMENT_MAX_BYTES, Wire, parse
from devices.wire.commands import ClockReply
from devices.wire.reports import Ack, AssetReport, Birth, ClockRequest, Death, JournalEntry, Telemetry
from devices.wire.topics import Up

BODIES: dict[str, tuple[Up, type[Wire]]] = {
    "birth": (Up.STATE, Birth),
    "death": (Up.STATE, Death),
    "ack": (Up.ACK, Ack),
    "asset": (Up.ASSET, AssetReport),
    "journal": (Up.JOURNAL, JournalEntry),
    "telemetry": (Up.TELEMETRY, Telemetry),
    "clock_request": (Up.CLOCK, ClockRequest),
}
"""Header ``typ`` to the topic it must come on and the body it must have."""


def read_report(cluster: ClusterId, kind: Up, payload: bytes, trust: Trust) -> tuple[Opened, Wire]:
    """Open one message of ``cluster``, which came on its ``kind`` topic, with the keys of that cluster alone.

    Raises:
        SealBroken: as :func:`devices.seal.unseal`; ``not_for_me`` when it was said by or for somebody else;
            ``wrong_topic`` when a good message was moved to another topic.
        BadMessage: the body does not fit.
    """
    opened = unseal(payload, trust, max_bytes=DOCUMENT_MAX_BYTES)
    if opened.envelope.iss != f"cluster:{cluster}" or not opened.envelope.aud.startswith("gateway:"):
        raise SealBroken("not_for_me")
    if opened.typ not in BODIES:
        raise BadMessage(f"unknown typ {opened.typ[:32]!r}")
    topic, model = BODIES[opened.typ]
    if topic is not kind:
        raise SealBroken("wrong_topic")
    body: Wire = parse(model, opened.envelope.body)
    return opened, body


def clock_reply(request: ClockRequest, *, received_us: int, now_us: int) -> ClockReply:
    """Answer the four-timestamp exchange."""
    return ClockReply(n=request.n, t1_us=request.t1_us, t2_us=received_us, t3_us=now_us)
