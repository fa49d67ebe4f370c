"""Text in: inputs made to hang it, from the paste to what is spoken, and one page of an office's paper by its kind."""

import asyncio
import sys
import time
import unicodedata

from bench.context import Context
from bench.report import Row, percentile
from gateway.domain.errors import BadInput
from gateway.domain.paper_reading import pasted, read_paper
from gateway.papers import PaperReader
from tests.gateway.papers.documents import NOTICE, open_document, pdf, word
from tts.errors import TextError
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser

TURNS = 5
GOAL_S = 1.0
PAGE = NOTICE * 7
"""Twenty-one paragraphs, some 300 words: what fits on one sheet."""
HARD = {
    "100,000 blanks": " " * 100_000,
    "100,000 blanks in a sentence": "Mời bà con" + " " * 100_000 + "đi họp.",
    "5,000 digits": "1" * 5_000,
    "5,000 digits, blanks between": "1 " * 5_000,
    "5,000 digits, dots between": "1." * 5_000,
    "20,000 slashes": "/" * 20_000,
    "10,000 “1/”": "1/" * 10_000,
    "20,000 emoji": "🎉" * 20_000,
    "10,000 emoji among words": "🎉á " * 6_600,
    "NFD and NFC, mixed": (unicodedata.normalize("NFD", "ệ") + "ệ") * 7_500,
    "NFD words": unicodedata.normalize("NFD", "Việt Nam ") * 1_900,
}


async def run(context: Context) -> list[Row]:
    normaliser = Normaliser(national())
    normaliser.normalise("Một hai ba.")
    took = {name: await asyncio.to_thread(_taken_in, text, normaliser) for name, text in HARD.items()}
    papers = await _papers(context)
    started = percentile([await _started_s() for _ in range(TURNS)], 0.5)
    return [
        *(
            Row(
                what=f"text in, pasted and normalised: {name}",
                measured=f"{seconds * 1000:,.0f} ms ({answer})",
                ratio=f"{seconds / GOAL_S:.3f} of the goal",
                goal="< 1 s",
            )
            for name, (seconds, answer) in took.items()
        ),
        *(
            Row(
                what=f"text in, a {kind} file of one page ({words} words), read in a process of its own",
                measured=f"{seconds * 1000:,.0f} ms",
                beside=f"`python -c pass`: {started * 1000:,.0f} ms",
                ratio=f"{seconds / started:.1f}",
                goal="< 1 s",
            )
            for kind, (seconds, words) in papers.items()
        ),
    ]


def _taken_in(text: str, normaliser: Normaliser) -> tuple[float, str]:
    """Return the worst of a few turns, and what came of it: a refusal is an answer too."""
    worst, answer = 0.0, ""
    for _ in range(TURNS):
        began = time.perf_counter()
        try:
            paper = read_paper(pasted(text))
            spoken = normaliser.normalise("\n".join(paper.paragraphs)).spoken
            answer = f"{len(spoken):,} characters to say"
        except BadInput as refused:
            answer = f"refused: {refused.problems[0].code}"
        except TextError:
            answer = "refused: no human text"
        # the normaliser alone must stand it too: a template or a program gives it text past the paper
        try:
            normaliser.normalise(text)
        except TextError:
            answer += "; the normaliser refuses it"
        worst = max(worst, time.perf_counter() - began)
    return worst, answer


async def _papers(context: Context) -> dict[str, tuple[float, int]]:
    files = {".docx": word(paragraphs=PAGE), ".odt": open_document(paragraphs=PAGE), ".pdf": pdf([PAGE])}
    found = {}
    for kind, data in files.items():
        path = context.folder / f"paper{kind}"
        path.write_bytes(data)
        times, words = [], 0
        for _ in range(TURNS):
            began = time.perf_counter()
            paper = read_paper(await PaperReader().read(path))
            times.append(time.perf_counter() - began)
            words = sum(len(paragraph.split()) for paragraph in paper.paragraphs)
        found[kind] = percentile(times, 0.5), words
    return found


async def _started_s() -> float:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, "-I", "-c", "pass")
    await process.wait()
    return time.perf_counter() - began
