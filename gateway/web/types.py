"""What may be typed into a field: bounded everywhere, so that nothing sent is longer, larger or stranger than meant."""

import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from devices.model import SLUG

SLUG_PATTERN = f"^{SLUG.pattern}$"
SHA256_PATTERN = "^[0-9a-f]{64}$"
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Sent(BaseModel):
    """A body somebody sends. Unknown fields are mistakes: a misspelt one must not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _printable(text: str) -> str:
    if any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in text.replace("\r\n", "\n")):
        raise ValueError("có ký tự điều khiển / holds control characters")
    return text.replace("\r\n", "\n")


def _one_line(text: str) -> str:
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in text):
        raise ValueError("chỉ một dòng / one line only")
    return text


def _in_this_century(at: datetime) -> datetime:
    # Compared in UTC; instants at the edge of the calendar overflow as soon as anybody changes their zone.
    try:
        utc = at.astimezone(UTC)
    except OverflowError:
        raise ValueError("ngoài khoảng 2000-2100 / outside 2000-2100") from None
    if not _EARLIEST <= utc < _LATEST:
        raise ValueError("ngoài khoảng 2000-2100 / outside 2000-2100")
    return utc


def day_of_this_century(day: date) -> date:
    """Return ``day``.

    Raises:
        ValueError: it is outside 2000-2100; arithmetic at the edges of the calendar overflows.
    """
    if not _EARLIEST.date() <= day < _LATEST.date():
        raise ValueError("ngoài khoảng 2000-2100 / outside 2000-2100")
    return day


Day = Annotated[date, AfterValidator(day_of_this_century)]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN, max_length=48)]
Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_one_line)]
LongText = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_printable)]
Reason = Annotated[str, StringConstraints(max_length=500), AfterValidator(_printable)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Id = Annotated[str, StringConstraints(pattern=r"^[\w.:@+-]{1,160}$")]
"""Any of our ids, occurrence ids included."""
Sha256 = Annotated[str, StringConstraints(pattern=SHA256_PATTERN)]
Percent = Annotated[int, Field(ge=0, le=100)]
Instant = Annotated[AwareDatetime, AfterValidator(_in_this_century)]
"""Aware; UTC from here on."""
