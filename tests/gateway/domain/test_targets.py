"""Vùng phát."""

import pytest

from devices.model import ClusterId, ZoneId
from gateway.domain.errors import BadInput
from gateway.domain.targets import EVERYWHERE, Targets
from tests.gateway.domain.builders import registry

WARD = registry(4)


def test_the_whole_ward_is_every_controllable_cluster() -> None:
    assert EVERYWHERE.resolve(WARD) == {"kp1-00", "kp2-01", "kp1-02", "kp2-03"}


def test_a_zone_and_a_cluster_of_another_zone_add_up() -> None:
    wanted = Targets(zones=frozenset({ZoneId("kp1")}), clusters=frozenset({ClusterId("kp2-01")}))
    assert wanted.resolve(WARD) == {"kp1-00", "kp1-02", "kp2-01"}


def test_who_cannot_be_reached_by_a_plan_is_told() -> None:
    assert Targets(zones=frozenset({ZoneId("kp1")})).beyond_reach(WARD) == {"kp1-fm"}


def test_every_unknown_name_is_told_and_none_of_them_silences_the_rest() -> None:
    wanted = Targets(
        zones=frozenset({ZoneId("kp9"), ZoneId("kp1")}),
        clusters=frozenset({ClusterId("khong-co"), ClusterId("kp1-fm")}),
    )
    with pytest.raises(BadInput) as refused:
        wanted.resolve(WARD)
    assert [(p.code, p.path) for p in refused.value.problems] == [
        ("unknown_target", "targets.zones"),
        ("unknown_target", "targets.clusters"),
        ("not_controllable", "targets.clusters"),
    ]
    assert "kp9" in refused.value.vi
    assert "khong-co" in refused.value.en
    assert wanted.reach(WARD) == {"kp1-00", "kp1-02"}


def test_an_area_with_nobody_in_it_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        Targets().resolve(WARD)
    assert [p.code for p in refused.value.problems] == ["no_clusters"]
