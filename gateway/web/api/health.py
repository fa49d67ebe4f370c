"""Sức khỏe của đài, with the reasons, for people who are signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from gateway.domain.people import Permission
from gateway.services.health import Check
from gateway.services.sessions import Current
from gateway.web.auth import May
from gateway.web.services import Has

router = APIRouter(prefix="/health", tags=["health"])


class HealthReport(BaseModel):
    ok: bool
    checks: tuple[Check, ...]


@router.get("")
async def read_health(_: Annotated[Current, Depends(May(Permission.READ))], services: Has) -> HealthReport:
    """Từng bộ phận, và vì sao hỏng. The status is 200 also when something is wrong: it was answered."""
    report = services.health.report()
    return HealthReport(ok=report.ok, checks=report.checks)
