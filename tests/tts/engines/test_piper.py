"""The real Piper code in its real process, on a stand-in of a voice; and workers and voices that are broken."""

import json
import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.tts.engines.tiny_piper import RATE_HZ, SAMPLES_PER_ID, write_voice
from tts.engines.piper import PiperEngine
from tts.errors import EngineCrashed, EngineTimeout, EngineUnavailable, UnknownVoice
from tts.model import Gender, Quality, Region, VoiceId
from tts.voices.folder import UNDECLARED, VoiceFolder

HUM = VoiceId("piper:vi_VN-hum-medium")
SENTENCE = "Ủy ban nhân dân phường thông báo."
LONGER = "Ủy ban nhân dân phường thông báo: mời bà con họp tại nhà văn hóa khu phố ba."
DEADLINE_S = 60.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("voices")
    write_voice(path)
    write_voice(path, "vi_VN-south-medium", language="vi-vn-x-south")
    return path


@pytest.fixture(scope="module")
def piper(folder: Path) -> Iterator[PiperEngine]:
    engine = PiperEngine(VoiceFolder(folder))
    yield engine
    engine.close()


def test_a_voice_dropped_into_the_folder_is_offered_and_speaks(piper: PiperEngine) -> None:
    assert piper.available().available
    hum, south = piper.voices()
    assert (hum.id, hum.quality, hum.region, hum.gender) == (HUM, Quality.NEURAL, Region.NORTH, Gender.UNKNOWN)
    assert south.region is Region.SOUTH
    said = piper.synth(SENTENCE, HUM, 1.0, DEADLINE_S)
    assert said.rate_hz == RATE_HZ
    assert said.frames % SAMPLES_PER_ID == 0
    peak = np.max(np.abs(np.frombuffer(said.data, dtype="<i2").astype(int)))
    assert 20_000 < peak < 30_000, "full scale would leave no room for what follows"


def test_a_voice_of_unknown_origin_says_so(piper: PiperEngine) -> None:
    assert piper.voices()[0].licence == UNDECLARED
    assert "chưa rõ nguồn gốc" in piper.voices()[0].label


def test_longer_text_is_longer_and_other_text_is_other_sound(piper: PiperEngine) -> None:
    short, longer = (piper.synth(text, HUM, 1.0, DEADLINE_S) for text in (SENTENCE, LONGER))
    assert longer.duration_ms > 1.8 * short.duration_ms
    assert longer.data[: len(short.data)] != short.data
    assert piper.synth(SENTENCE, HUM, 1.0, DEADLINE_S) == short


@pytest.mark.parametrize("speed", [0.8, 1.2])
def test_speed_changes_the_length_as_much_as_it_says(piper: PiperEngine, speed: float) -> None:
    usual, changed = (piper.synth(SENTENCE, HUM, each, DEADLINE_S).frames for each in (1.0, speed))
    assert changed == pytest.approx(usual / speed, rel=0.01)


def test_a_worker_killed_between_sentences_costs_nothing(piper: PiperEngine) -> None:
    first = piper.synth(SENTENCE, HUM, 1.0, DEADLINE_S)
    assert piper.worker_pid
    os.killpg(piper.worker_pid, signal.SIGKILL)
    assert piper.synth(SENTENCE, HUM, 1.0, DEADLINE_S) == first


def test_a_hung_worker_is_replaced_within_the_deadline(piper: PiperEngine) -> None:
    first = piper.synth(SENTENCE, HUM, 1.0, DEADLINE_S)
    hung = piper.worker_pid
    assert hung
    os.kill(hung, signal.SIGSTOP)
    assert piper.synth(SENTENCE, HUM, 1.0, 12.0) == first
    assert piper.worker_pid != hung


