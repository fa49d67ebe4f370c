"""Lịch phát as an iCalendar file (RFC 5545): one event an airtime, its name the occurrence's, so that it is updated."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from gateway.domain.plan import Broadcast, Status
from gateway.web.words import Words

MEDIA_TYPE = "text/calendar; charset=utf-8"
_LINE_BYTES = 75
_STATES = {Status.WILL_AIR: "CONFIRMED", Status.NOT_READY: "TENTATIVE"}


def calendar(broadcasts: Iterable[Broadcast], *, ward: str, now: datetime, t: Words) -> bytes:
    """Write them; ``now`` is aware. What does not air is there and says so: a gap would look like a mistake."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Loa Phuong//Lich phat//VI",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(t('calendar.name', ward=ward))}",
        "X-WR-TIMEZONE:Asia/Ho_Chi_Minh",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    for each in broadcasts:
        lines += _event(each, ward, now, t)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line)).encode()


def _event(broadcast: Broadcast, ward: str, now: datetime, t: Words) -> Iterator[str]:
    state = _STATES.get(broadcast.status, "CANCELLED")
    clusters = t("calendar.clusters", n=len(broadcast.clusters))
    why = [t.pair(problem.vi, problem.en) for problem in broadcast.why]
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(broadcast.id)}@loa-phuong"
    yield f"DTSTAMP:{_utc(now)}"
    yield f"DTSTART:{_utc(broadcast.start)}"
    yield f"DURATION:PT{max(60, round(broadcast.duration_ms / 1000))}S"
    yield f"SUMMARY:{_text(broadcast.title if state == 'CONFIRMED' else t(f'calendar.{state}', title=broadcast.title))}"
    yield f"DESCRIPTION:{_text(chr(10).join([clusters, *why]))}"
    yield f"LOCATION:{_text(ward)}"
    yield f"STATUS:{state}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\n")
    return escaped.replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Cut into pieces of at most 75 bytes, never through a letter."""
    piece = ""
    for char in line:
        if len((piece + char).encode()) > _LINE_BYTES:
            yield piece
            piece = " "
        piece += char
    yield piece
