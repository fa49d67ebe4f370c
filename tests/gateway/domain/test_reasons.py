"""A code is for programs: whatever a pole or the gateway may say of a play has words in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.model import Refusal
from gateway.domain.reasons import REASONS, reason_in_words, reason_of

ROOT = Path(__file__).resolve().parents[3]
JUDGES = ("devices/agent/outcome.py", "devices/agent/studio.py", "gateway/services/evidence.py")
"""Here every word in small letters is a code, except the fields of a journal's line."""
FIELDS = {"at_ms", "by", "n", "occ", "prev", "sid", "started", "typ", "want_ms"}
OF_ENROLMENTS = {"replaced"}
_CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def said_as_why() -> Iterator[str]:
    """Yield what is written as ``why=`` or as what cuts a play, anywhere on the pole and in the gateway's services."""
    for folder in ("devices/agent", "gateway/services"):
        for file in sorted((ROOT / folder).glob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                cuts = isinstance(node.func, ast.Name) and node.func.id == "Cut"
                given = [each.value for each in node.keywords if each.arg == "why"] + (node.args[:1] if cuts else [])
                yield from (
                    each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )


def said_by_judges() -> Iterator[str]:
    """Yield every code in the files that weigh a play."""
    for name in JUDGES:
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
                yield node.value


def test_every_reason_a_pole_or_the_gateway_may_give_has_words() -> None:
    found = {*said_as_why(), *said_by_judges(), *(each.value for each in Refusal)} - FIELDS - OF_ENROLMENTS
    assert {"power", "late", "no_loudspeaker", "too_quiet", "underrun", "journal_lost", "overrun", "no_word"} <= found
    assert sorted(found - REASONS.keys()) == []


def test_words_are_words_in_both_languages() -> None:
    for code, (vi, en) in REASONS.items():
        assert "_" not in vi + en, code
        assert vi != en, code


@pytest.mark.parametrize(
    "code", ["of_tomorrow", "by:sang-thu-5@2026-03-05T05:30:00+07:00", "by:person", "by:quiet_hours", ""]
)
def test_no_code_is_ever_shown_not_even_one_nobody_knows(code: str) -> None:
    for said in reason_in_words(code):
        assert said
        assert not re.search(r"[_@:]|thu-5", said)


def test_what_is_said_in_the_same_words_is_counted_as_one_reason() -> None:
    assert reason_of("by:person") == reason_of("stopped") == "person"
    assert reason_of("clock_unsynced") == reason_of("clock")
    assert reason_of("") == ""
    assert all(reason_of(reason_of(code)) == reason_of(code) for code in REASONS)


def test_what_interrupted_is_named_by_its_kind() -> None:
    assert reason_in_words("by:em-0a1b2c3d@2026-03-05T05:30:00+07:00") == REASONS["emergency"]
    assert reason_in_words("by:person") == REASONS["person"]
    assert reason_in_words("by:trua@2026-03-05T11:00:00+07:00") != reason_in_words("of_tomorrow")
