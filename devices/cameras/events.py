"""Sự kiện: what a camera tells by itself, through a PullPoint: motion, tampering, a reboot. Polling goes on beside it.

A subscription lives ten minutes and is renewed at eight; where that is not offered another is made when it has ended.
None is ever unsubscribed: some cameras end everybody's subscription with it. Whatever stops the events is told once, as
`CameraTrouble`; who listens waits and comes again.
"""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from lxml import etree

from devices.cameras.addresses import Policy, resolve, service_place
from devices.cameras.judge import Verdict
from devices.cameras.limits import Limits
from devices.cameras.line import Line
from devices.cameras.login import Login
from devices.cameras.soap import EVENTS, NOTIFICATION
from devices.cameras.veil import veiled_words
from devices.clock import Clock
from devices.errors import CameraTrouble
from devices.model.camera import Cause, Door, Memory, clean

LIVES_S, RENEWED_S = 600, 480
PULL_S = 60
MOST_AT_ONCE = 100
_MARGIN_S, _BREATH_S, _MS = 10.0, 1.0, 1_000
_TRUE = frozenset({"true", "1", "on", "yes"})


class EventKind(StrEnum):
    """What events are about, as far as health goes."""

    MOTION = "motion"
    TAMPER = "tamper"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRY = "blurry"
    SCENE_CHANGE = "scene_change"
    SIGNAL_LOSS = "signal_loss"
    REBOOT = "reboot"
    STORAGE = "storage"
    OTHER = "other"


_TOPICS: Sequence[tuple[re.Pattern[str], EventKind]] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"ImageTooDark", EventKind.TOO_DARK),
        (r"ImageTooBright", EventKind.TOO_BRIGHT),
        (r"ImageTooBlurry", EventKind.BLURRY),
        (r"GlobalSceneChange", EventKind.SCENE_CHANGE),
        (r"(Signal|Video)Loss|ConnectionFailed", EventKind.SIGNAL_LOSS),
        (r"Tamper", EventKind.TAMPER),
        (r"OperatingTime/Last(Reboot|Reset)", EventKind.REBOOT),
        (r"StorageFailure", EventKind.STORAGE),
        (r"Motion", EventKind.MOTION),
    )
)


@dataclass(frozen=True, kw_only=True)
class CameraEvent:
    """One message. ``at_ms`` is ours: cameras' clocks lie."""

    at_ms: int
    kind: EventKind
    topic: str
    value: bool | str
    """Its state, where it has one; else its words."""
    first: bool
    """It tells how things stood when we subscribed, and not that something happened."""


def _nobody() -> None:
    """Nobody wants to know that it still answers."""


async def listen(
    door: Door,
    memory: Memory,
    *,
    limits: Limits,
    clock: Clock,
    policy: Policy,
    pull_s: int = PULL_S,
    pulse: Callable[[], None] = _nobody,
) -> AsyncIterator[CameraEvent]:
    """Yield events for as long as the camera gives them. ``pulse`` is called at each answer, an empty one too.

    A password that was refused lately is not sent: the looks are the ones to try it.

    Raises:
        CameraTrouble: it does not offer them, refuses, or stopped; ``cause`` `EVENTS_LOST` where it is well otherwise.
    """
    if not memory.events_path or memory.auth is None:
        raise CameraTrouble(Cause.EVENTS_LOST, "không có dịch vụ sự kiện / no event service")
    if memory.wrong_logins or clock.now_ms() < memory.paused_until_ms:
        raise CameraTrouble(Cause.AUTH_PAUSED, "mật khẩu vừa bị từ chối / the password was refused lately")
    address = await resolve(door.host, policy, timeout_s=limits.connect_s)
    pinned = door.fingerprint or memory.fingerprint
    patient = replace(limits, deadline_s=pull_s + _MARGIN_S)
    async with Line(door, address, patient, clock, fingerprint=pinned) as line:
        login = Login(line, memory, patient, clock)
        login.kind = memory.auth
        while True:
            path = await _subscribe(login, line, door, limits)
            async for event in _pulled(login, line, path, clock, pull_s=pull_s, pulse=pulse):
                yield event


async def _subscribe(login: Login, line: Line, door: Door, limits: Limits) -> str:
    """Return the path of a new subscription."""
    line.begin(limits.deadline_s)
    inside = f"<m:InitialTerminationTime>PT{LIVES_S}S</m:InitialTerminationTime>"
    where = login.memory.events_path
    _, verdict = await login.call(EVENTS, "CreatePullPointSubscription", inside, path=where, to=_to(door, where))
    content = _good(verdict, "CreatePullPointSubscription", door)
    said = (content.findtext(".//{*}SubscriptionReference/{*}Address") or "").strip()
    return service_place(said, door).path if said else where


async def _pulled(
    login: Login, line: Line, path: str, clock: Clock, *, pull_s: int, pulse: Callable[[], None]
) -> AsyncIterator[CameraEvent]:
    """Yield the events of one subscription until it has to be made anew."""
    renewed_ns = made_ns = clock.mono_ns()
    renews = True
    inside = f"<m:Timeout>PT{pull_s}S</m:Timeout><m:MessageLimit>{MOST_AT_ONCE}</m:MessageLimit>"
    while True:
        line.begin()
        seen, verdict = await login.call(EVENTS, "PullMessages", inside, path=path, to=_to(line.door, path))
        if verdict.gone and (clock.mono_ns() - made_ns) / 1e9 > RENEWED_S:
            return  # it ended as it should: a new one
        content = _good(verdict, "PullMessages", line.door)
        pulse()
        messages = list(islice(content.iter(f"{{{NOTIFICATION}}}NotificationMessage"), MOST_AT_ONCE))
        for message in messages:
            yield _event(message, clock.now_ms())
        if seen.ms < _MS * _BREATH_S:
            await clock.sleep(_BREATH_S)  # it does not wait as asked, or floods: we wait
        if renews and (clock.mono_ns() - renewed_ns) / 1e9 > RENEWED_S:
            line.begin()
            until = f"<m:TerminationTime>PT{LIVES_S}S</m:TerminationTime>"
            _, verdict = await login.call(NOTIFICATION, "Renew", until, path=path, to=_to(line.door, path))
            renews = verdict.ok
            renewed_ns = clock.mono_ns() if renews else renewed_ns


def _good(verdict: Verdict, action: str, door: Door) -> etree._Element:
    if verdict.cause is not None or verdict.content is None:
        detail = f"{action}: {veiled_words(verdict.detail, door)}"
        raise CameraTrouble(verdict.cause or Cause.EVENTS_LOST, detail)
    return verdict.content


def _to(door: Door, path: str) -> str:
    host = door.host.partition("%")[0]
    host = f"[{host}]" if ":" in host else host
    return f"http{'s' if door.tls else ''}://{host}:{door.port}{path}"


def _event(message: etree._Element, now_ms: int) -> CameraEvent:
    topic = clean("".join((message.findtext("{*}Topic") or "").split()), 128)
    kind = next((kind for pattern, kind in _TOPICS if pattern.search(topic)), EventKind.OTHER)
    inner = message.find(".//{http://www.onvif.org/ver10/schema}Message")
    item = inner.find(".//{*}Data/{*}SimpleItem") if inner is not None else None
    said = clean(item.get("Value", ""), 128) if item is not None else ""
    value: bool | str = said.lower() in _TRUE if said.lower() in _TRUE | {"false", "0", "off", "no"} else said
    first = inner is not None and inner.get("PropertyOperation", "") == "Initialized"
    return CameraEvent(at_ms=now_ms, kind=kind, topic=topic, value=value, first=first)
