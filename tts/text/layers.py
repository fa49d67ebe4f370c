"""Từ điển nhiều lớp: the national list below, whatever a ward says otherwise on top."""

from collections.abc import Iterable

from tts.text.lexicon import Entry, Lexicon
from tts.text.lexicon_file import national


def over_national(own: Iterable[Entry]) -> Lexicon:
    """Build a lexicon in which an entry of ``own`` wins over the national one, and a later one over an earlier.

    Raises:
        LexiconError: too many entries.
    """
    return Lexicon.layered(national(), Lexicon(own))
