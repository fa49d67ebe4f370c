"""``loa normalize``: the text as it will be spoken, each change with the rule that made it."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateway.cli.console import Failed, say, say_json
from gateway.cli.speak import text_of
from tts.errors import SpeechError
from tts.model import DoubtKind, Sentence
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser
from tts.text.reading import NORTHERN

_UNSURE = (DoubtKind.AMBIGUOUS, DoubtKind.SUSPECT)


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="tệp văn bản UTF-8")
    parser.add_argument("--text", metavar="T", help="câu này thay cho tệp")
    parser.add_argument("--json", action="store_true", help="in JSON: câu, lời đọc, thay đổi, từ chưa biết")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    try:
        text = Normaliser(national(), NORTHERN).normalise(text_of(args))
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


def _sentence(sentence: Sentence) -> dict[str, Any]:
    doubts = sentence.doubts
    return {
        "sentence": sentence.written,
        "spoken": sentence.spoken,
        "changes": [asdict(change) for change in sentence.changes],
        "unknown": [doubt.token for doubt in doubts if doubt.kind not in _UNSURE],
        "ambiguous": [doubt.token for doubt in doubts if doubt.kind in _UNSURE],
    }
