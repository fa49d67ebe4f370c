"""The process around Piper: ``python -m tts.engines.piper_worker``. Frames in, frames out, nothing else.

It holds the last two voices, since two may take turns, and each takes a quarter of a gigabyte.
"""

import os
import signal
import sys
from collections import OrderedDict
from typing import Any

import onnxruntime
from piper import PiperVoice, SynthesisConfig

from tts.engines import pipe

_VOICES = 2
_SEED = 1
_VOLUME = 0.8  # Piper brings every sentence to full scale; what follows needs room


class _Voices:
    def __init__(self) -> None:
        self._loaded: OrderedDict[tuple[str, str], PiperVoice] = OrderedDict()

    def get(self, model: str, fingerprint: str) -> PiperVoice:
        """Return the voice, loaded again when its files have changed."""
        key = (model, fingerprint)
        if key not in self._loaded:
            while len(self._loaded) >= _VOICES:
                self._loaded.popitem(last=False)
            onnxruntime.set_seed(_SEED)
            self._loaded[key] = PiperVoice.load(model)
        self._loaded.move_to_end(key)
        return self._loaded[key]


def _say(voice: PiperVoice, request: dict[str, Any]) -> tuple[bytes, int, list[str]]:
    """Return samples, rate, and the sounds that the voice was never taught."""
    missing: dict[str, None] = {}
    samples = bytearray()
    for chunk in voice.synthesize(
        str(request["text"]),
        SynthesisConfig(length_scale=voice.config.length_scale / float(request["speed"]), volume=_VOLUME),
    ):
        samples += chunk.audio_int16_bytes
        missing |= dict.fromkeys(sign for sign in chunk.phonemes if sign not in voice.config.phoneme_id_map)
    return bytes(samples), voice.config.sample_rate, list(missing)


def _answer(voices: _Voices, request: dict[str, Any]) -> bytes:
    try:
        voice = voices.get(str(request["model"]), str(request["fingerprint"]))
    except Exception as error:  # noqa: BLE001 - the runtime has an error class of its own for every way to be broken
        return pipe.pack({"ok": False, "code": "broken voice", "detail": repr(error)[:500]})
    samples, rate_hz, missing = _say(voice, request)
    return pipe.pack({"ok": True, "rate_hz": rate_hz, "missing": missing}, samples)


def main() -> int:
    """Serve requests until the parent closes the pipe."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever the libraries print stays out of the frames
    voices = _Voices()
    while (request := pipe.read_request(sys.stdin.buffer)) is not None:
        # should the parent die while the library hangs, nobody else would end this process
        signal.alarm(int(request.get("deadline_s", 60)) + 5)
        output.write(_answer(voices, request))
        output.flush()
        signal.alarm(0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
