"""Mẫu viết ra và đọc lại: a template as plain values, the same in the files that ship and in the store. Pure."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from gateway.domain.errors import BadInput, Problem
from gateway.domain.template import Blank, BlankKind, Kind, Template

_DAYS_AHEAD = re.compile(r"\+[0-9]{1,3}")


def read_template(row: Mapping[str, Any], *, kind: Kind | None = None) -> Template:
    """Read what :func:`write_template` wrote, or a ``[[template]]`` of a file whose templates are all of ``kind``.

    Raises:
        BadInput: it is none, or a rule of :class:`Template` says no.
    """
    try:
        return Template(
            id=str(row["id"]),
            name_vi=str(row["name_vi"]),
            name_en=str(row.get("name_en", "")),
            kind=kind or Kind(row["kind"]),
            text=str(row["text"]).strip(),
            blanks=tuple(Blank(**{**each, "kind": BlankKind(each["kind"])}) for each in row.get("blanks", ())),
            example=MappingProxyType({str(key): str(value) for key, value in row.get("example", {}).items()}),
            drill=bool(row.get("drill", False)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        vi, en = f"mẫu viết sai ở {error}", f"the template is malformed at {error}"
        raise BadInput([Problem(code="invalid", vi=vi, en=en, path="template")]) from error


def write_template(template: Template) -> dict[str, Any]:
    """Return it as plain JSON values."""
    return {
        "id": template.id,
        "name_vi": template.name_vi,
        "name_en": template.name_en,
        "kind": template.kind.value,
        "text": template.text,
        "blanks": [
            {
                "id": blank.id,
                "label_vi": blank.label_vi,
                "label_en": blank.label_en,
                "kind": blank.kind.value,
                "optional": blank.optional,
                "most": blank.most,
            }
            for blank in template.blanks
        ],
        "example": dict(template.example),
        "drill": template.drill,
    }


def example_on(template: Template, today: date) -> dict[str, str]:
    """Return the example as somebody would fill it in on ``today``: ``+2`` as a date is the day after tomorrow."""
    dates = {blank.id for blank in template.blanks if blank.kind is BlankKind.DATE}
    return {
        name: (today + timedelta(days=int(value))).isoformat()
        if name in dates and _DAYS_AHEAD.fullmatch(value)
        else value
        for name, value in template.example.items()
    }
