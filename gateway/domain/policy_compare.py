"""So sánh quy chế: whether new air rules let anything sound that the old ones would not. Pure."""

from collections.abc import Iterable
from datetime import time

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


def _inside(window: Window, others: Iterable[Window]) -> bool:
    return any(other.start <= window.start and window.end <= other.end for other in others)


def _at_most(new: int | None, old: int | None) -> bool:
    return old is None or (new is not None and new <= old)


def _not_before(new: time | None, old: time | None) -> bool:
    return old is None or (new is not None and new >= old)
