"""Soạn kế hoạch: turns the forecast into what each cluster is told. Pure; clusters that are told the same share it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.clock import epoch_ms
from devices.model import AssetId, ClusterId, Level
from devices.wire.base import DOCUMENT_MAX_BYTES
from devices.wire.documents import AfterOverride, AssetEntry, LatePolicy, PlanBody, PlanEntry, PlayItem
from gateway.domain.plan import Broadcast, Status
from gateway.domain.programme import Item
from gateway.ports.records import PlannedPlay, StoredAudio

FETCH_AHEAD = timedelta(hours=6)
"""domain.md row 19: audio is on the pole six hours before its hour."""
_TITLE = 200
ROOM_BYTES = DOCUMENT_MAX_BYTES * 3 // 4 - 4_096
"""What a plan may say before it is sealed (base64 makes it a third longer), with room for the envelope."""
FILE_BYTES = 256
"""More than any file takes in the list of files."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """What some clusters are told alike."""

    clusters: tuple[ClusterId, ...]
    broadcasts: tuple[Broadcast, ...]
    content_hash: str
    full_at: datetime | None = None
    """The first start that no longer fitted: the plan speaks until then. ``None``: all of it fitted."""


def airing(
    broadcasts: Iterable[Broadcast], stored: Mapping[AssetId, StoredAudio]
) -> tuple[list[Broadcast], set[AssetId]]:
    """Return the broadcasts that go into plans, and the audio that some would need and that is not in the folder."""
    will: list[Broadcast] = []
    lost: set[AssetId] = set()
    for broadcast in broadcasts:
        if broadcast.status is not Status.WILL_AIR:
            continue
        missing = assets_of(broadcast) - stored.keys()
        lost |= missing
        if not missing:
            will.append(broadcast)
    return will, lost


def assets_of(broadcast: Broadcast) -> frozenset[AssetId]:
    """Return the audio that ``broadcast`` is made of."""
    return frozenset(item.asset for item in broadcast.items if item.asset is not None)


def shares(
    broadcasts: Sequence[Broadcast],
    prints: Sequence[str],
    clusters: Iterable[ClusterId],
    *,
    cut: datetime,
    standing: Sequence[StoredAudio] = (),
) -> list[Share]:
    """Group ``clusters`` by what of ``broadcasts`` they are to air after ``cut``. ``prints`` are their fingerprints.

    ``standing``: what they hold beside it. What does not fit into one document is left to the plan of another day.
    """
    coming = [index for index, broadcast in enumerate(broadcasts) if broadcast.end > cut]
    groups: dict[tuple[int, ...], list[ClusterId]] = {}
    for cluster in clusters:
        mine = tuple(index for index in coming if cluster in broadcasts[index].airs_on)
        groups.setdefault(mine, []).append(cluster)
    said = {index: _Said.of(broadcasts[index], prints[index]) for index in coming}
    return [_share(tuple(members), [said[index] for index in mine], standing) for mine, members in groups.items()]


@dataclass(frozen=True)
class _Said:
    """One broadcast as a plan says it, and how much room that takes."""

    broadcast: Broadcast
    print: str
    files: frozenset[AssetId]
    bytes: int

    @classmethod
    def of(cls, broadcast: Broadcast, said: str) -> "_Said":
        """Weigh it."""
        return cls(broadcast, said, assets_of(broadcast), len(entry_of(broadcast).model_dump_json().encode()) + 1)


def _share(clusters: tuple[ClusterId, ...], wanted: Sequence[_Said], standing: Sequence[StoredAudio]) -> Share:
    fits = _that_fit(wanted, {audio.asset for audio in standing})
    prints = [each.print for each in wanted[:fits]]
    return Share(
        clusters=clusters,
        broadcasts=tuple(each.broadcast for each in wanted[:fits]),
        content_hash=_hash([*prints, *(audio.asset for audio in standing)]),
        full_at=wanted[fits].broadcast.start if fits < len(wanted) else None,
    )


def _that_fit(wanted: Sequence[_Said], standing: set[AssetId]) -> int:
    """Count how many of ``wanted``, the first first, fit into one document beside the files ``standing``."""
    files, taken = set(standing), 0
    for place, each in enumerate(wanted):
        files |= each.files
        taken += each.bytes
        if taken + FILE_BYTES * len(files) > ROOM_BYTES:
            return place
    return len(wanted)


def fingerprint(broadcast: Broadcast) -> str:
    """Return a name for exactly what a cluster is told of ``broadcast``."""
    return hashlib.sha256(entry_of(broadcast).model_dump_json().encode()).hexdigest()


def body_of(
    broadcasts: Sequence[Broadcast],
    stored: Mapping[AssetId, StoredAudio],
    *,
    rev: int,
    start: datetime,
    until: datetime,
    standing: Sequence[StoredAudio] = (),
) -> PlanBody:
    """Make the plan. ``standing``: files to be held whatever is aired, fetched after what is due sooner."""
    aired = asset_entries(broadcasts, stored)
    need_by_ms = epoch_ms(start + FETCH_AHEAD)
    beside = (
        asset_entry(audio, need_by_ms=need_by_ms, level=Level.ROUTINE_WARD)
        for audio in standing
        if all(entry.id != audio.asset for entry in aired)
    )
    return PlanBody(
        rev=rev,
        from_ms=epoch_ms(start),
        until_ms=epoch_ms(until),
        entries=tuple(entry_of(broadcast) for broadcast in broadcasts),
        assets=(*aired, *beside),
    )


def entry_of(broadcast: Broadcast) -> PlanEntry:
    """Say one broadcast in the contract's words."""
    return PlanEntry(
        occ=broadcast.id,
        start_at_ms=epoch_ms(broadcast.start),
        dur_ms=broadcast.duration_ms,
        priority=broadcast.priority,
        level=broadcast.level,
        items=tuple(play_item(item) for item in broadcast.items),
        volume_percent=broadcast.volume_percent,
        late=LatePolicy(mode=broadcast.late.mode.value, max_ms=broadcast.late.max_ms),
        after_override=AfterOverride(broadcast.after_override.value),
        title=broadcast.title[:_TITLE],
    )


