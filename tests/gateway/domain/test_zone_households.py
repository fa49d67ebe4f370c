"""Số hộ of a neighbourhood comes with the sheet of clusters, and a renaming does not lose it."""

from devices.model import ZoneId
from gateway.domain.cluster_sheet import read_clusters, written
from gateway.domain.targets import Registry, Zone

WARD = Registry.of([Zone(id=ZoneId("kp1"), name="Khu phố 1", households=420)], [])
HEADINGS = ("Mã", "Tên cụm", "Khu phố", "Tên khu phố", "Số hộ khu phố")


def test_the_sheet_brings_the_households_of_a_neighbourhood_and_takes_them_out_again() -> None:
    found = read_clusters(
        [HEADINGS, ("kp1-01", "A", "kp1", "", "500"), ("kp9-01", "B", "kp9", "Khu phố 9", "247")], WARD, {}
    )
    assert not found.bad
    assert {zone.id: (zone.name, zone.households) for zone in found.zones} == {
        "kp1": ("Khu phố 1", 500),
        "kp9": ("Khu phố 9", 247),
    }
    headings, rows = written(found.clusters, {zone.id: zone for zone in found.zones}, {})
    assert [row[headings.index("Số hộ khu phố")] for row in rows] == [500, 247]


def test_a_renamed_neighbourhood_keeps_its_households() -> None:
    found = read_clusters([HEADINGS, ("kp1-01", "A", "kp1", "Khu phố Một", "")], WARD, {})
    assert [(zone.name, zone.households) for zone in found.zones] == [("Khu phố Một", 420)]
