"""Bàn đọc thử: a bulletin as written beside as spoken, and what its people answer where the machine is in doubt."""

import asyncio
import re
from dataclasses import dataclass, replace

from devices.clock import Clock, instant
from gateway.domain.bulletin import Bulletin
from gateway.domain.errors import BadInput, Problem, Stale
from gateway.domain.ids import BulletinId
from gateway.domain.people import Permission, expect
from gateway.domain.spoken import Acceptance, Question
from gateway.ports.speech import Speech
from gateway.services.actor import Actor, may
from gateway.services.bulletin_book import BulletinBook
from gateway.services.house_voice import AS_BUILT, HouseVoice
from gateway.services.questions import hash_of, questions_of
from tts.errors import SpeechError
from tts.model import MasteredAudio, NormalizedText, Sentence

GREETING = "Kính chào bà con. Đây là đài truyền thanh của phường."
MOST_READING = 200
_SAYABLE = re.compile(r"[^\W\d_]+(?:[ ,]+[^\W\d_]+)*")


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A question, and who answered for it, if anybody did."""

    question: Question
    acceptance: Acceptance | None


@dataclass(frozen=True, kw_only=True)
class AsSpoken:
    """Một bản tin như sẽ được đọc."""

    bulletin: Bulletin
    text: NormalizedText
    questions: tuple[Answered, ...]

    @property
    def open(self) -> tuple[Question, ...]:
        """What stands in the way of an approval. Nothing does when a person has read it out."""
        if self.bulletin.audio is not None and self.bulletin.audio.recorded:
            return ()
        return tuple(each.question for each in self.questions if each.acceptance is None)

    @property
    def audio_says_this(self) -> bool:
        """Whether the audio there is says these words."""
        audio = self.bulletin.audio
        if audio is None or audio.text_sha256 != self.bulletin.text_sha256:
            return False
        return audio.recorded or audio.spoken_sha256 == hash_of(self.text)


class SpokenDesk:
    """Shows, and takes answers."""

    def __init__(self, *, book: BulletinBook, speech: Speech, clock: Clock, usual: HouseVoice = AS_BUILT) -> None:
        self._book = book
        self._speech = speech
        self._clock = clock
        self.usual = usual

    async def show(self, bulletin: BulletinId) -> AsSpoken:
        """Return the text sentence by sentence, each change with its rule, and every doubt.

        Raises:
            NotFound
            BadInput: it cannot be read at all.
        """
        return await self._shown(await self._book.get(bulletin))

    async def accept(
        self, bulletin: BulletinId, n: int, *, token: str, was_revision: int, by: Actor, everywhere: bool = False
    ) -> AsSpoken:
        """Chấp nhận the reading of doubt ``n``, a ``token`` as the person saw it; ``everywhere``: wherever it stands.

        Raises:
            NotAllowed: neither an author nor an approver.
            NotFound
            Stale: text or lexicon changed since the person looked.
        """
        if not may(by, Permission.APPROVE):
            expect(by, Permission.WRITE_BULLETIN)
        shown = await self._shown(await self._book.get(bulletin, was_revision=was_revision))
        question = _question(shown, n, token)
        at = instant(self._clock.now_ms())
        meant = [
            each.question
            for each in shown.questions
            if each.acceptance is None and (each.question.n == n or (everywhere and _same(each.question, question)))
        ]
        after = shown.bulletin.accept(
            Acceptance(
                token=each.token,
                kind=each.kind,
                sentence_sha256=each.sentence_sha256,
                by=by.id,
                at=at,
                revision=shown.bulletin.revision,
            )
            for each in meant
        )
        if meant:
            said = [shown.text.sentences[each.sentence].spoken for each in meant]
            await self._book.save(
                after, shown.bulletin, "bulletin.accept_reading", by.id, token=token, kind=question.kind, spoken=said
            )
        return await self.show(bulletin)

    async def choose(
        self, bulletin: BulletinId, n: int, *, token: str, reading: str, was_revision: int, by: Actor
    ) -> AsSpoken:
        """Chọn cách đọc of doubt ``n``: the words are written into the text in its place.

        So that text, audio and approval stay bound by one hash, a choice is an edit like any other.

        Raises:
            NotAllowed, NotFound, Stale
            BadInput: it is no reading: letters and blanks only.
        """
        expect(by, Permission.WRITE_BULLETIN)
        reading = " ".join(reading.split())
        if not 0 < len(reading) <= MOST_READING or _SAYABLE.fullmatch(reading) is None:
            vi, en = "cách đọc chỉ gồm chữ cái và dấu cách", "a reading of letters and blanks"
            raise BadInput([Problem(code="invalid", vi=vi, en=f"needs {en}", path="reading")])
        shown = await self._shown(await self._book.get(bulletin, was_revision=was_revision))
        question = _question(shown, n, token)
        before = shown.bulletin
        text = _rewritten(shown.text, question, reading)
        after = before.edit(replace(before.content, text=text), by=by.id)
        await self._book.save(after, before, "bulletin.choose_reading", by.id, token=token, reading=reading)
        return await self.show(bulletin)

    async def preview(self, bulletin: BulletinId, sentence: int) -> MasteredAudio:
        """Nghe thử one sentence, as its voice in the bulletin says it.

        Raises:
            NotFound
            SpeechError: there is no such sentence, or the engine gave no speech.
        """
        content = (await self._book.get(bulletin)).content
        asked = self.usual.asked(content)
        return await self._speech.preview(
            content.text, sentence, voice=asked.voice, second_voice=asked.second_voice, speed=content.speed
        )

    async def sample(self, text: str, *, voice: str, speed: float, by: Actor) -> MasteredAudio:
        """Nghe thử giọng: the first sentence of ``text``, or a greeting, in ``voice`` (empty: the usual one).

        Raises:
            NotAllowed
            SpeechError: there is no such voice, or it gave no speech.
        """
        expect(by, Permission.WRITE_BULLETIN)
        sentences = (await asyncio.to_thread(self._speech.normalise, text)).sentences if text.strip() else ()
        place = next((n for n, sentence in enumerate(sentences) if sentence.spoken), None)
        said, place = (GREETING, 0) if place is None else (text, place)
        return await self._speech.preview(said, place, voice=voice or self.usual.voice or None, speed=speed)

    async def _shown(self, bulletin: Bulletin) -> AsSpoken:
        try:
            text = await asyncio.to_thread(self._speech.normalise, bulletin.content.text)
        except SpeechError as error:
            words = str(error)
            raise BadInput([Problem(code="unreadable_text", vi=words, en=words, path="text")]) from error
        questions = questions_of(text)
        return AsSpoken(
            bulletin=bulletin,
            text=text,
            questions=tuple(
                Answered(question=each, acceptance=each.answered_by(bulletin.accepted)) for each in questions
            ),
        )


def _same(one: Question, other: Question) -> bool:
    return (one.token, one.kind) == (other.token, other.kind)


def _question(shown: AsSpoken, n: int, token: str) -> Question:
    if not 0 <= n < len(shown.questions) or shown.questions[n].question.token != token:
        raise Stale(
            "Văn bản hoặc từ điển đã đổi sau khi bạn xem. Hãy tải lại.",
            "The text or the lexicon changed after you looked. Load it again.",
            code="other_doubt",
        )
    return shown.questions[n].question


def _rewritten(text: NormalizedText, question: Question, reading: str) -> str:
    """Put ``reading`` in the place of the token; the rest stays, with its blanks as they were read."""
    paragraphs: list[list[str]] = [[]]
    for place, sentence in enumerate(text.sentences):
        paragraphs[-1].append(
            _replaced(sentence, question, reading) if place == question.sentence else sentence.written
        )
        if sentence.ends_paragraph:
            paragraphs.append([])
    return "\n".join(" ".join(sentences) for sentences in paragraphs if sentences)


def _replaced(sentence: Sentence, question: Question, reading: str) -> str:
    start, end = question.start, question.start + len(question.token)
    before, after = sentence.written[:start], sentence.written[end:]
    left = " " if before[-1:].isalnum() else ""
    right = " " if after[:1].isalnum() else ""
    if not before.strip():
        reading = reading[0].upper() + reading[1:]
    return f"{before}{left}{reading}{right}{after}"
