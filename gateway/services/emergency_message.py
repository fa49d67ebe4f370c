"""Nội dung khẩn cấp: what may be ordered, what it becomes on the wire, and what is remembered until its end. Pure."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from devices.clock import instant
from devices.model import AssetId, ClusterId, OccurrenceId, Priority, Source, level_of
from devices.wire.commands import Emergency, EmergencyRepeat
from devices.wire.documents import PlayItem
from gateway.domain.errors import BadInput, Problem
from gateway.domain.ids import BulletinId
from gateway.domain.targets import Targets
from gateway.ports.records import PlannedPlay, StoredAudio
from gateway.services.plan_builder import asset_entry

LEAD_MS = 400
"""From the order to the start: what a message takes to reach a thousand poles, and not more."""
SHORTEST, LONGEST = timedelta(seconds=10), timedelta(minutes=30)
MOST_TIMES, LONGEST_GAP_MS = 20, 60_000
_TEXT, _TITLE = 2_000, 200
_DRILL = "Đây là diễn tập."


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One stretch of what is said: ``dur_ms`` of a file from ``skip_ms`` on, or silence when there is no file."""

    audio: StoredAudio | None
    dur_ms: int
    skip_ms: int = 0


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is to be said: an approved bulletin, a recording, or a text that is spoken now. Or the siren alone.

    ``pieces``: how ``text`` is put together from what was spoken ahead; without them it is spoken now.

    Raises:
        BadInput: every mistake, with its field.
    """

    bulletin: BulletinId | None = None
    recording: AssetId | None = None
    text: str = ""
    pieces: tuple[Piece, ...] = ()
    siren: bool = True
    times: int = 3
    gap_ms: int = 5_000
    lasts: timedelta = timedelta(minutes=10)
    """Whatever happens, it is over after this."""
    drill: bool = False
    """Diễn tập: obeys quiet hours, and is counted apart."""
    source: Source = Source.WARD

    def __post_init__(self) -> None:
        problems = []
        if not (self.bulletin or self.recording or self.text.strip() or self.siren):
            problems.append(_bad("text", "cần bản tin, ghi âm, nội dung hoặc còi", "something to be heard"))
        if len(self.text) > _TEXT:
            problems.append(_bad("text", f"tối đa {_TEXT} ký tự", f"at most {_TEXT} characters"))
        if not SHORTEST <= self.lasts <= LONGEST:
            problems.append(_bad("lasts", "từ 10 giây đến 30 phút", "10 seconds to 30 minutes"))
        if not 1 <= self.times <= MOST_TIMES or not 0 <= self.gap_ms <= LONGEST_GAP_MS:
            problems.append(_bad("times", "lặp 1 đến 20 lần, cách nhau tối đa 60 giây", "1 to 20 times, 60 s apart"))
        if problems:
            raise BadInput(problems)


def as_drill(text: str) -> str:
    """Say first and last that it is none (domain.md, row 32): whoever hears half of it knows."""
    return f"{_DRILL} {text.strip()} {_DRILL}"


@dataclass(frozen=True, kw_only=True)
class Active:
    """One emergency until its end."""

    em: OccurrenceId
    """Its name, and the occurrence that clusters report on."""
    jti: str
    sealed: bytes
    clusters: frozenset[ClusterId]
    by: str
    started_ms: int
    end_by_ms: int
    drill: bool
    text: str
    end_sealed: bytes | None = None
    """Set once somebody ended it: from then on clusters that come online are told of the end."""
    ended_ms: int | None = None

    @property
    def to_repeat(self) -> bytes:
        """What a cluster that may have missed it is sent."""
        return self.end_sealed if self.end_sealed is not None else self.sealed


def body_of(
    message: Message, targets: Targets, clip: StoredAudio | None, *, em: OccurrenceId, now_ms: int
) -> Emergency:
    """Say it in the contract's words. ``clip`` is ``None`` when there are no words, or they could not be spoken."""
    level = level_of(Priority.EMERGENCY, message.source)
    items: tuple[PlayItem, ...] = tuple(map(_item, message.pieces))
    if clip is not None:
        items = (PlayItem(role="recorded", asset=clip.asset, dur_ms=clip.duration_ms),)
    files = [clip] if clip is not None else [piece.audio for piece in message.pieces]
    held = {audio.asset: audio for audio in files if audio is not None}
    return Emergency(
        em=em,
        start_at_ms=now_ms + LEAD_MS,
        items=items,
        assets=tuple(asset_entry(audio, need_by_ms=now_ms, level=level) for audio in held.values()),
        # With nothing to say the siren is all there is.
        siren=message.siren or not items,
        text=message.text.strip(),
        repeat=EmergencyRepeat(times=message.times, gap_ms=message.gap_ms),
        end_by_ms=now_ms + message.lasts // timedelta(milliseconds=1),
        level=level,
        zones=() if targets.everywhere else tuple(sorted(targets.zones)),
        clusters=() if targets.everywhere else tuple(sorted(targets.clusters)),
        drill=message.drill,
    )


def _item(piece: Piece) -> PlayItem:
    if piece.audio is None:
        return PlayItem(role="pause", dur_ms=piece.dur_ms)
    return PlayItem(role="phrase", asset=piece.audio.asset, dur_ms=piece.dur_ms, skip_ms=piece.skip_ms)


def promised(body: Emergency, message: Message, clusters: frozenset[ClusterId]) -> list[PlannedPlay]:
    """Return the plays that every cluster meant owes an outcome for."""
    title = "Diễn tập khẩn cấp" if message.drill else "Khẩn cấp"
    return [
        PlannedPlay(
            occ=OccurrenceId(body.em),
            cluster=cluster,
            schedule=None,
            title=f"{title}: {body.text}"[:_TITLE] if body.text else title,
            priority=Priority.EMERGENCY,
            start_at=instant(body.start_at_ms),
            duration_ms=body.end_by_ms - body.start_at_ms,
            bulletins=(message.bulletin,) if message.bulletin is not None else (),
            assets=tuple(AssetId(asset.id) for asset in body.assets),
        )
        for cluster in sorted(clusters)
    ]


def write_active(active: Active) -> dict[str, Any]:
    """Return it as plain JSON values."""
    return {
        "em": active.em,
        "jti": active.jti,
        "sealed": b64encode(active.sealed).decode(),
        "clusters": sorted(active.clusters),
        "by": active.by,
        "started_ms": active.started_ms,
        "end_by_ms": active.end_by_ms,
        "drill": active.drill,
        "text": active.text,
        "end_sealed": b64encode(active.end_sealed).decode() if active.end_sealed is not None else None,
        "ended_ms": active.ended_ms,
    }


def read_active(row: dict[str, Any]) -> Active:
    """Read what :func:`write_active` wrote."""
    end_sealed = row["end_sealed"]
    return Active(
        em=OccurrenceId(row["em"]),
        jti=row["jti"],
        sealed=b64decode(row["sealed"]),
        clusters=frozenset(ClusterId(name) for name in row["clusters"]),
        by=row["by"],
        started_ms=row["started_ms"],
        end_by_ms=row["end_by_ms"],
        drill=row["drill"],
        text=row["text"],
        end_sealed=b64decode(end_sealed) if end_sealed is not None else None,
        ended_ms=row["ended_ms"],
    )


def _bad(path: str, vi: str, en: str) -> Problem:
    return Problem(code="invalid", vi=vi, en=f"needs {en}", path=path)
