"""A hundred bulletins wait, and their workers are killed in the middle of a sentence: a retry of that one is all."""

import asyncio
import os
import signal
import threading
from pathlib import Path

import pytest

from tts.cache import AudioCache
from tts.engines.espeak import DEFAULT_VOICE, EspeakEngine
from tts.model import Pcm, VoiceId
from tts.speech import Studio, local_studio
from tts.text.lexicon_file import national

BULLETINS = 100
EVERY = 12


class AccidentProne(EspeakEngine):
    """The real engine. In every twelfth sentence its worker stops in the middle, and is killed from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.hit: dict[int, str] = {}

    def synth(self, sentence: str, voice: VoiceId, speed: float, deadline_s: float) -> Pcm:
        self.asked.append(sentence)
        pid = self.worker_pid
        if pid is None or len(self.asked) % EVERY:
            return super().synth(sentence, voice, speed, deadline_s)
        os.kill(pid, signal.SIGSTOP)  # it takes the sentence in, and cannot finish it
        killer = threading.Timer(0.05, os.killpg, (pid, signal.SIGKILL))
        killer.start()
        said = super().synth(sentence, voice, speed, deadline_s)
        killer.join()
        self.hit[pid] = sentence
        return said


@pytest.mark.slow
async def test_workers_killed_in_a_queue_of_a_hundred_cost_a_retry_of_a_sentence_each(tmp_path: Path) -> None:
    engine = AccidentProne()
    texts = [f"Tin số {n}." for n in range(BULLETINS)]
    frail = Studio(engines=[engine], cache=AudioCache(tmp_path / "frail"), lexicon=national())
    async with frail as studio:
        queued = [asyncio.create_task(studio.speak(text)) for text in texts]
        heard = await studio.preview("Nghe thử một câu.", 0)
        assert not queued[-1].done(), "nobody waits behind the queue for one sentence"
        made = dict(zip(texts, await asyncio.gather(*queued), strict=True))
    assert heard.bytes
    assert len(engine.asked) == len(set(engine.asked)) == BULLETINS + 1, "no bulletin is begun again"
    assert len(engine.hit) == (BULLETINS + 1) // EVERY, "each had a worker of its own"
    assert {(each.voices, each.fallback_reason) for each in made.values()} == {((DEFAULT_VOICE,), "")}
    assert len({each.sha256 for each in made.values()}) == BULLETINS
    killed_in = [text for text in texts if studio.normalise(text).sentences[0].spoken in engine.hit.values()]
    assert len(killed_in) >= len(engine.hit) - 1
    async with local_studio(tmp_path / "calm") as calm:
        for text in killed_in:
            assert (await calm.speak(text)).sha256 == made[text].sha256, "what was said is what would have been"
