"""Bản đồ: every cluster has a place on the picture, measured or not."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from devices.model import ClusterId, ZoneId
from gateway.domain.targets import Cluster, Registry, Zone
from gateway.domain.ward_map import SIZE, tally, ward_map
from tests.gateway.domain import builders as make

ZONES = [Zone(id=ZoneId(f"kp{n}"), name=f"Khu phố {n}") for n in range(1, 9)]


def ward(places: list[tuple[float, float] | None]) -> Registry:
    clusters = [
        Cluster(
            id=ClusterId(f"c{n:03}"),
            name=f"Cụm {n}",
            zone=ZONES[n % len(ZONES)].id,
            latitude=place[0] if place else None,
            longitude=place[1] if place else None,
        )
        for n, place in enumerate(places)
    ]
    return Registry.of(ZONES, clusters)


@given(
    st.lists(
        st.none() | st.tuples(st.floats(15.5, 15.6), st.floats(108.4, 108.5)),
        max_size=60,
    )
)
def test_every_cluster_is_drawn_inside_the_picture(places: list[tuple[float, float] | None]) -> None:
    drawn = ward_map(ward(places))
    assert len(drawn.dots) == len(places)
    assert all(0 <= dot.x <= SIZE and 0 <= dot.y <= SIZE for dot in drawn.dots)
    assert {patch.zone for patch in drawn.patches} == {dot.cluster.zone for dot in drawn.dots}
    left, top, width, height = map(float, drawn.view_box.split())
    assert all(left <= dot.x <= left + width and top <= dot.y <= top + height for dot in drawn.dots)


def test_north_is_up_and_east_is_right() -> None:
    drawn = ward_map(ward([(15.50, 108.40), (15.60, 108.50)]))
    south_west, north_east = drawn.dots
    assert south_west.x < north_east.x
    assert south_west.y > north_east.y
    assert drawn.surveyed


def test_a_ward_nobody_measured_is_a_scheme_and_its_zones_do_not_hide_each_other() -> None:
    drawn = ward_map(ward([None] * 200))
    assert not drawn.surveyed
    centres = [(patch.x, patch.y) for patch in drawn.patches]
    apart = [abs(x - u) + abs(y - v) for n, (x, y) in enumerate(centres) for u, v in centres[:n]]
    assert min(apart) > 20


def test_only_what_can_be_spoken_to_is_counted() -> None:
    registry = make.registry()
    assert tally(registry) == {ZoneId("kp1"): 2, ZoneId("kp2"): 2}
    empty = replace(registry, clusters={})
    assert tally(empty) == {ZoneId("kp1"): 0, ZoneId("kp2"): 0}
    assert ward_map(empty).patches == ()
