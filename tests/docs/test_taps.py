"""What a tap may destroy: every form of the pages stands in ``docs/web.md`` with what protects it, and does so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.gateway.web.page_table import MACHINES
from tests.gateway.web.routes import doors

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "gateway" / "web" / "templates"
KINDS = ("hold", "undo", "ask", "look", "back", "adds")
_TOKEN = re.compile(r"{% call (.+?) %}|{% endcall %}|<details class=\"confirm\"|<details|</details>", re.DOTALL)
_SET = re.compile(r"{% set (\w+) = (.+?) %}")
_ACTION = re.compile(r"ui\.form\((.+)\)$", re.DOTALL)


def table() -> dict[str, list[str]]:
    """Return the forms of each row, by its first word."""
    found = {}
    for line in (ROOT / "docs" / "web.md").read_text().splitlines():
        kind = re.match(r"\| `(\w+)`: [^|]+\| (.+) \|$", line)
        if kind:
            found[kind[1]] = re.findall(r"`([^`]+)`", kind[2])
    return found


@dataclass(frozen=True)
class Form:
    """One form of a template."""

    where: str
    action: re.Pattern[str]
    arguments: str
    asked: bool
    body: str


def forms() -> Iterator[Form]:
    """Read every form of the templates, with whether a second tap stands before it."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        text = path.read_text()
        named = dict(_SET.findall(text))
        inside: list[str] = []
        for token in _TOKEN.finditer(text):
            if token[0] in {"{% endcall %}", "</details>"}:
                inside.pop()
                continue
            call = token[1] or token[0]
            made = _ACTION.match(call)
            if made:
                asked = any(each.startswith(("ui.confirm", '<details class="confirm"')) for each in inside)
                body = text[token.end() : text.index("{% endcall %}", token.end())]
                for action in _actions(_first(made[1]), named):
                    yield Form(str(path.relative_to(TEMPLATES)), action, made[1], asked, body)
            inside.append(call)


def _first(arguments: str) -> str:
    """Return what stands before the first comma that is in no brackets."""
    depth = 0
    for at, char in enumerate(arguments):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(char, 0)
        if char == "," and not depth:
            return arguments[:at]
    return arguments


def _actions(expression: str, named: dict[str, str]) -> Iterator[re.Pattern[str]]:
    expression = expression.strip()
    expression = named.get(expression, expression)
    for one in re.split(r" if .+? else ", expression):
        parts = [part.strip() for part in one.split("~")]
        if parts[0] in named:
            parts[:1] = [part.strip() for part in named[parts[0]].split("~")]
        if any(part.startswith('"') for part in parts):
            said = [re.escape(part.strip('"')) if part.startswith('"') else "[^/]+" for part in parts]
            yield re.compile("".join(said) if parts[0].startswith('"') else ".*" + "".join(said[1:]))


def forms_of(path: str) -> list[Form]:
    """Return the forms that send to ``path``."""
    address = re.sub(r"{\w+}", "x", path)
    return [each for each in forms() if each.action.fullmatch(address)]


def test_every_form_of_the_pages_stands_in_the_table_once() -> None:
    there = sorted(door.template for door in doors() if not door.safe and not door.template.startswith(MACHINES))
    rows = table()
    assert tuple(rows) == KINDS
    said = sorted(path for row in rows.values() for path in row)
    assert said == there, "docs/web.md, “What protects a tap”: say what protects the new form, then protect it so"


@pytest.mark.parametrize("path", table()["hold"])
def test_what_is_held_is_held_in_every_form(path: str) -> None:
    found = forms_of(path)
    assert found, path
    assert all("hold_ms=" in each.body for each in found), [each.where for each in found]


@pytest.mark.parametrize("path", table()["undo"])
def test_what_can_be_taken_back_waits_five_seconds_in_every_form(path: str) -> None:
    found = forms_of(path)
    assert found, path
    for each in found:
        assert re.search(r"undo=(5|0 if not schedule\.enabled else 5)(,|$)", each.arguments), each.where


@pytest.mark.parametrize("path", table()["ask"])
def test_what_is_asked_first_stands_behind_a_second_tap(path: str) -> None:
    found = forms_of(path)
    assert found, path
    assert all(each.asked for each in found), [each.where for each in found if not each.asked]


@pytest.mark.parametrize("kind", ["hold", "ask"])
def test_what_silences_or_is_asked_is_never_delayed(kind: str) -> None:
    for path in table()[kind]:
        assert not [each.where for each in forms_of(path) if "undo=" in each.arguments], path
