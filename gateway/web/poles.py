"""What poles and watchdogs ask, outside the API: audio by its hash, and whether the gateway is well."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.responses import FileResponse, Response

from gateway.web.files import audio_file
from gateway.web.services import Has
from gateway.web.types import SHA256_PATTERN

router = APIRouter(tags=["poles"])


class CheckOut(BaseModel):
    name: str
    ok: bool


class HealthOut(BaseModel):
    """For watchdogs: which part, never why; people who are signed in are told why at ``/api/v1/health``."""

    ok: bool
    version: str
    checks: list[CheckOut]


@router.head("/a/{sha256}", include_in_schema=False)
@router.get(
    "/a/{sha256}",
    response_class=FileResponse,
    responses={200: {"content": {"audio/mpeg": {}}}, 206: {"description": "Một phần / a part"}},
)
async def fetch_asset(sha256: Annotated[str, Path(pattern=SHA256_PATTERN)], services: Has) -> Response:
    """Âm thanh theo mã băm. The name is the authority: who knows the hash was told it in a sealed plan."""
    return await audio_file(services, sha256, public=True)


@router.get("/healthz", responses={503: {"model": HealthOut, "description": "Có bộ phận hỏng / something is wrong"}})
async def health(response: Response, services: Has) -> HealthOut:
    """Đài có khỏe không: 200 only when everything that the next broadcast needs works."""
    report = services.health.report()
    response.status_code = 200 if report.ok else 503
    checks = [CheckOut(name=check.name, ok=check.ok) for check in report.checks]
    return HealthOut(ok=report.ok, version=services.options.version, checks=checks)