@pytest.mark.parametrize(
    ("script", "error"),
    [("import os; os._exit(1)", EngineCrashed), ("import time; time.sleep(600)", EngineTimeout)],
)
def test_a_worker_that_always_fails_is_a_clear_error(folder: Path, script: str, error: type[Exception]) -> None:
    engine = PiperEngine(VoiceFolder(folder), command=(sys.executable, "-c", script))
    with pytest.raises(error):
        engine.synth(SENTENCE, HUM, 1.0, 1.0)
    assert engine.worker_pid is None


def test_without_the_extra_it_says_what_to_install(folder: Path) -> None:
    engine = PiperEngine(VoiceFolder(folder), package="a_package_nobody_has")
    assert "loaphuong[piper]" in engine.available().reason
    assert engine.voices(), "the voices stay listed: the operator sees what is missing"
    with pytest.raises(EngineUnavailable, match="piper"):
        engine.synth(SENTENCE, HUM, 1.0, DEADLINE_S)
    assert engine.worker_pid is None


def test_an_empty_folder_or_none_offers_nothing_and_says_why(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        engine = PiperEngine(VoiceFolder(folder))
        assert engine.voices() == ()
        assert "Chưa có giọng" in engine.available().reason
        with pytest.raises(UnknownVoice):
            engine.synth(SENTENCE, HUM, 1.0, DEADLINE_S)


def test_a_broken_model_is_an_error_and_the_worker_lives(tmp_path: Path) -> None:
    write_voice(tmp_path)
    write_voice(tmp_path, "broken").write_bytes(b"\x08\x08 not a model")
    engine = PiperEngine(VoiceFolder(tmp_path))
    with pytest.raises(EngineUnavailable, match="hỏng"):
        engine.synth(SENTENCE, VoiceId("piper:broken"), 1.0, DEADLINE_S)
    worker = engine.worker_pid
    assert engine.synth(SENTENCE, HUM, 1.0, DEADLINE_S).frames
    assert engine.worker_pid == worker
    engine.close()


def test_a_voice_replaced_by_another_of_the_same_name_is_loaded_again(tmp_path: Path) -> None:
    path = write_voice(tmp_path)
    engine = PiperEngine(VoiceFolder(tmp_path))
    before, first = engine.fingerprint(HUM), engine.synth(SENTENCE, HUM, 1.0, DEADLINE_S)
    config = path.with_name(path.name + ".json")
    content = json.loads(config.read_text())
    content["inference"]["length_scale"] = 2
    config.write_text(json.dumps(content))
    assert engine.fingerprint(HUM) != before
    assert engine.synth(SENTENCE, HUM, 1.0, DEADLINE_S).frames == 2 * first.frames
    engine.close()


def test_a_voice_that_was_never_taught_a_tone_is_told_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_voice(tmp_path, "toneless", phonemes="_^$ !,.?abcdefghijklmnopqrstuvwxyz")
    engine = PiperEngine(VoiceFolder(tmp_path))
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert engine.synth("Mà má.", VoiceId("piper:toneless"), 1.0, DEADLINE_S).frames
    told = [record for record in caplog.records if "never taught" in record.message]
    assert len(told) == 1
    assert "2" in told[0].message
    engine.close()


@pytest.mark.parametrize("language", ["en-us", "fr", ""])
def test_a_voice_that_speaks_no_vietnamese_is_not_offered(tmp_path: Path, language: str) -> None:
    write_voice(tmp_path, language=language)
    assert VoiceFolder(tmp_path).all() == ()


def test_half_a_voice_is_not_offered_and_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_voice(tmp_path)
    path.with_name(path.name + ".json").unlink()
    voices = VoiceFolder(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert voices.all() == voices.all() == ()
    assert len([record for record in caplog.records if "configuration is missing" in record.message]) == 1


@pytest.mark.parametrize("content", ["", "[]", "{", '{"espeak": {"voice": "vi"}}', '{"audio": 1}'])
def test_a_configuration_that_is_none_is_not_offered(tmp_path: Path, content: str) -> None:
    path = write_voice(tmp_path)
    path.with_name(path.name + ".json").write_text(content)
    assert VoiceFolder(tmp_path).all() == ()