def play_item(item: Item) -> PlayItem:
    """Say one piece of a programme in the contract's words."""
    return PlayItem(
        role=item.role.value, asset=item.asset, dur_ms=item.duration_ms, bulletin=item.bulletin, music=item.music
    )


def asset_entries(broadcasts: Iterable[Broadcast], stored: Mapping[AssetId, StoredAudio]) -> tuple[AssetEntry, ...]:
    """List the audio of ``broadcasts``, each file once, needed by its first airing."""
    needed: dict[AssetId, tuple[int, int]] = {}
    for broadcast in broadcasts:
        need_by_ms = max(0, epoch_ms(broadcast.start - FETCH_AHEAD))
        for asset in assets_of(broadcast):
            first_ms, level = needed.get(asset, (need_by_ms, broadcast.level))
            needed[asset] = min(first_ms, need_by_ms), max(level, broadcast.level)
    return tuple(
        asset_entry(stored[asset], need_by_ms=need_by_ms, level=level)
        for asset, (need_by_ms, level) in sorted(needed.items(), key=lambda each: (each[1][0], each[0]))
    )


def asset_entry(audio: StoredAudio, *, need_by_ms: int, level: int) -> AssetEntry:
    """Describe one file so that a pole can check it."""
    return AssetEntry(
        id=audio.asset,
        bytes=audio.bytes,
        mime=audio.mime,
        dur_ms=audio.duration_ms,
        need_by_ms=need_by_ms,
        level=level,
    )


def promised(cluster: ClusterId, broadcasts: Iterable[Broadcast]) -> list[PlannedPlay]:
    """Return the plays that a plan with ``broadcasts`` promises on ``cluster``."""
    return [
        PlannedPlay(
            occ=broadcast.id,
            cluster=cluster,
            schedule=broadcast.schedule,
            title=broadcast.title,
            priority=broadcast.priority,
            start_at=broadcast.start,
            duration_ms=broadcast.duration_ms,
            bulletins=tuple(dict.fromkeys(item.bulletin for item in broadcast.items if item.bulletin is not None)),
            assets=tuple(sorted(assets_of(broadcast))),
        )
        for broadcast in broadcasts
    ]


def _hash(prints: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(prints).encode()).hexdigest()
