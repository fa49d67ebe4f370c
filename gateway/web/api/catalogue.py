"""Danh mục: adding and changing neighbourhoods, clusters and categories."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from devices.model import ClusterId, ZoneId
from gateway.domain.category import Category, Duty
from gateway.domain.ids import CategoryId
from gateway.domain.people import Permission
from gateway.domain.targets import Cluster, ClusterKind, Zone
from gateway.services.sessions import Current
from gateway.web.api.clusters import ClusterOut, cluster_out
from gateway.web.auth import May
from gateway.web.services import Has
from gateway.web.types import Line, Sent, Slug

router = APIRouter(tags=["catalogue"])

Keeper = Annotated[Current, Depends(May(Permission.ENROL))]
_Many = Annotated[int, Field(ge=0, le=1_000_000)]


class ZoneIn(Sent):
    name: Line
    households: _Many | None = None
    """Left out: as it was."""


class ClusterIn(Sent):
    name: Line
    zone: Slug
    kind: ClusterKind = ClusterKind.IP
    households: _Many = 0
    people: _Many = 0
    address: Line = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    near_quiet_place: bool = False


class DutyIn(Sent):
    bulletins_a_month: Annotated[int, Field(ge=1, le=1_000)]
    replays: Annotated[int, Field(ge=0, le=1_000)] = 0


class CategoryIn(Sent):
    label_vi: Line
    label_en: Line
    duty: DutyIn | None = None


@router.put("/zones/{zone}")
async def save_zone(zone: Slug, body: ZoneIn, current: Keeper, services: Has) -> Zone:
    """Thêm hoặc sửa khu phố."""
    known = next((each for each in await services.inventory.zones() if each.id == zone), None)
    households = body.households if body.households is not None else known.households if known else 0
    row = Zone(id=ZoneId(zone), name=body.name, households=households)
    await services.inventory.save_zone(row, by=current.user)
    return row


@router.put("/clusters/{cluster}")
async def save_cluster(cluster: Slug, body: ClusterIn, current: Keeper, services: Has) -> ClusterOut:
    """Thêm hoặc sửa cụm loa."""
    row = Cluster(**{**dict(body), "id": ClusterId(cluster), "zone": ZoneId(body.zone)})
    await services.inventory.save_cluster(row, by=current.user)
    return cluster_out(row, services)


@router.get("/categories")
async def list_categories(_: Annotated[Current, Depends(May(Permission.READ))], services: Has) -> list[Category]:
    """Các chuyên mục."""
    return sorted(await services.inventory.categories(), key=lambda each: each.id)


@router.put("/categories/{category}")
async def save_category(
    category: Slug,
    body: CategoryIn,
    current: Annotated[Current, Depends(May(Permission.SCHEDULE))],
    services: Has,
) -> Category:
    """Thêm hoặc sửa chuyên mục và chỉ tiêu."""
    duty = None if body.duty is None else Duty(**dict(body.duty))
    row = Category(id=CategoryId(category), label_vi=body.label_vi, label_en=body.label_en, duty=duty)
    await services.inventory.save_category(row, by=current.user)
    return row
