"""Thứ tự đếm: names with numbers in them as people count, "Khu phố 2" before "Khu phố 10". Pure."""

import re

from gateway.domain.sheet import plain


def counting(name: str) -> list[tuple[int, str]]:
    """Return a key to sort ``name`` by: numbers as numbers, words without accents and capitals."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", plain(name))]
