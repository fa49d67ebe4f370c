"""Bàn từ điển: the ward's own readings, kept in versions, used at once, and followed by what is still to be heard.

Three sources, the later over the earlier: the national list, the names of the ward's places, the ward's own entries.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from devices.clock import Clock, instant
from gateway.domain.errors import BadInput, NotFound, Problem
from gateway.domain.ids import BulletinId
from gateway.domain.lexicon import BadRow, Version, WardEntry, fingerprint, in_a_file
from gateway.domain.people import Permission, expect
from gateway.ports.lexicon import WardLexicon
from gateway.ports.records import AuditNote
from gateway.ports.speech import Speech
from gateway.ports.store import Inventory, Values
from gateway.services.actor import Actor
from gateway.services.bus import Bus
from gateway.services.events import ContentChanged
from gateway.services.respeak import Respeak
from gateway.services.supervisor import Beat, no_beat
from tts.errors import LexiconError
from tts.text.layers import over_national
from tts.text.lexicon import Entry, Lexicon, parse
from tts.text.syllables import is_syllable

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
MOST_ROWS = 5_000
MOST_BAD_ROWS = 200
_FOLLOWED = "lexicon.followed"
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST_NAME = 2


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a change of the lexicon came to."""

    version: int
    put: int
    removed: int
    read_otherwise: tuple[BulletinId, ...]
    """Taken back: to be spoken and approved again."""
    bad: tuple[BadRow, ...] = ()
    """Rows of an import that are no entries."""


