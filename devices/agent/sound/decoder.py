"""From a verified audio file to frames, on libsndfile: WAV, FLAC, Ogg, Opus and MP3."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from devices.agent.ports import Decoder, Frames
from devices.agent.sound.resample import Resampler
from devices.errors import BadAudio

_BLOCK = 16_384
_SHORT_FRAMES = 4_608
"""Two MPEG frames each end: a decoder may honestly give that much less than the header says."""


class SoundFileDecoder:
    """Decodes with libsndfile, a block at a time; any channels become one, any rate becomes the card's."""

    def duration_ms(self, path: Path) -> int:
        """Decode the whole file and return how long it really is.

        Raises:
            BadAudio: missing, not audio, cut short, or no frames at all.
        """
        with _opened(path) as source:
            total = sum(len(block) for block in _raw_blocks(source, path))
            if total == 0:
                raise BadAudio(f"{path.name}: no frames")
            if total < source.frames - _SHORT_FRAMES:
                raise BadAudio(f"{path.name}: cut short, {total} of {source.frames} frames")
            return round(1000 * total / int(source.samplerate))

    def blocks(self, path: Path, *, rate: int, start_ms: int = 0, block_ms: int = 100) -> Iterator[Frames]:
        """Yield mono int16 blocks of ``block_ms`` (the last one shorter) from ``start_ms`` on.

        Raises:
            BadAudio: missing, not audio, or broken here; what was yielded before is good.
        """
        size = rate * block_ms // 1000
        held: list[Frames] = []
        count = 0
        for piece in self._at_rate(path, rate, start_ms):
            held.append(piece)
            count += piece.size
            if count < size:
                continue
            frames = np.concatenate(held)
            whole = count - count % size
            yield from frames[:whole].reshape(-1, size)
            held, count = [frames[whole:]], count - whole
        if count:
            yield np.concatenate(held)

    def _at_rate(self, path: Path, rate: int, start_ms: int) -> Iterator[Frames]:
        with _opened(path) as source:
            try:
                source.seek(min(source.frames, start_ms * source.samplerate // 1000))
            except soundfile.SoundFileRuntimeError as error:
                raise BadAudio(f"{path.name}: {error}") from error
            if source.samplerate == rate:
                yield from _raw_blocks(source, path)
                return
            resampler = Resampler(source.samplerate, rate)
            for block in _raw_blocks(source, path):
                yield resampler.feed(block)
            yield resampler.flush()


class SharedDecoder:
    """One decoding for all: keeps decoded files, the least used ones leaving first.

    A thousand simulated poles play the same verified file, which is named by its hash: file name and size say what
    is in it. Decoded as far as somebody has listened, so that nobody's start waits for the end of a long file. Safe
    to call from threads.
    """

    def __init__(self, inner: Decoder, *, max_bytes: int = 256_000_000) -> None:
        self._inner = inner
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._decoded: OrderedDict[tuple[str, int, int], _Decoding] = OrderedDict()
        self._durations: dict[tuple[str, int], int] = {}

    def duration_ms(self, path: Path) -> int:
        """As the inner decoder, once for each name and size."""
        key = (path.name, _size(path))
        with self._lock:
            if key not in self._durations:
                self._durations[key] = self._inner.duration_ms(path)
            return self._durations[key]

    def blocks(self, path: Path, *, rate: int, start_ms: int = 0, block_ms: int = 100) -> Iterator[Frames]:
        """As the inner decoder; the blocks are read-only views of the shared copy."""
        key = (path.name, _size(path), rate)
        at, size = rate * start_ms // 1000, rate * block_ms // 1000
        while True:
            with self._lock:
                frames = self._decoding(key, path).upto(at + size)[at : at + size]
            if frames.size == 0:
                return
            yield frames
            at += frames.size

    def _decoding(self, key: tuple[str, int, int], path: Path) -> "_Decoding":
        if key not in self._decoded:
            self._decoded[key] = _Decoding(self._inner.blocks(path, rate=key[2]))
        self._decoded.move_to_end(key)
        # The newest stays even when it alone is too big: the caller is about to play it.
        while len(self._decoded) > 1 and sum(each.nbytes for each in self._decoded.values()) > self._max_bytes:
            self._decoded.popitem(last=False)
        return self._decoded[key]


class _Decoding:
    """One file, decoded as far as asked for."""

    def __init__(self, blocks: Iterator[Frames]) -> None:
        self._blocks = blocks
        self._frames: Frames = np.empty(0, np.int16)
        self._size = 0
        self._broken: BadAudio | None = None

    @property
    def nbytes(self) -> int:
        return self._frames.nbytes

    def upto(self, end: int) -> Frames:
        """Return the first ``end`` frames at least, or all there are.

        Raises:
            BadAudio: the file is broken before ``end``.
        """
        while self._size < end:
            if self._broken is not None:
                raise self._broken
            try:
                block = next(self._blocks, None)
            except BadAudio as error:
                self._broken = error
                continue
            if block is None:
                if self._frames.size > self._size:
                    self._frames = self._frames[: self._size].copy()
                break
            self._add(block)
        view = self._frames[: self._size]
        view.flags.writeable = False
        return view

    def _add(self, block: Frames) -> None:
        size = self._size + block.size
        if size > self._frames.size:
            grown = np.empty(max(size, 2 * self._frames.size), np.int16)
            grown[: self._size] = self._frames[: self._size]
            self._frames = grown
        self._frames[self._size : size] = block
        self._size = size


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(path)
    except (soundfile.SoundFileRuntimeError, OSError, TypeError) as error:
        # TypeError: a file without a known ending and header makes the library ask for a raw format.
        raise BadAudio(f"{path.name}: {error}") from error


def _raw_blocks(source: soundfile.SoundFile, path: Path) -> Iterator[Frames]:
    while True:
        try:
            block = source.read(_BLOCK, dtype="int16", always_2d=True)
        except soundfile.SoundFileRuntimeError as error:
            raise BadAudio(f"{path.name}: {error}") from error
        if len(block) == 0:
            return
        if block.shape[1] == 1:
            yield block[:, 0]
        else:
            yield (block.astype(np.int32).sum(axis=1) // block.shape[1]).astype(np.int16)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise BadAudio(f"{path.name}: {error.strerror}") from error
