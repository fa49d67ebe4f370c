"""Biểu mẫu thiết bị: what people typed about a box, kept as they typed it until it is right."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from starlette.datastructures import FormData

from devices.model import ClusterId, ZoneId
from gateway.domain import sheet
from gateway.domain.device import Camera, CameraId, Owner, Particulars
from gateway.domain.errors import BadInput, Problem
from gateway.domain.sheet import BadCell

LONGEST = 200
LONGEST_NOTES = 500
TEXTS = ("maker", "model", "firmware", "serial", "contractor", "cabinet", "switch", "notes")
CAMERA_TEXTS = ("place", "host", "user", "mac", "uuid", "profile", "fingerprint")
_PORT = 80

Typed = Mapping[str, str]


def typed(form: FormData) -> Typed:
    """Return the texts of a form, trimmed, without what cannot be seen."""
    return {name: _seen(value) for name, value in form.items() if isinstance(value, str)}


def typed_of(known: Particulars) -> dict[str, str]:
    """Return what stands in the form for a box as it is known."""
    found = {}
    for each in fields(known):
        value = getattr(known, each.name)
        found[each.name] = "" if value is None else _text(value)
    return found


def particulars(form: Typed) -> Particulars:
    """Return them.

    Raises:
        BadInput: every field that cannot be read.
    """
    read = _read(form)
    return Particulars(**{each.name: read[each.name] for each in fields(Particulars) if each.name in read})


def camera(name: str, form: Typed, before: Camera | None) -> Camera:
    """Return a whole entry; what the form does not ask stays as ``before``.

    Raises:
        BadInput: every field that cannot be read.
    """
    read = _read(form)
    problems: list[Problem] = []
    port = _cell(problems, "port", form.get("port") or str(_PORT), sheet.count)
    if problems:
        raise BadInput(problems)
    kept: dict[str, Any] = {} if before is None else {each.name: getattr(before, each.name) for each in fields(before)}
    return Camera(
        **{
            **kept,
            **read,
            **{field: form.get(field, "")[:LONGEST] for field in CAMERA_TEXTS if field in form or before is None},
            "id": CameraId(name),
            "zone": ZoneId(form.get("zone", "")),
            "cluster": ClusterId(form["cluster"]) if form.get("cluster") else None,
            "port": port or 0,
            "tls": bool(form.get("tls")),
            "watched": bool(form.get("watched")),
            "pictures": bool(form.get("pictures")),
        }
    )


def _read(form: Typed) -> dict[str, Any]:
    problems: list[Problem] = []
    found: dict[str, Any] = {name: form.get(name, "")[:LONGEST_NOTES] for name in TEXTS}
    owner = form.get("owner", Owner.WARD)
    if owner not in set(Owner):
        problems.append(Problem(code="invalid", vi="chọn đơn vị sở hữu", en="choose an owner", path="owner"))
    else:
        found["owner"] = Owner(owner)
    for name in ("installed", "warranty_until"):
        found[name] = _cell(problems, name, form.get(name, ""), sheet.day)
    for name in ("map_x", "map_y", "latitude", "longitude"):
        if name in form:
            found[name] = _cell(problems, name, form[name], sheet.number)
    if problems:
        raise BadInput(problems)
    return found


def _cell(problems: list[Problem], name: str, text: str, read: Any) -> Any:
    try:
        return read(text)
    except BadCell as error:
        problems.append(Problem(code="invalid", vi=error.vi, en=error.en, path=name))
        return None


def _seen(text: str) -> str:
    return "".join(char for char in text if char.isprintable() or char in "\n\t").strip()


def _text(value: object) -> str:
    match value:
        case bool():
            return "1" if value else ""
        case float():
            return f"{value:g}"
        case _:
            return str(value)
