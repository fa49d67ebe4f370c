"""Characters a second beside two other normalisers on the same text, and the worst inputs we know."""

import asyncio
import json
import subprocess
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from bench.context import Context
from bench.report import Row
from tts.errors import TextError
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser

ROOT = Path(__file__).parents[2]
PEERS = ("sea-g2p", "vinormx")
CHARS = 20_000
"""Of the reports: vinormx reads some two thousand a second."""
GIVE_UP_S = 20
WORST = {
    "100,000 blanks": " " * 100_000,
    "5,000 digits": "1" * 5_000,
    "3,000 slashes": "/" * 3_000,
    "20,000 emoji": "🎉" * 20_000,
    "15,000 letters in NFD and NFC": unicodedata.normalize("NFD", "ệ") * 7_500 + "ệ" * 7_500,
    "“0.” 3,000 times": "0." * 3_000,
    "“ngày 15, ” 2,000 times": "ngày 15, " * 2_000,
}


@dataclass(frozen=True)
class Result:
    """``took_s`` is ``None`` when it was given up."""

    took_s: float | None
    failed: int = 0
    digits: int = 0

    @property
    def told(self) -> str:
        if self.took_s is None:
            return f"given up after {GIVE_UP_S} s"
        return "failed" if self.failed else f"{self.took_s:.2f} s"


def _paragraphs() -> list[str]:
    """Take paragraphs of all reports in turn, until there are enough characters."""
    reports = [path.read_text(encoding="utf-8").splitlines() for path in sorted(ROOT.glob("tests/data/reports/*.txt"))]
    found: list[str] = []
    for number in range(max(map(len, reports))):
        for lines in reports:
            if number < len(lines) and lines[number].strip() and sum(map(len, found)) < CHARS:
                found.append(lines[number].strip())
    return found


def _ours(normaliser: Normaliser, paragraphs: list[str]) -> Result:
    began = time.perf_counter()
    failed = digits = 0
    for paragraph in paragraphs:
        try:
            digits += any(map(str.isdigit, normaliser.normalise(paragraph).spoken))
        except TextError:
            failed += 1
    return Result(time.perf_counter() - began, failed, digits)


def _theirs(python: Path, name: str, paragraphs: list[str]) -> Result:
    script = Path(__file__).with_name("normaliser_peer.py")
    try:
        done = subprocess.run(
            [python, script, name],
            input=json.dumps(paragraphs),
            capture_output=True,
            text=True,
            timeout=GIVE_UP_S + 10 * (len(paragraphs) > 1),
            check=True,
            cwd=ROOT,
        )
    except subprocess.TimeoutExpired:
        return Result(None)
    except subprocess.CalledProcessError:
        return Result(0.0, failed=len(paragraphs))
    found = json.loads(done.stdout[done.stdout.rindex("{") :])
    return Result(found["took_s"], found["failed"], found["digits"])


def measure() -> list[Row]:
    made = subprocess.run([ROOT / "scripts" / "peers", "bench"], capture_output=True, text=True, check=True, cwd=ROOT)
    python = Path(made.stdout.split()[-1]) / "bin" / "python"
    normaliser, paragraphs = Normaliser(national()), _paragraphs()
    chars = sum(map(len, paragraphs))
    _ours(normaliser, ["Một hai ba."])
    ours = _ours(normaliser, paragraphs)
    rows = []
    for name in PEERS:
        theirs = _theirs(python, name, paragraphs)
        if ours.took_s is None or theirs.took_s is None:
            rows.append(Row(what=f"normaliser beside {name}", measured=ours.told, beside=theirs.told))
            continue
        rows.append(
            Row(
                what=f"normaliser, {len(paragraphs)} paragraphs of real reports ({chars:,} characters)",
                measured=f"{chars / ours.took_s:,.0f} characters/s, {ours.digits} paragraphs with a digit left",
                beside=f"{name}: {chars / theirs.took_s:,.0f} characters/s, {theirs.digits} with a digit left,"
                f" {theirs.failed} failed",
                ratio=f"{theirs.took_s / ours.took_s:.2f} times as fast",
            )
        )
    worst = {name: _ours(normaliser, [text]) for name, text in WORST.items()}
    slowest = max(worst, key=lambda name: worst[name].took_s or 0)
    beside = [
        f"{peer}: " + ", ".join(f"{name} {_theirs(python, peer, [text]).told}" for name, text in WORST.items())
        for peer in PEERS
    ]
    rows.append(
        Row(
            what=f"normaliser, the worst of {len(WORST)} inputs made to hang it",
            measured=f"{slowest}: {worst[slowest].told}",
            beside="; ".join(beside),
            goal="< 1 s each",
        )
    )
    return rows


async def run(context: Context) -> list[Row]:
    del context
    return await asyncio.to_thread(measure)
