"""Mắt: the camera driver's findings in the gateway's own words, the only place that knows both."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from devices.cameras.driver import CameraDriver
from devices.cameras.events import CameraEvent, EventKind
from devices.cameras.look import Wish
from devices.clock import Clock, instant
from devices.errors import DeviceError
from devices.model import camera as model
from devices.model.camera import SEVERITY, Cause, Depth, Layer, LayerResult, Memory, Secret, Severity, Sighting
from devices.model.camera_cause import LOGIN_REFUSED
from devices.model.camera_words import WORDS
from gateway.domain.camera_look import Finding, Look
from gateway.domain.identity import Marks
from gateway.ports.cameras import Door, Found, Happened, Hint, Surveyed, Told

logger = logging.getLogger(__name__)

Search = Callable[[float], Awaitable[Sequence[model.Found]]]
"""Asks the network for so many seconds who is there."""
_EVENING, _MORNING = 18, 6
"""Local hours between which a dark picture is what there is to see."""

_TROUBLE = frozenset(
    {
        EventKind.TAMPER,
        EventKind.TOO_DARK,
        EventKind.TOO_BRIGHT,
        EventKind.BLURRY,
        EventKind.SCENE_CHANGE,
        EventKind.SIGNAL_LOSS,
    }
)


class DriverEyes:
    """Fits :class:`gateway.ports.cameras.CameraEyes`. ``zone``: the ward's, for its nights."""

    def __init__(self, driver: CameraDriver, search: Search, *, zone: str, clock: Clock) -> None:
        self._driver = driver
        self._search = search
        self._zone = ZoneInfo(zone)
        self._clock = clock

    async def look(self, door: Door, memory: Mapping[str, Any], depth: Depth) -> Look:
        hour = instant(self._clock.now_ms()).astimezone(self._zone).hour
        wish = Wish(night=hour >= _EVENING or hour < _MORNING, thumbnail=depth is Depth.PICTURE)
        return told(await self._driver.look(_opened(door), _remembered(memory), depth, wish=wish))

    async def survey(self, door: Door, memory: Mapping[str, Any]) -> Surveyed | None:
        try:
            found = await self._driver.survey(_opened(door), _remembered(memory))
        except DeviceError as error:
            logger.info("no survey: %s", error)
            return None
        device = found.device
        return Surveyed(
            marks=Marks(uuid=device.uuid, mac=device.mac, serial=device.serial, maker=device.maker, model=device.model),
            firmware=device.firmware,
            profile=", ".join("S" if each == "Streaming" else each for each in found.onvif),
        )

    async def listen(self, door: Door, memory: Mapping[str, Any], *, told: Told) -> str:
        try:
            remembered = _remembered(memory)
            async for event in self._driver.listen(_opened(door), remembered, pulse=lambda: told(Hint.PULSE)):
                told(hint_of(event), _happened(event))
        except DeviceError as error:
            return str(error)
        return ""

    async def search(self, *, seconds: float) -> Sequence[Found]:
        return [
            Found(
                host=each.host,
                port=each.port,
                tls=each.tls,
                marks=Marks(uuid=each.uuid, model=each.model),
                name=each.name,
            )
            for each in await self._search(seconds)
        ]


class NoEyes:
    """Fits :class:`gateway.ports.cameras.CameraEyes` without a driver: nothing is known, and nothing is green."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def look(self, door: Door, memory: Mapping[str, Any], depth: Depth) -> Look:  # noqa: ARG002 - the port's
        return Look(at_ms=self._clock.now_ms(), findings=(), memory=memory)

    async def survey(self, door: Door, memory: Mapping[str, Any]) -> Surveyed | None:  # noqa: ARG002 - the port's
        return None

    async def listen(self, door: Door, memory: Mapping[str, Any], *, told: Told) -> str:  # noqa: ARG002 - the port's
        return "no driver"

    async def search(self, *, seconds: float) -> Sequence[Found]:  # noqa: ARG002 - the port's
        return []


def told(sighting: Sighting) -> Look:
    """Say a sighting in the gateway's words: a layer is wrong from a warning on, what is only worth knowing is not."""
    device = sighting.device
    memory = sighting.memory
    return Look(
        at_ms=sighting.at_ms,
        findings=tuple(_finding(each, sighting) for each in sighting.layers),
        marks=Marks()
        if device is None
        else Marks(uuid=device.uuid, mac=device.mac, serial=device.serial, maker=device.maker, model=device.model),
        firmware="" if device is None else device.firmware,
        clock_offset_s=sighting.clock_offset_s,
        rebooted=Cause.REBOOTED in sighting.notes,
        open_login=_open_login(sighting),
        memory=memory.as_json(),
        thumbnail=sighting.thumbnail,
        not_before_ms=memory.paused_until_ms or None,
    )


def _open_login(sighting: Sighting) -> bool | None:
    login = sighting.layer(Layer.LOGIN)
    if login.ok:
        return Cause.OPEN_LOGIN in sighting.notes
    return False if login.cause in LOGIN_REFUSED else None


def hint_of(event: CameraEvent) -> Hint:
    """Say what an event is worth: how things stood when we came is nothing that happened."""
    if event.first:
        return Hint.PULSE
    if event.kind is EventKind.MOTION:
        return Hint.CALM if event.value is False else Hint.PULSE
    if event.kind is EventKind.REBOOT:
        return Hint.TROUBLE
    return Hint.TROUBLE if event.kind in _TROUBLE and event.value is not False else Hint.PULSE


def _happened(event: CameraEvent) -> Happened | None:
    if event.first:
        return None
    on = event.value if isinstance(event.value, bool) else None
    return Happened(at_ms=event.at_ms, kind=event.kind.value, on=on)


def _finding(result: LayerResult, sighting: Sighting) -> Finding:
    cause = result.cause
    if result.layer is Layer.LOGIN and result.ok and Cause.REPLACED in sighting.notes:
        cause = Cause.REPLACED  # it takes our password, and is somebody else
    severity = Severity.NONE if cause is None else SEVERITY[cause]
    wrong = severity >= Severity.WARNING
    words = WORDS[cause] if cause is not None and wrong else None
    return Finding(
        layer=result.layer,
        ok=False if wrong else result.ok,
        ms=None if result.ms is None else float(result.ms),
        cause=cause.value if cause is not None and wrong else "",
        vi=words.vi if words else "",
        en=words.en if words else "",
        advice_vi=words.advice_vi if words else "",
        advice_en=words.advice_en if words else "",
        grave=severity >= Severity.CRITICAL,
        detail=result.detail,
    )


def _opened(door: Door) -> model.Door:
    return model.Door(
        host=door.host,
        port=door.port,
        tls=door.tls,
        fingerprint=door.fingerprint,
        user=door.user,
        password=Secret(door.password),
        credential=door.credential,
    )


def _remembered(memory: Mapping[str, Any]) -> Memory:
    try:
        return Memory.from_json(memory)
    except ValueError:  # of another version: it learns again
        return Memory()
