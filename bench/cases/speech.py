"""One page of text to a mastered file, per engine and codec, beside how long it takes to say; and what keeping saves.

A real Piper voice is measured where ``LOA_BENCH_VOICES`` names a folder of voices. Else a stand-in hums instead: all of
Piper's own work but that of the neural network, and it says so.
"""

import asyncio
import os
import time
from collections.abc import Awaitable
from pathlib import Path

from bench.context import Context
from bench.process import rss_mb
from bench.report import Row
from gateway.demo import content
from tests.tts.engines.tiny_piper import write_voice
from tts.engines.espeak import EspeakEngine
from tts.engines.piper import PiperEngine
from tts.model import Codec, MasteredAudio, Voice
from tts.speech import Studio, local_studio

WORDS = 300


async def run(context: Context) -> list[Row]:
    page = page_of(WORDS)
    given = os.environ.get("LOA_BENCH_VOICES")
    voices = Path(given) if given else context.folder / "voices"
    if not given:
        write_voice(voices)
    rows: list[Row] = []
    async with local_studio(context.folder / "speech", voices=voices) as studio:
        offline = [voice for voice in studio.voices() if voice.engine in ("espeak", "piper")]
        for voice in (offline[0], *(voice for voice in offline if voice.engine == "piper")):
            rows += await _engine(studio, voice, page, stand_in=not given)
        rows += await _keeping(studio, page)
    return rows


def page_of(words: int) -> str:
    """Return that many words of the demo ward's bulletins."""
    return " ".join(" ".join(text.read() for text in content.TEXTS).split()[:words])


async def _engine(studio: Studio, voice: Voice, page: str, *, stand_in: bool) -> list[Row]:
    name = f"{voice.id}, a stand-in that hums" if stand_in and voice.engine == "piper" else str(voice.id)
    _, cold_s = await _timed(studio.speak("Một hai ba.", voice=voice.id))
    rows: list[Row] = []
    for codec in Codec:
        made, took_s = await _timed(studio.speak(page, voice=voice.id, codec=codec))
        said = "sentences said before" if rows else f"first words after a start: {cold_s:.1f} s"
        spoken_s = made.duration_ms / 1000
        rows.append(
            Row(
                what=f"one page ({len(page.split())} words) to a mastered {codec.name}, {name}",
                measured=f"{took_s:.1f} s",
                beside=f"spoken duration {spoken_s:.0f} s ({said})",
                ratio=f"{took_s / spoken_s:.3f}",
            )
        )
    workers = [engine for engine in studio._engines.values() if isinstance(engine, EspeakEngine | PiperEngine)]  # noqa: SLF001
    worker = next(engine for engine in workers if engine.id == voice.engine)
    memory = rss_mb(worker.worker_pid or 0)
    beside = f"this process: {rss_mb(os.getpid()):.0f} MB"
    return [
        *rows,
        Row(what=f"memory of the worker after that page, {name}", measured=f"{memory:.0f} MB", beside=beside),
    ]


async def _keeping(studio: Studio, page: str) -> list[Row]:
    """What is said already is not said again: the same page, and the page with one sentence changed."""
    fresh, took_s = await _timed(studio.speak(page, speed=1.1))
    _, again_s = await _timed(studio.speak(page, speed=1.1))
    _, changed_s = await _timed(studio.speak(f"{page} Thêm một câu mới.", speed=1.1))
    _, preview_s = await _timed(studio.preview(page, 3, speed=1.1))
    made = f"making it: {1000 * took_s:.0f} ms ({fresh.duration_ms / 1000:.0f} s of speech)"
    found = (("the same page again, from the cache", again_s), ("one sentence of it to listen to", preview_s))
    return [
        *(
            Row(what=what, measured=f"{1000 * spent_s:.1f} ms", beside=made, ratio=f"{spent_s / took_s:.4f}")
            for what, spent_s in found
        ),
        Row(
            what="the page with one sentence more: one is said, all is mastered",
            measured=f"{1000 * changed_s:.0f} ms",
            beside=made,
            ratio=f"{changed_s / took_s:.2f}",
        ),
    ]


async def _timed(work: Awaitable[MasteredAudio]) -> tuple[MasteredAudio, float]:
    began = time.monotonic()
    made = await asyncio.ensure_future(work)
    return made, time.monotonic() - began
