"""Lệnh: what a cluster does now. Never retained, always expiring, acknowledged by the cluster, done at most once."""

from typing import Annotated

from pydantic import Field

from devices.wire.base import EpochMs, Percent, Sha256Id, Token, Why, Wire
from devices.wire.documents import AssetEntry, PlanEntry, PlayItem


class Command(Wire):
    """The common part. ``nonce`` is the boot nonce of ``state`` and is required by a cluster with no trusted clock."""

    nonce: Token | None = None


class Play(Command):
    """Phát ngay: an occurrence outside the plan, with the files it needs. Policy on the pole still rules."""

    entry: PlanEntry
    assets: tuple[AssetEntry, ...] = ()


class Stop(Command):
    """Dừng: ends ``occ``, or whatever is sounding when none is named."""

    occ: Token | None = None


class Pause(Command):
    """Tạm dừng."""


class Resume(Command):
    """Phát tiếp."""


class Next(Command):
    """Bản tin tiếp: leaves the current item."""


class Volume(Command):
    """Âm lượng: from now on, still under every ceiling. ``None`` puts the plan's own back."""

    percent: Percent | None = None


class TestTone(Command):
    """Âm thử: at most 10 s at 30 %; the only sound a cluster in maintenance makes."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    dur_ms: Annotated[int, Field(ge=100, le=10_000)] = 2_000
    percent: Annotated[int, Field(ge=0, le=30)] = 30


class Reboot(Command):
    """Khởi động lại. Refused while something sounds."""


class Resync(Command):
    """Send the journal again from entry ``from_n``."""

    from_n: Annotated[int, Field(ge=1)]


class JournalAck(Wire):
    """The gateway has stored every entry up to ``upto``, with no gap: only that frees the journal."""

    upto: Annotated[int, Field(ge=0)]


class ClockReply(Wire):
    """Answer of the four-timestamp exchange; ``t2``/``t3`` are the gateway's UTC in microseconds."""

    n: int
    t1_us: int
    t2_us: int
    t3_us: int


class EmergencyRepeat(Wire):
    times: Annotated[int, Field(ge=1, le=20)] = 3
    gap_ms: Annotated[int, Field(ge=0, le=60_000)] = 5_000


class Emergency(Command):
    """Phát khẩn cấp, sealed with the emergency key. With no clip in hand the siren sounds and the clip follows."""

    em: Token
    start_at_ms: EpochMs
    items: tuple[PlayItem, ...] = ()
    assets: tuple[AssetEntry, ...] = ()
    siren: bool = True
    text: Annotated[str, Field(max_length=2_000)] = ""
    repeat: EmergencyRepeat = EmergencyRepeat()
    end_by_ms: EpochMs
    min_percent: Percent = 90
    level: Annotated[int, Field(ge=240, le=254)] = 240
    zones: tuple[Token, ...] = ()
    """Empty: the whole ward. Otherwise only clusters of these zones sound it."""
    clusters: tuple[Token, ...] = ()
    drill: bool = False


class EmergencyEnd(Command):
    """Hết báo động."""

    em: Token
    why: Why = ""


COMMANDS: dict[str, type[Command]] = {
    "play": Play,
    "stop": Stop,
    "pause": Pause,
    "resume": Resume,
    "next": Next,
    "volume": Volume,
    "test_tone": TestTone,
    "reboot": Reboot,
    "resync": Resync,
    "emergency": Emergency,
    "emergency_end": EmergencyEnd,
}
"""Header ``typ`` to body: the one table of what may be commanded."""

__all__ = [
    "COMMANDS",
    "ClockReply",
    "Command",
    "Emergency",
    "EmergencyEnd",
    "EmergencyRepeat",
    "JournalAck",
    "Next",
    "Pause",
    "Play",
    "Reboot",
    "Resume",
    "Resync",
    "Sha256Id",
    "Stop",
    "TestTone",
    "Volume",
]
