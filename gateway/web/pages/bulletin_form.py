"""Biểu mẫu bản tin: what people typed, kept as they typed it until it is right."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Self

from fastapi import Form

from devices.model import Priority, Source
from gateway.domain.bulletin import MAX_TEXT, Bulletin, Content
from gateway.domain.errors import BadInput, Problem
from gateway.domain.ids import CategoryId

MOST_PASTED = 100_000
"""A paper may be longer than a bulletin: what is taken off does not count."""
_BLANK = re.compile(r"\[[^\[\]\n]{1,40}\]")
_SENTENCE = re.compile(r"[.!?\n]")
_TITLE = 80


@dataclass(frozen=True, kw_only=True)
class Typed:
    """Everything on the form. ``revision`` is 0 for a new one."""

    title: str = ""
    text: str = ""
    category: str = ""
    source_name: str = ""
    source: Source = Source.WARD
    priority: Priority = Priority.ROUTINE
    voice: str = ""
    second_voice: str = ""
    speed: float = 1.0
    revision: int = 0
    draft: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, bulletin: Bulletin) -> Self:
        """Fill the form with a bulletin as it stands."""
        content = bulletin.content
        return cls(
            title=content.title,
            text=content.text,
            category=content.category,
            source_name=content.source_name,
            source=content.source,
            priority=content.priority,
            voice=content.voice,
            second_voice=content.second_voice,
            speed=content.speed,
            revision=bulletin.revision,
        )

    def content(self, before: Content | None = None) -> Content:
        """Return it in the domain's words; what the form does not ask is kept from ``before``.

        Raises:
            BadInput: every mistake, also a blank of a template that nobody filled in.
        """
        if blanks := list(dict.fromkeys(_BLANK.findall(self.text))):
            vi = f"còn chỗ chưa điền: {', '.join(blanks[:5])}"
            raise BadInput(
                [Problem(code="blank", vi=vi, en=f"has blanks to fill in: {', '.join(blanks[:5])}", path="text")]
            )
        return Content(
            title=self.title.strip() or self._first_words(),
            category=CategoryId(self.category),
            text=self.text.strip(),
            source=self.source,
            source_name=self.source_name.strip(),
            priority=self.priority,
            voice=self.voice,
            second_voice=self.second_voice,
            speed=self.speed,
            language=before.language if before else "vi",
            valid_from=before.valid_from if before else None,
            valid_until=before.valid_until if before else None,
        )

    def _first_words(self) -> str:
        """Name what nobody named by the beginning of its text."""
        first = next((part.strip() for part in _SENTENCE.split(self.text) if part.strip()), "")
        if len(first) <= _TITLE:
            return first
        return first[:_TITLE].rsplit(" ", 1)[0] + "…"


def typed(  # the fields of one form
    *,
    title: Annotated[str, Form(max_length=400)] = "",
    text: Annotated[str, Form(max_length=MOST_PASTED)] = "",
    category: Annotated[str, Form(max_length=48)] = "",
    source_name: Annotated[str, Form(max_length=200)] = "",
    source: Annotated[Source, Form()] = Source.WARD,
    priority: Annotated[Priority, Form()] = Priority.ROUTINE,
    voice: Annotated[str, Form(max_length=200)] = "",
    second_voice: Annotated[str, Form(max_length=200)] = "",
    speed: Annotated[float, Form(ge=0.8, le=1.2)] = 1.0,
    revision: Annotated[int, Form(ge=0, le=2**31)] = 0,
    draft: Annotated[str, Form(max_length=64)] = "",
) -> Typed:
    """Take the form in."""
    return Typed(
        title=_one_line(title),
        text=text.replace("\r\n", "\n"),
        category=category,
        source_name=_one_line(source_name),
        source=source,
        priority=priority if priority is not Priority.EMERGENCY else Priority.PRIORITY,
        voice=_one_line(voice),
        second_voice=_one_line(second_voice),
        speed=speed,
        revision=revision,
        draft=draft,
    )


def too_long(text: str) -> bool:
    """Tell whether a text is longer than any bulletin."""
    return len(text.strip()) > MAX_TEXT


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
