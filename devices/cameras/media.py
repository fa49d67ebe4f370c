"""Dịch vụ hình: where a camera's streams and pictures are. Asked for once a day, never followed off its own host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from lxml import etree

from devices.cameras import readings
from devices.cameras.addresses import service_place, snapshot_place, stream_place
from devices.cameras.login import Login
from devices.cameras.soap import DEVICE, EVENTS, MEDIA, MEDIA2
from devices.cameras.veil import veiled
from devices.errors import CameraTrouble
from devices.model.camera import Cause, Door, Memory, VideoProfile
from devices.model.camera_cause import LOGIN_REFUSED

_CAPABILITY = {"Media": MEDIA, "Events": EVENTS}
_RTSP_SETUP = (
    "<m:StreamSetup><t:Stream>RTP-Unicast</t:Stream><t:Transport><t:Protocol>RTSP</t:Protocol></t:Transport>"
    "</m:StreamSetup>"
)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a camera offers, as far as it says. ``memory`` knows all of it."""

    memory: Memory
    cause: Cause | None = None
    """Why there is no stream."""
    detail: str = ""
    notes: tuple[Cause, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether it said: not with this password, or not without one."""
        return not {self.cause, *self.notes}.isdisjoint(LOGIN_REFUSED)


async def offered(login: Login, door: Door, memory: Memory, now_ms: int) -> Offer:
    """Ask for services, profiles and addresses, over the line of ``login``."""
    found, notes = await _services(login)
    places = {name: service_place(said, door) for name, said in found.items()}
    mismatch = any(place.mismatch for place in places.values())

    def path_of(namespace: str) -> str:
        return places[namespace].path if namespace in places else ""

    memory = replace(
        memory,
        media_path=path_of(MEDIA), media2_path=path_of(MEDIA2), events_path=path_of(EVENTS),
        xaddr_mismatch=mismatch, media_since_ms=now_ms, profiles=(), profile="", codec="",
        stream_path="", stream_port=0, snapshot_path="", snapshot_port=0,
    )  # fmt: skip
    memory, cause, detail = await _media(login, door, memory)
    if memory.xaddr_mismatch:
        notes = (*notes, Cause.XADDR_MISMATCH)
    return Offer(memory=memory, cause=cause, detail=detail, notes=notes)


def chosen(profiles: Sequence[VideoProfile]) -> VideoProfile | None:
    """Return the profile that is looked at: the smallest picture, for it costs least and shows as much."""
    usable = [each for each in profiles if each.token and each.width and each.height]
    return min(usable, key=lambda each: each.width * each.height, default=None)


async def _services(login: Login) -> tuple[Mapping[str, str], tuple[Cause, ...]]:
    """Return addresses by namespace; a camera that does not list them is asked in the older way."""
    _, verdict = await login.call(DEVICE, "GetServices", "<m:IncludeCapability>false</m:IncludeCapability>")
    if verdict.ok and verdict.content is not None:
        found = readings.services(verdict.content)
        if found:
            return found, ()
    _, verdict = await login.call(DEVICE, "GetCapabilities", "<m:Category>All</m:Category>")
    if verdict.ok and verdict.content is not None:
        named = readings.capabilities(verdict.content)
        return {_CAPABILITY[name]: said for name, said in named.items() if name in _CAPABILITY}, ()
    return {}, () if verdict.cause is None else (verdict.cause,)


async def _media(login: Login, door: Door, memory: Memory) -> tuple[Memory, Cause | None, str]:
    """Fill in profiles and addresses; return why there is no stream."""
    if not memory.media_path and not memory.media2_path:
        return memory, Cause.NO_VIDEO_SERVICE, "không có dịch vụ media / no media service"
    namespace, path = (MEDIA, memory.media_path) if memory.media_path else (MEDIA2, memory.media2_path)
    try:
        answer = await _told(login, namespace, "GetProfiles", "<m:Type>All</m:Type>" * (namespace == MEDIA2), path)
        profiles = readings.profiles(answer) if answer is not None else ()
        memory = replace(memory, profiles=profiles)
        profile = chosen(profiles)
        if profile is None:
            why = (
                "hồ sơ không có bộ mã / no encoder in its profiles" if profiles else "không có hồ sơ hình / no profile"
            )
            return memory, Cause.NO_VIDEO_SERVICE, why
        memory = replace(memory, profile=profile.token, codec=profile.codec)
        token = f"<m:ProfileToken>{escape(profile.token)}</m:ProfileToken>"
        memory = await _snapshot(login, door, memory, namespace, path)
        setup = _RTSP_SETUP if namespace == MEDIA else "<m:Protocol>RtspUnicast</m:Protocol>"
        answer = await _told(login, namespace, "GetStreamUri", f"{setup}{token}", path)
        said = readings.uri(answer) if answer is not None else ""
        if not said:
            return memory, Cause.NO_VIDEO_SERVICE, "không có địa chỉ luồng hình / no address of a stream"
        place = stream_place(said, door)
    except CameraTrouble as trouble:
        return memory, Cause(trouble.cause), trouble.detail
    mismatch = memory.xaddr_mismatch or place.mismatch
    path = veiled(place.path, door)
    return replace(memory, stream_path=path, stream_port=place.port, xaddr_mismatch=mismatch), None, ""


async def _snapshot(login: Login, door: Door, memory: Memory, namespace: str, path: str) -> Memory:
    """Fill in where pictures are; a camera without them is none the worse.

    Raises:
        CameraTrouble: no answer, or an address that no camera gives by accident.
    """
    token = f"<m:ProfileToken>{escape(memory.profile)}</m:ProfileToken>"
    answer = await _told(login, namespace, "GetSnapshotUri", token, path)
    said = readings.uri(answer) if answer is not None else ""
    if not said:
        return memory
    place = snapshot_place(said, door)
    mismatch = memory.xaddr_mismatch or place.mismatch
    return replace(memory, snapshot_path=veiled(place.path, door), snapshot_port=place.port, xaddr_mismatch=mismatch)


async def _told(login: Login, namespace: str, action: str, inside: str, path: str) -> etree._Element | None:
    """Return an answer; None: the camera does not offer that.

    Raises:
        CameraTrouble: no answer at all, or none that can be read.
    """
    _, verdict = await login.call(namespace, action, inside, path=path)
    if verdict.cause is not None:
        raise CameraTrouble(verdict.cause, f"{action}: {verdict.detail}")
    return verdict.content
