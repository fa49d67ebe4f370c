"""Cách đọc: the settings of a reading, and nothing else."""

from dataclasses import dataclass
from enum import StrEnum


class DocumentStyle(StrEnum):
    """How the number of an official document is said."""

    FULL = "full"
    """Every part: "bốn mươi hai năm hai nghìn không trăm hai mươi hai nghị định chính phủ"."""
    SHORT = "short"
    """The kind is not said twice: "nghị định số bốn mươi hai năm ... của chính phủ"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Northern by default; the South says "ngàn", "lẻ", "hai mươi bốn", "mồng" and "xuyệt"."""

    thousand: str = "nghìn"
    odd: str = "linh"
    four: str = "tư"
    """Of 24, 34: "hai mươi tư"; the South says "hai mươi bốn". "Thứ tư" and "tháng tư" are said everywhere."""
    first_days: str = "mùng"
    slash: str = "trên"
    """In a house number: "mười hai trên năm"."""
    documents: DocumentStyle = DocumentStyle.FULL


NORTHERN = Reading()
SOUTHERN = Reading(thousand="ngàn", odd="lẻ", four="bốn", first_days="mồng", slash="xuyệt")
REGIONS = {"north": NORTHERN, "south": SOUTHERN}
"""By the names a setting and a command line use."""
