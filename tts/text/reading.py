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
    """Northern by default; the South says "ngàn" and "lẻ"."""

    thousand: str = "nghìn"
    odd: str = "linh"
    documents: DocumentStyle = DocumentStyle.FULL


NORTHERN = Reading()
SOUTHERN = Reading(thousand="ngàn", odd="lẻ")
