"""Đọc câu trả lời: what the elements of good answers say. A value that is no value is an error, an absent one is not.

Cameras leave out, add and reorder elements; all is found by local name, wherever it stands.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from lxml import etree

from devices.errors import CameraTrouble
from devices.model.camera import Cause, DeviceInfo, VideoProfile, clean

_EARLIEST_YEAR, _LATEST_YEAR = 2020, 2100
_TIME_ZONE = re.compile(r"(?:[A-Za-z]{1,6}|<[^>]{1,8}>)([+-]?\d{1,2})(?::(\d{2}))?")
_MOST_PROFILES = 64
_BIGGEST = 20_000


@dataclass(frozen=True)
class CameraTime:
    """What a camera's clock shows. ``at`` None: nothing, or nothing that is a date."""

    at: datetime | None
    sensible: bool = True
    """Whether it is of our years."""
    said: str = ""


def camera_time(answer: etree._Element) -> CameraTime:
    """Read GetSystemDateAndTime.

    Raises:
        CameraTrouble: words where numbers belong.
    """
    for name in ("UTCDateTime", "LocalDateTime"):
        element = answer.find(f".//{{*}}{name}")
        if element is None or element.find("{*}Date") is None:
            continue
        year, month, day = (_number(element, f"Date/{part}") for part in ("Year", "Month", "Day"))
        hour, minute, second = (_number(element, f"Time/{part}") for part in ("Hour", "Minute", "Second"))
        said = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        try:
            at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
            if name == "LocalDateTime":
                at -= _zone(clean(answer.findtext(".//{*}TZ"), 40))
        except (ValueError, OverflowError):
            return CameraTime(None, sensible=False, said=said)
        return CameraTime(at, sensible=_EARLIEST_YEAR <= at.year < _LATEST_YEAR, said=said)
    return CameraTime(None)


def header_time(date: str) -> datetime | None:
    """Read HTTP's ``Date``: what a camera shows that does not tell its time without a password."""
    try:
        at = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)


def device_info(answer: etree._Element) -> DeviceInfo:
    """Read GetDeviceInformation.

    Raises:
        CameraTrouble: it names nothing at all.
    """
    names = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")
    maker, model, firmware, serial, hardware = (clean(answer.findtext(f"{{*}}{name}")) for name in names)
    if not any((maker, model, firmware, serial)):
        raise CameraTrouble(Cause.PROTOCOL_ERROR, "a device without maker, model and serial number")
    return DeviceInfo(maker=maker, model=model, firmware=firmware, serial=serial, hardware=hardware)


def services(answer: etree._Element) -> dict[str, str]:
    """Read GetServices: address by namespace."""
    found = {}
    for each in answer.findall(".//{*}Service"):
        found[clean(each.findtext("{*}Namespace"))] = (each.findtext("{*}XAddr") or "").strip()[:1024]
    return found


def capabilities(answer: etree._Element) -> dict[str, str]:
    """Read GetCapabilities: address by the element's name, e.g. ``Media``."""
    found = {}
    for each in answer.findall(".//{*}Capabilities/*"):
        address = each.findtext("{*}XAddr")
        if address is not None:
            found[etree.QName(each).localname] = address.strip()[:1024]
    return found


def profiles(answer: etree._Element) -> tuple[VideoProfile, ...]:
    """Read GetProfiles of either media service.

    Raises:
        CameraTrouble: words where numbers belong.
    """
    found = []
    for each in answer.findall("{*}Profiles")[:_MOST_PROFILES]:
        encoder = each.find(".//{*}VideoEncoderConfiguration")
        if encoder is None:
            encoder = each.find(".//{*}VideoEncoder")
        token = each.get("token", "")
        found.append(
            VideoProfile(
                name=clean(each.findtext("{*}Name"), 64),
                token=token if len(token) <= 64 and token.isprintable() else "",  # noqa: PLR2004 - the standard's
                codec=_codec(clean(encoder.findtext("{*}Encoding"), 16)) if encoder is not None else "",
                width=_number(encoder, "Resolution/Width"),
                height=_number(encoder, "Resolution/Height"),
                fps=float(_number(encoder, "RateControl/FrameRateLimit")),
            )
        )
    return tuple(found)


def uri(answer: etree._Element) -> str:
    """Read GetStreamUri and GetSnapshotUri; empty where there is none."""
    text = "".join((answer.findtext(".//{*}Uri") or "").split())
    return "" if text.lower() in {"none", "null"} else text


def _codec(text: str) -> str:
    plain = text.upper().replace(".", "").replace("-", "")
    return {"HEVC": "H265", "AVC": "H264"}.get(plain, plain)


def _number(element: etree._Element | None, path: str) -> int:
    """Return a whole number, 0 where there is none."""
    if element is None:
        return 0
    text = (element.findtext("/".join(f"{{*}}{part}" for part in path.split("/"))) or "").strip()
    if not text:
        return 0
    try:
        value = int(float(text))
    except (ValueError, OverflowError) as error:
        raise CameraTrouble(Cause.PROTOCOL_ERROR, f"{path} is {clean(text, 40)!r}") from error
    if not 0 <= value <= _BIGGEST:
        raise CameraTrouble(Cause.PROTOCOL_ERROR, f"{path} is {value}")
    return value


def _zone(text: str) -> timedelta:
    """Read a POSIX time zone without summer time: ``ICT-7`` is seven hours ahead of UTC.

    Raises:
        ValueError: it is another kind.
    """
    found = _TIME_ZONE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hours = int(found[1])
    return timedelta(hours=-hours, minutes=-int(found[2] or 0) * (1 if hours >= 0 else -1))
