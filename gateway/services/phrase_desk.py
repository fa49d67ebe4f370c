"""Bàn ghép câu: a filled-in emergency template becomes a row of pieces that every pole already holds.

Only what is in no vocabulary is spoken now. When speech is dead the blanks that need it are named, and the message
without them is one press away.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from devices.model import AssetId
from gateway.domain.errors import BadInput, Problem, StoreFailed
from gateway.domain.filled import Filled
from gateway.domain.people import Permission, expect
from gateway.domain.template import Kind
from gateway.ports.speech import Speech
from gateway.services.actor import Actor
from gateway.services.emergency_message import Message, Piece
from gateway.services.library import Library
from gateway.services.phrasebook import SPEED, Phrasebook
from gateway.services.templates import Known, TemplateBook
from tts.errors import SpeechError
from tts.model import Quality

logger = logging.getLogger(__name__)

LONGEST_MS = 40_000
"""domain.md row 10: one saying of an emergency."""
SENTENCE_PAUSE_MS = 450
GAP_MS = 1_500
TIMES = 2
"""Said twice."""
SPEAK_WITHIN_S = 8.0
_SYLLABLE_MS = 480
"""Of a slow voice: to say how long it will be before it was spoken."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Xem trước: what a filled template says, and whether it can be said with no speech at all."""

    known: Known
    filled: Filled
    spoken: tuple[str, ...]
    missing: tuple[str, ...]
    """Phrases that are not spoken yet."""
    needs_speech: tuple[str, ...]
    """Blanks whose words are in no vocabulary."""
    assets: tuple[AssetId, ...]
    """The files it is put together from, as far as they are there."""
    duration_ms: int
    """Of one saying; an estimate while something is missing."""

    @property
    def ready(self) -> bool:
        """Whether everything it says lies ready."""
        return not self.missing


class PhraseDesk:
    """Puts emergencies together. ``book`` holds the templates."""

    def __init__(self, *, book: TemplateBook, phrases: Phrasebook, speech: Speech, library: Library) -> None:
        self.book = book
        self._phrases = phrases
        self._speech = speech
        self._library = library

    async def preview(self, name: str, values: Mapping[str, str], *, drill: bool = False) -> Preview:
        """Show what a filled template will say.

        Raises:
            NotFound: no such template.
            BadInput: every mistake in its blanks.
        """
        known = self.book.get(name)
        filled = self.book.fill(known.template, values, drill=drill)
        rows, missing = self._rows(filled, {})
        pieces = [piece for row in rows for piece in row]
        spoken = await asyncio.to_thread(self._spoken, filled)
        guess_ms = sum(len(text.split()) * _SYLLABLE_MS for text in missing)
        known_ms = sum(piece.dur_ms for piece in pieces) + SENTENCE_PAUSE_MS * max(0, len(filled.sentences) - 1)
        return Preview(
            known=known,
            filled=filled,
            spoken=spoken,
            missing=missing,
            needs_speech=filled.free,
            assets=tuple(dict.fromkeys(piece.audio.asset for piece in pieces if piece.audio is not None)),
            duration_ms=known_ms + guess_ms,
        )

    async def message(self, name: str, values: Mapping[str, str], *, by: Actor, drill: bool = False) -> Message:
        """Put an emergency together, said twice; whoever asks changes the rest of it with ``replace``.

        With neither the pages nor speech it is the text alone: the siren goes out, and the record says what was meant.

        Raises:
            NotAllowed: no right to send emergencies.
            NotFound: no such template.
            BadInput: it is no emergency template, every mistake in its blanks, or ``needs_speech`` for each blank that
                cannot be said now.
        """
        expect(by, Permission.EMERGENCY)
        known = self.book.get(name)
        if known.template.kind is not Kind.EMERGENCY:
            vi, en = "đây không phải mẫu khẩn cấp", "this is no emergency template"
            raise BadInput([Problem(code="invalid", vi=vi, en=en, path="template")])
        filled = self.book.fill(known.template, values, drill=drill)
        _, missing = self._rows(filled, {})
        said = await self._say(missing, by) if missing else {}
        rows, left = self._rows(filled, said)
        if left and set(left) <= _free_phrases(filled):
            raise BadInput([_needs_speech(filled, blank) for blank in filled.free])
        pieces = () if left else _joined(rows)
        return Message(text=filled.text, pieces=pieces, drill=filled.drill, times=TIMES, gap_ms=GAP_MS)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _rows(self, filled: Filled, said: Mapping[str, Piece]) -> tuple[list[list[Piece]], tuple[str, ...]]:
        """Return the pieces of each sentence, and the phrases that are nowhere."""
        rows: list[list[Piece]] = []
        missing: dict[str, None] = {}
        for sentence in filled.sentences:
            row: list[Piece] = []
            for phrase in (phrase for stretch in sentence for phrase in stretch.phrases):
                piece = self._phrases.find(phrase) or said.get(phrase)
                if piece is None:
                    missing[phrase] = None
                else:
                    row.append(piece)
            rows.append(row)
        return rows, tuple(missing)

    async def _say(self, texts: Sequence[str], by: Actor) -> dict[str, Piece]:
        """Speak what lies nowhere; nothing when no voice can, in time."""
        # the first is the ward's own; a rough one that needs nothing stands in
        rough = [str(voice.id) for voice in self._speech.voices()[1:] if voice.quality is Quality.BASIC][:1]
        for voice in [None, *rough]:
            try:
                async with asyncio.timeout(SPEAK_WITHIN_S):
                    sheet = await self._speech.phrases(texts, voice=voice, speed=SPEED, urgent=True)
            except (TimeoutError, SpeechError) as error:
                logger.warning("%d phrases of an emergency could not be spoken: %s", len(texts), error)
                continue
            try:
                audio = await self._library.keep(
                    sheet.audio, engine=sheet.audio.engine or "default", actor=by.id, title="Cụm từ khẩn cấp"
                )
            except StoreFailed as error:
                logger.error("what was spoken for an emergency cannot be kept: %s", error.en)  # noqa: TRY400 - a known disk
                return {}
            return {
                text: Piece(audio=audio, skip_ms=cut.from_ms, dur_ms=cut.dur_ms)
                for text, cut in zip(texts, sheet.cuts, strict=True)
            }
        return {}

    def _spoken(self, filled: Filled) -> tuple[str, ...]:
        return tuple(self._sentence(text) for text in filled.written)

    def _sentence(self, text: str) -> str:
        try:
            return self._speech.normalise(text).spoken.replace("\n", " ")
        except SpeechError as error:
            return f"({error})"


def _joined(rows: Iterable[Sequence[Piece]]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for row in rows:
        pieces += [Piece(audio=None, dur_ms=SENTENCE_PAUSE_MS), *row] if pieces else row
    return tuple(pieces)


def _free_phrases(filled: Filled) -> set[str]:
    return {phrase for sentence in filled.sentences for said in sentence if said.free for phrase in said.phrases}


def _needs_speech(filled: Filled, name: str) -> Problem:
    blank = filled.template.blank(name)
    if blank.optional:
        vi = f"“{blank.label_vi}” cần bộ đọc, mà bộ đọc đang hỏng: bỏ trống ô này để phát ngay, không có câu đó"
        en = f"“{name}” needs speech, and speech is dead: leave it empty to send the message without that sentence"
    else:
        vi = f"“{blank.label_vi}” cần bộ đọc, mà bộ đọc đang hỏng: chọn một mục có sẵn trong danh sách"
        en = f"“{name}” needs speech, and speech is dead: choose one that is listed"
    return Problem(code="needs_speech", vi=vi, en=en, path=f"blanks.{name}")
