"""Thiết bị: what the registry knows of every camera and loudspeaker, whoever owns it. Nothing here was measured."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from devices.model import ClusterId, ZoneId, is_slug
from gateway.domain.addresses import DEVICES, reserved_problems
from gateway.domain.errors import Problem
from gateway.domain.targets import Registry

CameraId = NewType("CameraId", str)
"""Mã camera, a slug such as ``cam-diem-07``: on its label, in its QR code. Never its address, which may change."""

_HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63})*")
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_MOST_PORT = 65_535
_EARTH = {"latitude": 90.0, "longitude": 180.0, "map_x": 100.0, "map_y": 100.0}


class Owner(StrEnum):
    """Đơn vị sở hữu."""

    WARD = "ward"
    POLICE = "police"
    SCHOOL = "school"
    CREDIT_FUND = "credit_fund"
    CITIZEN = "citizen"
    OTHER = "other"

    @property
    def words(self) -> tuple[str, str]:
        """What people call it: Vietnamese, English."""
        return _OWNERS[self]


_OWNERS: Mapping[Owner, tuple[str, str]] = MappingProxyType(
    {
        Owner.WARD: ("UBND phường", "the ward"),
        Owner.POLICE: ("Công an", "the police"),
        Owner.SCHOOL: ("Trường học", "a school"),
        Owner.CREDIT_FUND: ("Quỹ tín dụng", "the credit fund"),
        Owner.CITIZEN: ("Hộ dân", "a household"),
        Owner.OTHER: ("Đơn vị khác", "somebody else"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """Lý lịch thiết bị: what stands on the box, in the contract and on the cabinet's door."""

    owner: Owner = Owner.WARD
    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    installed: date | None = None
    warranty_until: date | None = None
    """The last day of it."""
    contractor: str = ""
    """Đơn vị lắp đặt, bảo trì: who is called."""
    cabinet: str = ""
    """Tủ: what hangs on the same power."""
    switch: str = ""
    """What hangs on the same network switch, where a cabinet has several."""
    map_x: float | None = None
    """Percent of the ward's plain map from its left; for who has no coordinates."""
    map_y: float | None = None
    """Percent of the ward's plain map from its top."""
    notes: str = ""

    def in_warranty(self, today: date) -> bool | None:
        """Tell whether it is still under warranty; ``None``: nobody wrote down until when."""
        return None if self.warranty_until is None else today <= self.warranty_until


@dataclass(frozen=True, kw_only=True)
class Camera(Particulars):
    """One camera. Its password is not here: it is kept apart, sealed, and only ever written."""

    id: CameraId
    place: str
    """Vị trí, as people say it."""
    zone: ZoneId
    host: str = ""
    """Address or name in the ward's network; empty: it is listed and not watched."""
    port: int = 80
    tls: bool = False
    fingerprint: str = ""
    """SHA-256 of its certificate, accepted by a person; 64 hex digits."""
    user: str = ""
    mac: str = ""
    """Lower case, with colons."""
    uuid: str = ""
    """Its WS-Discovery endpoint."""
    profile: str = ""
    """ONVIF profiles, e.g. ``S, T``."""
    cluster: ClusterId | None = None
    """The loudspeaker cluster on the same pole: is the camera beside a mute cluster up too?"""
    latitude: float | None = None
    longitude: float | None = None
    pictures: bool = False
    """Chụp ảnh kiểm tra: off unless a person turned it on for this camera."""
    watched: bool = True

    @property
    def polled(self) -> bool:
        """Whether anybody asks it how it is."""
        return self.watched and bool(self.host)


def camera_problems(camera: Camera, registry: Registry, *, allow_local: bool = False) -> tuple[Problem, ...]:
    """List everything that is wrong with an entry of the registry, each with the field it is in.

    ``allow_local``: also addresses on this very machine, for simulated cameras.
    """
    found = [*_text_problems(camera), *particulars_problems(camera)]
    if camera.zone not in registry.zones:
        found.append(_wrong("zone", f"không có khu phố “{camera.zone}”", f"no zone “{camera.zone}”", "unknown_zone"))
    if camera.cluster is not None and camera.cluster not in registry.clusters:
        vi, en = f"không có cụm loa “{camera.cluster}”", f"no cluster “{camera.cluster}”"
        found.append(_wrong("cluster", vi, en, "unknown_cluster"))
    if camera.host:
        found += _address_problems(camera.host, allow_local=allow_local)
    return tuple(found)


def particulars_problems(known: Particulars) -> tuple[Problem, ...]:
    """List what is wrong with dates and positions."""
    found = []
    for field, most in _EARTH.items():
        value = getattr(known, field, None)
        least = 0.0 if field.startswith("map_") else -most
        if value is not None and not least <= value <= most:
            found.append(_wrong(field, f"phải từ {least:g} đến {most:g}", f"must be {least:g} to {most:g}"))
    if known.installed and known.warranty_until and known.warranty_until < known.installed:
        found.append(_wrong("warranty_until", "hết bảo hành trước ngày lắp", "ends before it was installed"))
    return tuple(found)


def _text_problems(camera: Camera) -> list[Problem]:
    found = []
    if not is_slug(camera.id):
        vi, en = "mã chỉ gồm chữ thường, số và gạch nối", "needs lower-case letters, digits and dashes"
        found.append(_wrong("id", vi, en))
    found += reserved_problems(DEVICES, camera.id)
    if not camera.place.strip():
        found.append(_wrong("place", "cần vị trí", "needs a place"))
    if not 1 <= camera.port <= _MOST_PORT:
        found.append(_wrong("port", "cổng từ 1 đến 65535", "must be 1 to 65535"))
    if camera.mac and not _MAC.fullmatch(camera.mac):
        found.append(_wrong("mac", "địa chỉ MAC dạng 00:11:22:aa:bb:cc", "must look like 00:11:22:aa:bb:cc"))
    if camera.fingerprint and not _FINGERPRINT.fullmatch(camera.fingerprint):
        found.append(_wrong("fingerprint", "cần 64 chữ số hex", "needs 64 hex digits"))
    return found


def _address_problems(host: str, *, allow_local: bool) -> list[Problem]:
    """Refuse what leads back to this machine or to everybody: a registry is no way to reach into the office."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        local = host.lower() == "localhost" or host.lower().endswith(".localhost")
        if not _HOST_NAME.fullmatch(host) or host.replace(".", "").isdigit():
            return [_wrong("host", "cần địa chỉ IP hoặc tên máy", "needs an IP address or a host name")]
        refused = local and not allow_local
    else:
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if address.is_multicast or address.is_unspecified or address.is_reserved:
            return [_wrong("host", "không phải địa chỉ của một máy", "is not the address of one machine")]
        cloud_like = address.version == 4 and address.is_link_local  # noqa: PLR2004 - 169.254/16; fe80:: is a neighbour
        refused = (address.is_loopback or cloud_like) and not allow_local
    if refused:
        return [_wrong("host", "địa chỉ của chính máy này, không nhận", "is this very machine's", "local_address")]
    return []


def _wrong(path: str, vi: str, en: str, code: str = "invalid") -> Problem:
    return Problem(code=code, vi=vi, en=en, path=path)
