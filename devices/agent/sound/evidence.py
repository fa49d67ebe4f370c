"""What was heard, block by block: only frames that left the card count, and what was thrown away never happened."""

from collections import deque
from dataclasses import dataclass
from statistics import median_low

from devices.agent.ports import AmpReading, Frames, MicReading
from devices.agent.sound.levels import LevelMeter
from devices.agent.sound.programme import Take

_READINGS = 64


@dataclass(frozen=True)
class _Block:
    card_frame: int
    frames: Frames
    start_ns: int
    take: Take

    @property
    def end_frame(self) -> int:
        return self.card_frame + self.frames.size


class Ledger:
    """Keeps what is written until it is certainly heard, then counts it.

    Card frames are numbered by the card; programme frames by the job. They differ where samples were inserted or
    dropped to keep in step.
    """

    def __init__(self, rate: int, at: int) -> None:
        self._rate = rate
        self._waiting: deque[_Block] = deque()
        self._meter = LevelMeter(rate)
        self._at = at
        self._spans: list[list[int]] = []
        self._out = 0
        self._corrected = 0
        self._first_ns: int | None = None
        self._last_ns: int | None = None

    def wrote(self, card_frame: int, start_ns: int, frames: Frames, take: Take) -> None:
        """Note ``frames``, made from ``take``, as the card's next from ``card_frame`` on, heard from ``start_ns``."""
        self._waiting.append(_Block(card_frame, frames, start_ns, take))

    def heard(self, card_frame: int) -> None:
        """Count everything before ``card_frame``: nothing can take it back any more."""
        while self._waiting and self._waiting[0].end_frame <= card_frame:
            self._count(self._waiting.popleft())

    def cut(self, card_frame: int) -> None:
        """Count what comes before ``card_frame`` and forget the rest: it was dropped, or never taken."""
        self.heard(card_frame)
        if self._waiting and self._waiting[0].card_frame < card_frame:
            self._count(_shortened(self._waiting[0], card_frame - self._waiting[0].card_frame))
        self._waiting.clear()

    def move(self, at: int) -> None:
        """Go on from programme frame ``at``: what lies between was left out on purpose."""
        self._at = at

    def _count(self, block: _Block) -> None:
        take = block.take
        if take.sounds:
            self._meter.feed(block.frames)
        else:
            self._meter.pause()
        self._at = take.at + take.frames.size
        if not take.counts:
            return
        self._out += take.frames.size
        self._corrected += block.frames.size - take.frames.size
        if self._first_ns is None:
            self._first_ns = block.start_ns
        self._last_ns = block.start_ns + round(block.frames.size * 1e9 / self._rate)
        if self._spans and self._spans[-1][1] == take.at:
            self._spans[-1][1] = self._at
        else:
            self._spans.append([take.at, self._at])

    @property
    def at(self) -> int:
        """The programme frame that follows the last one counted."""
        return self._at

    def at_card_frame(self, card_frame: float) -> int:
        """Return the programme frame heard as ``card_frame`` of the card."""
        place = self._at
        for block in self._waiting:
            if block.card_frame > card_frame:
                break
            place = block.take.at + min(int(card_frame) - block.card_frame, block.take.frames.size)
        return place

    def sounding(self, card_frame: float) -> bool:
        """Tell whether something meant to be heard leaves the card at ``card_frame``."""
        return any(block.card_frame <= card_frame < block.end_frame and block.take.sounds for block in self._waiting)

    def middle_of_sound_ns(self) -> int | None:
        """Return the middle of what is still to be heard, pauses left out at both ends; ``None`` if nothing is."""
        sounds = [block for block in self._waiting if block.take.sounds]
        if not sounds:
            return None
        end_ns = sounds[-1].start_ns + round(sounds[-1].frames.size * 1e9 / self._rate)
        return (sounds[0].start_ns + end_ns) // 2

    @property
    def out_frames(self) -> int:
        return self._out

    @property
    def corrected(self) -> int:
        return self._corrected

    @property
    def first_ns(self) -> int | None:
        return self._first_ns

    @property
    def last_ns(self) -> int | None:
        return self._last_ns

    @property
    def meter(self) -> LevelMeter:
        return self._meter

    @property
    def segments_ms(self) -> tuple[tuple[int, int], ...]:
        return tuple((round(1000 * a / self._rate), round(1000 * b / self._rate)) for a, b in self._spans)


class Readings:
    """Amplifier, microphone and mixer as they were read while something sounded."""

    def __init__(self) -> None:
        self.muted = False
        self._amps: list[AmpReading] = []
        self._mics: list[MicReading] = []
        self.taken = 0

    def add(self, *, muted: bool, amp: AmpReading | None, mic: MicReading | None) -> None:
        self.taken += 1
        self.muted = self.muted or muted
        if amp is not None:
            self._amps.append(amp)
        if mic is not None:
            self._mics.append(mic)
        # Hours of readings are thinned, not grown; one that says "off" is the one that must stay.
        if len(self._amps) > _READINGS:
            self._amps = [reading for n, reading in enumerate(self._amps) if n % 2 or not reading.on][-_READINGS:]
        if len(self._mics) > _READINGS:
            self._mics = self._mics[1::2]

    @property
    def amp(self) -> AmpReading | None:
        """A reading that says off, if there is one; else the one with the middle current."""
        off = [reading for reading in self._amps if not reading.on]
        if off or not self._amps:
            return off[0] if off else None
        middle = median_low([reading.ma or 0 for reading in self._amps])
        return next(reading for reading in self._amps if (reading.ma or 0) == middle)

    @property
    def mic(self) -> MicReading | None:
        """The reading with the middle level."""
        if not self._mics:
            return None
        middle = median_low([reading.rms_dbfs for reading in self._mics])
        return next(reading for reading in self._mics if reading.rms_dbfs == middle)


def _shortened(block: _Block, kept: int) -> _Block:
    used = round(block.take.frames.size * kept / block.frames.size)
    take = Take(block.take.frames[:used], block.take.at, counts=block.take.counts, sounds=block.take.sounds)
    return _Block(block.card_frame, block.frames[:kept], block.start_ns, take)
