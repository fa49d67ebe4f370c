"""Two voices take turns in long texts only, and a turn does not break a thought."""

from hypothesis import given
from hypothesis import strategies as st

from tts.casting import LONG_TEXT_SENTENCES, cast
from tts.model import Sentence, VoiceId

ONE, TWO = VoiceId("a:one"), VoiceId("a:two")


def text(*paragraphs: int) -> list[Sentence]:
    return [
        Sentence(written=f"Câu {n}.", spoken="câu.", ends_paragraph=n == count - 1)
        for count in paragraphs
        for n in range(count)
    ]


def test_a_short_text_has_one_voice() -> None:
    assert set(cast(text(LONG_TEXT_SENTENCES - 1), (ONE, TWO))) == {ONE}


def test_one_voice_says_everything_when_there_is_only_one() -> None:
    assert set(cast(text(10, 10), (ONE,))) == {ONE}


def test_voices_change_where_a_paragraph_ends() -> None:
    assert cast(text(3, 2, 4), (ONE, TWO)) == (ONE,) * 3 + (TWO,) * 2 + (ONE,) * 4


def test_a_heading_of_one_sentence_is_no_turn() -> None:
    assert cast(text(1, 3, 3), (ONE, TWO)) == (ONE,) * 4 + (TWO,) * 3


def test_a_paragraph_without_end_is_shared() -> None:
    assert cast(text(14), (ONE, TWO)) == (ONE,) * 6 + (TWO,) * 6 + (ONE,) * 2


@given(st.lists(st.integers(1, 12), max_size=8))
def test_every_sentence_has_a_voice_and_no_turn_but_the_last_is_shorter_than_two(paragraphs: list[int]) -> None:
    sentences = text(*paragraphs)
    roles = cast(sentences, (ONE, TWO))
    assert len(roles) == len(sentences)
    turns = [index for index in range(1, len(roles)) if roles[index] != roles[index - 1]]
    assert all(later - earlier >= 2 for earlier, later in zip([0, *turns], turns, strict=False))
