"""Sổ cụm từ: what emergencies are put together from, spoken ahead when it is quiet, and held on every pole.

One page (a file with many phrases) for the hours, one for the minutes, the days, the numbers, the ward's places, and
one for each emergency template. A page is made again when what is said in it, or the voice, changes; until then the
old one stands. Nothing here is needed at the hour of an emergency but what is in memory and on the poles.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devices.clock import Clock
from devices.model import AssetId
from gateway.domain.errors import NotFound
from gateway.domain.filled import place_phrases, vocabulary
from gateway.domain.template import Kind
from gateway.ports.records import Severity, StoredAudio
from gateway.ports.speech import Speech
from gateway.ports.store import Values
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.emergency_message import Piece
from gateway.services.library import Library
from gateway.services.supervisor import Beat, no_beat
from gateway.services.templates import TemplateBook
from tts.errors import SpeechError
from tts.phrases import Cut

logger = logging.getLogger(__name__)

SPEED = 0.9
"""Chậm: how an emergency is spoken."""
LOOK_EVERY_S = 15.0
AGAIN_AFTER_S = 300.0
"""After speech failed."""
_KEPT = "phrasebook"
_ALARM = "phrasebook"


@dataclass(frozen=True, kw_only=True)
class Page:
    """One file of phrases. ``key`` names everything it was made from."""

    key: str
    audio: StoredAudio
    cuts: Mapping[str, Cut]


class Phrasebook:
    """Owns the pages. :meth:`run` keeps them up to date."""

    def __init__(
        self,
        *,
        speech: Speech,
        library: Library,
        templates: TemplateBook,
        values: Values,
        changed: Callable[[str], None],
        quiet: Callable[[], bool],
        alarms: AlarmDesk,
        clock: Clock,
        enabled: bool = True,
    ) -> None:
        """``quiet``: nothing is on the air or about to be; ``changed`` is told when poles are to hold something else.

        Not ``enabled``: nothing is spoken ahead, and emergencies are spoken when they are ordered.
        """
        self._speech = speech
        self._library = library
        self._templates = templates
        self._values = values
        self._changed = changed
        self._quiet = quiet
        self._alarms = alarms
        self._clock = clock
        self._enabled = enabled
        self._pages: dict[str, Page] = {}
        self._not_before_ns = 0

    # -- asked -------------------------------------------------------------------------------------------------------

    @property
    def standing(self) -> tuple[StoredAudio, ...]:
        """What every pole holds."""
        return tuple(self._pages[name].audio for name in sorted(self._pages))

    def find(self, phrase: str) -> Piece | None:
        """Return where ``phrase`` was spoken, or ``None``: not yet."""
        for page in self._pages.values():
            cut = page.cuts.get(phrase)
            if cut is not None:
                return Piece(audio=page.audio, skip_ms=cut.from_ms, dur_ms=cut.dur_ms)
        return None

    # -- runs --------------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read what was made before this start; a page whose file is gone is made again.

        Raises:
            StoreFailed
        """
        kept = await self._values.get(_KEPT) or {}
        for name, row in kept.items():
            try:
                audio, _ = await self._library.file(AssetId(row["asset"]))
            except NotFound:
                logger.warning("the phrases “%s” are gone and will be spoken again", name)
                continue
            cuts = {phrase: Cut(from_ms=from_ms, dur_ms=dur_ms) for phrase, (from_ms, dur_ms) in row["cuts"].items()}
            self._pages[name] = Page(key=row["key"], audio=audio, cuts=cuts)

    async def run(self, beat: Beat = no_beat) -> None:
        """Keep every page up to date, until cancelled."""
        while True:
            beat()
            await self._clock.sleep(LOOK_EVERY_S)
            if self._enabled and self._clock.mono_ns() >= self._not_before_ns:
                await self.look(beat)

    async def look(self, beat: Beat = no_beat) -> bool:
        """Make what is due, page by page, as long as it is quiet; return whether nothing is left to do.

        Raises:
            StoreFailed: what was not kept is made again.
        """
        wanted = await self._wanted()
        await self._drop(wanted)
        done, made = True, False
        try:
            for name, (key, phrases) in wanted.items():
                beat()
                if name in self._pages and self._pages[name].key == key:
                    continue
                if not self._quiet():
                    done = False
                    break
                await self._make(name, key, phrases)
                made = True
            else:
                await self._alarms.clear(_ALARM)
        except SpeechError as error:
            done = False
            self._not_before_ns = self._clock.mono_ns() + int(AGAIN_AFTER_S * 1e9)
            await self._alarms.raise_(
                _ALARM,
                Severity.WARNING,
                f"Chưa đọc sẵn được cụm từ cho tin khẩn cấp: {error}",
                f"Phrases for emergencies could not be spoken ahead: {error}",
            )
        finally:
            if made:
                self._changed("phrasebook")
        return done

    async def _wanted(self) -> dict[str, tuple[str, Sequence[str]]]:
        words = vocabulary()
        # what nearly every emergency says comes first
        pages = {"gio": words["gio"], "noi": place_phrases(self._templates.places)}
        for known in self._templates.all:
            if known.template.kind is Kind.EMERGENCY:
                pages[f"mau-{known.template.id}"] = known.template.fixed
        pages |= {name: phrases for name, phrases in words.items() if name not in pages}
        voices = self._speech.voices()
        voice = str(voices[0].id) if voices else ""
        return await asyncio.to_thread(self._keyed, pages, voice)

    def _keyed(self, pages: Mapping[str, Sequence[str]], voice: str) -> dict[str, tuple[str, Sequence[str]]]:
        keyed: dict[str, tuple[str, Sequence[str]]] = {}
        for name, phrases in pages.items():
            said = [(phrase, self._spoken(phrase)) for phrase in phrases]
            sayable = [(phrase, spoken) for phrase, spoken in said if spoken]
            for phrase, _ in (pair for pair in said if not pair[1]):
                logger.warning("“%s” cannot be said and is in no phrasebook", phrase)
            key = hashlib.sha256(json.dumps([voice, SPEED, sayable], ensure_ascii=False).encode()).hexdigest()
            keyed[name] = key, [phrase for phrase, _ in sayable]
        return {name: found for name, found in keyed.items() if found[1]}

    def _spoken(self, phrase: str) -> str:
        try:
            return self._speech.normalise(phrase).spoken.strip()
        except SpeechError:
            return ""

    async def _make(self, name: str, key: str, phrases: Sequence[str]) -> None:
        sheet = await self._speech.phrases(phrases, speed=SPEED)
        audio = await self._library.keep(
            sheet.audio, engine=sheet.audio.engine or "default", actor="system", title=f"Cụm từ khẩn cấp ({name})"
        )
        page = Page(key=key, audio=audio, cuts=dict(zip(phrases, sheet.cuts, strict=True)))
        await self._keep({**self._pages, name: page})
        logger.info("%d phrases of “%s” are spoken ahead, %d bytes", len(phrases), name, audio.bytes)

    async def _drop(self, wanted: Mapping[str, object]) -> None:
        gone = self._pages.keys() - wanted.keys()
        if gone:
            await self._keep({name: page for name, page in self._pages.items() if name not in gone})
            self._changed("phrasebook")

    async def _keep(self, pages: dict[str, Page]) -> None:
        rows: dict[str, Any] = {
            name: {
                "key": page.key,
                "asset": page.audio.asset,
                "cuts": {phrase: [cut.from_ms, cut.dur_ms] for phrase, cut in page.cuts.items()},
            }
            for name, page in pages.items()
        }
        await self._values.set(_KEPT, rows, note=None)
        self._pages = pages
