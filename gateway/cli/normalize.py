"""``loa normalize``: the text as it will be spoken, each change with the rule that made it.

The shape of ``--json`` is held: a list of sentences, each with ``sentence``, ``spoken``, ``changes`` (``start``,
``end``, ``written``, ``spoken``, ``rule``), ``unknown``, ``ambiguous``; ``doubts`` tells of both why, and what may be
chosen.
"""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateway.cli.console import Failed, say, say_error, say_json
from gateway.cli.speak import text_of
from tts.errors import SpeechError
from tts.model import Doubt, DoubtKind, Sentence
from tts.text.lexicon import Lexicon
from tts.text.lexicon_file import national, read_lexicon
from tts.text.normaliser import normalise
from tts.text.reading import REGIONS

_UNSURE = (DoubtKind.AMBIGUOUS, DoubtKind.SUSPECT)


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="tệp văn bản UTF-8")
    parser.add_argument("--text", metavar="T", help="câu này thay cho tệp")
    parser.add_argument("--region", choices=sorted(REGIONS), default="north", help="cách đọc miền Bắc hay miền Nam")
    parser.add_argument("--lexicon", type=Path, metavar="FILE", help="từ điển TSV của phường, đọc trước từ điển chung")
    parser.add_argument("--json", action="store_true", help="in JSON: câu, lời đọc, thay đổi, từ chưa biết")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    try:
        lexicon = Lexicon.layered(national(), _ward(args.lexicon))
        text = normalise(text_of(args), lexicon, args.region)
    except SpeechError as error:
        raise Failed(str(error)) from error
    if args.json:
        say_json([_sentence(each) for each in text.sentences])
        return 0
    for sentence in text.sentences:
        say(f"  {sentence.written}\n→ {sentence.spoken}")
        for change in sentence.changes:
            say(f"    {change.written} → {change.spoken}  [{change.rule}]")
        for doubt in sentence.doubts:
            say(f"    ? {doubt.token}  [{doubt.kind}] {doubt.note}")
    return 0


def _ward(path: Path | None) -> Lexicon | None:
    """Read the ward's list; its bad lines are told on the error channel and left out."""
    if path is None:
        return None
    try:
        lexicon, problems = read_lexicon(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"không đọc được từ điển {path} / cannot read the lexicon: {error}") from error
    for problem in problems:
        say_error(str(problem))  # beside the JSON, not in it
    return lexicon


def _sentence(sentence: Sentence) -> dict[str, Any]:
    doubts = sentence.doubts
    return {
        "sentence": sentence.written,
        "spoken": sentence.spoken,
        "changes": [asdict(change) for change in sentence.changes],
        "unknown": [doubt.token for doubt in doubts if doubt.kind not in _UNSURE],
        "ambiguous": [doubt.token for doubt in doubts if doubt.kind in _UNSURE],
        "doubts": [_doubt(doubt) for doubt in doubts],
    }


def _doubt(doubt: Doubt) -> dict[str, Any]:
    return asdict(doubt) | {"kind": str(doubt.kind)}
