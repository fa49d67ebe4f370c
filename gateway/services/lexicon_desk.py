"""Bàn từ điển: the ward's own readings are used at once, and followed by what is still to be heard.

Three sources, the later over the earlier: the national list, the names of the ward's places, the ward's own entries.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from devices.clock import Clock, instant
from gateway.domain.bulletin import Bulletin
from gateway.domain.ids import BulletinId
from gateway.domain.lexicon import PATTERN, WardEntry, fingerprint
from gateway.ports.cameras import Cameras
from gateway.ports.lexicon import WardLexicon
from gateway.ports.speech import Speech
from gateway.ports.store import Inventory, Values
from gateway.services.actor import Actor
from gateway.services.bus import Bus
from gateway.services.events import ContentChanged
from gateway.services.lexicon_book import Change, LexiconBook, Written, built, standing
from gateway.services.respeak import Respeak
from gateway.services.supervisor import Beat, no_beat
from tts.errors import SpeechError
from tts.text.syllables import is_syllable

LOOK_EVERY_S = 5.0
_FOLLOWED = "lexicon.followed"
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST_NAME = 2


@dataclass(frozen=True, kw_only=True)
class Followed:
    """A change, and the bulletins it took back: they are to be spoken and approved again."""

    written: Written
    read_otherwise: tuple[BulletinId, ...]


class LexiconDesk:
    """Owns what the studio reads by. ``book`` holds what is asked and nothing follows from."""

    def __init__(
        self,
        *,
        lexicon: WardLexicon,
        inventory: Inventory,
        cameras: Cameras,
        values: Values,
        speech: Speech,
        respeak: Respeak,
        bus: Bus,
        clock: Clock,
        region: str = "",
    ) -> None:
        """``region``: whose reading the studio reads by, if not the usual one; a change is followed as a word's is."""
        self.book = LexiconBook(lexicon=lexicon, now=lambda: instant(clock.now_ms()))
        self._inventory = inventory
        self._cameras = cameras
        self._values = values
        self._speech = speech
        self._respeak = respeak
        self._bus = bus
        self._clock = clock
        self._region = region
        self._used = ""

    async def places(self) -> tuple[str, ...]:
        """Return the words of the ward's place names that are no Vietnamese syllables: said as they are written."""
        names = [each.name for each in await self._inventory.zones()]
        names += [text for each in await self._inventory.clusters() for text in (each.name, each.address)]
        names += [each.place for each in await self._cameras.all()]
        return _strange_words(names)

    async def put(self, entry: WardEntry, *, by: Actor) -> Followed:
        """Add an entry, or say it otherwise. Raises as :meth:`LexiconBook.put`."""
        return await self._followed(await self.book.put(entry, by=by))

    async def remove(self, entry: WardEntry, *, by: Actor) -> Followed:
        """Take an entry out. Raises as :meth:`LexiconBook.remove`."""
        return await self._followed(await self.book.remove(entry, by=by))

    async def import_(self, text: str, *, by: Actor, skip_bad: bool = False, replace: bool = False) -> Followed:
        """Read a file of entries. Raises as :meth:`LexiconBook.import_`."""
        return await self._followed(await self.book.import_(text, by=by, skip_bad=skip_bad, replace=replace))

    async def foresee(self, change: Change) -> tuple[Bulletin, ...]:
        """Thử trước: return the bulletins that would be taken back after ``change``. Changes nothing.

        Raises:
            BadInput: too many entries.
            StoreFailed
        """
        return await self._respeak.would(built(await self.book.after(change), await self.places()))

    async def readings(self, change: Change) -> tuple[str, str]:
        """Return how the entry's surface is read now, and after ``change``; a pattern is not read.

        Raises:
            BadInput: too many entries.
            StoreFailed
        """
        if PATTERN in change.named.flags.split():
            return "", ""
        by = built(await self.book.after(change), await self.places())
        surface = change.named.surface
        try:
            said = [self._speech.normalise(surface), self._speech.normalise(surface, by)]
        except SpeechError:
            return "", ""
        before, after = (" ".join(each.spoken for each in text.sentences) for text in said)
        return before, after

    async def _followed(self, written: Written) -> Followed:
        return Followed(written=written, read_otherwise=await self.look())

    async def load(self) -> None:
        """Read by what is kept. Once, before anything is spoken.

        Raises:
            StoreFailed
        """
        await self.look()

    async def run(self, beat: Beat = no_beat) -> None:
        """Follow changes made beside a running gateway, and of the ward's places, until cancelled."""
        while True:
            beat()
            await self.look()
            await self._respeak.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> tuple[BulletinId, ...]:
        """Read by the newest version; take back what is read otherwise now. Safe to repeat, and after a power cut.

        Raises:
            StoreFailed: the next call goes on where this one stopped.
        """
        entries, places = standing(await self.book.entries()), await self.places()
        name = fingerprint(entries, places) + (f" {self._region}" if self._region else "")
        if name != self._used:
            self._speech.use_lexicon(built(entries, places))
            self._used = name
        followed = await self._values.get(_FOLLOWED)
        if followed == name:
            return ()
        taken: tuple[BulletinId, ...] = ()
        if followed is not None or entries:
            changed = await self.book.history()
            why = ("tên địa điểm của phường", "the ward's places")
            if changed:
                why = (f"từ điển: “{changed[0].surface}”", f"lexicon: “{changed[0].surface}”")
            if followed is not None and followed.partition(" ")[2] != self._region:
                why = ("giọng vùng của đài", "the region it speaks for")
            taken = await self._respeak.follow(why)
        await self._values.set(_FOLLOWED, name, note=None)
        self._bus.publish(ContentChanged(what="lexicon", id=str(await self.book.version())))
        return taken


def _strange_words(names: Iterable[str]) -> tuple[str, ...]:
    """Pick the words that would be doubted: a capital, then small letters, and not built like a syllable."""
    words = {word for name in names for word in _WORD.findall(name)}
    return tuple(
        sorted(
            word
            for word in words
            if len(word) >= _SHORTEST_NAME and word[0].isupper() and word[1:].islower() and not is_syllable(word)
        )
    )
