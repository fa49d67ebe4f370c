"""Từ điển nhiều lớp: the national list below, whatever a ward says otherwise on top."""

from collections.abc import Iterable
from importlib.resources import files

from tts.text.lexicon import Entry, Lexicon, parse


def over_national(own: Iterable[Entry]) -> Lexicon:
    """Build a lexicon in which an entry of ``own`` wins over the national one, and a later one over an earlier.

    Raises:
        LexiconError: too many entries.
    """
    national = parse(files("tts").joinpath("data", "lexicon.tsv").read_text(encoding="utf-8"))
    return Lexicon([*national, *own])
