"""The pieces of a job as one run of frames: gapless, each piece on its own time whatever happens to the one before.

Blocking (files are read and decoded here): the player calls it from a thread.
"""

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from devices.agent.ports import Decoder, Frames, Piece
from devices.agent.sound.gain import fade_ends
from devices.agent.sound.tones import notice, sine, siren
from devices.errors import BadAudio

SHORT_MS = 250
"""A file may end this much before its planned end without a word: codecs pad, and the plan rounds."""


@dataclass(frozen=True)
class Take:
    """Consecutive frames of the programme, from ``at``."""

    frames: Frames
    at: int
    counts: bool
    """Part of what was planned; ``False`` for the notice and the silence in place of a broken piece."""
    sounds: bool
    """Meant to be heard; ``False`` for a pause."""


class Programme:
    """Reads a job's pieces in order. ``rate`` is the card's; positions are frames from the programme's start."""

    def __init__(self, pieces: tuple[Piece, ...], decoder: Decoder, *, rate: int, block_ms: int) -> None:
        self._pieces = pieces
        self._decoder = decoder
        self._rate = rate
        self._block_ms = block_ms
        ends_ms = np.cumsum([0, *(piece.dur_ms for piece in pieces)])
        # Boundaries come from the running total: rounding each piece would let a long programme drift.
        self._bounds = [round(int(ms) * rate / 1000) for ms in ends_ms]
        self._cursor = 0
        self._blocks: Iterator[Frames] | None = None
        self._left: Frames = np.empty(0, np.int16)
        self._skip = 0
        """Frames to pass over: decoders seek to milliseconds."""
        self._broken: dict[int, str] = {}
        self._notice_from: dict[int, int] = {}

    @property
    def total(self) -> int:
        """Frames of the whole programme."""
        return self._bounds[-1]

    @property
    def cursor(self) -> int:
        """The next frame to be read."""
        return self._cursor

    @property
    def broken(self) -> tuple[str, ...]:
        """What could not be played, in the order of the pieces."""
        return tuple(self._broken[index] for index in sorted(self._broken))

    def after(self, frame: int) -> int:
        """Return where the piece after the one at ``frame`` begins; the end, when it is the last."""
        return self._bounds[min(self._index(frame) + 1, len(self._pieces))]

    def jump(self, frame: int) -> None:
        """Go on from ``frame``."""
        self._cursor = min(max(0, frame), self.total)
        self._blocks, self._left = None, self._left[:0]

    def warm(self) -> None:
        """Fetch the first block once without using it: a slow disk shall be slow now, not at the start.

        What is wrong with the file is said when its time has come, not here: it may still be put right.
        """
        if self._cursor >= self.total:
            return
        index = self._index(self._cursor)
        path, start_ms = self._pieces[index].path, self._in_file_ms(index, self._cursor - self._bounds[index])
        if path is not None:
            with suppress(BadAudio):
                next(self._decoder.blocks(path, rate=self._rate, start_ms=start_ms, block_ms=self._block_ms), None)

    def read(self, most: int) -> Take | None:
        """Return the next 1 to ``most`` frames, never over the end of a piece; ``None`` at the end."""
        if self._cursor >= self.total:
            return None
        index = self._index(self._cursor)
        piece, first, end = self._pieces[index], self._bounds[index], self._bounds[index + 1]
        size, offset = min(most, end - self._cursor), self._cursor - first
        if index in self._broken:
            take = self._stand_in(index, size)
        elif piece.path is not None:
            take = self._from_file(index, size, offset)
        elif piece.siren:
            frames = siren(self._rate, size, start=offset)
            take = self._sound(fade_ends(frames, self._rate, offset=offset, whole=end - first))
        elif piece.tone_hz is not None:
            frames = sine(self._rate, piece.tone_hz, size, start=offset)
            take = self._sound(fade_ends(frames, self._rate, offset=offset, whole=end - first))
        else:
            take = Take(np.zeros(size, np.int16), self._cursor, counts=True, sounds=False)
        self._cursor += take.frames.size
        if self._cursor == end:
            self._blocks, self._left = None, self._left[:0]
        return take

    def _index(self, frame: int) -> int:
        # Pieces of no length share a bound: the last of them is the one that begins here.
        return min(bisect_right(self._bounds, frame) - 1, len(self._pieces) - 1)

    def _in_file_ms(self, index: int, offset: int) -> int:
        return self._pieces[index].skip_ms + 1000 * offset // self._rate

    def _sound(self, frames: Frames) -> Take:
        return Take(frames, self._cursor, counts=True, sounds=True)

    def _from_file(self, index: int, size: int, offset: int) -> Take:
        end = self._bounds[index + 1]
        try:
            frames = self._next_frames(index, offset)
        except BadAudio as error:
            return self._break(index, str(error), size)
        if frames.size == 0:
            missing_ms = 1000 * (end - self._cursor) // self._rate
            if missing_ms <= SHORT_MS:
                return Take(np.zeros(size, np.int16), self._cursor, counts=True, sounds=False)
            return self._break(index, f"ends {missing_ms} ms early", size)
        used, self._left = frames[:size], frames[size:]
        if self._left.size and self._cursor + used.size == end:
            # Longer than planned: the next piece is on time, and this one must not end in a click.
            used = fade_ends(used, self._rate, offset=self._rate, whole=self._rate + used.size)
        return self._sound(used)

    def _next_frames(self, index: int, offset: int) -> Frames:
        """Return what is decoded and not used yet, at least one frame; none at the end of the file."""
        if self._blocks is None:
            path = self._pieces[index].path
            if path is None:  # pragma: no cover - the caller has asked
                raise BadAudio("no file")
            start_ms = self._in_file_ms(index, offset)
            self._blocks = self._decoder.blocks(path, rate=self._rate, start_ms=start_ms, block_ms=self._block_ms)
            self._skip = offset - 1000 * offset // self._rate * self._rate // 1000
            self._left = self._left[:0]
        while self._left.size == 0:
            block = next(self._blocks, None)
            if block is None:
                break
            skipped = min(self._skip, block.size)
            self._skip -= skipped
            self._left = block[skipped:]
        return self._left

    def _break(self, index: int, why: str, size: int) -> Take:
        self._broken[index] = f"mục {index + 1} (item {index + 1}): {why}"
        self._notice_from[index] = self._cursor
        self._blocks, self._left = None, self._left[:0]
        return self._stand_in(index, size)

    def _stand_in(self, index: int, size: int) -> Take:
        """Give the notice from where it broke, then silence until the next piece's own time."""
        whole = notice(self._rate)
        offset = self._cursor - self._notice_from[index]
        frames = whole[max(0, offset) : max(0, offset) + size]
        if frames.size == 0:
            return Take(np.zeros(size, np.int16), self._cursor, counts=False, sounds=False)
        if self._cursor + frames.size == self._bounds[index + 1]:
            frames = fade_ends(frames, self._rate, offset=self._rate, whole=self._rate + frames.size)
        return Take(frames, self._cursor, counts=False, sounds=True)
