"""Camera như màn hình thấy: the registry and what was seen, put together for whoever asks."""

from datetime import date, datetime

from pydantic import BaseModel

from devices.clock import instant
from devices.model.camera import Cause, Layer
from gateway.domain.camera_history import Slice, Uptime
from gateway.domain.camera_login import weak_finding
from gateway.domain.camera_watch import CameraWatch, Health
from gateway.domain.device import Camera, Owner
from gateway.domain.people import Permission, permissions_of
from gateway.services.cameras.finder import Match
from gateway.services.cameras.listening import Events, Listening, Why
from gateway.services.sessions import Current
from gateway.web.services import Services


class LayerOut(BaseModel):
    """One layer, and since when it is so."""

    layer: Layer
    ok: bool | None
    since: datetime
    looked_at: datetime
    ms: float | None
    cause: str
    text_vi: str
    text_en: str
    advice_vi: str
    advice_en: str
    detail: str


class WeakLoginOut(BaseModel):
    """Mật khẩu mặc định. A warning: the picture comes all the same."""

    cause: Cause
    text_vi: str
    text_en: str
    advice_vi: str
    advice_en: str


class DoorOut(BaseModel):
    """How it is reached; only for people who keep the registry."""

    host: str
    port: int
    tls: bool
    fingerprint: str
    user: str
    has_password: bool
    factory_password: bool
    """It is one that everybody knows, or a user has none: change it on the camera."""
    weak_login: WeakLoginOut | None
    """Why anybody gets in, and what to do: a factory password, or no password asked for."""
    mac: str
    uuid: str
    shared_marks: list[str]
    """UUID, MAC or serial that another camera of the registry carries too: they prove nothing."""


class HappenedOut(BaseModel):
    """Sự kiện: what it told last. It proves nothing; the look that came of it does."""

    at: datetime
    kind: str
    """``motion tamper too_dark too_bright blurry scene_change signal_loss reboot storage other``."""
    on: bool | None
    """It began or ended; ``None``: neither."""


class ListeningOut(BaseModel):
    """Nghe camera (PullPoint): whether its events come, and why not."""

    why: Why | None
    """``None`` while they come."""
    text_vi: str
    text_en: str
    detail: str
    """The camera's words; only for people who keep the registry."""
    since: datetime | None
    again_at: datetime | None
    """When they are asked for again."""
    last: HappenedOut | None
    """Since the gateway started."""


class CameraOut(BaseModel):
    id: str
    place: str
    zone: str
    owner: Owner
    maker: str
    model: str
    firmware: str
    serial: str
    profile: str
    installed: date | None
    warranty_until: date | None
    contractor: str
    cabinet: str
    switch: str
    cluster: str | None
    latitude: float | None
    longitude: float | None
    map_x: float | None
    map_y: float | None
    notes: str
    pictures: bool
    watched: bool
    health: Health
    health_vi: str
    health_en: str
    since: datetime | None
    checked_at: datetime | None
    checked_s: float | None
    """So many seconds ago."""
    cause: str
    text_vi: str
    text_en: str
    advice_vi: str
    advice_en: str
    clock_offset_s: float | None
    reboots_24h: int
    events: Events
    """``live``: it also tells by itself (PullPoint), and is then looked at at once; ``polling``: only in its turn."""
    listening: ListeningOut
    layers: list[LayerOut]
    door: DoorOut | None


class UptimeOut(BaseModel):
    cameras: int
    percent: float | None
    """Of the time that is known, pictures came; ``None``: nothing is known."""
    known_percent: float

    @classmethod
    def of(cls, uptime: Uptime) -> "UptimeOut":
        """Write it."""
        return cls(cameras=uptime.cameras, percent=uptime.percent, known_percent=uptime.known_percent)


class CountsOut(BaseModel):
    """Số camera và tỷ lệ hoạt động, for the reports."""

    total: int
    health: dict[Health, int]
    by_owner: dict[Owner, UptimeOut]
    by_zone: dict[str, UptimeOut]
    all: UptimeOut


class SliceOut(BaseModel):
    start: datetime
    width_s: int
    good_s: float
    faulty_s: float
    lost_s: float
    looks: int
    answer_ms: float | None


class HistoryOut(BaseModel):
    camera: str
    uptime: UptimeOut
    slices: list[SliceOut]


class PollOut(BaseModel):
    cameras: int
    waiting: int
    in_flight: int
    every_s: float
    real_every_s: float
    stretched: bool
    oldest_s: float | None
    events_live: int
    """How many cameras tell by themselves just now."""
    text_vi: str
    text_en: str


