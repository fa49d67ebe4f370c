"""Chương trình: the ordered items of one airtime, and what they come to in sound on a given day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from devices.model import AssetId, Level, Priority, Source, level_of
from gateway.domain.bulletin import Bulletin
from gateway.domain.errors import BadInput, Problem
from gateway.domain.ids import BulletinId, ProgrammeId
from gateway.domain.recording import Recording

MAX_REPEATS = 10
MAX_AIRTIME_MS = 4 * 3_600_000  # what a plan entry can carry
MAX_PAUSE_MS = 60_000  # longer, and people think the loudspeaker is broken


class ItemRole(StrEnum):
    """Nhạc hiệu / lời xướng / bản tin / ghi âm / quãng nghỉ / lời kết."""

    CHIME = "chime"
    GREETING = "greeting"
    BULLETIN = "bulletin"
    RECORDED = "recorded"
    PAUSE = "pause"
    SIGN_OFF = "sign_off"


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A piece of ready audio: chime, greeting, recording or sign-off."""

    role: Literal[ItemRole.CHIME, ItemRole.GREETING, ItemRole.RECORDED, ItemRole.SIGN_OFF]
    asset: AssetId
    duration_ms: int
    title: str = ""
    music: bool = False
    """It is music, so the music rule holds for the programme. A chime of some seconds is not."""
    kind: Literal["clip"] = "clip"


@dataclass(frozen=True, kw_only=True)
class BulletinItem:
    """A bulletin, by name: what it says is looked up at each airtime."""

    bulletin: BulletinId
    kind: Literal["bulletin"] = "bulletin"


@dataclass(frozen=True, kw_only=True)
class Pause:
    """Quãng nghỉ."""

    duration_ms: int
    kind: Literal["pause"] = "pause"


ProgrammeItem = Clip | BulletinItem | Pause

_TOO_LONG = Problem(
    code="too_long", vi="Chương trình dài hơn 4 giờ", en="The programme is longer than 4 hours", path="items"
)
_OPENING = (ItemRole.CHIME, ItemRole.GREETING)


class WhenUnready(StrEnum):
    """What becomes of an airtime when one of its bulletins or recordings may not be heard."""

    HOLD = "hold"
    """Nothing of it airs, and an alarm says why."""
    LEAVE_OUT = "leave_out"
    """The rest airs, if a bulletin or a recording is left; the screen says what was left out."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One resolved piece of an airtime, ready for a plan."""

    role: ItemRole
    duration_ms: int
    asset: AssetId | None = None
    """``None`` only for a pause."""
    bulletin: BulletinId | None = None
    music: bool = False


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """What a programme comes to at one airtime."""

    items: tuple[Item, ...]
    """In order, repeats written out."""
    unready: tuple[Problem, ...]
    """Why it does not air; empty when it does."""
    left_out: tuple[Problem, ...] = ()
    """What is missing from it although it airs."""

    @property
    def duration_ms(self) -> int:
        """From the first sound to the end of the last, pauses and repeats counted."""
        return sum(item.duration_ms for item in self.items)

    @property
    def music(self) -> bool:
        """Whether any of it is music."""
        return any(item.music for item in self.items)


