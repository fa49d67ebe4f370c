"""Thêm: everything that has no place in the bar."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway.domain.people import Permission
from gateway.web.pages.door import Door, Visit

router = APIRouter()


@router.get("/more")
async def more_page(visit: Annotated[Visit, Depends(Door(Permission.READ))]) -> Response:
    """List the pages this person may open."""
    return visit.show("more.html")
