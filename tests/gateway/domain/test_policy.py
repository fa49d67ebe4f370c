"""Quy chế at the editor: what may not air cannot be saved."""

import tomllib
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model import AirRules, Level
from gateway.domain.airing import Airing
from gateway.domain.errors import BadInput, Problem
from gateway.domain.policy import check
from gateway.domain.policy_pack import WEEKDAYS, PolicyPack, parse_policy
from tests.gateway.domain.builders import WARD_CLUSTERS, airing

PACKS = Path(__file__).parents[3] / "configs" / "policies"


def pack(name: str) -> PolicyPack:
    return parse_policy(tomllib.loads((PACKS / f"{name}.toml").read_text(encoding="utf-8")))


def refused(airings: list[Airing], rules: AirRules) -> list[tuple[str, str]]:
    return [(problem.code, problem.path.partition("@")[2]) for problem in check(airings, rules)]


@pytest.mark.parametrize("name", sorted(path.stem for path in PACKS.glob("*.toml")))
def test_every_shipped_pack_is_read_and_survives_being_signed(name: str) -> None:
    shipped = pack(name)
    assert shipped.rules.name == name
    assert shipped.source
    assert parse_policy(shipped.to_document()) == shipped


@pytest.mark.parametrize("name", sorted(path.stem for path in PACKS.glob("*.toml")))
def test_0315_is_refused_by_every_pack(name: str) -> None:
    rules = pack(name).rules
    assert refused([airing("3:15", day=day, name=str(day)) for day in range(3)], rules)[0] == ("quiet_hours", "0T3:15")
    assert len(check([airing("3:15", day=day) for day in range(2)], rules)) == 2


def test_thursday_and_saturday_0530_and_1730_are_allowed_by_default() -> None:
    week = [airing(clock, day=day, minutes=30) for clock in ("5:30", "17:30") for day in (0, 2)]
    assert check(week, pack("default").rules) == []


def test_ha_noi_refuses_saturday_a_third_session_and_a_sixteenth_minute() -> None:
    rules = pack("ha-noi").rules
    assert refused([airing("5:30"), airing("17:30")], rules) == []
    assert refused([airing("5:30", day=2)], rules) == [("weekday", "2T5:30")]
    assert refused([airing("5:30"), airing("10:00"), airing("17:30")], rules) == [("too_many_sessions", "0T17:30")]
    assert refused([airing("5:30", minutes=16)], rules) == [("too_long", "0T5:30")]
    assert refused([airing("5:30", minutes=8), airing("5:40", minutes=8)], rules) == [("too_long", "0T5:40")]


def test_where_there_are_too_many_the_lower_level_is_one_too_many() -> None:
    province = airing("18:00", name="tinh", level=Level.ROUTINE_PROVINCE)
    plan = [airing("5:30"), airing("10:00"), province]
    assert refused(plan, pack("ha-noi").rules) == [("too_many_sessions", "0T10:00")]


def test_sessions_are_counted_on_each_cluster_by_itself() -> None:
    one, two, three = (frozenset({cluster}) for cluster in sorted(WARD_CLUSTERS))
    plan = [airing("5:30", clusters=one | two), airing("9:00", clusters=one), airing("17:30", clusters=two | three)]
    assert refused(plan, pack("ha-noi").rules) == []
    assert refused([*plan, airing("18:00", clusters=one)], pack("ha-noi").rules) == [("too_many_sessions", "0T18:00")]


def test_music_waits_for_six_o_clock() -> None:
    rules = pack("default").rules
    assert refused([airing("5:30", music=True)], rules) == [("no_music", "0T5:30")]
    assert refused([airing("6:00", music=True)], rules) == []


def test_a_volume_that_no_hour_allows_is_refused() -> None:
    assert refused([airing("12:00", volume_percent=86)], pack("default").rules) == [("too_loud", "0T12:00")]
    assert refused([airing("5:30", volume_percent=85)], pack("default").rules) == []  # lowered, not refused


def test_a_refusal_says_what_when_and_why_in_two_languages() -> None:
    (problem,) = check([airing("3:15")], pack("default").rules)
    assert problem.vi == "“Bản tin” 08/10/2026 03:15: ngoài khung giờ được phát"
    assert problem.en == "“Bản tin” 08/10/2026 03:15: outside the allowed hours"


def test_every_mistake_in_a_pack_is_told_at_once() -> None:
    with pytest.raises(BadInput) as wrong:
        parse_policy(
            {
                "name": "",
                "version": True,
                "title_vi": "x",
                "title_en": "x",
                "valid_from": "hôm qua",
                "zone": "Asia/Hanoi",
                "weekdays": ["thu", "bảy"],
                "windows": [{"start": "22:00", "end": "05:00"}, {"start": "5h30", "end": "06:00:30", "note": ""}],
                "ceilings": {"start": "05:00"},
                "max_percent": 120,
                "emergency_min_percent": 90,
                "sesions_per_day": 2,
            }
        )
    assert [problem.path for problem in wrong.value.problems] == [
        "name",
        "version",
        "source",
        "valid_from",
        "zone",
        "weekdays",
        "windows.0",
        "windows.1.start",
        "windows.1.end",
        "windows.1.note",
        "ceilings",
        "max_percent",
        "sesions_per_day",
    ]


def test_a_pack_without_windows_is_a_mistake_not_a_silent_ward() -> None:
    document = pack("default").to_document() | {"windows": []}
    with pytest.raises(BadInput) as wrong:
        parse_policy(document)
    assert [problem.path for problem in wrong.value.problems] == ["windows"]


minutes = st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None, fold=0))
edges = st.tuples(minutes, minutes).map(sorted).filter(lambda e: e[0] < e[1])


@given(
    windows=st.lists(edges, min_size=1, max_size=4),
    days=st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    sessions=st.none() | st.integers(1, 9),
    music=st.none() | minutes,
)
def test_a_pack_written_down_reads_back_as_it_was(
    windows: list[list[time]], days: set[str], sessions: int | None, music: time | None
) -> None:
    document = pack("default").to_document() | {
        "windows": [{"start": f"{a:%H:%M}", "end": f"{b:%H:%M}"} for a, b in windows],
        "weekdays": sorted(days),
    }
    document |= {} if sessions is None else {"sessions_per_day": sessions}
    document |= {} if music is None else {"music_allowed_from": f"{music:%H:%M}"}
    parsed = parse_policy(document)
    assert parse_policy(parsed.to_document()) == parsed
    assert [(w.start, w.end) for w in parsed.rules.windows] == [tuple(edge) for edge in windows]
    assert parsed.rules.sessions_per_day == sessions


@given(st.lists(st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(1, 20)), max_size=8, unique=True))
def test_the_order_of_a_plan_changes_nothing(wanted: list[tuple[int, int, int]]) -> None:
    rules = pack("ha-noi").rules
    plan = [airing(f"{h}:{m}", minutes=length, name=f"l{i}") for i, (h, m, length) in enumerate(wanted)]

    def codes(order: list[Airing]) -> list[Problem]:
        return check(order, rules)

    assert codes(plan) == codes(plan[::-1])
