"""Lời của cảnh báo: what poles say in codes, said in words, both languages. Pure; a code nobody knows has words too."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType

from devices.model import OccurrenceId
from gateway.services.diagnosis import fault_in_words

Pair = tuple[str, str]
"""Vietnamese, English."""

_OTHER: Pair = ("lý do khác, xem trang của cụm", "another reason, see the cluster's page")
_WHY: Mapping[str, Pair] = MappingProxyType(
    {
        "late": ("đến giờ chưa sẵn sàng", "not ready at its hour"),
        "power": ("mất điện", "power was cut"),
        "clock": ("đồng hồ chưa đúng", "its clock was not right"),
        "asset_missing": ("thiếu tệp âm thanh", "the audio was missing"),
        "no_sound_came_out": ("không có âm thanh ra", "no sound came out"),
        "silence_inside": ("có đoạn im bên trong", "there is silence inside"),
        "overridden": ("nhường lượt khác", "gave way to another"),
        "underrun": ("âm thanh bị ngắt quãng", "the sound broke off at times"),
        "cut_short": ("bị cắt sớm", "it was cut short"),
        "fault": ("bộ phát lỗi", "the player failed"),
        "disk": ("bộ nhớ của cụm hỏng", "its storage failed"),
        "no_card": ("không có card âm thanh", "no sound card"),
        "journal_lost": ("nhật ký bị mất", "the journal was lost"),
        "journal_damaged": ("nhật ký bị hỏng", "the journal was damaged"),
        "stopped": ("có người dừng", "somebody stopped it"),
        "emergency": ("nhường phát khẩn cấp", "gave way to an emergency"),
        "silence": ("đang IM LẶNG", "the ward was silenced"),
        "lower_priority": ("nhường lượt ưu tiên hơn", "gave way to a higher priority"),
        "no_result": ("nhật ký không ghi kết quả", "the journal tells no result"),
        "no_evidence": ("không có số đo kèm theo", "nothing measured came with it"),
        "too_quiet": ("tiếng quá nhỏ", "too quiet to be heard"),
        "amplifier_off": ("âm ly tắt", "the amplifier was off"),
        "microphone_heard_nothing": ("micro tại cụm không nghe thấy", "the microphone heard nothing"),
        "frames_missing": ("âm thanh ra thiếu", "part of the sound is missing"),
        "other_audio": ("phát bản âm thanh khác", "other audio than was promised"),
        "shorter_than_planned": ("ngắn hơn lịch", "shorter than planned"),
        "wrong_hour": ("sai giờ hẹn", "at another hour than promised"),
        "no_word": ("cụm không báo gì", "no word came"),
        "malformed": ("không đọc được", "it could not be read"),
        "not_for_me": ("không phải cho cụm này", "it is for another one"),
        "rollback": ("cũ hơn bản cụm đang giữ", "older than what it holds"),
    }
)


def in_words(code: str) -> Pair:
    """Say why something did not happen; a code of a newer pole is named as another reason."""
    return _WHY.get(code, _OTHER)


def faults_in_words(codes: Iterable[str]) -> Pair:
    """Say the faults a pole reports, each once."""
    said = list(dict.fromkeys(map(fault_in_words, codes)))
    return " ".join(vi for vi, _ in said), " ".join(en for _, en in said)


def hour_of(occ: OccurrenceId | str) -> str:
    """Say the local hour that an airing is named after, in brackets; nothing for one that no schedule named."""
    local = _local(occ)
    return f" ({local:%H:%M %d/%m})" if local is not None else ""


def zone_of(occ: OccurrenceId | str) -> tzinfo:
    """Return the local time of the airing ``occ``; UTC when no schedule named it."""
    local = _local(occ)
    return (local.tzinfo if local is not None else None) or UTC


def _local(occ: str) -> datetime | None:
    try:
        return datetime.fromisoformat(occ.rpartition("@")[2])
    except ValueError:
        return None
