"""Điều ai cũng phải thấy: the lines under the frame, fetched again when what they tell of changes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from gateway.domain.people import Permission
from gateway.web.pages.door import Door, Visit

router = APIRouter()


@router.get("/banners")
async def banners(
    visit: Annotated[Visit, Depends(Door(Permission.READ))], at: Annotated[str, Query(max_length=300)] = "/"
) -> Response:
    """Return them for the page at ``at``, which may say the same by itself."""
    return visit.show("banners.html", at_path=at)
