"""The process around espeak-ng: ``python -m tts.engines.espeak_worker``. Frames in, frames out, nothing else.

espeak-ng keeps state between two sentences, so that the same words never give the same samples twice. Here each
sentence is said by a fork of one prepared process: the same request always gives the same bytes, and a crash takes
the fork along, then this process, and nobody else.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

import espeakng_loader

from tts.engines import pipe

# AUDIO_OUTPUT_SYNCHRONOUS: samples come to the callback, no sound card, and no thread of the library's own, which a
# fork would not have
_SYNCHRONOUS = 2
_RATE, _VOLUME = 1, 2
_UTF8 = 1
_BY_CHARACTER = 1
_SEED = 1
_CRASHED = 70

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """The library, loaded and initialised."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(Path(espeakng_loader.get_data_path()).resolve())
        self.rate_hz = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), 0))
        if self.rate_hz <= 0:
            raise OSError(f"espeak_Initialize: {self.rate_hz} with {data}")
        self._samples = bytearray()
        self._callback = _Callback(self._collect)  # kept: the library holds only a pointer
        self._library.espeak_SetSynthCallback(self._callback)

    def _collect(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._samples += ctypes.string_at(samples, count * 2)
        return 0

    def say(self, request: dict[str, Any]) -> bytes | None:
        """Return the samples of ``request``, or ``None`` when the voice is not there."""
        if self._library.espeak_SetVoiceByName(str(request["voice"]).encode()):
            return None
        self._library.espeak_SetParameter(_RATE, int(request["words_per_minute"]), 0)
        self._library.espeak_SetParameter(_VOLUME, int(request["volume"]), 0)
        self._library.espeak_ng_SetRandSeed(_SEED)
        text = str(request["text"]).encode()
        failed = self._library.espeak_Synth(text, len(text) + 1, 0, _BY_CHARACTER, 0, _UTF8, None, None)
        failed = failed or self._library.espeak_Synchronize()
        if failed:
            raise OSError(f"espeak_Synth: {failed}")
        return bytes(self._samples)


def _answer(espeak: Espeak, request: dict[str, Any], output: BinaryIO) -> None:
    # should the parent die while the library hangs, nobody else would end this process
    signal.alarm(int(request.get("deadline_s", 60)) + 5)
    if request.get("ask") == "version":
        output.write(pipe.pack({"ok": True, "rate_hz": espeak.rate_hz}))
    else:
        samples = espeak.say(request)
        head = {"ok": samples is not None, "rate_hz": espeak.rate_hz}
        output.write(pipe.pack(head, samples or b""))
    output.flush()


def main() -> int:
    """Serve requests until the parent closes the pipe."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever the library prints stays out of the frames
    espeak = Espeak()
    while (request := pipe.read_request(sys.stdin.buffer)) is not None:
        child = os.fork()
        if child == 0:
            _answer(espeak, request, output)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            return _CRASHED
    return 0


if __name__ == "__main__":
    sys.exit(main())
