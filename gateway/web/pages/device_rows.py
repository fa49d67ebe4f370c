"""Danh sách thiết bị: every loudspeaker, camera and listed point as one row, searched and filtered as the page asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BeforeValidator

from devices.model import ClusterId
from gateway.domain.camera_watch import Health
from gateway.domain.counting import counting
from gateway.domain.device import CameraId, Owner
from gateway.domain.sheet import plain
from gateway.services.diagnosis import Around, Complaint, complaints
from gateway.services.presence import Presence
from gateway.web.api.devices import DeviceKind, DeviceOut, DeviceState, devices
from gateway.web.services import Services
from gateway.web.types import Line, Slug

TONES: Mapping[DeviceState, str] = {
    DeviceState.GOOD: "good",
    DeviceState.PLAYING: "play",
    DeviceState.FAULTY: "warn",
    DeviceState.LOST: "bad",
    DeviceState.UNKNOWN: "wait",
    DeviceState.LISTED: "off",
}
"""Icon and colour of each state; the words stand beside it."""
_GRAVITY = (
    DeviceState.LOST,
    DeviceState.FAULTY,
    DeviceState.PLAYING,
    DeviceState.GOOD,
    DeviceState.UNKNOWN,
    DeviceState.LISTED,
)


_BLANK = BeforeValidator(lambda value: value or None)
"""A select of a form that was left as it was is sent empty."""


class Which(StrEnum):
    """Những thiết bị nào: the filters everybody knows, and what needs a hand."""

    ALL = "all"
    PLAYING = "playing"
    ONLINE = "online"
    LOST = "lost"
    REPAIR = "repair"
    WEAK = "weak"
    """Cameras that anybody gets into: for who keeps the registry."""

    def means(self, row: "Row") -> bool:
        """Tell whether ``row`` is one of them."""
        state = row.out.state
        match self:
            case Which.ALL:
                return True
            case Which.PLAYING:
                return state is DeviceState.PLAYING
            case Which.ONLINE:
                return state in (DeviceState.GOOD, DeviceState.PLAYING, DeviceState.FAULTY)
            case Which.LOST:
                return state is DeviceState.LOST
            case Which.REPAIR:
                return state is DeviceState.FAULTY or row.out.open_tickets > 0
            case Which.WEAK:
                return row.weak


class KindGroup(StrEnum):
    """Loại: as people ask; a loudspeaker is one however it is fed."""

    SPEAKER = "speaker"
    CAMERA = "camera"
    IP = "ip"
    FM = "fm"
    WIRED = "wired"

    def means(self, kind: DeviceKind) -> bool:
        """Tell whether ``kind`` belongs to it."""
        if self is KindGroup.SPEAKER:
            return kind is not DeviceKind.CAMERA
        return kind.value == self.value


@dataclass(frozen=True, kw_only=True)
class Row:
    """One device as the list shows it."""

    out: DeviceOut
    zone: str
    """Its neighbourhood's name."""
    since_ms: int | None
    vi: str
    en: str
    """What is to be said of it: what is wrong, else how it is."""
    weak: bool = False
    """Anybody gets into it. Not for viewers."""

    @property
    def tone(self) -> str:
        return TONES[self.out.state]

    @property
    def is_camera(self) -> bool:
        return self.out.kind is DeviceKind.CAMERA


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What is asked for; the address of the page says it, so that it can be sent to somebody."""

    state: Which = Which.ALL
    kind: KindGroup | None = None
    owner: Owner | None = None
    zone: str = ""
    q: str = ""
    view: str = "list"

    def query(self, **changes: str) -> str:
        """Return the address's query, with ``changes``; what is not asked is left out."""
        asked = {
            "view": "" if self.view == "list" else self.view,
            "state": "" if self.state is Which.ALL else self.state.value,
            "kind": self.kind or "",
            "owner": self.owner or "",
            "zone": self.zone,
            "q": self.q,
        }
        return urlencode({name: value for name, value in {**asked, **changes}.items() if value})

    def path(self, **changes: str) -> str:
        """Return the page's address, with ``changes``."""
        query = self.query(**changes)
        return f"/devices?{query}" if query else "/devices"

    def without_state(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows that everything but the state lets through: what the states are counted among."""
        words = plain(self.q)
        return [
            row
            for row in rows
            if (self.kind is None or self.kind.means(row.out.kind))
            and (self.owner is None or row.out.owner is self.owner)
            and (not self.zone or row.out.zone == self.zone)
            and words in plain(f"{row.out.code} {row.out.name} {row.out.serial} {row.zone}")
        ]

    @property
    def narrowed(self) -> bool:
        """Whether anything beside the state is asked for."""
        return bool(self.kind or self.owner or self.zone or self.q)

    @classmethod
    def asked(
        cls,
        *,
        state: Annotated[Which, Query()] = Which.ALL,
        kind: Annotated[KindGroup | None, _BLANK, Query()] = None,
        owner: Annotated[Owner | None, _BLANK, Query()] = None,
        zone: Annotated[Slug | None, _BLANK, Query()] = None,
        q: Annotated[Line, Query()] = "",
        view: Annotated[str, Query(pattern="^(list|map)$")] = "list",
    ) -> Self:
        """Read it from the address."""
        return cls(state=state, kind=kind, owner=owner, zone=zone or "", q=q.strip(), view=view)


def counted(rows: Sequence[Row]) -> dict[Which, int]:
    """Count the rows each state would show."""
    return {which: sum(which.means(row) for row in rows) for which in Which}


async def rows(services: Services) -> list[Row]:
    """Return every device, what needs a person first, then loudspeakers before cameras, each by its code."""
    names = {str(zone.id): zone.name for zone in services.fleet.registry.zones.values()}
    found = [_row(out, services, names) for out in await devices(services)]
    return sorted(found, key=lambda row: (_GRAVITY.index(row.out.state), row.is_camera, counting(row.out.code)))


def around(services: Services, cluster: ClusterId) -> Around:
    """Look at what stands beside a cluster."""
    known = services.fleet.get(cluster)
    if known is None:
        return Around()
    others = services.fleet.in_zone(known.zone) - {cluster}
    lost = sum(services.monitor.get(each).presence is Presence.LOST for each in others)
    health = {
        services.cameras.watcher.health(camera.id)
        for camera in services.cameras.registry.cameras.values()
        if camera.cluster == cluster and camera.polled
    } - {Health.UNKNOWN}
    return Around(
        neighbours=len(others), neighbours_lost=lost, camera_answers=health != {Health.LOST} if health else None
    )


def wrong_with(services: Services, cluster: ClusterId) -> tuple[Complaint, ...]:
    """Return what is wrong with a cluster that can be spoken to."""
    known = services.fleet.get(cluster)
    if known is None or not known.controllable:
        return ()
    return complaints(services.monitor.get(cluster), around(services, cluster))


def _row(out: DeviceOut, services: Services, names: Mapping[str, str]) -> Row:
    since_ms, vi, en = None, out.text_vi, out.text_en
    weak = out.kind is DeviceKind.CAMERA and services.cameras.weak_login(CameraId(out.code)) is not None
    if out.kind is DeviceKind.CAMERA:
        since_ms = services.cameras.watcher.watch(CameraId(out.code)).since_ms
    elif out.kind is DeviceKind.IP:
        since_ms = services.monitor.get(ClusterId(out.code)).since_ms
        if told := wrong_with(services, ClusterId(out.code)):
            vi, en = told[0].vi, told[0].en
    return Row(out=out, zone=names.get(out.zone, out.zone), since_ms=since_ms, vi=vi, en=en, weak=weak)
