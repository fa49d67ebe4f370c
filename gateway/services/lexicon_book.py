"""Sổ từ điển: the ward's entries, read and written. Needs no studio: the command line keeps it too."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.errors import BadInput, NotFound, Problem
from gateway.domain.lexicon import BadRow, Version, WardEntry, in_a_file
from gateway.domain.people import Permission, expect
from gateway.ports.lexicon import WardLexicon
from gateway.ports.records import AuditNote
from gateway.services.actor import Actor
from tts.errors import LexiconError
from tts.text.layers import over_national
from tts.text.lexicon import Entry, Lexicon
from tts.text.lexicon_file import parse

MOST_ROWS = 5_000


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a change of the lexicon came to."""

    version: int
    put: int
    removed: int
    bad: tuple[BadRow, ...] = ()
    """Rows of an import that are no entries."""


_NOTHING = WardEntry(surface="", reading="")


@dataclass(frozen=True, kw_only=True)
class Change:
    """What would be written."""

    put: tuple[WardEntry, ...] = ()
    removed: tuple[WardEntry, ...] = ()
    bad: tuple[BadRow, ...] = ()
    named: WardEntry = _NOTHING
    """The entry it is about, as it would be written or as it stands; a file names none."""


class LexiconBook:
    """Every change is a new version of an entry."""

    def __init__(self, *, lexicon: WardLexicon, now: Callable[[], datetime]) -> None:
        self._lexicon = lexicon
        self._now = now

    # -- asked -------------------------------------------------------------------------------------------------------

    async def entries(self) -> list[Version]:
        """Return the ward's own entries."""
        return list(await self._lexicon.current())

    async def version(self) -> int:
        """Return the number of the newest change."""
        return await self._lexicon.newest()

    async def history(self, surface: str | None = None) -> Sequence[Version]:
        """Return who changed what, the newest first."""
        return await self._lexicon.history(surface)

    async def export(self) -> str:
        """Return the ward's own entries as a file."""
        return in_a_file(standing(await self._lexicon.current()))

    # -- changed -----------------------------------------------------------------------------------------------------

    async def put(self, entry: WardEntry, *, by: Actor) -> Written:
        """Add an entry, or say it otherwise. One that is there as it is makes no new version.

        Raises:
            NotAllowed
            BadInput: it is no entry.
        """
        change = await self.plan_put(entry, by=by)
        line = change.named.line
        return await self._write(change.put, (), "lexicon.put", by, entry=line)

    async def remove(self, entry: WardEntry, *, by: Actor) -> Written:
        """Take the entry with this surface and these flags out.

        Raises:
            NotAllowed
            NotFound: there is none.
        """
        change = await self.plan_remove(entry, by=by)
        return await self._write((), change.removed, "lexicon.remove", by, entry=change.named.line)

    async def import_(self, text: str, *, by: Actor, skip_bad: bool = False, replace: bool = False) -> Written:
        """Read a file of entries. With a bad row nothing is taken, unless ``skip_bad``; the answer lists every one.

        ``replace``: entries that are not in the file are taken out.

        Raises:
            NotAllowed
            BadInput: too many rows.
        """
        change = await self.plan_import(text, by=by, replace=replace)
        if change.bad and not skip_bad:
            return Written(version=await self.version(), put=0, removed=0, bad=change.bad)
        put, gone = change.put, change.removed
        return await self._write(put, gone, "lexicon.import", by, bad=change.bad, added=len(put), dropped=len(gone))

    # -- what it would be --------------------------------------------------------------------------------------------

    async def plan_put(self, entry: WardEntry, *, by: Actor) -> Change:
        """Return what :meth:`put` would change. Raises as it does."""
        expect(by, Permission.WRITE_BULLETIN)
        checked, bad = _read(entry.line)
        if bad or len(checked) != 1:
            why = bad[0].why if bad else "thiếu từ hoặc cách đọc (surface or reading missing)"
            raise BadInput([Problem(code="invalid", vi=why, en=why, path="entry")])
        known = checked[0] in standing(await self._lexicon.current())
        return Change(put=() if known else checked, named=checked[0])

    async def plan_remove(self, entry: WardEntry, *, by: Actor) -> Change:
        """Return what :meth:`remove` would change. Raises as it does."""
        expect(by, Permission.WRITE_BULLETIN)
        found = next((each for each in standing(await self._lexicon.current()) if each.key == entry.key), None)
        if found is None:
            raise NotFound(
                f"Từ điển của phường không có “{entry.surface}”.", f"The ward's lexicon has no “{entry.surface}”."
            )
        return Change(removed=(found,), named=found)

    async def plan_import(self, text: str, *, by: Actor, replace: bool = False) -> Change:
        """Return what the good rows of a file would change, and the bad ones. Raises as :meth:`import_`."""
        expect(by, Permission.WRITE_BULLETIN)
        rows, bad = _read(text)
        before = {each.key: each for each in standing(await self._lexicon.current())}
        newest = {row.key: row for row in rows}  # the last line for a surface wins
        put = tuple(row for key, row in newest.items() if before.get(key) != row)
        gone = tuple(entry for key, entry in before.items() if key not in newest) if replace else ()
        return Change(put=put, removed=gone, bad=bad)

    async def after(self, change: Change) -> tuple[WardEntry, ...]:
        """Return the entries as they would be after ``change``."""
        after = {each.key: each for each in standing(await self._lexicon.current())}
        for entry in change.removed:
            after.pop(entry.key, None)
        return tuple((after | {entry.key: entry for entry in change.put}).values())

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
        if put or removed:
            # refused before it is kept
            built(await self.after(Change(put=tuple(put), removed=tuple(removed))))
            note = AuditNote(actor=by.id, action=action, subject="lexicon", at=self._now(), detail=detail)
            await self._lexicon.write(put, removed, note=note)
        return Written(version=await self.version(), put=len(put), removed=len(removed), bad=bad)


def standing(versions: Iterable[Version]) -> tuple[WardEntry, ...]:
    """Return the entries that count."""
    return tuple(version.entry for version in versions if version.entry is not None)


def built(entries: Iterable[WardEntry], places: Iterable[str] = ()) -> Lexicon:
    """Build what is read by: the national list, over it the ward's places as they are written, over them its entries.

    Raises:
        BadInput: too many entries.
    """
    # what holds in these capitals only comes last: an entry for any capitals would take its place
    own = sorted((each for entry in entries for each in parse(entry.line)), key=lambda each: each.case_sensitive)
    said = {entry.surface.casefold() for entry in own}
    # an entry in these very capitals would win over the ward's own in any
    named = [
        Entry(surface=word, reading=word.lower(), case_sensitive=True) for word in places if word.casefold() not in said
    ]
    try:
        return over_national([*named, *own])
    except LexiconError as error:
        raise BadInput([Problem(code="invalid", vi=str(error), en=str(error), path="lexicon")]) from error


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
