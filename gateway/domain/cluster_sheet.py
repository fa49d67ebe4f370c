"""Danh mục cụm loa và khu phố dưới dạng bảng, FM and wired points included. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from devices.model import ClusterId, ZoneId, is_slug
from gateway.domain import sheet
from gateway.domain.addresses import DEVICES, reserved_problems
from gateway.domain.camera_sheet import PARTICULARS, Cell, cell, zone_named
from gateway.domain.device import Particulars, particulars_problems
from gateway.domain.errors import Problem
from gateway.domain.sheet import Column, Row, RowProblem
from gateway.domain.targets import Cluster, ClusterKind, Registry, Zone

KIND_WORDS: Mapping[str, ClusterKind] = {
    **{kind.value: kind for kind in ClusterKind},
    "": ClusterKind.IP,
    "truyen_thanh_thong_minh": ClusterKind.IP,
    "vien_thong": ClusterKind.IP,
    "khong_day_fm": ClusterKind.FM,
    "vo_tuyen": ClusterKind.FM,
    "huu_tuyen": ClusterKind.WIRED,
    "co_day": ClusterKind.WIRED,
}
CLUSTER_COLUMNS: tuple[Column, ...] = (
    Column("code", "Mã", sheet.lower, ("Mã cụm", "Mã cụm loa", "id")),
    Column("name", "Tên cụm", sheet.line, ("Tên", "Cụm loa")),
    Column("zone", "Khu phố", sheet.line, ("Mã khu phố", "Thôn", "Tổ dân phố", "Khối phố")),
    Column("zone_name", "Tên khu phố", sheet.line, ("Tên thôn",)),
    Column("zone_households", "Số hộ khu phố", sheet.count, ("Số hộ thôn", "Số hộ toàn khu phố")),
    Column("kind", "Loại", sheet.choice(KIND_WORDS), ("Loại cụm",)),
    Column("households", "Số hộ", sheet.count),
    Column("people", "Số dân", sheet.count, ("Số khẩu",)),
    Column("address", "Vị trí", sheet.line, ("Địa điểm", "Địa chỉ")),
    Column("latitude", "Vĩ độ", sheet.number),
    Column("longitude", "Kinh độ", sheet.number),
    Column("near_quiet_place", "Gần trường, bệnh viện", sheet.yes_no, ("Gần nơi cần yên tĩnh",)),
    *PARTICULARS,
)
_TITLES = {**{column.name: column.title for column in CLUSTER_COLUMNS}, "id": "Mã"}
_CLUSTER = {each.name for each in fields(Cluster)}
_PARTICULARS = {each.name for each in fields(Particulars)}


@dataclass(frozen=True, kw_only=True)
class ClusterRows:
    """What an import would do: neighbourhoods first, then what stands in them."""

    zones: tuple[Zone, ...]
    clusters: tuple[Cluster, ...]
    particulars: Mapping[ClusterId, Particulars]
    bad: tuple[RowProblem, ...]
    unknown_columns: tuple[str, ...]


def read_clusters(
    table: Sequence[Sequence[str]], registry: Registry, known: Mapping[ClusterId, Particulars]
) -> ClusterRows:
    """Read a table over the ward as it is. A neighbourhood that is new needs its name in ``Tên khu phố``.

    Raises:
        BadInput: the table as a whole cannot be read.
    """
    rows, bad, unknown = sheet.read_rows(table, CLUSTER_COLUMNS, needs=("code",))
    zones: dict[ZoneId, Zone] = {}
    clusters: dict[ClusterId, Cluster] = {}
    particulars: dict[ClusterId, Particulars] = {}
    for row in rows:
        code = ClusterId(row.cells["code"])
        zone = _zone(row, registry)
        before = registry.clusters.get(code) or Cluster(id=code, name="", zone=ZoneId(""))
        standing = replace(before, zone=zone.id) if zone is not None else before
        cluster = replace(standing, **_some(row, _CLUSTER - {"zone"}))
        details = replace(known.get(code, Particulars()), **_some(row, _PARTICULARS))
        problems = [*_problems(cluster, zone, registry, zones), *particulars_problems(details)]
        if code in clusters:
            vi, en = f"mã “{code}” đã có ở dòng trên", f"the code “{code}” is in a row above"
            problems.append(Problem(code="doubled", vi=vi, en=en, path="id"))
        if problems:
            bad += [
                RowProblem(row=row.number, column=_TITLES.get(each.path, each.path), vi=each.vi, en=each.en)
                for each in problems
            ]
            continue
        if zone is not None and zone.name and zone != registry.zones.get(zone.id):
            zones[zone.id] = zone
        clusters[code] = cluster
        particulars[code] = details
    return ClusterRows(
        zones=tuple(zones.values()),
        clusters=tuple(clusters.values()),
        particulars=particulars,
        bad=tuple(sorted(bad, key=lambda each: each.row)),
        unknown_columns=tuple(unknown),
    )


def _zone(row: Row, registry: Registry) -> Zone | None:
    """Return the neighbourhood a row names: one that is known, perhaps with a new name, or a new one."""
    text = row.cells.get("zone", "")
    if not text:
        return None
    found = zone_named(text, registry)
    known = registry.zones.get(found)
    standing = known or Zone(id=found, name="")
    return replace(
        standing,
        name=row.cells.get("zone_name", "") or standing.name,
        households=row.cells.get("zone_households") or standing.households,
    )


def _some(row: Row, names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.cells.items() if name in names}


def _problems(cluster: Cluster, zone: Zone | None, registry: Registry, fresh: Mapping[ZoneId, Zone]) -> list[Problem]:
    found = []
    if not is_slug(cluster.id):
        vi, en = "mã chỉ gồm chữ thường, số và gạch nối", "needs lower-case letters, digits and dashes"
        found.append(Problem(code="invalid", vi=vi, en=en, path="id"))
    if cluster.id not in registry.clusters:
        found += reserved_problems(DEVICES, cluster.id)
    if not cluster.name.strip():
        found.append(Problem(code="invalid", vi="cần tên", en="needs a name", path="name"))
    if zone is None and cluster.zone not in registry.zones:
        found.append(Problem(code="invalid", vi="cần khu phố", en="needs a neighbourhood", path="zone"))
    elif zone is not None and zone.id not in registry.zones and zone.id not in fresh and not zone.name:
        vi = f"không có khu phố “{zone.id}”; điền “Tên khu phố” để thêm mới"
        found.append(Problem(code="unknown_zone", vi=vi, en=f"no zone “{zone.id}”; give its name", path="zone"))
    if zone is not None and not is_slug(zone.id):
        vi, en = "mã khu phố chỉ gồm chữ thường, số và gạch nối", "a zone needs lower-case letters, digits and dashes"
        found.append(Problem(code="invalid", vi=vi, en=en, path="zone"))
    for path, most in (("latitude", 90.0), ("longitude", 180.0)):
        value = getattr(cluster, path)
        if value is not None and abs(value) > most:
            text = f"{-most:g} … {most:g}"
            found.append(Problem(code="invalid", vi=f"phải trong {text}", en=f"must be {text}", path=path))
    return found


def written(
    clusters: Iterable[Cluster], zones: Mapping[ZoneId, Zone], particulars: Mapping[ClusterId, Particulars]
) -> tuple[list[str], list[list[Cell]]]:
    """Return headings and rows of an export, which reads back to the same."""
    rows = []
    for cluster in clusters:
        details = particulars.get(cluster.id, Particulars())
        values = {
            **{name: getattr(cluster, name) for name in _CLUSTER},
            **{name: getattr(details, name) for name in _PARTICULARS},
            "code": cluster.id,
            "zone_name": zones[cluster.zone].name if cluster.zone in zones else "",
            "zone_households": zones[cluster.zone].households if cluster.zone in zones else 0,
            "kind": cluster.kind.value,
        }
        rows.append([cell(values[column.name]) for column in CLUSTER_COLUMNS])
    return [column.title for column in CLUSTER_COLUMNS], rows
