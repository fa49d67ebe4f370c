"""Mức ưu tiên: the three classes of Circular 39/2020/TT-BTTTT, and the ladder they stand on."""

from enum import IntEnum, StrEnum


class Priority(StrEnum):
    """Thông thường / ưu tiên / khẩn cấp."""

    ROUTINE = "routine"
    PRIORITY = "priority"
    EMERGENCY = "emergency"


class Level(IntEnum):
    """The ladder of domain.md section 6.1: the higher number is heard, the lower gives way."""

    SILENCE = 255
    EMERGENCY_CENTRAL = 250
    EMERGENCY_PROVINCE = 245
    EMERGENCY_WARD = 240
    PRIORITY_CENTRAL = 180
    PRIORITY_PROVINCE = 170
    PRIORITY_WARD = 150
    LIVE = 120
    ROUTINE_CENTRAL = 90
    ROUTINE_PROVINCE = 80
    ROUTINE_WARD = 70
    CATCH_UP = 40
    TEST = 20


class Source(StrEnum):
    """Cấp ban hành: who issued it."""

    CENTRAL = "central"
    PROVINCE = "province"
    WARD = "ward"


_LADDER = {
    (Priority.EMERGENCY, Source.CENTRAL): Level.EMERGENCY_CENTRAL,
    (Priority.EMERGENCY, Source.PROVINCE): Level.EMERGENCY_PROVINCE,
    (Priority.EMERGENCY, Source.WARD): Level.EMERGENCY_WARD,
    (Priority.PRIORITY, Source.CENTRAL): Level.PRIORITY_CENTRAL,
    (Priority.PRIORITY, Source.PROVINCE): Level.PRIORITY_PROVINCE,
    (Priority.PRIORITY, Source.WARD): Level.PRIORITY_WARD,
    (Priority.ROUTINE, Source.CENTRAL): Level.ROUTINE_CENTRAL,
    (Priority.ROUTINE, Source.PROVINCE): Level.ROUTINE_PROVINCE,
    (Priority.ROUTINE, Source.WARD): Level.ROUTINE_WARD,
}


def level_of(priority: Priority, source: Source = Source.WARD) -> Level:
    """Place a class from a source on the ladder."""
    return _LADDER[priority, source]
