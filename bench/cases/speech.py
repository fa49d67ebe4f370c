"""One page of text to a mastered MP3, beside how long it takes to say; and the same page again."""

import asyncio
import time

from bench.context import Context
from bench.report import Row
from gateway.demo import content
from tts.speech import local_studio

WORDS = 300


async def run(context: Context) -> list[Row]:
    page = " ".join(" ".join(text.read() for text in content.TEXTS).split()[:WORDS])
    async with local_studio(context.folder / "speech") as studio:
        cold = await _timed(studio.speak("Một hai ba."))
        began = time.monotonic()
        mastered = await studio.speak(page)
        took_s = time.monotonic() - began
        again_s = await _timed(studio.speak(page))
    spoken_s = mastered.duration_ms / 1000
    return [
        Row(
            what=f"one page ({len(page.split())} words) to a mastered MP3, offline voice",
            measured=f"{took_s:.1f} s",
            beside=f"spoken duration {spoken_s:.0f} s (first words after a start: {cold:.1f} s)",
            ratio=f"{took_s / spoken_s:.3f}",
        ),
        Row(
            what="the same page again, from the cache",
            measured=f"{1000 * again_s:.1f} ms",
            beside=f"making it: {1000 * took_s:.0f} ms",
            ratio=f"{again_s / took_s:.4f}",
        ),
    ]


async def _timed(work: object) -> float:
    began = time.monotonic()
    await asyncio.ensure_future(work)  # type: ignore[call-overload]
    return time.monotonic() - began