class FoundOut(BaseModel):
    host: str
    port: int
    name: str
    maker: str
    model: str
    camera: str | None
    """Whose it is in the registry."""
    moved: bool


def camera_out(camera: Camera, services: Services, current: Current) -> CameraOut:
    """Put the registry and what was seen together; how to get in is for those who keep the registry."""
    now_ms = services.clock.now_ms()
    watch = services.cameras.watcher.watch(camera.id)
    health, fault = watch.at(now_ms), watch.fault
    keeps = Permission.KEEP_DEVICES in permissions_of(current.user)
    known = {name: getattr(camera, name) for name in CameraOut.model_fields if hasattr(camera, name)}
    known["firmware"] = watch.firmware or camera.firmware
    return CameraOut(
        **known,
        health=health,
        health_vi=health.words[0],
        health_en=health.words[1],
        since=None if watch.since_ms is None else instant(watch.since_ms),
        checked_at=None if watch.looked_ms is None else instant(watch.looked_ms),
        checked_s=watch.age_s(now_ms),
        cause="" if fault is None else str(fault.cause),
        text_vi="" if fault is None else fault.vi,
        text_en="" if fault is None else fault.en,
        advice_vi="" if fault is None else fault.advice_vi,
        advice_en="" if fault is None else fault.advice_en,
        clock_offset_s=watch.clock_offset_s,
        reboots_24h=len(watch.reboots_ms),
        events=services.cameras.listener.events(camera.id),
        listening=_listening(services.cameras.listener.listening(camera.id), keeps=keeps),
        layers=_layers(watch, keeps=keeps),
        door=_door(camera, services) if keeps else None,
    )


def _door(camera: Camera, services: Services) -> DoorOut:
    registry = services.cameras.registry
    return DoorOut(
        host=camera.host,
        port=camera.port,
        tls=camera.tls,
        fingerprint=camera.fingerprint,
        user=camera.user,
        has_password=registry.has_password(camera.id),
        factory_password=registry.has_factory_password(camera.id),
        weak_login=_weak_login(services.cameras.weak_login(camera.id)),
        mac=camera.mac,
        uuid=camera.uuid,
        shared_marks=list(registry.shared_marks(camera.id)),
    )


def _weak_login(cause: Cause | None) -> WeakLoginOut | None:
    if cause is None:
        return None
    said = weak_finding(cause)
    return WeakLoginOut(
        cause=cause, text_vi=said.vi, text_en=said.en, advice_vi=said.advice_vi, advice_en=said.advice_en
    )


def _listening(heard: Listening, *, keeps: bool) -> ListeningOut:
    vi, en = ("", "") if heard.why is None else heard.why.words
    last = heard.last
    return ListeningOut(
        why=heard.why,
        text_vi=vi,
        text_en=en,
        detail=heard.detail if keeps else "",
        since=None if heard.since_ms is None else instant(heard.since_ms),
        again_at=None if heard.again_ms is None else instant(heard.again_ms),
        last=None if last is None else HappenedOut(at=instant(last.at_ms), kind=last.kind, on=last.on),
    )


def _layers(watch: CameraWatch, *, keeps: bool) -> list[LayerOut]:
    found = []
    for layer in Layer:
        each = watch.layers.get(layer)
        if each is not None:
            holds = each.holds
            found.append(
                LayerOut(
                    layer=layer,
                    ok=holds.ok,
                    since=instant(each.since_ms),
                    looked_at=instant(each.looked_ms),
                    ms=holds.ms,
                    cause=str(holds.cause),
                    text_vi=holds.vi,
                    text_en=holds.en,
                    advice_vi=holds.advice_vi,
                    advice_en=holds.advice_en,
                    detail=holds.detail if keeps else "",
                )
            )
    return found


def found_out(match: Match) -> FoundOut:
    return FoundOut(
        host=match.found.host,
        port=match.found.port,
        name=match.found.name,
        maker=match.found.marks.maker,
        model=match.found.marks.model,
        camera=None if match.camera is None else match.camera.id,
        moved=match.moved,
    )


def slice_out(each: Slice) -> SliceOut:
    """Write one stretch."""
    return SliceOut(
        start=instant(each.start_ms),
        width_s=each.width_ms // 1000,
        good_s=each.good_ms / 1000,
        faulty_s=each.faulty_ms / 1000,
        lost_s=each.lost_ms / 1000,
        looks=each.looks,
        answer_ms=each.mean_answer_ms,
    )
