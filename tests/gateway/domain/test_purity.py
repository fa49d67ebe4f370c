"""The rules stay pure: no clock, no waiting, no I/O, and no pytz, which freezes an offset into a rule."""

import ast
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from gateway.domain.bulletin import Bulletin
from gateway.domain.clash import Decision
from gateway.domain.programme import Programme
from gateway.domain.rule import Daily, MonthlyByDay, MonthlyByWeekday, Once, Weekly
from gateway.domain.schedule import HolidayMode, HolidayPolicy, Schedule
from gateway.domain.targets import Cluster
from tests.gateway.domain.builders import approved, decision, programme, registry, schedule

ROOT = Path(__file__).parents[3]
DOMAIN = sorted((ROOT / "gateway" / "domain").glob("*.py"))
PRODUCT = sorted(p for top in ("gateway", "devices", "tts", "simulators") for p in (ROOT / top).rglob("*.py"))
ALLOWED_OUTSIDE = {"devices", "gateway", "dateutil", "holidays"}
FORBIDDEN_STDLIB = {"asyncio", "logging", "os", "pathlib", "socket", "sqlite3", "subprocess", "threading", "time"}
CLOCKS = {"now", "utcnow", "today", "time_ns", "monotonic"}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_no_file_imports_pytz() -> None:
    assert DOMAIN[0] in PRODUCT
    assert [path for path in PRODUCT if any(name.split(".")[0] == "pytz" for name in imports(path))] == []


@pytest.mark.parametrize("path", DOMAIN, ids=lambda p: p.name)
def test_the_domain_imports_only_what_is_pure(path: Path) -> None:
    for name in imports(path):
        top = name.split(".")[0]
        assert top not in FORBIDDEN_STDLIB, name
        assert top in sys.stdlib_module_names or top in ALLOWED_OUTSIDE, name
        if top in ("gateway", "devices"):
            assert name.startswith(("gateway.domain", "devices.model")), name


@pytest.mark.parametrize("path", DOMAIN, ids=lambda p: p.name)
def test_the_domain_reads_no_clock(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not CLOCKS & {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_the_files_looked_at_are_there() -> None:
    assert {"schedule.py", "plan.py", "bulletin.py"} <= {path.name for path in DOMAIN}


FIRST = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        (Bulletin, approved(valid_from=datetime.fromisoformat("2026-10-01T05:30:00+07:00"))),
        (Programme, programme()),
        (Schedule, schedule()),
        (Schedule, schedule(rule=Once(day=FIRST), times=(time(5, 30, 15),), extra_dates=frozenset({FIRST}))),
        (Schedule, schedule(rule=Daily(first=FIRST, last=FIRST), plays=3)),
        (Schedule, schedule(rule=MonthlyByDay(days_of_month=frozenset({1, -1}), first=FIRST))),
        (Schedule, schedule(rule=MonthlyByWeekday(nth=-1, weekday=5, first=FIRST))),
        (Schedule, schedule(rule=Weekly(weekdays=frozenset({0}), first=FIRST, interval=2))),
        (Schedule, schedule(holidays=HolidayPolicy(mode=HolidayMode.SKIP, tet_only=True))),
        (Decision, decision("a", "b", day=FIRST)),
        (Cluster, registry().clusters[next(iter(registry().clusters))]),
    ],
)
def test_everything_that_is_kept_survives_being_written_as_json(kind: Any, thing: object) -> None:
    adapter = TypeAdapter(kind)
    assert adapter.validate_json(adapter.dump_json(thing)) == thing
