"""Identifiers of the gateway's own things. Those that cross the wire are in ``devices.model``."""

from datetime import datetime
from typing import NewType

from devices.model import OccurrenceId

UserId = NewType("UserId", str)
BulletinId = NewType("BulletinId", str)
CategoryId = NewType("CategoryId", str)
"""Slug of a chuyên mục, e.g. ``an-ninh-trat-tu``."""
ProgrammeId = NewType("ProgrammeId", str)
ScheduleId = NewType("ScheduleId", str)
"""Slug; the part of an occurrence id before the ``@``."""
BroadcastId = NewType("BroadcastId", str)
"""Slug of a broadcast nobody scheduled (phát ngay, khẩn cấp); takes a schedule's place in an occurrence id."""
DecisionId = NewType("DecisionId", str)


def occurrence_id(rule: ScheduleId | BroadcastId, local_start: datetime) -> OccurrenceId:
    """Name one airtime: the rule and its local start with offset. ``local_start`` is aware, in the site's zone.

    Raises:
        ValueError: ``local_start`` is naive: without its offset, an hour in autumn has two meanings.
    """
    if local_start.tzinfo is None:
        raise ValueError(f"naive local start: {local_start!r}")
    return OccurrenceId(f"{rule}@{local_start.isoformat(timespec='seconds')}")
