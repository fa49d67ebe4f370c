"""The iCalendar file, read back by RFC 5545's own rules."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import Problem
from gateway.domain.plan import Broadcast, Status, Ward, forecast
from gateway.web.calendar_file import calendar
from gateway.web.words import Language, Words, gather
from tests.gateway.domain import builders as make

NOW = datetime(2026, 10, 7, 13, 0, tzinfo=UTC)
T = Words(gather(), Language.VI)
_NAME = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=[^:;]+)*):(.*)", re.DOTALL)


def broadcasts() -> list[Broadcast]:
    there = Ward(
        schedules=(make.schedule(),),
        programmes={make.programme().id: make.programme()},
        bulletins={make.approved().id: make.approved()},
        recordings=make.RECORDINGS,
        registry=make.registry(),
        rules=make.rules(),
    )
    return forecast(there, NOW, NOW + timedelta(days=7))


def read(file: bytes) -> list[dict[str, str]]:
    """Read it strictly: lines end in CRLF and have at most 75 bytes, text is escaped, components are nested."""
    assert file.endswith(b"\r\n")
    raw = file.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 for line in raw)
    assert all(b"\r" not in line and b"\n" not in line for line in raw)
    lines = file.decode().replace("\r\n ", "").split("\r\n")[:-1]
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    head = lines[1 : lines.index("BEGIN:VEVENT") if "BEGIN:VEVENT" in lines else -1]
    assert {"VERSION:2.0", "METHOD:PUBLISH"} <= set(head)
    assert sum(line.startswith("PRODID:") for line in head) == 1
    events: list[dict[str, str]] = []
    inside: dict[str, str] | None = None
    for line in lines[len(head) + 1 : -1]:
        if line == "BEGIN:VEVENT":
            assert inside is None
            inside = {}
        elif line == "END:VEVENT":
            assert inside is not None
            assert {"UID", "DTSTAMP", "DTSTART"} <= inside.keys()
            events.append(inside)
            inside = None
        else:
            found = _NAME.fullmatch(line)
            assert found is not None, line
            assert inside is not None, line
            assert found[1] not in inside, line
            inside[found[1]] = _plain(found[3])
    assert len({event["UID"] for event in events}) == len(events)
    return events


def _plain(value: str) -> str:
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value) or re.fullmatch(r"[\w:+.-]+", value), value
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "N": "\n"}.get(found[1], found[1]), value)


def test_every_airtime_is_an_event_at_its_instant_with_a_name_that_stays() -> None:
    found = broadcasts()
    events = read(calendar(found, ward="Phường Tân Thạnh", now=NOW, t=T))
    assert [event["DTSTART"] for event in events] == [
        "20261007T223000Z",
        "20261008T103000Z",
        "20261009T223000Z",
        "20261010T103000Z",
    ]
    assert [event["UID"] for event in events] == [f"{each.id}@loa-phuong" for each in found]
    assert {event["SUMMARY"] for event in events} == {"Bản tin phường"}
    assert {event["STATUS"] for event in events} == {"CONFIRMED"}
    assert {event["DURATION"] for event in events} == {"PT305S"}


def test_what_does_not_air_says_so_and_why() -> None:
    (first, *_) = broadcasts()
    why = (Problem(code="quiet_hours", vi="ngoài khung giờ, không phát", en="outside", path="x"),)
    refused = replace(first, status=Status.REFUSED, why=why)
    waits = replace(first, id="b@2026-10-08T06:00:00+07:00", status=Status.NOT_READY)  # type: ignore[arg-type]
    one, two = read(calendar([refused, waits], ward="P", now=NOW, t=T))
    assert (one["STATUS"], one["SUMMARY"]) == ("CANCELLED", "Bản tin phường (không phát)")
    assert one["DESCRIPTION"] == "4 cụm loa\nngoài khung giờ, không phát"
    assert (two["STATUS"], two["SUMMARY"]) == ("TENTATIVE", "Bản tin phường (chờ duyệt)")


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=120))
def test_no_title_breaks_the_file(title: str) -> None:
    (first, *_) = broadcasts()
    (event,) = read(calendar([replace(first, title=title)], ward=title, now=NOW, t=T))
    assert (event["SUMMARY"], event["LOCATION"]) == (title, title)
