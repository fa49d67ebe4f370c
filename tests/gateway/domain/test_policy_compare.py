"""So sánh quy chế: anything that lets more be heard is found, and nothing that lets less be heard is called looser."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from devices.model import NO_RULES_NO_SOUND, AirRules, Ceiling, Window
from gateway.domain.policy_compare import loosens, looser_parts

OLD = AirRules(
    name="thử",
    version=1,
    zone="Asia/Ho_Chi_Minh",
    windows=(Window(start=time(5), end=time(7)), Window(start=time(17), end=time(19))),
    weekdays=frozenset({0, 3, 5}),
    sessions_per_day=2,
    session_max_s=900,
    music_allowed_from=time(6),
    max_percent=80,
    ceilings=(Ceiling(start=time(5), end=time(6), max_percent=60),),
    emergency_min_percent=95,
)


@pytest.mark.parametrize(
    "change",
    [
        {"windows": (Window(start=time(5), end=time(19)),)},
        {"windows": (*OLD.windows, Window(start=time(3), end=time(4)))},
        {"windows": (Window(start=time(4, 59), end=time(7)),)},
        {"weekdays": frozenset({0, 3, 5, 6})},
        {"sessions_per_day": 3},
        {"sessions_per_day": None},
        {"session_max_s": 901},
        {"session_max_s": None},
        {"music_allowed_from": time(5, 59)},
        {"music_allowed_from": None},
        {"max_percent": 81},
        {"ceilings": ()},
        {"ceilings": (Ceiling(start=time(5), end=time(6), max_percent=61),)},
        {"emergency_min_percent": 96},
        {"zone": "Asia/Tokyo"},
    ],
)
def test_whatever_lets_more_be_heard_is_looser(change: dict[str, Any]) -> None:
    assert loosens(OLD, replace(OLD, version=2, **change))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"windows": OLD.windows[:1]},
        {"windows": (Window(start=time(5, 30), end=time(6)),)},
        {"weekdays": frozenset({3})},
        {"sessions_per_day": 1},
        {"session_max_s": 60},
        {"music_allowed_from": time(7)},
        {"max_percent": 50},
        {"ceilings": (*OLD.ceilings, Ceiling(start=time(17), end=time(19), max_percent=40))},
        {"name": "khác"},
    ],
)
def test_whatever_lets_less_be_heard_is_not(change: dict[str, Any]) -> None:
    assert not loosens(OLD, replace(OLD, version=2, **change))


def test_the_first_rules_let_more_be_heard_than_none() -> None:
    assert loosens(NO_RULES_NO_SOUND, OLD)


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({}, set()),
        ({"windows": (Window(start=time(4), end=time(7)),), "max_percent": 70}, {"hours"}),
        ({"weekdays": frozenset({0, 6}), "sessions_per_day": None}, {"days", "sessions"}),
        ({"session_max_s": 901, "music_allowed_from": time(7)}, {"session"}),
        ({"music_allowed_from": None, "windows": OLD.windows[:1]}, {"music"}),
        ({"ceilings": (), "emergency_min_percent": 96, "session_max_s": 60}, {"volume", "emergency"}),
        ({"zone": "Asia/Tokyo"}, {"hours"}),
    ],
)
def test_the_part_that_allows_more_is_named_also_where_another_allows_less(
    change: dict[str, Any], parts: set[str]
) -> None:
    new = replace(OLD, version=2, **change)
    assert looser_parts(OLD, new) >= parts
    assert bool(looser_parts(OLD, new)) == loosens(OLD, new)
    if "zone" not in change:  # the clock of every line is another one then
        assert looser_parts(OLD, new) == parts
