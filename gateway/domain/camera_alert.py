"""Cảnh báo camera: one fault with a life, ``NEW -> SEEN -> REPAIRED -> CLOSED``; what flaps is one alert. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Self
from zoneinfo import ZoneInfo

from devices.model.camera import Layer
from devices.model.camera_cause import WEAK_LOGIN
from gateway.domain.camera_watch import CameraWatch, Health
from gateway.domain.device import Camera, CameraId
from gateway.domain.errors import BadInput, Problem, WrongState
from gateway.domain.ids import UserId
from gateway.domain.root_cause import Scope, shared_losses

AlertId = NewType("AlertId", int)

HOLD = timedelta(seconds=75)
"""A lost camera waits so long for its neighbours: within a round the poller learns whether the whole cabinet went."""
CALM = timedelta(minutes=3)
"""So long it must be well before the alert says repaired."""
REOPENS = timedelta(minutes=30)
"""What comes back within this is the same fault, not a new one."""
FORGOTTEN = timedelta(hours=24)
"""A repaired alert nobody closed closes itself."""
NIGHT_FROM, NIGHT_UNTIL = 22, 5
"""Local hours in which nobody is woken for a camera."""


class AlertState(StrEnum):
    """Where a fault stands with people."""

    NEW = "new"
    SEEN = "seen"
    REPAIRED = "repaired"
    CLOSED = "closed"


class Grade(StrEnum):
    """How much it matters."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One thing that is wrong now, with its reason; ``key`` names it for as long as it is."""

    key: str
    scope: Scope
    subject: str
    cameras: tuple[CameraId, ...]
    cause: str
    grade: Grade
    vi: str
    en: str
    advice_vi: str = ""
    advice_en: str = ""
    since_ms: int


@dataclass(frozen=True, kw_only=True)
class CameraAlert:
    """Cảnh báo: what was wrong, since when, who knows, and how long it took."""

    id: AlertId
    wrong: Wrong
    state: AlertState = AlertState.NEW
    opened_ms: int
    well_ms: int | None = None
    """Since when it is not seen any more; the alert waits for calm."""
    seen_ms: int | None = None
    seen_by: UserId | None = None
    repaired_ms: int | None = None
    closed_ms: int | None = None
    closed_by: UserId | None = None
    note: str = ""
    count: int = 1
    """How often it came back."""
    told: bool = False
    """Whether anybody was notified; at night it waits for the morning."""

    @property
    def key(self) -> str:
        return self.wrong.key

    @property
    def secret(self) -> bool:
        """Whether it tells where anybody gets in: for who keeps the registry, and nobody else."""
        return self.wrong.cause in WEAK_LOGIN

    @property
    def open(self) -> bool:
        """Whether it is still wrong, as far as is known."""
        return self.state in (AlertState.NEW, AlertState.SEEN)

    @property
    def lasted_ms(self) -> int | None:
        """How long it was wrong, once it is over."""
        return None if self.repaired_ms is None else self.repaired_ms - self.wrong.since_ms

    def see(self, *, by: UserId, at_ms: int) -> Self:
        """Đã nhận. Again, it stays with whoever was first."""
        if self.state is not AlertState.NEW:
            return self
        return replace(self, state=AlertState.SEEN, seen_ms=at_ms, seen_by=by)

    def close(self, *, by: UserId, at_ms: int, note: str = "") -> Self:
        """Đóng; while it is still wrong only with a reason, and then it stays quiet until it was well once.

        Raises:
            WrongState: it is closed already.
            BadInput: still wrong, and no reason.
        """
        if self.state is AlertState.CLOSED:
            raise WrongState("Cảnh báo này đã đóng.", "This alert is closed.", code="alert_closed")
        if self.open and not note.strip():
            vi, en = "lỗi vẫn còn: ghi lý do đóng", "it is still wrong: say why it is closed"
            raise BadInput([Problem(code="invalid", vi=vi, en=en, path="note")])
        return replace(self, state=AlertState.CLOSED, closed_ms=at_ms, closed_by=by, note=note.strip())


def whats_wrong(
    cameras: Iterable[Camera], watches: Mapping[CameraId, CameraWatch], zone_names: Mapping[str, str], now_ms: int
) -> dict[str, Wrong]:
    """Return everything that deserves an alert now, with losses that go together told as one."""
    watched = [camera for camera in cameras if camera.polled and camera.id in watches]
    # What was lost and could not be looked at since is still lost: an alert never ends because nobody looked.
    lost = {camera.id for camera in watched if watches[camera.id].health is Health.LOST}
    found: dict[str, Wrong] = {}
    for loss in shared_losses(watched, lost):
        vi, en = loss.words(zone_names)
        since_ms = min(_since_ms(watches[name], now_ms) for name in loss.cameras)
        key = f"{loss.scope}:{loss.subject}"
        found[key] = Wrong(
            key=key,
            scope=loss.scope,
            subject=loss.subject,
            cameras=loss.cameras,
            cause="shared_loss",
            grade=Grade.CRITICAL,
            vi=vi,
            en=en,
            advice_vi=loss.advice[0],
            advice_en=loss.advice[1],
            since_ms=since_ms,
        )
    explained = {name for wrong in found.values() for name in wrong.cameras}
    for camera in watched:
        watch = watches[camera.id]
        alone = _alone(camera, watch, now_ms) if camera.id not in explained else None
        if alone is not None:
            found[alone.key] = alone
        elif watch.unstable and camera.id not in explained:
            restless = _restless(camera, watch)
            found[restless.key] = restless
    return found


