"""Bản đồ thiết bị: everything is on it once, nothing lies on anything, and one neighbourhood can fill it."""

from dataclasses import replace
from itertools import combinations

from devices.model import ZoneId
from gateway.domain.counting import counting
from gateway.domain.device import Owner
from gateway.domain.targets import Zone
from gateway.web.api.devices import DeviceKind, DeviceOut, DeviceState
from gateway.web.pages.device_map import DeviceMap, device_map
from gateway.web.pages.device_rows import Row

ZONES = [Zone(id=ZoneId(f"kp{n}"), name=f"Khu phố {n}") for n in range(1, 11)]


def row(n: int, *, kind: DeviceKind = DeviceKind.IP, at: tuple[float, float] | None = None, zone: int = 1) -> Row:
    out = DeviceOut(
        code=f"loa-{n}",
        kind=kind,
        name=f"Loa {n}",
        zone=f"kp{zone}",
        state=DeviceState.LOST if n % 9 == 0 else DeviceState.GOOD,
        text_vi="",
        text_en="",
        owner=Owner.WARD,
        maker="",
        model="",
        serial="",
        installed=None,
        warranty_until=None,
        contractor="",
        cabinet="",
        switch="",
        latitude=None if at is None else at[0],
        longitude=None if at is None else at[1],
        map_x=None,
        map_y=None,
        open_tickets=0,
    )
    return Row(out=out, zone=f"Khu phố {zone}", since_ms=None, vi="", en="")


def overlaps(drawn: DeviceMap) -> int:
    return sum(
        (one.x - two.x) ** 2 + (one.y - two.y) ** 2 < (2 * one.half) ** 2
        for one, two in combinations(drawn.pins, 2)
        if one.half == two.half  # what is in trouble may lie over what is well
    )


def test_no_neighbourhoods_name_is_written_across_another() -> None:
    close = [row(n, at=(15.5 + n % 2 / 1000, 108.4 + n / 900), zone=n + 1) for n in range(10)]
    areas = device_map(close, ZONES).areas
    assert len({area.y for area in areas}) > 1
    for one, two in combinations(areas, 2):
        beside = abs(one.x - two.x) >= 2.3 * len(one.name)
        assert beside or abs(one.y - two.y) > 4.7, (one.name, two.name)


def test_two_hundred_and_seventy_six_devices_are_there_once_each_and_apart() -> None:
    rows = []
    for n in range(276):
        down, across = divmod(n % 10, 4)
        at = (15.5 - down / 100 + n % 7 / 1500, 108.4 + across / 100 + n % 11 / 2000) if n < 200 else None
        kind = DeviceKind.IP if n < 200 else DeviceKind.CAMERA
        rows.append(row(n, at=at, zone=n % 10 + 1, kind=kind))
    drawn = device_map(rows, ZONES)
    assert sorted(pin.row.out.code for pin in drawn.pins) == sorted(each.out.code for each in rows)
    assert overlaps(drawn) == 0
    signs = {pin.row.out.state for pin in drawn.pins if pin.half > 1}
    assert signs == {DeviceState.LOST}, "among many, only what somebody should see has a sign"
    assert [area.name for area in drawn.areas] == [f"Khu phố {n}" for n in range(1, 11)]
    assert sum(area.lost for area in drawn.areas) == sum(each.out.state is DeviceState.LOST for each in rows)


def test_a_camera_and_a_loudspeaker_of_one_code_and_one_pole_are_both_seen() -> None:
    drawn = device_map([row(1, at=(15.5, 108.4)), row(1, at=(15.5, 108.4), kind=DeviceKind.CAMERA)], ZONES)
    assert len(drawn.pins) == 2
    assert overlaps(drawn) == 0


def test_one_neighbourhood_fills_the_picture() -> None:
    rows = [row(n, at=(15.5 + n / 5000, 108.4 + n % 7 / 5000), zone=n % 2 + 1) for n in range(20)]
    drawn = device_map(rows, ZONES, zone="kp1")
    assert {pin.row.out.zone for pin in drawn.pins} == {"kp1"}
    assert max(pin.y for pin in drawn.pins) - min(pin.y for pin in drawn.pins) > 60


def test_a_ward_without_positions_is_drawn_as_a_scheme_and_says_so() -> None:
    assert not device_map([row(1), row(2, zone=2)], ZONES).surveyed
    assert device_map([row(1, at=(15.5, 108.4)), row(2, zone=2)], ZONES).surveyed
    assert device_map([], ZONES).pins == ()


def test_the_second_neighbourhood_comes_before_the_tenth() -> None:
    names = ["Khu phố 10", "Khu phố 2", "Khu phố 1", "Thôn Đông"]
    assert sorted(names, key=counting) == ["Khu phố 1", "Khu phố 2", "Khu phố 10", "Thôn Đông"]


def test_no_device_lies_under_the_name_of_a_neighbourhood_and_what_is_lost_is_drawn_over_everything() -> None:
    rows = []
    for n in range(200):
        down, across = divmod(n % 10, 5)
        at = (15.5 - down / 100 + n % 7 / 900, 108.4 + across / 200 + n % 11 / 2000)
        rows.append(row(n, at=at, zone=n % 10 + 1))
    drawn = device_map(rows, ZONES)
    assert len(drawn.areas) == 10
    for area in drawn.areas:
        x, y, wide, high = area.name_box
        under = [pin for pin in drawn.pins if abs(pin.x - x) < wide and abs(pin.y - y) < high]
        assert not under, area.name
    told = [pin.told for pin in drawn.pins]
    assert any(told)
    assert told == sorted(told), "they come last"


def test_a_ward_that_plays_everywhere_does_not_hide_its_troubles_or_leave_its_neighbourhoods() -> None:
    rows = []
    for n in range(200):
        down, across = divmod(n % 10, 5)
        one = row(n, at=(15.5 - down / 100 + n % 7 / 900, 108.4 + across / 200 + n % 11 / 2000), zone=n % 10 + 1)
        state = DeviceState.PLAYING if one.out.state is DeviceState.GOOD else one.out.state
        rows.append(replace(one, out=one.out.model_copy(update={"state": state})))
    drawn = device_map(rows, ZONES)
    sizes = {pin.row.out.state: pin.half for pin in drawn.pins}
    assert 1 <= sizes[DeviceState.PLAYING] < sizes[DeviceState.LOST], "smaller, and still with its sign"
    assert drawn.pins[-1].row.out.state is DeviceState.LOST, "trouble lies on top"
    assert overlaps(drawn) == 0
    few = device_map(rows[:20], ZONES)
    assert {pin.half for pin in few.pins} == {sizes[DeviceState.LOST]}


def test_neighbourhoods_of_a_scheme_stand_in_the_order_people_count_them() -> None:
    areas = device_map([row(n, zone=n) for n in range(1, 11)], ZONES).areas
    assert [area.name for area in sorted(areas, key=lambda area: (round(area.y / 20), area.x))] == [
        f"Khu phố {n}" for n in range(1, 11)
    ]
