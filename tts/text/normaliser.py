"""Chuẩn hóa: runs the rules in their order and returns each sentence as written and as spoken."""

import re

from tts.model import NormalizedText, Sentence
from tts.text import addresses, calendar, coordinates, documents, letters, names, quantities, slips
from tts.text.clean import clean
from tts.text.lexicon import Lexicon
from tts.text.reading import NORTHERN, REGIONS, Reading
from tts.text.rule import Context, Draft
from tts.text.sentences import sentences
from tts.text.syllables import LETTERS, UPPER

VERSION = "5"
"""Raise it when a rule changes what is said: rendered audio is kept by it."""

_UNSAYABLE = re.compile(f"[^{LETTERS}{UPPER} ,.;:?!]")
_BEFORE_STOP = re.compile(" +(?=[,.;:?!])")
_STOPS = re.compile("[,;: ]*([.?!])[,.;:?! ]*(?=[^,.;:?! ]|$)")
_RUN_ON = re.compile("([,.;:?!])(?=[^ ,.;:?!])")
_COMMAS = re.compile("([,;:])[,;: ]*[,;:]")


def _tidy(spoken: str) -> str:
    """One blank between words, one sign per pause, a stop at the end."""
    text = _BEFORE_STOP.sub("", " ".join(spoken.split()))
    text = _RUN_ON.sub(r"\1 ", text)
    text = _COMMAS.sub(r"\1", text)
    text = _STOPS.sub(r"\1 ", text).strip(" ,;:")
    text = text.lstrip(".?! ")
    return text if not text or text[-1] in ".?!" else text + "."


def normalise(text: str, lexicon: Lexicon, region: str = "north") -> NormalizedText:
    """Return ``text`` as it will be spoken in a region: ``north`` or ``south``. For many texts keep a ``Normaliser``.

    Raises:
        TextError: too long, or not human text.
        KeyError: no such region.
    """
    return Normaliser(lexicon, REGIONS[region]).normalise(text)


class Normaliser:
    """Holds a lexicon and a reading; :meth:`normalise` is pure. Another lexicon is another normaliser."""

    def __init__(self, lexicon: Lexicon, reading: Reading = NORTHERN) -> None:
        self._lexicon = lexicon
        self._reading = reading
        self._rules = (
            *names.first_rules(lexicon),
            *documents.RULES,
            *addresses.RULES,
            *slips.BEFORE_DATES,
            *calendar.RULES,
            *coordinates.RULES,
            *quantities.RULES,
            *names.rules(lexicon),
            *quantities.NUMBER_RULES,
            *slips.AT_LAST,
            *letters.RULES,
        )

    def normalise(self, text: str) -> NormalizedText:
        """Return the sentences of ``text``; none when it is blank.

        Raises:
            TextError: too long, or not human text.
        """
        done: list[Sentence] = []
        for paragraph in clean(text):
            parts = list(sentences(paragraph))
            done += [self._sentence(part, last=part is parts[-1]) for part in parts]
        return NormalizedText(sentences=tuple(done), version=VERSION)

    def _sentence(self, written: str, *, last: bool) -> Sentence:
        draft = Draft(Context(written, self._reading, self._lexicon))
        for rule in self._rules:
            draft.apply(rule)
        # the rules leave nothing else; should one fail to, the engine still gets no sign and no digit
        spoken = _tidy(_UNSAYABLE.sub(" ", draft.spoken()))
        return Sentence(
            written=written,
            spoken=spoken if any(char.isalpha() for char in spoken) else "",
            changes=draft.changes(),
            doubts=draft.doubts(),
            ends_paragraph=last,
        )
