"""Requests nobody sends by mistake, drawn from the API's own description."""

import random
from typing import Any

from tests.gateway.web.world import PIN

NASTY: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**63,
    -(2**63) - 1,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "ế" * 300,
    "x" * 100_000,
    "../../etc/passwd",
    "'; DROP TABLE user; --",
    "=1+1",
    "<script>alert(1)</script>",
    "${jndi:ldap://x}",
    "%s%s%n",
    "0001-01-01",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-02-30",
    "24:00",
    "05:30:00.5",
    "05:30+07:00",
    "Mars/Olympus",
    "٣",
    "\u202e\u200b\ufeff",
    [],
    [[[[[[]]]]]],
    [None] * 2_000,
    {},
    {"kind": "clip"},
    {"kind": {"kind": []}},
    {"": ""},
    {"\ud800": 1},
    {"__proto__": {}},
)

IDS = ("kp1-01", "kp2-fm", "kp1", "admin", "lich-1@2026-10-08T05:30:00+07:00", "sha256:" + "0" * 64, "0" * 64, "x", PIN)
_NAMING = {"id", "asset", "em", "occ", "text_sha256", "key"}


class Drawer:
    """Draws values that fit a schema, and now and then one that does not."""

    def __init__(self, document: dict[str, Any], seed: int) -> None:
        self._schemas = document["components"]["schemas"]
        self.dice = random.Random(seed)
        self.names: list[str] = list(IDS)
        """What is worth naming: grows with what the server tells."""

    def learn(self, told: Any) -> None:
        """Remember names in an answer, so that what was made is also read, changed and broken; not ourselves."""
        if isinstance(told, list):
            for each in told[:5]:
                self.learn(each)
        elif isinstance(told, dict):
            for key, value in told.items():
                if (
                    key in {"id", "asset", "em", "occ", "text_sha256", "key"}
                    and isinstance(value, str)
                    and not value.startswith("u-")
                ):
                    self.names.append(value.removeprefix("sha256:"))
                else:
                    self.learn(value)

    def name(self) -> str:
        """Draw one: old and new ones alike."""
        return self.dice.choice(IDS) if self.dice.random() < 0.3 else self.dice.choice(self.names)

    def value(self, schema: dict[str, Any], *, nastiness: float, depth: int = 0) -> Any:
        if self.dice.random() < nastiness or depth > 8:
            return self.dice.choice(NASTY)
        if "$ref" in schema:
            return self.value(self._schemas[schema["$ref"].rpartition("/")[2]], nastiness=nastiness, depth=depth + 1)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self.value(self.dice.choice(schema[key]), nastiness=nastiness, depth=depth + 1)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.dice.choice(schema["enum"])
        return self._typed(schema, nastiness, depth)

    def _typed(self, schema: dict[str, Any], nastiness: float, depth: int) -> Any:  # noqa: PLR0911 - one per kind
        match schema.get("type"):
            case "object":
                known = {
                    name: self.value(sub, nastiness=nastiness, depth=depth + 1)
                    for name, sub in schema.get("properties", {}).items()
                    if name in schema.get("required", ()) or self.dice.random() < 0.5
                }
                return known if known or self.dice.random() < 0.5 else {"x": self.dice.choice(NASTY)}
            case "array":
                many = range(self.dice.randrange(3))
                return [self.value(schema.get("items", {}), nastiness=nastiness, depth=depth + 1) for _ in many]
            case "integer":
                return self.dice.randint(int(schema.get("minimum", -5)), min(int(schema.get("maximum", 100)), 2**40))
            case "number":
                return self.dice.uniform(schema.get("minimum", -5), schema.get("maximum", 5))
            case "boolean":
                return self.dice.random() < 0.5
            case "null":
                return None
            case _:
                return self._text(schema)

    def _text(self, schema: dict[str, Any]) -> str:
        match schema.get("format"):
            case "date":
                return f"2026-10-{self.dice.randint(1, 28):02}"
            case "date-time":
                return f"2026-10-{self.dice.randint(1, 28):02}T05:30:00+07:00"
            case "time":
                return f"{self.dice.randrange(24):02}:{self.dice.randrange(60):02}"
        return self.dice.choice((self.name(), self.name(), "Tân Thạnh", "Một câu dài hơn một chút cho đủ mười ký tự"))
