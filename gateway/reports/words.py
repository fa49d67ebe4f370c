"""Chữ của báo cáo: what keys, outcomes and reasons are called in a report. Vietnamese, English."""

from collections.abc import Mapping
from types import MappingProxyType

from devices.model import Outcome, Priority, Source
from gateway.domain.category import Category
from gateway.domain.ids import CategoryId
from gateway.domain.reasons import reason_in_words
from gateway.domain.report_facts import Origin

Pair = tuple[str, str]

OUTCOMES: Mapping[str, Pair] = MappingProxyType(
    {
        Outcome.PARTIAL: ("Phát thiếu", "Played in part"),
        Outcome.SILENT: ("Phát mà không ra tiếng", "Played without a sound"),
        Outcome.INTERRUPTED: ("Bị ngắt", "Interrupted"),
        Outcome.SKIPPED: ("Bỏ qua", "Skipped"),
        Outcome.MISSED: ("Lỡ giờ", "Missed"),
        Outcome.FAILED: ("Lỗi", "Failed"),
        Outcome.REFUSED: ("Từ chối theo quy chế", "Refused by the rules"),
    }
)
SOURCES: Mapping[str, Pair] = MappingProxyType(
    {
        Source.CENTRAL: ("Trung ương", "Central"),
        Source.PROVINCE: ("Cấp tỉnh", "Province"),
        Source.WARD: ("Phường", "Ward"),
    }
)
ORIGINS: Mapping[str, Pair] = MappingProxyType(
    {
        Origin.OWN: ("Tự sản xuất", "Own"),
        Origin.RELAYED: ("Phát lại nội dung cấp trên", "From higher levels"),
    }
)
PRIORITIES: Mapping[str, Pair] = MappingProxyType(
    {
        Priority.ROUTINE: ("Thông thường", "Routine"),
        Priority.PRIORITY: ("Ưu tiên", "Priority"),
        Priority.EMERGENCY: ("Khẩn cấp", "Emergency"),
    }
)
STOCK: Mapping[str, Pair] = MappingProxyType(
    {
        "cluster.ip": ("Cụm loa thông minh (IP)", "IP loudspeaker clusters"),
        "cluster.fm": ("Cụm loa không dây (FM)", "FM clusters"),
        "cluster.wired": ("Cụm loa có dây", "Wired clusters"),
        "camera.ward": ("Camera của UBND phường", "Cameras of the ward"),
        "camera.police": ("Camera của Công an", "Cameras of the police"),
        "camera.school": ("Camera của trường học", "Cameras of schools"),
        "camera.credit_fund": ("Camera của Quỹ tín dụng", "Cameras of the credit fund"),
        "camera.citizen": ("Camera của hộ dân", "Cameras of households"),
        "camera.other": ("Camera của đơn vị khác", "Cameras of others"),
    }
)
_NO_CATEGORY = ("Ghi âm, không thuộc chuyên mục", "Recordings without a category")


def miss_words(outcome: str, why: str) -> Pair:
    """Say an outcome and its reason: ``Lỡ giờ: mất điện``. A play's codes are never shown."""
    vi, en = OUTCOMES.get(outcome, (outcome, outcome))
    if not why:
        return vi, en
    because = reason_in_words(why)
    return f"{vi}: {because[0]}", f"{en}: {because[1]}"


def category_words(key: str, categories: Mapping[CategoryId, Category]) -> Pair:
    """Return the name of a category; one that is gone keeps its key."""
    if not key:
        return _NO_CATEGORY
    known = categories.get(CategoryId(key))
    return (known.label_vi, known.label_en) if known else (key, key)
