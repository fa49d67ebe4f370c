"""The real engine in its real process, and workers that die, hang and lie."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tts.engines.espeak import DEFAULT_VOICE, EspeakEngine
from tts.engines.recorded import loudest_dbfs
from tts.errors import EngineAnswer, EngineCrashed, EngineTimeout, EngineUnavailable, UnknownVoice
from tts.model import Pcm, voice_id

SENTENCE = "Ủy ban nhân dân phường thông báo."
DEADLINE_S = 30.0


@pytest.fixture
def espeak() -> Iterator[EspeakEngine]:
    engine = EspeakEngine()
    yield engine
    engine.close()


def level_dbfs(sound: Pcm) -> float:
    return loudest_dbfs(np.frombuffer(sound.data, dtype="<i2"), sound.rate_hz)


def test_every_voice_offered_speaks(espeak: EspeakEngine) -> None:
    assert espeak.available().available
    for voice in espeak.voices():
        said = espeak.synth(SENTENCE, voice.id, 1.0, DEADLINE_S)
        assert 1000 < said.duration_ms < 5000
        assert -30 < level_dbfs(said) < 0


def test_the_same_sentence_is_the_same_bytes_whatever_was_said_before_and_in_another_process(
    espeak: EspeakEngine,
) -> None:
    first = espeak.synth(SENTENCE, DEFAULT_VOICE, 1.0, DEADLINE_S)
    espeak.synth("Một câu khác hẳn.", DEFAULT_VOICE, 1.2, DEADLINE_S)
    assert espeak.synth(SENTENCE, DEFAULT_VOICE, 1.0, DEADLINE_S) == first
    espeak.close()
    assert espeak.synth(SENTENCE, DEFAULT_VOICE, 1.0, DEADLINE_S) == first


def test_speed_changes_the_length(espeak: EspeakEngine) -> None:
    slow, fast = (espeak.synth(SENTENCE, DEFAULT_VOICE, speed, DEADLINE_S).duration_ms for speed in (0.8, 1.2))
    assert slow > fast * 1.2


def test_a_worker_killed_between_sentences_costs_nothing(espeak: EspeakEngine) -> None:
    first = espeak.synth(SENTENCE, DEFAULT_VOICE, 1.0, DEADLINE_S)
    assert espeak.worker_pid
    os.killpg(espeak.worker_pid, signal.SIGKILL)
    assert espeak.synth(SENTENCE, DEFAULT_VOICE, 1.0, DEADLINE_S) == first


def test_a_worker_killed_in_the_middle_of_a_sentence_costs_one_retry(espeak: EspeakEngine) -> None:
    long = ("xin chào bà con " * 1200).strip()
    expected = espeak.synth(long, DEFAULT_VOICE, 1.0, DEADLINE_S)
    victim = espeak.worker_pid
    assert victim
    killer = threading.Timer(0.05, os.killpg, (victim, signal.SIGKILL))
    killer.start()
    assert espeak.synth(long, DEFAULT_VOICE, 1.0, DEADLINE_S) == expected
    killer.join()
    assert espeak.worker_pid != victim
    assert espeak.synth(SENTENCE, DEFAULT_VOICE, 1.0, DEADLINE_S).frames


def test_a_hung_worker_is_replaced_within_the_deadline(espeak: EspeakEngine) -> None:
    first = espeak.synth(SENTENCE, DEFAULT_VOICE, 1.0, DEADLINE_S)
    hung = espeak.worker_pid
    assert hung
    os.kill(hung, signal.SIGSTOP)
    assert espeak.synth(SENTENCE, DEFAULT_VOICE, 1.0, 4.0) == first
    assert espeak.worker_pid != hung


def test_an_unknown_voice_is_refused_and_the_engine_goes_on(espeak: EspeakEngine) -> None:
    with pytest.raises(UnknownVoice):
        espeak.synth(SENTENCE, voice_id("espeak", "vi-vn-x-central"), 1.0, DEADLINE_S)
    assert espeak.synth(SENTENCE, DEFAULT_VOICE, 1.0, DEADLINE_S).frames


def test_fingerprints_tell_voices_apart(espeak: EspeakEngine) -> None:
    prints = [espeak.fingerprint(voice.id) for voice in espeak.voices()]
    assert len(set(prints)) == len(prints)
    assert espeak.fingerprint(DEFAULT_VOICE) == EspeakEngine().fingerprint(DEFAULT_VOICE)


WORKERS = {
    "dies once": """
        marker = pathlib.Path(sys.argv[1])
        if not marker.exists():
            marker.touch()
            os._exit(1)
        answer({"ok": True, "rate_hz": 16000}, b"\\1\\0" * 16000)
    """,
    "always dies": "os._exit(1)",
    "dies half-way": """
        frame = pipe.pack({"ok": True, "rate_hz": 16000}, b"\\1\\0" * 16000)
        sys.stdout.buffer.write(frame[:1000])
        sys.stdout.buffer.flush()
        os._exit(1)
    """,
    "hangs": "time.sleep(600)",
    "drips": """
        sys.stdout.buffer.write(pipe.pack({"ok": True, "rate_hz": 16000}, b"\\1\\0" * 16000)[:1000])
        sys.stdout.buffer.flush()
        time.sleep(600)
    """,
    "talks": """
        print("warning: something")
        sys.stdout.flush()
        time.sleep(600)
    """,
    "is mute": """answer({"ok": True, "rate_hz": 16000}, b"")""",
}
FRAME = """
import os, pathlib, sys, time
from tts.engines import pipe

