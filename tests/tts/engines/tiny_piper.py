"""A stand-in for a Piper voice: a few kilobytes with a real voice's inputs and outputs, which hum instead of speaking.

The length of the tone follows the number of phonemes and the length scale, its pitch the mean of the phonemes. The
file is written field by field, since the package that makes such files is far larger than what it is needed for here.
"""

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RATE_HZ = 22_050
SAMPLES_PER_ID = 800
_FLOAT, _INT64 = 1, 7
# what espeak writes for Vietnamese, letter by letter, and the marks Piper adds
PHONEMES = (
    "_^$ !'(),-.:;?abcdefghijklmnopqrstuvwxyzæçðøħŋœ"
    "ǀɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢʲˈˌːˑ˞βθχᵻⱱ"
    "0123456789̧̪̯̩ʰˤε↓#↑̃"
)


def _varint(value: int) -> bytes:
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


def _node(operator: str, inputs: Sequence[str], output: str, **attributes: int) -> bytes:
    node = b"".join(_bytes(1, name) for name in inputs) + _bytes(2, output) + _bytes(4, operator)
    for name, value in attributes.items():
        node += _bytes(5, _bytes(1, name) + _number(3, value) + _number(20, 2))
    return _bytes(1, node)


def _constant(name: str, value: float | Sequence[int]) -> bytes:
    """A float scalar, or a vector of whole numbers."""
    if isinstance(value, float):
        return _bytes(5, _number(2, _FLOAT) + _bytes(8, name) + _bytes(9, struct.pack("<f", value)))
    raw = struct.pack(f"<{len(value)}q", *value)
    return _bytes(5, _number(1, len(value)) + _number(2, _INT64) + _bytes(8, name) + _bytes(9, raw))


def _tensor(field: int, name: str, kind: int, *shape: int | str) -> bytes:
    dims = b"".join(_bytes(1, _number(1, d) if isinstance(d, int) else _bytes(2, d)) for d in shape)
    return _bytes(field, _bytes(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dims))))


def model() -> bytes:
    """Return the ONNX file."""
    graph = b"".join(
        (
            _node("Gather", ["scales", "one"], "length_scale", axis=0),
            _node("Cast", ["input_lengths"], "count", to=_FLOAT),
            _node("Mul", ["count", "length_scale"], "stretched"),
            _node("Mul", ["stretched", "per_id"], "length"),
            _node("Squeeze", ["length"], "limit"),
            _node("Range", ["zero", "limit", "step"], "samples"),
            _node("Cast", ["input"], "ids", to=_FLOAT),
            _node("ReduceMean", ["ids"], "mean", keepdims=0),
            _node("Mul", ["mean", "pitch"], "turn"),
            _node("Mul", ["samples", "turn"], "angle"),
            _node("Sin", ["angle"], "wave"),
            _node("Unsqueeze", ["wave", "axes"], "output"),
            _bytes(2, "hum"),
            *(_constant(name, value) for name, value in CONSTANTS.items()),
            _tensor(11, "input", _INT64, "batch", "phonemes"),
            _tensor(11, "input_lengths", _INT64, "batch"),
            _tensor(11, "scales", _FLOAT, 3),
            _tensor(12, "output", _FLOAT, "batch", 1, "time"),
        )
    )
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, "") + _number(2, 13))


CONSTANTS: dict[str, float | Sequence[int]] = {
    "one": [1],
    "axes": [0, 1],
    "zero": 0.0,
    "step": 1.0,
    "per_id": float(SAMPLES_PER_ID),
    "pitch": 2 * 3.14159265 * 20 / RATE_HZ,
}


def config(language: str = "vi", phonemes: str = PHONEMES) -> dict[str, Any]:
    return {
        "audio": {"sample_rate": RATE_HZ, "quality": "medium"},
        "espeak": {"voice": language},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": {sign: [number] for number, sign in enumerate(phonemes)},
        "num_symbols": 256,
        "num_speakers": 1,
    }


def write_voice(folder: Path, name: str = "vi_VN-hum-medium", language: str = "vi", phonemes: str = PHONEMES) -> Path:
    """Drop the two files of a voice into ``folder``; return the model's."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(model())
    path.with_name(f"{name}.onnx.json").write_text(json.dumps(config(language, phonemes)), encoding="utf-8")
    return path
