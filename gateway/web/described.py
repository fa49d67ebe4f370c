"""The application's own description of itself (OpenAPI), with the refusals it really sends."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI

from gateway.web.errors import MEDIA_TYPE

_TEXT: Mapping[str, Any] = MappingProxyType({"type": "string"})
_MISTAKE: Mapping[str, Any] = MappingProxyType(
    {
        "type": "object",
        "required": ["path", "code", "vi", "en"],
        "properties": {name: dict(_TEXT) for name in ("path", "code", "vi", "en")},
        "additionalProperties": False,
    }
)
_PROBLEM: Mapping[str, Any] = MappingProxyType(
    {
        "description": "RFC 9457. `code` is for programs; `detail_vi` and `detail_en` are for people.",
        "type": "object",
        "required": ["type", "title", "status", "code", "detail", "detail_vi", "detail_en", "problems"],
        "properties": {
            **{name: dict(_TEXT) for name in ("type", "title", "code", "detail", "detail_vi", "detail_en")},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "problems": {"type": "array", "items": {"$ref": "#/components/schemas/Mistake"}},
        },
        "additionalProperties": False,
    }
)
_REFUSAL: Mapping[str, Any] = MappingProxyType(
    {
        "description": "Từ chối, và vì sao / refused, and why",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }
)
_WALL_TIME: Mapping[str, Any] = MappingProxyType({"pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"})
"""RFC 3339's ``time`` has an offset; ours is what the clock on the wall shows, and has none."""
_NOT_SENT = ("HTTPValidationError", "ValidationError")
"""The framework's shapes of a mistake; :mod:`gateway.web.errors` answers in its own."""


class Described(FastAPI):
    """FastAPI, whose document says that every refusal is a problem document."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document; the framework keeps it after the first time."""
        if self.openapi_schema is None:
            self.openapi_schema = with_refusals(super().openapi())
        return self.openapi_schema


def with_refusals(document: dict[str, Any]) -> dict[str, Any]:
    """Return ``document`` with ``4XX`` and ``5XX`` of every operation as they are sent."""
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    for operation in operations:
        operation["responses"].pop("422", None)
        for statuses in ("4XX", "5XX"):
            operation["responses"].setdefault(statuses, {"$ref": "#/components/responses/Refusal"})
    components = document["components"]
    kept = {name: _on_the_wall(schema) for name, schema in components["schemas"].items() if name not in _NOT_SENT}
    mine = {"ProblemDocument": dict(_PROBLEM), "Mistake": dict(_MISTAKE)}
    return document | {
        "components": components | {"schemas": kept | mine, "responses": {"Refusal": dict(_REFUSAL)}},
    }


def _on_the_wall(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_on_the_wall(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    said = {name: _on_the_wall(each) for name, each in schema.items()}
    if said.get("format") == "time":
        del said["format"]
        said |= _WALL_TIME
    return said
