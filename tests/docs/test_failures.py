"""The page of failures names tests that exist, at least one for each failure."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| (\d+|a |silence)", line)]


@pytest.fixture(scope="module")
def tests() -> set[str]:
    return {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    }


def test_all_twenty_five_and_the_four_that_must_never_happen_are_there() -> None:
    assert len(ROWS) == 25 + 4


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:30])
def test_each_row_names_tests_that_exist(row: str, tests: set[str]) -> None:
    named = set(re.findall(r"`(test_\w+)`", row))
    assert named
    assert named <= tests
