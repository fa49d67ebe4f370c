"""Kỳ báo cáo as it is asked for in an address: ``from`` and ``to``; by default the half-year of today."""

from typing import Annotated

from fastapi import Depends, Query

from gateway.domain.report_period import Period, Span, period_of
from gateway.web.services import Has
from gateway.web.types import Day


def asked_period(
    services: Has,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
) -> Period:
    """Read it.

    Raises:
        BadInput: it ends before it begins, or is longer than a year.
    """
    if first is None and last is None:
        return period_of(Span.HALF_YEAR, services.reporting.today)
    today = services.reporting.today
    return Period(first=first or last or today, last=last or max(first or today, today))


AskedPeriod = Annotated[Period, Depends(asked_period)]
