"""Cảnh báo camera: keeps the alerts in step with what is wrong, and with who knows. Quiet at night, never twice."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from devices.clock import Clock, instant
from gateway.domain.camera_alert import (
    AlertId,
    AlertState,
    CameraAlert,
    Wrong,
    comes_back,
    is_night,
    lasted,
    still,
    whats_wrong,
    without,
)
from gateway.domain.camera_login import weak_alerts
from gateway.domain.camera_watch import CameraWatch
from gateway.domain.device import Camera, CameraId
from gateway.domain.errors import NotFound
from gateway.domain.people import Permission, expect
from gateway.domain.root_cause import Scope
from gateway.domain.targets import Registry
from gateway.ports.cameras import CameraAlerts
from gateway.ports.records import AuditNote
from gateway.services.actor import Actor
from gateway.services.bus import Bus
from gateway.services.events import CameraAlertChanged, SecretCameraAlertChanged
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
_NOT_WATCHED = "không còn theo dõi / not watched any more"


class CameraAlertDesk:
    """One per gateway. Everything standing is in memory; every change is kept first."""

    def __init__(
        self,
        *,
        alerts: CameraAlerts,
        cameras: Callable[[], Mapping[CameraId, Camera]],
        watches: Callable[[], Mapping[CameraId, CameraWatch]],
        factory: Callable[[CameraId], bool],
        ward: Callable[[], Registry],
        zone: str,
        bus: Bus,
        clock: Clock,
    ) -> None:
        """``zone``: the ward's time zone, for its nights. ``factory``: is its login one that everybody knows?"""
        self._alerts = alerts
        self._cameras = cameras
        self._watches = watches
        self._factory = factory
        self._ward = ward
        self._zone = zone
        self._bus = bus
        self._clock = clock
        self._standing: dict[AlertId, CameraAlert] = {}
        self._hushed: dict[str, frozenset[CameraId]] = {}
        self._next = AlertId(1)

    async def load(self) -> None:
        """Read what stood when the gateway stopped."""
        self._standing = {alert.id: alert for alert in await self._alerts.standing()}
        self._next = await self._alerts.next_id()

    @property
    def standing(self) -> Sequence[CameraAlert]:
        """Those that are not closed, the newest first."""
        return sorted(self._standing.values(), key=lambda alert: alert.id, reverse=True)

    async def run(self, beat: Beat = no_beat) -> None:
        """Look until cancelled."""
        while True:
            beat()
            await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Compare what is wrong with what is told, once.

        Raises:
            StoreFailed: nothing was changed; the next call tries again.
        """
        now_ms = self._clock.now_ms()
        cameras = self._cameras()
        names = {str(zone.id): zone.name for zone in self._ward().zones.values()}
        wrong = whats_wrong(cameras.values(), self._watches(), names, now_ms)
        wrong |= weak_alerts(cameras.values(), self._watches(), self._factory, now_ms)
        # closed while it was wrong: quiet until it was well once, or has more cameras
        self._hushed = {key: names for key, names in self._hushed.items() if key in wrong}
        by_key = {alert.key: alert for alert in self._standing.values()}
        changed: list[CameraAlert] = []
        for alert in self._standing.values():
            now = self._now(alert, wrong, now_ms)
            if now != alert:
                changed.append(now)
        opened = self._next
        for key, each in wrong.items():
            standing = by_key.get(key)
            if self._hushed.get(key, frozenset()).issuperset(each.cameras) or (
                standing is not None and comes_back(standing, now_ms)
            ):
                continue
            if standing is not None:  # repaired too long ago to be the same
                changed = [other for other in changed if other.id != standing.id]
                changed.append(replace(standing, state=AlertState.CLOSED, closed_ms=now_ms))
            changed.append(CameraAlert(id=opened, wrong=each, opened_ms=now_ms))
            opened = AlertId(opened + 1)
        night = is_night(instant(now_ms), self._zone)
        changed = self._told(changed, night=night)
        if changed:
            before = dict(self._standing)
            await self._alerts.save(changed, note=None)
            self._next = opened
            for alert in changed:
                self._remember(alert)
                self._tell(before.get(alert.id), alert, night=night)

    async def see(self, number: AlertId, *, by: Actor) -> CameraAlert:
        """Đã nhận: somebody takes it on.

        Raises:
            NotAllowed, NotFound
        """
        expect(by, Permission.KEEP_DEVICES)
        return await self._set(self._get(number).see(by=by.id, at_ms=self._clock.now_ms()), "see", by)

    async def close(self, number: AlertId, *, by: Actor, note: str = "") -> CameraAlert:
        """Đóng; with a reason while it is still wrong, and then it is quiet until it was well once.

        Raises:
            NotAllowed, NotFound
            BadInput: still wrong, and no reason.
        """
        expect(by, Permission.KEEP_DEVICES)
        alert = self._get(number)
        closed = await self._set(alert.close(by=by.id, at_ms=self._clock.now_ms(), note=note), "close", by)
        if alert.open:
            self._hushed[alert.key] = frozenset(alert.wrong.cameras)
        return closed

    async def history(self, *, limit: int, camera: CameraId | None = None) -> Sequence[CameraAlert]:
        """Return the newest, open and closed."""
        return await self._alerts.history(limit=limit, camera=camera)

    async def get(self, number: AlertId) -> CameraAlert:
        """Return one, closed ones too.

        Raises:
            NotFound
        """
        found = self._standing.get(number) or await self._alerts.get(number)
        if found is None:
            raise NotFound(f"Không có cảnh báo {number}.", f"No alert {number}.")
        return found

    def _now(self, alert: CameraAlert, wrong: Mapping[str, Wrong], now_ms: int) -> CameraAlert:
        found = wrong.get(alert.key)
        if found is not None:
            return still(alert, found) if comes_back(alert, now_ms) else alert
        polled = any(self._is_polled(camera) for camera in alert.wrong.cameras)
        faults = [each for each in wrong.values() if each.scope is not Scope.OWNER]
        wider = next((each for each in faults if set(alert.wrong.cameras) <= set(each.cameras)), None)
        if wider is not None and alert.open and alert.wrong.scope is not Scope.OWNER:
            return without(alert, now_ms, folded_into=f"gộp vào / folded into: {wider.vi}")
        if not polled and alert.state is not AlertState.CLOSED:
            return without(alert, now_ms, folded_into=_NOT_WATCHED)
        return without(alert, now_ms)

    def _is_polled(self, name: CameraId) -> bool:
        camera = self._cameras().get(name)
        return camera is not None and camera.polled

    def _told(self, changed: list[CameraAlert], *, night: bool) -> list[CameraAlert]:
        """Mark what is told now; by day also what the night kept back and is still wrong."""
        if night:
            return changed
        touched = {alert.id for alert in changed}
        waiting = [alert for alert in self._standing.values() if alert.id not in touched and _untold(alert)]
        return [replace(alert, told=True) if _untold(alert) else alert for alert in (*changed, *waiting)]

    def _tell(self, before: CameraAlert | None, alert: CameraAlert, *, night: bool) -> None:
        new_words = alert.told and (before is None or not before.told)
        recovered = alert.state is AlertState.REPAIRED and (before is None or before.open)
        if before is not None and before.state is alert.state and not new_words:
            return
        vi, en = told(alert)
        if before is None:
            logger.warning("camera alert %d: %s", alert.id, alert.wrong.en)
        elif recovered:
            logger.info("camera alert %d: over: %s", alert.id, en)
        kind = SecretCameraAlertChanged if alert.secret else CameraAlertChanged
        self._bus.publish(
            kind(
                alert=alert.id,
                state=alert.state,
                grade=alert.wrong.grade,
                notify=not night and (new_words or (recovered and alert.told)),
                text_vi=vi,
                text_en=en,
            )
        )

    def _get(self, number: AlertId) -> CameraAlert:
        if number not in self._standing:
            raise NotFound(f"Không có cảnh báo {number} đang mở.", f"No alert {number} stands.")
        return self._standing[number]

    async def _set(self, alert: CameraAlert, verb: str, by: Actor) -> CameraAlert:
        before = self._standing[alert.id]
        if alert == before:
            return alert
        at = instant(self._clock.now_ms())
        detail = {"key": alert.key, "note": alert.note}
        note = AuditNote(actor=by.id, action=f"camera_alert.{verb}", subject=str(alert.id), at=at, detail=detail)
        await self._alerts.save([alert], note=note)
        self._remember(alert)
        self._tell(before, alert, night=True)
        return alert

    def _remember(self, alert: CameraAlert) -> None:
        if alert.state is AlertState.CLOSED:
            self._standing.pop(alert.id, None)
        else:
            self._standing[alert.id] = alert


def told(alert: CameraAlert) -> tuple[str, str]:
    """Say the alert in both languages; one that is over says how long it was."""
    vi, en = alert.wrong.vi, alert.wrong.en
    if alert.lasted_ms is None:
        return vi, en
    how_long_vi, how_long_en = lasted(alert.lasted_ms)
    return f"Đã có lại sau {how_long_vi}: {vi}", f"Back after {how_long_en}: {en}"


def _untold(alert: CameraAlert) -> bool:
    return alert.open and not alert.told
