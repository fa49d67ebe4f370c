"""Chỗ trống trong biểu mẫu: the blanks of a template as fields, and what people typed into them."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated

from fastapi import Depends, Request

from gateway.domain.errors import Problem
from gateway.domain.template import Template
from gateway.web.pages.screen import Screen

PREFIX = "blank-"
"""Before the id of a blank in the name of its field, so that it is mixed up with no other field."""
_PATH = "blanks."


async def typed_blanks(request: Request) -> Mapping[str, str]:
    """Return what was typed, by blank. The form was read already, for its CSRF token."""
    form = await request.form()
    return {
        name.removeprefix(PREFIX): value
        for name, value in form.items()
        if name.startswith(PREFIX) and isinstance(value, str)
    }


Blanks = Annotated[Mapping[str, str], Depends(typed_blanks)]


def wrong_blanks(screen: Screen, problems: Iterable[Problem]) -> dict[str, str]:
    """Return what is wrong, by the name of the field it stands at; what is wrong with no blank stands at ``""``."""
    said: dict[str, str] = {}
    for each in problems:
        field = PREFIX + each.path.removeprefix(_PATH) if each.path.startswith(_PATH) else ""
        words = screen.t.pair(each.vi, each.en)
        said.setdefault(field, words[:1].upper() + words[1:])
    return said


def with_labels(screen: Screen, template: Template) -> str:
    """Return the text of ``template`` as people read it: each blank as its label in brackets."""
    labels = {each.id: screen.t.pair(each.label_vi, each.label_en or each.label_vi) for each in template.blanks}
    return re.sub(r"\{([a-z0-9_]+)\}", lambda found: f"[{labels[found[1]]}]", template.text)
