"""What the program on the pole needs from its board: clocks, a sound card, an amplifier, a decoder.

``devices.agent.linux`` and ``devices.agent.sound`` fit these on real hardware, ``simulators`` on virtual ones; the
agent cannot tell which it has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from devices.clock import Clock

Frames = NDArray[np.int16]
"""Mono samples, int16, shape ``(n,)``."""


@dataclass(frozen=True)
class NtpState:
    """What the operating system says of its wall clock (``ntp_adjtime``)."""

    synced: bool
    max_error_ms: float = 0.0
    wall_us: int | None = None
    """The wall clock as the same call read it, where that is finer than :meth:`Clock.now_ms`."""


@dataclass(frozen=True, kw_only=True)
class Health:
    """Readings of the board; ``None`` where it has no such sensor."""

    temp_c: float | None = None
    free_mb: int | None = None
    rssi_dbm: int | None = None
    volts_ac: float | None = None
    on_battery: bool | None = None


@dataclass(frozen=True)
class AmpReading:
    on: bool
    ma: int | None = None


@dataclass(frozen=True)
class MicReading:
    rms_dbfs: float
    corr: float | None = None


class Board(Protocol):
    """One controller with its clocks and sensors."""

    model: str

    @property
    def clock(self) -> Clock:
        """The board's own: its wall clock may be wrong (1970 after a power cut), its monotonic clock may drift."""
        ...

    def ntp(self) -> NtpState: ...

    def health(self) -> Health: ...

    def amp(self) -> AmpReading | None:
        """Read the amplifier now, or ``None`` when the model has no sensor."""
        ...

    def switch_amp(self, *, on: bool) -> None:
        """Turn the amplifier on or off; nothing happens when the model has no relay."""
        ...

    def mic(self) -> MicReading | None: ...

    def reboot(self) -> None:
        """Restart the controller (on Linux: ask systemd). May return before it happens."""
        ...


@dataclass(frozen=True)
class Position:
    """Frame number ``frame`` (counted from ``open``) leaves the loudspeaker at ``mono_ns``."""

    frame: int
    mono_ns: int


class SoundCard(Protocol):
    """A mono int16 output with a buffer and a timeline in the board's monotonic time."""

    rate: int
    audible: bool
    """``False`` for a null or file sink: what it plays is never counted as heard."""

    async def open(self) -> None:
        """Start the output.

        Raises:
            CardFailed: there is no such card, or it is taken.
        """
        ...

    def position(self) -> Position:
        """Tell when the next frame to be written will be heard, if written now."""
        ...

    async def write(self, frames: Frames) -> None:
        """Queue ``frames``, waiting (in the board's clock) while the buffer is full.

        Raises:
            CardFailed: the card went away.
        """
        ...

    def drop(self) -> int:
        """Throw away what is queued and not yet heard, at once; return how many frames that was."""
        ...

    async def drain(self) -> None:
        """Wait until the last queued frame has been heard."""
        ...

    async def close(self) -> None: ...

    @property
    def underruns(self) -> int: ...

    def muted(self) -> bool:
        """Read back the hardware mixer: muted, or at zero."""
        ...


class Decoder(Protocol):
    """Turns a verified audio file into frames at the card's rate."""

    def duration_ms(self, path: Path) -> int:
        """Decode the whole file and return how long it really is.

        Raises:
            BadAudio: it cannot be decoded to its end, or holds no frames at all. Frames that are all zero are
                frames: that nobody hears them is found, and said, when they are played.
        """
        ...

    def blocks(self, path: Path, *, rate: int, start_ms: int = 0, block_ms: int = 100) -> Iterator[Frames]:
        """Yield mono int16 blocks from ``start_ms`` on.

        Raises:
            BadAudio: it cannot be decoded.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One item of a programme as the player sees it: a file, a pause (no file), or a tone."""

    path: Path | None
    dur_ms: int
    tone_hz: float | None = None
    siren: bool = False
    """The built-in emergency siren; needs no file."""
    skip_ms: int = 0
    """How far into the file it begins."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One play, ready to go. ``start_mono_ns`` was converted once, at arming; later wall-clock steps do not move it."""

    name: str
    pieces: tuple[Piece, ...]
    start_mono_ns: int
    """When the frame at ``seek_ms`` is to be heard. Already past: it is heard whole, as soon as the card can."""
    seek_ms: int = 0
    volume_percent: int
    wake_ms: int = 0
    """Silence written before the start so that the amplifier is awake for the first word."""


@dataclass(frozen=True, kw_only=True)
class Sounded:
    """What the player can swear to, at the end of a job."""

    want_frames: int
    """The whole programme, also what was skipped by ``seek_ms``: ``out == want`` means all of it was heard."""
    out_frames: int
    """Frames of the programme that left the sound card; thrown away, missing and replaced ones do not count."""
    rate: int
    underruns: int
    first_mono_ns: int | None
    """When the first programme frame was heard; ``None`` when none was."""
    last_mono_ns: int | None
    """The end of the last one."""
    segments_ms: tuple[tuple[int, int], ...]
    """What was heard, as ``[from, to)`` of the programme."""
    rms_dbfs: float
    peak_dbfs: float
    silent_ms: int
    """Longest run below -50 dBFS, pauses of the programme not counted."""
    muted: bool
    """The mixer was muted at any time it was read while sounding."""
    amp: AmpReading | None
    """The worst reading while sounding: off, if it was ever off."""
    mic: MicReading | None
    audible: bool = True
    """``False`` when the card is a null or file sink: nobody can have heard it."""
    corr_frames: int = 0
    """Samples inserted (or, negative, dropped) to keep in step with the clock; not part of ``out_frames``."""
    stopped: bool = False
    broken: tuple[str, ...] = ()
    """Pieces that could not be played, in words; the rest was played on time."""


class Player(Protocol):
    """Plays one job at a time on one card."""

    async def play(self, job: Job) -> Sounded:
        """Play to the end, or until stopped; cancelling is the same as :meth:`stop`, without the report.

        A card that goes away in the middle ends the play: ``broken`` says so and ``out_frames`` stays short.

        Raises:
            CardFailed: the card could not be opened, or is playing another job; nothing was heard.
        """
        ...

    def stop(self) -> None:
        """Be silent now: what is buffered is dropped; :meth:`play` returns what was heard until here."""
        ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def next(self) -> None:
        """Leave the current piece."""
        ...

    def set_volume(self, percent: int) -> None: ...

    @property
    def position_ms(self) -> int:
        """Where in the programme the loudspeaker is."""
        ...
