"""Phân vai: which voice says which sentence. Pure."""

from collections.abc import Sequence

from tts.model import Sentence, VoiceId

LONG_TEXT_SENTENCES = 6
"""From here on two voices take turns: a long text is easier to follow, and a change of voice marks a new matter."""
_SHORTEST_TURN = 2
_LONGEST_TURN = 6


def cast(sentences: Sequence[Sentence], voices: Sequence[VoiceId]) -> tuple[VoiceId, ...]:
    """Return the voice of each sentence: one for a short text, else turn about at the ends of paragraphs.

    A turn has at least two sentences; where no paragraph ends it has at most six. Unspoken sentences do not count.
    """
    spoken = sum(bool(sentence.spoken) for sentence in sentences)
    if len(voices) == 1 or spoken < LONG_TEXT_SENTENCES:
        return (voices[0],) * len(sentences)
    roles: list[VoiceId] = []
    turn, said = 0, 0
    for sentence in sentences:
        roles.append(voices[turn % len(voices)])
        said += bool(sentence.spoken)
        if said >= _LONGEST_TURN or (said >= _SHORTEST_TURN and sentence.ends_paragraph):
            turn, said = turn + 1, 0
    return tuple(roles)
