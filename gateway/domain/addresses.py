"""Từ dành riêng: words that stand in our own addresses beside ids, so that no id may be one of them.

``/schedule/new`` is the form: a schedule called ``new`` would be kept, would air, and nobody could open its page. A
test compares this table with the routes. Pure.
"""

from collections.abc import Mapping
from types import MappingProxyType

from gateway.domain.errors import BadInput, Problem

DEVICES, SCHEDULES, TEMPLATES = "devices", "schedules", "templates"
RESERVED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        DEVICES: frozenset(
            {
                *("counts", "found", "import", "labels", "now", "poller", "scan", "search"),
                *("next", "pause", "resume", "stop", "volume"),  # /board/…/pause beside /board/…/CLUSTER
            }
        ),
        SCHEDULES: frozenset({"check", "decide", "decisions", "new", "preview", "questions"}),
        TEMPLATES: frozenset(  # /bulletins/BULLETIN/withdraw beside /bulletins/templates/…
            {"air", "copy", "edit", "end", "listen", "now", "record", "render", "withdraw"}
        ),
    }
)
"""By kind of thing, whose ids people choose. Clusters and cameras share their pages, and so their words."""


def reserved_problems(kind: str, name: str, path: str = "id") -> list[Problem]:
    """Say that a new thing of ``kind`` cannot be called ``name``; nothing when it can."""
    if name not in RESERVED[kind]:
        return []
    vi = f"mã “{name}” trùng với một trang của hệ thống: chọn mã khác"
    en = f"the id “{name}” is the name of a page of ours: choose another"
    return [Problem(code="reserved", vi=vi, en=en, path=path)]


def expect_free(kind: str, name: str) -> None:
    """Let a new thing of ``kind`` be called ``name``.

    Raises:
        BadInput: ``reserved``.
    """
    if found := reserved_problems(kind, name):
        raise BadInput(found)
