"""So sánh quy chế: whether new air rules let anything sound that the old ones would not. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import time
from types import MappingProxyType
from typing import Any

from devices.model import AirRules, Window


def loosens(old: AirRules, new: AirRules) -> bool:
    """Tell whether ``new`` allows anything, at any hour, that ``old`` does not. When in doubt, yes."""
    return not (
        old.zone == new.zone
        and new.weekdays <= old.weekdays
        and all(_inside(window, old.windows) for window in new.windows)
        and _at_most(new.sessions_per_day, old.sessions_per_day)
        and _at_most(new.session_max_s, old.session_max_s)
        and _not_before(new.music_allowed_from, old.music_allowed_from)
        and new.max_percent <= old.max_percent
        and set(old.ceilings) <= set(new.ceilings)
        and new.emergency_min_percent <= old.emergency_min_percent
        and set(new.permits) <= set(old.permits)
    )


_PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hours": ("windows", "zone"),
        "days": ("weekdays",),
        "sessions": ("sessions_per_day",),
        "session": ("session_max_s",),
        "music": ("music_allowed_from",),
        "volume": ("max_percent", "ceilings"),
        "emergency": ("emergency_min_percent",),
    }
)


def looser_parts(old: AirRules, new: AirRules) -> frozenset[str]:
    """Name the parts of the rules, as people read them, in which ``new`` by itself allows more than ``old``."""
    return frozenset(part for part, fields in _PARTS.items() if loosens(old, _taking(old, new, fields)))


def _taking(old: AirRules, new: AirRules, fields: Iterable[str]) -> AirRules:
    taken: dict[str, Any] = {field: getattr(new, field) for field in fields}
    return replace(old, **taken)


def _inside(window: Window, others: Iterable[Window]) -> bool:
    return any(other.start <= window.start and window.end <= other.end for other in others)


def _at_most(new: int | None, old: int | None) -> bool:
    return old is None or (new is not None and new <= old)


def _not_before(new: time | None, old: time | None) -> bool:
    return old is None or (new is not None and new >= old)
