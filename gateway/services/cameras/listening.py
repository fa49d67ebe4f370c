"""Sự kiện camera: how it stands with what one camera tells by itself, for screens. It decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.ports.cameras import Happened


class Events(StrEnum):
    """Sự kiện, as the API says."""

    LIVE = "live"
    """It tells by itself, besides being looked at in its turn."""
    POLLING = "polling"
    """It is looked at in its turn, and no more."""


class Why(StrEnum):
    """Vì sao chỉ kiểm tra theo lượt: why its events do not come."""

    UNWATCHED = "unwatched"
    UNKNOWN = "unknown"
    """Nobody asked yet what it offers."""
    NOT_OFFERED = "not_offered"
    NOT_WELL = "not_well"
    """It does not answer, or does not take our password: first that."""
    ASKING = "asking"
    """A subscription is being made, or is about to be."""
    FULL = "full"
    """As many as may be are listened to; it gets the next place."""
    STOPPED = "stopped"
    """It refused, or ended them."""
    SILENT = "silent"
    """It took a subscription and then said nothing at all."""
    LIED = "lied"
    """Alarm after alarm that no look bore out."""

    @property
    def words(self) -> tuple[str, str]:
        """Say it: Vietnamese, English."""
        return _WORDS[self]


_WORDS: Mapping[Why, tuple[str, str]] = {
    Why.UNWATCHED: ("camera này không được theo dõi", "it is not watched"),
    Why.UNKNOWN: ("chưa biết camera có báo sự kiện không", "whether it offers events is not known yet"),
    Why.NOT_OFFERED: ("camera không có dịch vụ sự kiện", "it offers no events"),
    Why.NOT_WELL: ("camera chưa trả lời hoặc chưa nhận mật khẩu", "it does not answer, or refuses the password"),
    Why.ASKING: ("đang đăng ký nhận sự kiện", "a subscription is being made"),
    Why.FULL: ("đã nghe đủ số camera cho phép", "as many as may be are listened to"),
    Why.STOPPED: ("camera từ chối hoặc ngừng báo", "it refused, or stopped them"),
    Why.SILENT: ("camera nhận đăng ký rồi im lặng", "it took a subscription and said nothing"),
    Why.LIED: ("camera báo động nhiều lần mà kiểm tra không thấy gì", "its alarms were not borne out by looks"),
}


@dataclass(frozen=True, kw_only=True)
class Listening:
    """How it stands with one camera's events."""

    events: Events
    why: Why | None = None
    """``None`` while they come."""
    detail: str = ""
    """The driver's words, for the technician; no password is in it."""
    since_ms: int | None = None
    """Since when they come."""
    again_ms: int | None = None
    """When they are asked for again, where they are left alone."""
    last: Happened | None = None
    """The newest thing that it told, since the gateway started."""
