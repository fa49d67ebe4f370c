"""Lý do: why a play was not heard whole and on time, in words, Vietnamese and English. Pure.

Poles and the gateway's own judging say it in codes; pages, alarms and reports all say it in these words.
"""

from collections.abc import Mapping
from types import MappingProxyType

Pair = tuple[str, str]
"""Vietnamese, English. Small letters: it stands inside a sentence."""

BY = "by:"
"""Before what interrupted a play: a person, a rule, or the name of another airing."""
_BY_AN_EMERGENCY = "by:em-"
_PERSON: Pair = ("có người dừng", "somebody stopped it")
_SILENCED: Pair = ("đang IM LẶNG", "the ward was silenced")
_CLOCK: Pair = ("đồng hồ của cụm chưa đúng", "its clock was not right")
_FORGED: Pair = ("chữ ký không đúng", "its signature does not hold")
_HIGHER: Pair = ("nhường lượt ưu tiên hơn", "gave way to a higher priority")

REASONS: Mapping[str, Pair] = MappingProxyType(
    {
        # it never began
        "power": ("mất điện", "power was cut"),
        "clock": _CLOCK,
        "clock_unsynced": _CLOCK,
        "late": ("đến giờ chưa sẵn sàng", "not ready at its hour"),
        "expired": ("quá hạn", "it came too late"),
        "asset_missing": ("thiếu tệp âm thanh", "the audio was missing"),
        "nothing_to_play": ("không có gì để phát", "there was nothing to play"),
        "no_card": ("không có card âm thanh", "no sound card"),
        "disk": ("bộ nhớ của cụm hỏng", "its storage failed"),
        "disk_full": ("bộ nhớ của cụm đầy", "its storage was full"),
        "fault": ("bộ phát lỗi", "the player failed"),
        "maintenance": ("cụm đang sửa chữa", "the cluster was under repair"),
        # the rules
        "no_policy": ("cụm chưa có quy chế phát", "it had no air rules yet"),
        "quiet_hours": ("ngoài khung giờ cho phép", "outside the allowed hours"),
        "weekday": ("ngày không được phát", "not on this weekday"),
        "too_long": ("buổi phát dài quá quy chế", "longer than the rules allow"),
        "too_many_sessions": ("quá số buổi trong ngày", "too many sessions that day"),
        "no_music": ("giờ không được phát nhạc", "no music at that hour"),
        # it was not taken up
        "malformed": ("không đọc được", "it could not be read"),
        "not_for_me": ("không phải cho cụm này", "it is for another one"),
        "rollback": ("cũ hơn bản cụm đang giữ", "older than what it holds"),
        "old_epoch": ("của dữ liệu trước lần phục hồi", "from before the data were restored"),
        "dup_occurrence": ("cụm đã có lượt này", "it has this broadcast already"),
        "too_far_ahead": ("giờ phát còn quá xa", "its hour is too far ahead"),
        "bad_signature": _FORGED,
        "bad_key": _FORGED,
        "bad_keyring": _FORGED,
        "key_not_allowed": _FORGED,
        "unknown_key": _FORGED,
        "wrong_pin": ("sai mã PIN", "the PIN was wrong"),
        "link_down": ("mất liên lạc với cụm", "the link was down"),
        "playing": ("cụm đang phát", "it was playing"),
        "not_playing": ("không có gì đang phát", "nothing was playing"),
        "not_paused": ("không có gì tạm dừng", "nothing was paused"),
        # it was cut
        "person": _PERSON,
        "stopped": _PERSON,
        "silence": _SILENCED,
        "silenced": _SILENCED,
        "emergency": ("nhường phát khẩn cấp", "gave way to an emergency"),
        "lower_priority": _HIGHER,
        "overridden": _HIGHER,
        "paused": ("tạm dừng quá lâu", "paused for too long"),
        "overrun": ("bộ phát chạy quá giờ", "the player ran over its time"),
        "time_limit": ("hết thời gian báo động", "the alert's time was over"),
        "another": ("nhường lượt phát khác", "gave way to another broadcast"),
        "clip": ("chuyển sang lời báo động", "the spoken alert took over"),
        "cut_short": ("bị cắt sớm", "it was cut short"),
        "underrun": ("âm thanh bị ngắt quãng", "the sound broke off at times"),
        # nobody can have heard it, or all of it
        "no_sound_came_out": ("không có âm thanh ra", "no sound came out"),
        "no_loudspeaker": ("không có loa nối vào", "no loudspeaker was connected"),
        "muted": ("cụm bị tắt tiếng", "the cluster was muted"),
        "silent_audio": ("tệp âm thanh không có tiếng", "the audio was silent"),
        "silence_inside": ("có đoạn im bên trong", "there is silence inside"),
        "amplifier_off": ("âm ly tắt", "the amplifier was off"),
        "microphone_heard_nothing": ("micro tại cụm không nghe thấy", "the microphone heard nothing"),
        "too_quiet": ("tiếng quá nhỏ, dân không nghe được", "too quiet to be heard"),
        # what is known of it does not prove what was promised
        "frames_missing": ("âm thanh ra thiếu", "part of the sound is missing"),
        "other_audio": ("phát bản âm thanh khác bản đã hẹn", "other audio than was promised"),
        "shorter_than_planned": ("ngắn hơn lịch", "shorter than planned"),
        "wrong_hour": ("sai giờ hẹn", "at another hour than promised"),
        "no_result": ("nhật ký không ghi kết quả", "the journal tells no result"),
        "no_evidence": ("không có số đo kèm theo", "nothing measured came with it"),
        "no_word": ("cụm không báo gì", "no word came from it"),
        "journal_lost": ("nhật ký bị mất", "the journal was lost"),
        "journal_damaged": ("nhật ký bị hỏng", "the journal was damaged"),
        "other": ("lý do khác", "another reason"),
    }
)
_FIRST: Mapping[Pair, str] = MappingProxyType({words: code for code, words in reversed(list(REASONS.items()))})


def reason_of(code: str) -> str:
    """Return the one code for all that are said in the same words: plays are counted by it. ``""``: no reason.

    What another airing interrupted gave way to it; a code of a newer pole is another reason.
    """
    if not code:
        return ""
    if code.startswith(_BY_AN_EMERGENCY):
        return "emergency"
    known = REASONS.get(code.removeprefix(BY))
    if known is None:
        return "another" if code.startswith(BY) else "other"
    return _FIRST[known]


def reason_in_words(code: str) -> Pair:
    """Say why, in words; ``code`` itself is never shown."""
    return REASONS[reason_of(code) or "other"]
