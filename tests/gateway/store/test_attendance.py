"""Sổ chuyên cần adds up, and forgets nothing over a restart; the audit log is found again by person, kind and day."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from devices.model import ClusterId
from gateway.domain.attendance import Attended
from gateway.ports.records import AuditQuery
from gateway.store.opening import Store, open_store
from tests.gateway.store.rows import NOW, later, note

THURSDAY = date(2026, 10, 8)


def row(cluster: str = "kp1-01", *, days: int = 0, watched_s: int = 300, online_s: int = 300) -> Attended:
    day = THURSDAY + timedelta(days=days)
    return Attended(day=day, cluster=ClusterId(cluster), watched_s=watched_s, online_s=online_s)


async def test_seconds_of_one_day_add_up_over_a_restart(folder: Path) -> None:
    for online_s in (300, 100):
        with open_store(folder, now=NOW) as store:
            await store.attendance.add([row(online_s=online_s), row("kp1-02", days=1)])
    with open_store(folder, now=NOW) as store:
        assert await store.attendance.between(THURSDAY, THURSDAY) == [row(watched_s=600, online_s=400)]
        assert len(await store.attendance.between(THURSDAY, THURSDAY + timedelta(days=1))) == 2
        assert await store.attendance.between(THURSDAY - timedelta(days=9), THURSDAY - timedelta(days=1)) == []


@pytest.fixture
async def told(store: Store) -> Store:
    for minute, (actor, action) in enumerate(
        [("u1", "bulletin.create"), ("u2", "bulletin.approve"), ("u1", "bulletins.x"), ("u1", "silence.on")]
    ):
        await store.audit.add(note(action, actor=actor, at=later(minutes=minute)))
    return store


async def found(store: Store, *, before_n: int | None = None, limit: int = 200, **asked: object) -> list[str]:
    lines = await store.audit.find(AuditQuery(**asked), before_n=before_n, limit=limit)
    return [line.note.action for line in lines]


async def test_the_log_is_searched_newest_first_by_person_kind_and_time(told: Store) -> None:
    assert await found(told) == ["silence.on", "bulletins.x", "bulletin.approve", "bulletin.create"]
    assert await found(told, actor="u1", kind="bulletin") == ["bulletin.create"]
    assert await found(told, kind="bulletin.approve") == ["bulletin.approve"]
    assert await found(told, since=later(minutes=1), until=later(minutes=2)) == ["bulletin.approve"]
    assert await found(told, limit=1, before_n=4) == ["bulletins.x"]


@pytest.mark.parametrize("typed", ["%", "bulletin%", "_", "' OR 1=1 --", "bulletin.' OR 1=1 --"])
async def test_nothing_typed_means_anything_but_itself(told: Store, typed: str) -> None:
    assert await found(told, kind=typed) == []
    assert await found(told, actor=typed) == []
