"""Chỗ chưa rõ của một văn bản: what the studio doubts, in the domain's words, and the gate before an approval."""

from gateway.domain.bulletin import Bulletin
from gateway.domain.errors import Stale, WrongState
from gateway.domain.spoken import Question, sentence_sha256, spoken_sha256, still_open
from tts.model import NormalizedText

_NAMED = 8


def questions_of(text: NormalizedText) -> tuple[Question, ...]:
    """Number the doubts of a text, sentence by sentence."""
    found: list[Question] = []
    for place, sentence in enumerate(text.sentences):
        name = sentence_sha256(sentence.written, sentence.spoken)
        for doubt in sentence.doubts:
            found.append(
                Question(
                    n=len(found),
                    sentence=place,
                    start=sentence.written.find(doubt.token, doubt.start),
                    token=doubt.token,
                    kind=doubt.kind.value,
                    note=doubt.note,
                    choices=doubt.choices,
                    sentence_sha256=name,
                )
            )
    return tuple(found)


def hash_of(text: NormalizedText) -> str:
    """Name everything that is said."""
    return spoken_sha256(sentence.spoken for sentence in text.sentences)


def expect_sure(bulletin: Bulletin, text: NormalizedText) -> None:
    """Let an approval go on only if nothing is left that might be misread, and the audio says what is shown.

    ``text`` is the bulletin's own, as it would be read now. A recording was read by a person: it is not asked about.

    Raises:
        WrongState: ``unresolved_doubts``: names the tokens.
        Stale: ``read_otherwise``: rules or lexicon changed since the audio was made.
    """
    if bulletin.audio is None or bulletin.audio.recorded:
        return
    if unsure := still_open(questions_of(text), bulletin.accepted):
        tokens = list(dict.fromkeys(question.token for question in unsure))
        named = ", ".join(f"“{token}”" for token in tokens[:_NAMED]) + (", …" if len(tokens) > _NAMED else "")
        raise WrongState(
            f"Còn {len(unsure)} chỗ chưa rõ cách đọc: {named}. Thêm vào từ điển, chọn hoặc chấp nhận từng chỗ.",
            f"{len(unsure)} places may be misread: {named}. Add them to the lexicon, choose a reading, or accept each.",
            code="unresolved_doubts",
        )
    if bulletin.audio.spoken_sha256 and bulletin.audio.spoken_sha256 != hash_of(text):
        raise Stale(
            "Cách đọc đã đổi sau khi tạo giọng đọc. Hãy tạo lại và nghe lại.",
            "The text is read otherwise by now. Render it again and listen again.",
            code="read_otherwise",
        )