def answer(head, body):
    sys.stdout.buffer.write(pipe.pack(head, body))
    sys.stdout.buffer.flush()

while pipe.read_request(sys.stdin.buffer) is not None:
"""


def bad_engine(folder: Path, name: str) -> EspeakEngine:
    body = "\n".join(" " * 4 + line.removeprefix(" " * 8) for line in WORKERS[name].strip("\n").split("\n"))
    script = folder / "worker.py"
    script.write_text(FRAME + body + "\n", encoding="utf-8")
    return EspeakEngine(command=(sys.executable, str(script), str(folder / "marker")))


def test_a_crash_costs_one_retry_of_one_sentence(tmp_path: Path) -> None:
    engine = bad_engine(tmp_path, "dies once")
    assert engine.synth(SENTENCE, DEFAULT_VOICE, 1.0, DEADLINE_S).duration_ms == 1000
    engine.close()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("always dies", EngineCrashed),
        ("dies half-way", EngineCrashed),
        ("hangs", EngineTimeout),
        ("drips", EngineTimeout),
        ("talks", EngineCrashed),
        ("is mute", EngineAnswer),
    ],
)
def test_a_bad_worker_is_a_clear_error_in_time_and_leaves_no_process(
    tmp_path: Path, name: str, error: type[Exception]
) -> None:
    engine = bad_engine(tmp_path, name)
    started = time.monotonic()
    with pytest.raises(error, match="espeak"):
        engine.synth(SENTENCE, DEFAULT_VOICE, 1.0, 1.0 if error is EngineTimeout else DEADLINE_S)
    assert time.monotonic() - started < 60  # a hang would be 600
    pid = engine.worker_pid
    engine.close()
    assert pid is None or not Path(f"/proc/{pid}").exists()


def test_an_engine_that_cannot_be_started_says_so_and_does_not_raise_when_asked(tmp_path: Path) -> None:
    engine = EspeakEngine(command=(str(tmp_path / "nothing-here"),))
    status = engine.available()
    assert not status.available
    assert "Không khởi động được" in status.reason
    with pytest.raises(EngineUnavailable):
        engine.synth(SENTENCE, DEFAULT_VOICE, 1.0, DEADLINE_S)


def test_markup_and_phoneme_codes_are_only_words(espeak: EspeakEngine) -> None:
    plain = espeak.synth("a", DEFAULT_VOICE, 1.0, DEADLINE_S).duration_ms
    assert espeak.synth("<break time='9s'/>a", DEFAULT_VOICE, 1.0, DEADLINE_S).duration_ms < plain + 8000