def _restless(camera: Camera, watch: CameraWatch) -> Wrong:
    times = len(watch.reboots_ms)
    return Wrong(
        key=f"power:{camera.id}",
        scope=Scope.CAMERA,
        subject=camera.id,
        cameras=(camera.id,),
        cause="unstable_power",
        grade=Grade.WARNING,
        vi=f"{camera.place} ({camera.id}): khởi động lại {times} lần trong 24 giờ, nguồn điện không ổn định",
        en=f"{camera.place} ({camera.id}): {times} boots in 24 hours, its power comes and goes",
        advice_vi="Kiểm tra nguồn, đầu cấp điện và tủ.",
        advice_en="Look at its supply, the connectors and the cabinet.",
        since_ms=watch.reboots_ms[0],
    )


def _alone(camera: Camera, watch: CameraWatch, now_ms: int) -> Wrong | None:
    fault = watch.fault
    since_ms = _since_ms(watch, now_ms)
    if fault is None or (fault.layer is Layer.TCP and now_ms - since_ms < HOLD / timedelta(milliseconds=1)):
        return None
    return Wrong(
        key=f"camera:{camera.id}",
        scope=Scope.CAMERA,
        subject=camera.id,
        cameras=(camera.id,),
        cause=fault.cause,
        grade=Grade.CRITICAL if fault.grave else Grade.WARNING,
        vi=f"{camera.place} ({camera.id}): {fault.vi}",
        en=f"{camera.place} ({camera.id}): {fault.en}",
        advice_vi=fault.advice_vi,
        advice_en=fault.advice_en,
        since_ms=since_ms,
    )


def _since_ms(watch: CameraWatch, now_ms: int) -> int:
    return now_ms if watch.since_ms is None else watch.since_ms


def still(alert: CameraAlert, wrong: Wrong) -> CameraAlert:
    """Return the alert when its fault is still, or again, there. The beginning stays what it was."""
    same = replace(wrong, since_ms=alert.wrong.since_ms)
    if alert.state is AlertState.REPAIRED:
        came_back = AlertState.SEEN if alert.seen_by is not None else AlertState.NEW
        return replace(alert, wrong=same, state=came_back, repaired_ms=None, well_ms=None, count=alert.count + 1)
    return replace(alert, wrong=same, well_ms=None)


def without(alert: CameraAlert, now_ms: int, *, folded_into: str = "") -> CameraAlert:
    """Return the alert when its fault is not seen: it waits for calm, is repaired, and closes by itself a day later.

    ``folded_into``: the shared fault that explains it now; then it is closed at once.
    """
    if folded_into and alert.state is not AlertState.CLOSED:
        return replace(alert, state=AlertState.CLOSED, closed_ms=now_ms, note=folded_into)
    if alert.open:
        well_ms = alert.well_ms if alert.well_ms is not None else now_ms
        if now_ms - well_ms >= CALM / timedelta(milliseconds=1):
            return replace(alert, state=AlertState.REPAIRED, repaired_ms=well_ms, well_ms=well_ms)
        return replace(alert, well_ms=well_ms)
    if alert.state is AlertState.REPAIRED and now_ms - (alert.repaired_ms or 0) >= FORGOTTEN / timedelta(
        milliseconds=1
    ):
        return replace(alert, state=AlertState.CLOSED, closed_ms=now_ms)
    return alert


def comes_back(alert: CameraAlert, now_ms: int) -> bool:
    """Tell whether a fault of this key, seen now, is this alert's again."""
    if alert.state is AlertState.CLOSED:
        return False
    return alert.open or now_ms - (alert.repaired_ms or 0) <= REOPENS / timedelta(milliseconds=1)


def is_night(at: datetime, zone: str) -> bool:
    """Tell whether ``at`` (aware) is an hour in which nobody is woken for a camera."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL


def lasted(milliseconds: int) -> tuple[str, str]:
    """Say a duration in both languages."""
    minutes = max(1, round(milliseconds / 60_000))
    hours, rest = divmod(minutes, 60)
    days, hours_left = divmod(hours, 24)
    if days:
        return f"{days} ngày {hours_left} giờ", f"{days} d {hours_left} h"
    if hours:
        return f"{hours} giờ {rest} phút", f"{hours} h {rest} min"
    return f"{minutes} phút", f"{minutes} min"
