"""Biểu mẫu quy chế: the air rules as a person types them, and the document that comes of it."""

import re
from datetime import date, time
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from gateway.domain.policy_pack import WEEKDAYS, PolicyPack
from gateway.web.types import Line, Reason
from gateway.web.words import Words

OWN_NAME, OWN_TITLE_VI, OWN_TITLE_EN = "phuong", "Quy chế phát của phường", "Air rules of the ward"
_SHIPPED = frozenset({"default", "ha-noi"})
_MINUTE_S = 60
_SPAN = re.compile(r"\s*(\S+?)\s*(?:-|–|—|đến)\s*(\S+)\s*")
_LOUD = re.compile(r"\s*(.+?\S)(?:\s*[:=]\s+|\s+)(\d{1,4})\s*%?\s*")
_CLOCK = re.compile(r"(\d{1,2})(?:[:hg.](\d{2})?)?")
_LINES = {
    "windows": "policy.form.hours",
    "ceilings": "policy.form.ceilings",
    "weekdays": "policy.form.days",
    "sessions_per_day": "policy.form.sessions",
    "session_max_s": "policy.form.minutes",
    "music_allowed_from": "policy.form.music",
    "max_percent": "policy.form.loudest",
    "emergency_min_percent": "policy.form.emergency",
    "source": "policy.form.source",
}


class Typed(BaseModel):
    """What stands in the fields."""

    model_config = ConfigDict(frozen=True)

    hours: Reason = ""
    day: Annotated[list[Line], Field(max_length=len(WEEKDAYS))] = []
    sessions: Line = ""
    minutes: Line = ""
    music: Line = ""
    loudest: Line = ""
    ceilings: Reason = ""
    emergency: Line = ""
    source: Reason = ""


def typed(pack: PolicyPack) -> Typed:
    """Return the fields as they stand for ``pack``."""
    rules = pack.rules
    return Typed(
        hours="\n".join(f"{each.start:%H:%M}–{each.end:%H:%M}" for each in rules.windows),
        day=[WEEKDAYS[day] for day in sorted(rules.weekdays)],
        sessions=_or_blank(rules.sessions_per_day),
        minutes="" if rules.session_max_s is None else f"{rules.session_max_s / _MINUTE_S:g}",
        music="" if rules.music_allowed_from is None else f"{rules.music_allowed_from:%H:%M}",
        loudest=str(rules.max_percent),
        ceilings="\n".join(f"{each.start:%H:%M}–{each.end:%H:%M} {each.max_percent}%" for each in rules.ceilings),
        emergency=str(rules.emergency_min_percent),
        source="" if rules.name in _SHIPPED else pack.source,  # a ward's own rules rest on a decision of its own
    )


def document_of(fields: Typed, *, base: PolicyPack, version: int, today: date) -> dict[str, Any]:
    """Return the pack's document. What cannot be read stays as it was typed: the pack's own reader says what is wrong.

    ``base``: the rules whose name and time zone it keeps.
    """
    shipped = base.rules.name in _SHIPPED
    document: dict[str, Any] = {
        "name": OWN_NAME if shipped else base.rules.name,
        "version": version,
        "title_vi": OWN_TITLE_VI if shipped else base.title_vi,
        "title_en": OWN_TITLE_EN if shipped else base.title_en,
        "source": fields.source.strip(),
        "valid_from": today.isoformat(),
        "zone": base.rules.zone,
        "weekdays": list(fields.day),
        "windows": [_span(line) for line in _lines(fields.hours)],
        "max_percent": _number(fields.loudest),
        "emergency_min_percent": _number(fields.emergency),
        "ceilings": [_ceiling(line) for line in _lines(fields.ceilings)],
    }
    minutes = _number(fields.minutes)
    limits = {
        "sessions_per_day": _number(fields.sessions),
        "session_max_s": minutes * _MINUTE_S if isinstance(minutes, int) else minutes,
        "music_allowed_from": _clock(fields.music),
    }
    return document | {name: limit for name, limit in limits.items() if limit != ""}


def field_of(path: str, t: Words) -> str:
    """Name the field that a mistake in the document belongs to, as its label says: ``windows.1.start`` is an hour."""
    key, _, rest = path.partition(".")
    label = t(_LINES[key]) if key in _LINES else key
    row = rest.partition(".")[0]
    return t("policy.form.line", label=label, n=int(row) + 1) if row.isdigit() else label


def _or_blank(number: int | None) -> str:
    return "" if number is None else str(number)


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"[\n;,]", text) if line.strip()]


def _number(text: str) -> int | str:
    stripped = text.strip().removesuffix("%").strip()
    return int(stripped) if re.fullmatch(r"\d{1,6}", stripped) else stripped


def _clock(text: str) -> str:
    found = _CLOCK.fullmatch(text.strip().lower())
    if found is None:
        return text.strip()
    hour, minute = int(found[1]), int(found[2] or 0)
    return f"{time(hour, minute):%H:%M}" if hour < 24 and minute < 60 else text.strip()  # noqa: PLR2004 - a day


def _span(line: str) -> dict[str, Any]:
    found = _SPAN.fullmatch(line)
    return {"start": _clock(found[1]), "end": _clock(found[2])} if found else {"start": line.strip(), "end": ""}


def _ceiling(line: str) -> dict[str, Any]:
    found = _LOUD.fullmatch(line)
    return _span(found[1]) | {"max_percent": int(found[2])} if found else _span(line) | {"max_percent": ""}