class LexiconDesk:
    """Owns what the studio reads by."""

    def __init__(
        self,
        *,
        lexicon: WardLexicon,
        inventory: Inventory,
        values: Values,
        speech: Speech,
        respeak: Respeak,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._lexicon = lexicon
        self._inventory = inventory
        self._values = values
        self._speech = speech
        self._respeak = respeak
        self._bus = bus
        self._clock = clock
        self._used = ""

    # -- asked -------------------------------------------------------------------------------------------------------

    async def entries(self) -> Sequence[Version]:
        """Return the ward's own entries."""
        return await self._lexicon.current()

    async def version(self) -> int:
        """Return the number of the newest change."""
        return await self._lexicon.newest()

    async def history(self, surface: str | None = None) -> Sequence[Version]:
        """Return who changed what, the newest first."""
        return await self._lexicon.history(surface)

    async def places(self) -> tuple[str, ...]:
        """Return the words of the ward's place names that are no Vietnamese syllables: said as they are written."""
        names = [each.name for each in await self._inventory.zones()]
        names += [text for each in await self._inventory.clusters() for text in (each.name, each.address)]
        return _strange_words(names)

    async def export(self) -> str:
        """Return the ward's own entries as a file."""
        return in_a_file(_standing(await self._lexicon.current()))

    # -- changed -----------------------------------------------------------------------------------------------------

    async def put(self, entry: WardEntry, *, by: Actor) -> Written:
        """Add an entry, or say it otherwise.

        Raises:
            NotAllowed
            BadInput: it is no entry.
        """
        expect(by, Permission.WRITE_BULLETIN)
        checked, bad = _read(entry.line)
        if bad or len(checked) != 1:
            why = bad[0].why if bad else "thiếu từ hoặc cách đọc (surface or reading missing)"
            raise BadInput([Problem(code="invalid", vi=why, en=why, path="entry")])
        return await self._write(checked, (), "lexicon.put", by, entry=checked[0].line)

    async def remove(self, entry: WardEntry, *, by: Actor) -> Written:
        """Take the entry with this surface and these flags out.

        Raises:
            NotAllowed
            NotFound: there is none.
        """
        expect(by, Permission.WRITE_BULLETIN)
        found = next((each for each in _standing(await self._lexicon.current()) if each.key == entry.key), None)
        if found is None:
            raise NotFound(
                f"Từ điển của phường không có “{entry.surface}”.", f"The ward's lexicon has no “{entry.surface}”."
            )
        return await self._write((), (found,), "lexicon.remove", by, entry=found.line)

    async def import_(self, text: str, *, by: Actor, skip_bad: bool = False, replace: bool = False) -> Written:
        """Read a file of entries. With a bad row nothing is taken, unless ``skip_bad``; the answer lists every one.

        ``replace``: entries that are not in the file are taken out.

        Raises:
            NotAllowed
            BadInput: too many rows.
        """
        expect(by, Permission.WRITE_BULLETIN)
        rows, bad = _read(text)
        before = {each.key: each for each in _standing(await self._lexicon.current())}
        if bad and not skip_bad:
            return Written(version=await self.version(), put=0, removed=0, read_otherwise=(), bad=bad)
        newest = {row.key: row for row in rows}  # the last line for a surface wins
        put = tuple(row for key, row in newest.items() if before.get(key) != row)
        gone = tuple(entry for key, entry in before.items() if key not in newest) if replace else ()
        return await self._write(put, gone, "lexicon.import", by, bad=bad, added=len(put), dropped=len(gone))

    async def _write(
        self,
        put: Sequence[WardEntry],
        removed: Sequence[WardEntry],
        action: str,
        by: Actor,
        *,
        bad: tuple[BadRow, ...] = (),
        **detail: object,
    ) -> Written:
        taken: tuple[BulletinId, ...] = ()
        if put or removed:
            after = {each.key: each for each in _standing(await self._lexicon.current())}
            for entry in removed:
                after.pop(entry.key, None)
            after |= {entry.key: entry for entry in put}
            await self._built(after.values())  # refused before it is kept
            at = instant(self._clock.now_ms())
            note = AuditNote(actor=by.id, action=action, subject="lexicon", at=at, detail=detail)
            await self._lexicon.write(put, removed, note=note)
            taken = await self.look()
        return Written(version=await self.version(), put=len(put), removed=len(removed), read_otherwise=taken, bad=bad)

    # -- used --------------------------------------------------------------------------------------------------------

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
        entries, places = _standing(await self._lexicon.current()), await self.places()
        name = fingerprint(entries, places)
        if name != self._used:
            self._speech.use_lexicon(await self._built(entries))
            self._used = name
        followed = await self._values.get(_FOLLOWED)
        if followed == name:
            return ()
        taken: tuple[BulletinId, ...] = ()
        if followed is not None or entries:
            changed = await self._lexicon.history(limit=1)
            why = f"từ điển: “{changed[0].surface}”" if changed else "tên địa điểm của phường"
            taken = await self._respeak.follow(why)
        await self._values.set(_FOLLOWED, name, note=None)
        self._bus.publish(ContentChanged(what="lexicon", id=str(await self.version())))
        return taken

    async def _built(self, entries: Iterable[WardEntry]) -> Lexicon:
        places = [Entry(surface=word, reading=word.lower(), case_sensitive=True) for word in await self.places()]
        own = [each for entry in entries for each in parse(entry.line)]
        try:
            return over_national([*places, *own])
        except LexiconError as error:
            raise BadInput([Problem(code="invalid", vi=str(error), en=str(error), path="lexicon")]) from error


def _standing(versions: Iterable[Version]) -> tuple[WardEntry, ...]:
    return tuple(version.entry for version in versions if version.entry is not None)


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


def _read(text: str) -> tuple[tuple[WardEntry, ...], tuple[BadRow, ...]]:
    """Read rows one by one: one bad row hides no other.

    Raises:
        BadInput: too many.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    if len(lines) > MOST_ROWS:
        vi, en = f"tối đa {MOST_ROWS} dòng mỗi lần", f"at most {MOST_ROWS} rows at once"
        raise BadInput([Problem(code="too_long", vi=vi, en=en, path="tsv")])
    good: list[WardEntry] = []
    bad: list[BadRow] = []
    for number, line in enumerate(lines, start=1):
        try:
            good += [
                WardEntry(surface=entry.surface, reading=entry.reading, flags=_flags(line)) for entry in parse(line)
            ]
        except LexiconError as error:
            bad.append(BadRow(line=number, text=line[:200], why=str(error).replace("dòng 1:", f"dòng {number}:")))
    return tuple(good), tuple(bad)


def _flags(line: str) -> str:
    return " ".join(sorted("".join(line.split("\t")[2:3]).replace(",", " ").split()))
