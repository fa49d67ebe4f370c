"""The words of the status page: states said in full, never by colour alone."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from devices.model import Outcome
from devices.wire.reports import Activity
from gateway.ports.records import Severity
from gateway.services.presence import Live, Presence

PRESENCE: Mapping[Presence, str] = MappingProxyType(
    {
        Presence.UNENROLLED: "chưa ghi danh",
        Presence.UNKNOWN: "chưa rõ (đang chờ tín hiệu)",
        Presence.ONLINE: "trực tuyến",
        Presence.LOST: "MẤT KẾT NỐI",
    }
)
ACTIVITY: Mapping[Activity, str] = MappingProxyType(
    {
        Activity.IDLE: "đang chờ",
        Activity.ARMED: "sắp phát",
        Activity.PLAYING: "ĐANG PHÁT",
        Activity.PAUSED: "tạm dừng",
        Activity.SILENCED: "im lặng",
        Activity.MAINTENANCE: "bảo trì",
    }
)
OUTCOME: Mapping[Outcome | None, str] = MappingProxyType(
    {
        Outcome.PLAYED: "đã phát đủ",
        Outcome.PARTIAL: "phát thiếu",
        Outcome.SILENT: "phát mà không ra tiếng",
        Outcome.INTERRUPTED: "bị ngắt",
        Outcome.SKIPPED: "bỏ qua",
        Outcome.MISSED: "lỡ giờ",
        Outcome.FAILED: "lỗi",
        Outcome.REFUSED: "từ chối theo quy chế",
        Outcome.UNPROVEN: "KHÔNG CÓ BẰNG CHỨNG",
        None: "đang chờ kết quả",
    }
)
SEVERITY: Mapping[Severity, str] = MappingProxyType(
    {Severity.CRITICAL: "NGHIÊM TRỌNG", Severity.WARNING: "Cảnh báo", Severity.INFO: "Lưu ý"}
)


def of_cluster(live: Live | None) -> str:
    """Say how a cluster is."""
    if live is None:
        return "không điều khiển từ xa (FM hoặc có dây)"
    if not live.online:
        return PRESENCE[live.presence]
    return f"{PRESENCE[Presence.ONLINE]}, {ACTIVITY[live.activity]}"


def countdown(left: timedelta) -> str:
    """Say how long it is until an airtime."""
    seconds = int(left.total_seconds())
    if seconds <= 0:
        return "đang phát"
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    if days:
        return f"còn {days} ngày {hours} giờ"
    if hours:
        return f"còn {hours} giờ {minutes} phút"
    return f"còn {minutes} phút {seconds} giây" if minutes else f"còn {seconds} giây"
