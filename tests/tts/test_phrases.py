"""Many phrases in one file: each where its cut says, alone there, at one level, and small enough to keep for good."""

from pathlib import Path

import numpy as np
import pytest

from tests.tts.test_speech import CountingEngine, studio_of
from tts.errors import NothingToSay
from tts.master import read
from tts.model import Pcm, VoiceId
from tts.phrases import EDGE_MS, GAP_MS, PHRASES
from tts.speech import local_studio

TEXTS = ("5 giờ", "30 phút", "khu phố 3", "Sơ tán ngay", "99")


def _samples(sound: Pcm, from_ms: int, dur_ms: int) -> np.ndarray:
    whole = np.frombuffer(sound.data, dtype="<i2").astype(np.float64)
    return whole[from_ms * sound.rate_hz // 1000 : (from_ms + dur_ms) * sound.rate_hz // 1000]


def _db(samples: np.ndarray) -> float:
    return 20 * float(np.log10(max(1e-9, np.sqrt(np.mean(np.square(samples))) / 32768)))


async def test_each_phrase_lies_where_its_cut_says_and_silence_lies_between(tmp_path: Path) -> None:
    async with local_studio(tmp_path) as studio:
        sheet = await studio.phrases(TEXTS, speed=0.9)
        alone = [await studio.preview(text, 0, speed=0.9) for text in TEXTS]
    sound = read(sheet.audio.path)
    assert abs(sheet.audio.loudness.integrated_lufs - PHRASES.integrated_lufs) <= 0.5
    assert sheet.audio.loudness.true_peak_dbtp <= PHRASES.true_peak_max_dbtp
    end_ms = 0
    for cut, single in zip(sheet.cuts, alone, strict=True):
        # as long as when it is said alone, the edges of a preview and of a cut aside
        assert abs((cut.dur_ms - 2 * EDGE_MS) - (single.duration_ms - 500)) <= 20
        assert _db(_samples(sound, cut.from_ms, cut.dur_ms)) > -30
        assert _db(_samples(sound, end_ms + EDGE_MS, GAP_MS - 4 * EDGE_MS)) < -60
        end_ms = cut.from_ms + cut.dur_ms
    assert _db(_samples(sound, end_ms + EDGE_MS, GAP_MS - 4 * EDGE_MS)) < -60
    levels = [_db(_samples(sound, cut.from_ms, cut.dur_ms)) for cut in sheet.cuts]
    assert max(levels) - min(levels) < 6, "one of them would be lost in the street"


async def test_phrases_are_small_and_the_same_ones_are_the_same_file(tmp_path: Path) -> None:
    async with local_studio(tmp_path) as studio:
        first, again = await studio.phrases(TEXTS), await studio.phrases(TEXTS)
        other = await studio.phrases(TEXTS[::-1])
    assert first == again
    assert other.audio.sha256 != first.audio.sha256
    assert first.audio.bytes * 8 / first.audio.duration_ms < 64, "kbit/s, headers of a short file and all"


async def test_a_phrase_that_says_nothing_or_an_engine_that_dies_leaves_no_sheet(tmp_path: Path) -> None:
    engine = CountingEngine()
    async with studio_of(tmp_path, engine) as studio:
        with pytest.raises(NothingToSay, match="…"):
            await studio.phrases(["khu phố 3", "…"], voice=VoiceId("counting:one"))
        with pytest.raises(NothingToSay):
            await studio.phrases([])
