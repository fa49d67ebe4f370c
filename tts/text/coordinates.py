"""Tọa độ: where a storm is, in degrees of latitude and longitude."""

import re

from tts.text.numbers import integer, number
from tts.text.rule import Context, Rule

_SIDES = {"N": "vĩ bắc", "B": "vĩ bắc", "E": "kinh đông", "Đ": "kinh đông"}


def _degrees(found: re.Match[str], context: Context) -> str:
    return f"{number(found[1], context.reading)} độ {_SIDES[found[2]]}"


def _position(found: re.Match[str], context: Context) -> str:
    """Read "16,5N-112,3E", the short form of a bulletin."""
    sides = ((found[1], found[2]), (found[3], found[4]))
    return ", ".join(f"{number(v.replace('.', ','), context.reading)} độ {_SIDES[side]}" for v, side in sides)


def _degrees_and_minutes(found: re.Match[str], context: Context) -> str:
    parts = zip((found[1], found[2], found[3]), ("độ", "phút", "giây"), strict=True)
    said = " ".join(f"{integer(int(value), context.reading)} {name}" for value, name in parts if value)
    return f"{said} {_SIDES[found[4]]}" if found[4] else said


RULES = (
    Rule(
        "coordinate",
        re.compile(
            r"(?<![\w.,])([0-9]{1,2}(?:[.,][0-9]{1,2})?) ?([NB]) ?[-–,;/] ?"
            r"([0-9]{2,3}(?:[.,][0-9]{1,2})?) ?([EĐ])(?!\w)"
        ),
        _position,
    ),
    Rule("coordinate", re.compile(r"(?<![\w.,])([0-9]{1,3}(?:[.,][0-9]{1,4})?) ?[°º] ?([NBEĐ])(?!\w)"), _degrees),
    Rule(
        "coordinate",
        re.compile(r"(?<![\w.,])([0-9]{1,3})[°º] ?([0-9]{1,2})['’′](?: ?([0-9]{1,2})(?:[\"”″]|''))? ?([NBEĐ])?(?!\w)"),
        _degrees_and_minutes,
    ),
)
