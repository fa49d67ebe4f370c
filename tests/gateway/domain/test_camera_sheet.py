"""Sheets of cameras and clusters: every bad cell is named, good rows are kept, and the same file twice is once."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model import ClusterId, ZoneId
from gateway.domain import camera_sheet, cluster_sheet, sheet
from gateway.domain.device import Camera, CameraId, Owner, Particulars, camera_problems
from gateway.domain.errors import BadInput
from gateway.domain.targets import Cluster, ClusterKind, Registry, Zone

WARD = Registry.of(
    [Zone(id=ZoneId("kp1"), name="Khu phố 1"), Zone(id=ZoneId("kp2"), name="Khu phố 2")],
    [Cluster(id=ClusterId("kp1-01"), name="Cụm chợ", zone=ZoneId("kp1"))],
)


def camera(name: str = "cam-01", **changes: object) -> Camera:
    fields = {"id": CameraId(name), "place": "Ngã tư", "zone": ZoneId("kp1"), "host": "192.168.1.20"}
    return Camera(**{**fields, **changes})


def read(*rows: list[str], known: dict[CameraId, Camera] | None = None) -> camera_sheet.CameraRows:
    return camera_sheet.read_cameras(list(rows), known or {}, WARD)


def test_headings_are_understood_in_both_languages_with_or_without_accents() -> None:
    for headings in (
        ["Mã", "Vị trí", "Khu phố", "Địa chỉ IP", "Đơn vị sở hữu"],
        ["MA", "vi tri", "KHU PHO", "dia chi ip", "don vi so huu"],
        ["code", "place", "zone", "host", "owner"],
    ):
        rows = read(headings, ["CAM-01", "Ngã tư", "Khu phố 1", "192.168.1.20", "Công an"])
        assert rows.bad == ()
        assert rows.cameras == (camera(owner=Owner.POLICE),)


def test_a_bad_row_is_named_by_row_column_and_reason_and_the_others_are_kept() -> None:
    rows = read(
        ["code", "place", "zone", "port", "installed", "host"],
        ["cam-01", "Ngã tư", "kp1", "80", "31/12/2025", "192.168.1.20"],
        ["cam-02", "Cổng chợ", "kp9", "80", "", "192.168.1.21"],
        ["cam-03", "", "kp1", "80", "32/12/2025", "192.168.1.22"],
        ["cam-01", "Trùng", "kp1", "80", "", "192.168.1.23"],
        ["cam-04", "Bến xe", "kp1", "99999", "", "http://192.168.1.24/"],
        [],
    )
    assert [each.id for each in rows.cameras] == ["cam-01"]
    assert {(each.row, each.column) for each in rows.bad} == {
        (3, "Khu phố"), (4, "Ngày lắp"), (5, "Mã"), (6, "Cổng"), (6, "Địa chỉ"),
    }  # fmt: skip
    assert all(each.vi and each.en for each in rows.bad)


def test_a_column_that_is_not_there_changes_nothing_and_an_empty_cell_empties() -> None:
    known = {CameraId("cam-01"): camera(maker="Hikvision", notes="cột cao")}
    rows = read(["code", "notes"], ["cam-01", ""], known=known)
    assert rows.cameras == (camera(maker="Hikvision", notes=""),)


def test_a_password_goes_beside_the_camera_and_shows_nowhere() -> None:
    rows = read(["code", "place", "zone", "Mật khẩu"], ["cam-01", "Ngã tư", "kp1", "bi-mat-42"])
    assert rows.passwords == {"cam-01": "bi-mat-42"}
    assert "bi-mat-42" not in repr(rows)
    headings, cells = camera_sheet.written(rows.cameras)
    assert "Mật khẩu" not in headings
    assert "bi-mat-42" not in str(cells)


def test_a_table_without_codes_or_with_a_doubled_column_is_refused_whole() -> None:
    for headings in (["place", "zone"], ["code", "Mã"], []):
        with pytest.raises(BadInput):
            read(headings, ["x", "y"])
    with pytest.raises(BadInput):
        read()


def test_an_unknown_column_is_told_and_left_out() -> None:
    rows = read(["code", "place", "zone", "Màu sơn"], ["cam-01", "Ngã tư", "kp1", "trắng"])
    assert rows.unknown_columns == ("Màu sơn",)
    assert len(rows.cameras) == 1


@given(
    st.lists(
        st.builds(
            camera,
            st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True),
            owner=st.sampled_from(Owner),
            maker=st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=12),
            notes=st.sampled_from(["", "=1+1", "@x", "dòng\nhai", "-5"]),
            port=st.integers(1, 65_535),
            tls=st.booleans(),
            warranty_until=st.none() | st.dates(date(1990, 1, 1), date(2099, 12, 31)),
            map_x=st.none() | st.floats(0, 100),
            cluster=st.none() | st.just(ClusterId("kp1-01")),
        ),
        unique_by=lambda each: each.id,
        max_size=5,
    )
)
def test_what_is_exported_reads_back_to_the_same(cameras: list[Camera]) -> None:
    cameras = [each for each in cameras if each.maker == sheet._cleaned(each.maker)]
    headings, cells = camera_sheet.written(cameras)
    rows = read(headings, *([str(cell) for cell in row] for row in cells))
    assert rows.bad == ()
    assert list(rows.cameras) == cameras


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "::1", "localhost", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0", "239.255.255.250", "a b", "1"],
)
def test_an_address_that_leads_back_here_or_to_everybody_is_refused(host: str) -> None:
    assert [each.path for each in camera_problems(camera(host=host), WARD)] == ["host"]


@pytest.mark.parametrize("host", ["192.168.1.20", "10.0.0.5", "fe80::1%eth0", "2001:db8::5", "cam-1.phuong.lan"])
def test_an_address_of_the_wards_network_is_taken(host: str) -> None:
    assert camera_problems(camera(host=host), WARD) == ()


def test_simulated_cameras_on_this_machine_need_a_word_of_their_own() -> None:
    assert camera_problems(camera(host="127.0.0.1"), WARD, allow_local=True) == ()


def test_clusters_bring_their_neighbourhoods_and_fm_points_are_listed() -> None:
    table = [
        ["Mã cụm", "Tên cụm", "Khu phố", "Tên khu phố", "Loại", "Số hộ", "Hãng", "Bảo hành đến"],
        ["kp3-01", "Cụm đình", "kp3", "Khu phố 3", "IP", "140", "ITC", "31/12/2027"],
        ["kp3-fm", "Loa FM cũ", "kp3", "", "fm", "", "", ""],
        ["kp4-01", "Cụm chùa", "kp4", "", "ip", "", "", ""],
        ["kp1-09", "Cụm sông", "Khu phố 1", "", "hữu tuyến", "x", "", ""],
    ]
    rows = cluster_sheet.read_clusters(table, WARD, {})
    assert [zone.name for zone in rows.zones] == ["Khu phố 3"]
    assert [(each.id, each.kind) for each in rows.clusters] == [
        ("kp3-01", ClusterKind.IP), ("kp3-fm", ClusterKind.FM),
    ]  # fmt: skip
    assert rows.particulars[ClusterId("kp3-01")] == Particulars(maker="ITC", warranty_until=date(2027, 12, 31))
    assert {(each.row, each.column) for each in rows.bad} == {(4, "Khu phố"), (5, "Số hộ")}


def test_exported_clusters_read_back_to_the_same() -> None:
    particulars = {ClusterId("kp1-01"): Particulars(owner=Owner.SCHOOL, contractor="Đơn vị A", map_x=12.5)}
    headings, cells = cluster_sheet.written(WARD.clusters.values(), WARD.zones, particulars)
    rows = cluster_sheet.read_clusters([headings, *([str(c) for c in row] for row in cells)], WARD, {})
    assert rows.bad == ()
    assert rows.zones == ()
    assert list(rows.clusters) == list(WARD.clusters.values())
    assert rows.particulars == particulars
