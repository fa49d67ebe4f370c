"""Danh mục camera dưới dạng bảng: the columns of an import and an export, and cameras out of rows. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from devices.model import ClusterId, ZoneId
from devices.model.camera import Cause
from devices.model.camera_words import WORDS
from gateway.domain import sheet
from gateway.domain.device import Camera, CameraId, Owner, camera_problems
from gateway.domain.sheet import Column, Row, RowProblem, plain
from gateway.domain.targets import Registry

Cell = str | int | float | None

OWNER_WORDS: Mapping[str, Owner] = {
    **{owner.value: owner for owner in Owner},
    **{plain(owner.words[0]): owner for owner in Owner},
    "ubnd": Owner.WARD,
    "phuong": Owner.WARD,
    "cong_an_phuong": Owner.POLICE,
    "truong": Owner.SCHOOL,
    "truong_mam_non": Owner.SCHOOL,
    "truong_tieu_hoc": Owner.SCHOOL,
    "quy_tin_dung_nhan_dan": Owner.CREDIT_FUND,
    "quy": Owner.CREDIT_FUND,
    "dan": Owner.CITIZEN,
    "nguoi_dan": Owner.CITIZEN,
    "": Owner.WARD,
}

PARTICULARS: tuple[Column, ...] = (
    Column("owner", "Đơn vị sở hữu", sheet.choice(OWNER_WORDS), ("Chủ sở hữu", "Đơn vị quản lý")),
    Column("maker", "Hãng", sheet.line, ("Hãng sản xuất",)),
    Column("model", "Model", sheet.line, ("Kiểu máy",)),
    Column("firmware", "Firmware", sheet.line, ("Phiên bản",)),
    Column("serial", "Số sê-ri", sheet.line, ("Serial", "Số máy", "S/N")),
    Column("installed", "Ngày lắp", sheet.day, ("Ngày lắp đặt",)),
    Column("warranty_until", "Bảo hành đến", sheet.day, ("Hạn bảo hành",)),
    Column("contractor", "Đơn vị lắp đặt", sheet.line, ("Nhà thầu",)),
    Column("cabinet", "Tủ", sheet.line, ("Tủ mạng", "Tủ kỹ thuật")),
    Column("switch", "Bộ chia mạng", sheet.line),
    Column("map_x", "Bản đồ X (%)", sheet.number),
    Column("map_y", "Bản đồ Y (%)", sheet.number),
    Column("notes", "Ghi chú", str),
)

CAMERA_COLUMNS: tuple[Column, ...] = (
    Column("code", "Mã", sheet.lower, ("Mã camera", "id")),
    Column("place", "Vị trí", sheet.line, ("Địa điểm",)),
    Column("zone", "Khu phố", sheet.line, ("Mã khu phố", "Thôn", "Tổ dân phố", "Khối phố")),
    Column("host", "Địa chỉ", sheet.lower, ("IP", "Địa chỉ IP", "address")),
    Column("port", "Cổng", sheet.count),
    Column("tls", "HTTPS", sheet.yes_no),
    Column("fingerprint", "Vân tay chứng chỉ", sheet.lower),
    Column("user", "Tên đăng nhập", sheet.line, ("Tài khoản",)),
    Column("password", "Mật khẩu", sheet.line, write_only=True),
    Column("mac", "MAC", lambda text: sheet.lower(text).replace("-", ":")),
    Column("uuid", "UUID", lambda text: sheet.lower(text).removeprefix("urn:uuid:")),
    Column("profile", "Profile", sheet.line),
    Column("cluster", "Cụm loa", sheet.line, ("Cụm loa liên kết",)),
    Column("latitude", "Vĩ độ", sheet.number),
    Column("longitude", "Kinh độ", sheet.number),
    Column("pictures", "Chụp ảnh kiểm tra", sheet.yes_no),
    Column("watched", "Theo dõi", sheet.yes_no),
    *PARTICULARS,
    Column("weak_login", "Cảnh báo mật khẩu"),
)
"""The last is for people: an export says it, an import leaves it out."""
_TITLES = {**{column.name: column.title for column in CAMERA_COLUMNS}, "id": "Mã"}
_FIELDS = {each.name for each in fields(Camera)}


@dataclass(frozen=True, kw_only=True)
class CameraRows:
    """What an import would do. ``passwords`` are in clear: they go into the vault and nowhere else."""

    cameras: tuple[Camera, ...]
    passwords: Mapping[CameraId, str] = field(repr=False)
    bad: tuple[RowProblem, ...]
    unknown_columns: tuple[str, ...]


def read_cameras(
    table: Sequence[Sequence[str]], known: Mapping[CameraId, Camera], registry: Registry, *, allow_local: bool = False
) -> CameraRows:
    """Read a table over what is ``known``: the same file twice is the same as once.

    Raises:
        BadInput: the table as a whole cannot be read.
    """
    rows, bad, unknown = sheet.read_rows(table, CAMERA_COLUMNS, needs=("code",))
    found: dict[CameraId, Camera] = {}
    passwords: dict[CameraId, str] = {}
    for row in rows:
        code = CameraId(row.cells["code"])
        if code in found:
            vi, en = f"mã “{code}” đã có ở dòng trên", f"the code “{code}” is in a row above"
            bad.append(RowProblem(row=row.number, column=_TITLES["code"], vi=vi, en=en))
            continue
        camera = _camera(row, code, known.get(code), registry)
        problems = camera_problems(camera, registry, allow_local=allow_local)
        if problems:
            bad += [
                RowProblem(row=row.number, column=_TITLES.get(each.path, each.path), vi=each.vi, en=each.en)
                for each in problems
            ]
            continue
        found[code] = camera
        if row.cells.get("password"):
            passwords[code] = row.cells["password"]
    return CameraRows(
        cameras=tuple(found.values()),
        passwords=passwords,
        bad=tuple(sorted(bad, key=lambda each: each.row)),
        unknown_columns=tuple(unknown),
    )


def _camera(row: Row, code: CameraId, before: Camera | None, registry: Registry) -> Camera:
    cells: dict[str, Any] = {name: value for name, value in row.cells.items() if name in _FIELDS}
    if "port" in cells and not cells["port"]:
        del cells["port"]
    if "zone" in cells:
        cells["zone"] = zone_named(cells["zone"], registry)
    if "cluster" in cells:
        cells["cluster"] = _cluster_named(cells["cluster"], registry)
    return replace(before or Camera(id=code, place="", zone=ZoneId("")), **cells)


def zone_named(text: str, registry: Registry) -> ZoneId:
    """Return the zone people mean by ``text``, its id or its name; ``text`` itself when there is none such."""
    wanted = plain(text)
    for zone in registry.zones.values():
        if wanted in {plain(zone.id), plain(zone.name)}:
            return zone.id
    return ZoneId(text)


def _cluster_named(text: str, registry: Registry) -> ClusterId | None:
    wanted = plain(text)
    for cluster in registry.clusters.values():
        if wanted in {plain(cluster.id), plain(cluster.name)}:
            return cluster.id
    return ClusterId(text) if text else None


def written(
    cameras: Iterable[Camera], weak: Mapping[CameraId, Cause] = MappingProxyType({})
) -> tuple[list[str], list[list[Cell]]]:
    """Return headings and rows of an export, which reads back to the same cameras. Never a password.

    ``weak``: why anybody gets into some of them.
    """
    columns = [column for column in CAMERA_COLUMNS if not column.write_only]
    return [column.title for column in columns], [
        [cell(_value(camera, column.name, weak.get(camera.id))) for column in columns] for camera in cameras
    ]


def _value(camera: Camera, name: str, weak: Cause | None) -> Any:
    if name == "weak_login":
        return "" if weak is None else f"{WORDS[weak].vi}. {WORDS[weak].advice_vi}"
    return camera.id if name == "code" else asdict(camera)[name]


def cell(value: Any) -> Cell:
    """Write one value as people write it."""
    match value:
        case bool():
            return "có" if value else "không"
        case Owner():
            return value.words[0]
        case date():
            return f"{value:%d/%m/%Y}"
        case None:
            return ""
        case str() | int() | float():
            return value
        case _:
            return str(value)