@dataclass(frozen=True, kw_only=True)
class Programme:
    """Chương trình. Checked when made.

    Raises:
        BadInput: every mistake, with its field.
    """

    id: ProgrammeId
    title: str
    items: tuple[ProgrammeItem, ...]
    repeats: int = 1
    """How often the part between opening (chime, greeting) and sign-off is said."""
    priority: Priority = Priority.ROUTINE
    source: Source = Source.WARD
    when_unready: WhenUnready = WhenUnready.HOLD
    revision: int = 1

    def __post_init__(self) -> None:
        if problems := list(self._problems()):
            raise BadInput(problems)

    def _problems(self) -> Iterator[Problem]:
        if not self.title.strip():
            yield _bad("title", "cần tên chương trình", "a title")
        if not any(isinstance(item, BulletinItem) or _says(item) for item in self.items):
            yield _bad("items", "cần ít nhất một bản tin hoặc bản ghi âm", "at least one bulletin or recording")
        for index, item in enumerate(self.items):
            match item:
                case Pause() if not 0 < item.duration_ms <= MAX_PAUSE_MS:
                    yield _bad(f"items.{index}.duration_ms", "quãng nghỉ từ 1 ms đến 60 s", "a pause of at most 60 s")
                case Clip() if not 0 < item.duration_ms <= MAX_AIRTIME_MS:
                    yield _bad(f"items.{index}.duration_ms", "âm thanh dài từ 1 ms đến 4 giờ", "audio of at most 4 h")
                case _:
                    pass
        if not 1 <= self.repeats <= MAX_REPEATS:
            yield _bad("repeats", f"phát từ 1 đến {MAX_REPEATS} lần", f"1 to {MAX_REPEATS} repeats")

    @property
    def level(self) -> Level:
        """Where it stands on the ladder when its schedule does not say otherwise."""
        return level_of(self.priority, self.source)

    @property
    def bulletins(self) -> tuple[BulletinId, ...]:
        """The bulletins named, in order."""
        return tuple(item.bulletin for item in self.items if isinstance(item, BulletinItem))

    @property
    def recordings(self) -> tuple[AssetId, ...]:
        """The ready audio named, in order."""
        return tuple(item.asset for item in self.items if isinstance(item, Clip))

    def resolve(
        self, bulletins: Mapping[BulletinId, Bulletin], recordings: Mapping[AssetId, Recording], at: datetime
    ) -> Resolved:
        """Look up every bulletin and recording as it stands for an airtime at ``at`` (aware)."""
        lost: list[Problem] = []
        found: list[Item] = []
        for item in self.items:
            piece = _resolve(item, bulletins, recordings, at)
            if isinstance(piece, Problem):
                lost.append(piece)
            else:
                found.append(piece)
        speaks = any(piece.role in (ItemRole.BULLETIN, ItemRole.RECORDED) for piece in found)
        if self.when_unready is WhenUnready.LEAVE_OUT and speaks:
            whole = Resolved(items=self._in_full(found), unready=(), left_out=tuple(lost))
        else:
            whole = Resolved(items=self._in_full(found), unready=tuple(lost))
        return whole if whole.duration_ms <= MAX_AIRTIME_MS else replace(whole, unready=(*whole.unready, _TOO_LONG))

    def _in_full(self, pieces: list[Item]) -> tuple[Item, ...]:
        first = next((i for i, piece in enumerate(pieces) if piece.role not in _OPENING), len(pieces))
        last = len(pieces)
        while last > first and pieces[last - 1].role is ItemRole.SIGN_OFF:
            last -= 1
        return tuple(pieces[:first] + pieces[first:last] * self.repeats + pieces[last:])


def _resolve(
    item: ProgrammeItem,
    bulletins: Mapping[BulletinId, Bulletin],
    recordings: Mapping[AssetId, Recording],
    at: datetime,
) -> Item | Problem:
    match item:
        case Pause():
            return Item(role=ItemRole.PAUSE, duration_ms=item.duration_ms)
        case Clip():
            return _clip(item, recordings.get(item.asset), at)
        case BulletinItem():
            return _bulletin(item.bulletin, bulletins.get(item.bulletin), at)


def _clip(clip: Clip, recording: Recording | None, at: datetime) -> Item | Problem:
    if recording is None:
        name = clip.title or clip.asset[:19]
        return Problem(code="no_audio", vi=f"Kho không có “{name}”", en=f"No audio “{name}”", path=clip.asset)
    if (refusal := recording.airable(at)) is not None:
        return refusal
    # Who uploaded it said that it is music: a programme cannot say that it is not.
    return Item(role=clip.role, duration_ms=clip.duration_ms, asset=clip.asset, music=clip.music or recording.music)


def _bulletin(name: BulletinId, bulletin: Bulletin | None, at: datetime) -> Item | Problem:
    if bulletin is None:
        return Problem(code="no_bulletin", vi=f"Không có bản tin “{name}”", en=f"No bulletin “{name}”", path=name)
    if (refusal := bulletin.airable(at)) is not None:
        return refusal
    if bulletin.audio is None:  # pragma: no cover - airable() has said so already; the types cannot know
        raise AssertionError(name)
    return Item(
        role=ItemRole.BULLETIN, duration_ms=bulletin.audio.duration_ms, asset=bulletin.audio.asset, bulletin=name
    )


def _says(item: ProgrammeItem) -> bool:
    return isinstance(item, Clip) and item.role is ItemRole.RECORDED


def _bad(path: str, vi: str, en: str) -> Problem:
    return Problem(code="invalid", vi=vi, en=f"needs {en}", path=path)
