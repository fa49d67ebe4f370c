"""Nghe lại: which bulletins anybody may listen to again, and what strangers are told of them. Pure.

Only what was approved, is still approved, and was proven heard with the very audio that was approved. Emergencies are
left out: an alarm heard a week later frightens people. So is every bulletin in which personal data is found: to be read
out once in the neighbourhood is not to stand in the network for a month (Nghị định 13/2023/NĐ-CP).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from devices.model import AssetId, Priority, ZoneId
from gateway.domain.bulletin import Bulletin, State
from gateway.domain.ids import BulletinId, CategoryId
from gateway.domain.personal_data import find_personal_data
from gateway.domain.report_facts import Play, Standing, standing_of
from gateway.domain.targets import Registry


@dataclass(frozen=True, kw_only=True)
class Aired:
    """One bulletin as the public page shows it. No person is in here."""

    id: BulletinId
    title: str
    category: CategoryId
    source_name: str
    text: str
    language: str
    asset: AssetId
    duration_ms: int
    first_at: datetime
    last_at: datetime
    times: int
    """Airtimes in which it was heard."""
    zones: tuple[ZoneId, ...]
    """Where, sorted."""


def aired_again(
    plays: Iterable[Play], bulletins: Mapping[BulletinId, Bulletin], registry: Registry
) -> tuple[Aired, ...]:
    """Return what may be listened to again, the last heard first."""
    heard: dict[BulletinId, list[Play]] = defaultdict(list)
    for play in plays:
        if standing_of(play) is not Standing.HEARD or play.priority == Priority.EMERGENCY:
            continue
        for name in dict.fromkeys(play.bulletins):
            bulletin = bulletins.get(BulletinId(name))
            if bulletin is not None and bulletin.approval is not None and bulletin.approval.asset in play.assets:
                heard[bulletin.id].append(play)
    shown = [_shown(bulletins[name], same, registry) for name, same in heard.items() if open_to_all(bulletins[name])]
    return tuple(sorted(shown, key=lambda each: (each.last_at, each.id), reverse=True))


def open_to_all(bulletin: Bulletin) -> bool:
    """Tell whether strangers may read and hear ``bulletin`` once it was aired."""
    content, approval, audio = bulletin.content, bulletin.approval, bulletin.audio
    return (
        bulletin.state is State.APPROVED
        and content.priority is not Priority.EMERGENCY
        and audio is not None
        and approval is not None
        and approval.asset == audio.asset
        and approval.text_sha256 == bulletin.text_sha256
        and not find_personal_data(f"{content.title}\n{content.text}")
    )


def _shown(bulletin: Bulletin, plays: list[Play], registry: Registry) -> Aired:
    if bulletin.audio is None:  # pragma: no cover - open_to_all() has said so already; the types cannot know
        raise AssertionError(bulletin.id)
    starts = [play.start_at for play in plays]
    clusters = registry.clusters
    return Aired(
        id=bulletin.id,
        title=bulletin.title,
        category=bulletin.content.category,
        source_name=bulletin.content.source_name,
        text=bulletin.content.text,
        language=bulletin.content.language,
        asset=bulletin.audio.asset,
        duration_ms=bulletin.audio.duration_ms,
        first_at=min(starts),
        last_at=max(starts),
        times=len({play.occ for play in plays}),
        zones=tuple(sorted({clusters[play.cluster].zone for play in plays if play.cluster in clusters})),
    )
