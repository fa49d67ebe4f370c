"""Bulletins, programmes, schedules, inventory, values: what was saved comes back; nobody overwrites anybody."""

from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from devices.model import ClusterId, Priority, Source, ZoneId
from gateway.domain.bulletin import Bulletin
from gateway.domain.category import Category, Duty
from gateway.domain.clash import Answer, Decision
from gateway.domain.errors import BadInput, NotFound, Stale, StoreFailed
from gateway.domain.ids import BulletinId, CategoryId, DecisionId, ProgrammeId, ScheduleId
from gateway.domain.programme import BulletinItem, Clip, ItemRole, Pause, Programme, WhenUnready
from gateway.domain.rule import Daily, MonthlyByDay, MonthlyByWeekday, Once, Rule, Weekly
from gateway.domain.schedule import AfterOverride, HolidayMode, HolidayPolicy, Late, LateMode
from gateway.domain.targets import Cluster, ClusterKind, Targets, Zone
from gateway.store.opening import Store, open_store
from tests.gateway.domain import builders
from tests.gateway.store.rows import NOW, by_hand, later, note


async def test_a_bulletin_comes_back_as_it_was_in_every_state(store: Store) -> None:
    draft = builders.draft(
        priority=Priority.PRIORITY, source=Source.PROVINCE, valid_from=NOW, valid_until=later(days=3), speed=1.1
    )
    waiting = draft.attach_audio(builders.audio_of(draft), recorded_by=builders.OTHER).submit()
    states: list[Bulletin] = [
        draft,
        waiting,
        waiting.reject(by=builders.APPROVER, at=NOW, reason="đọc lại số điện thoại"),
        waiting.approve(
            by=builders.APPROVER, at=NOW, text_sha256=waiting.text_sha256, asset=builders.audio_of(draft).asset
        ),
        waiting.withdraw(by=builders.APPROVER, at=NOW, reason="đã hủy cuộc họp"),
    ]
    for number, bulletin in enumerate(states):
        named = replace(bulletin, id=BulletinId(f"bt-{number}"))
        await store.bulletins.save(named, was_revision=None, note=note())
        assert await store.bulletins.get(named.id) == named
    assert [bulletin.id for bulletin in await store.bulletins.all()] == [f"bt-{n}" for n in range(5)]
    assert await store.bulletins.get(BulletinId("none")) is None


async def test_a_save_from_an_old_revision_is_refused_and_changes_nothing(store: Store) -> None:
    first = builders.draft()
    await store.bulletins.save(first, was_revision=None, note=note())
    mine = first.edit(builders.content(title="Của tôi"), by=builders.OTHER)
    theirs = first.edit(builders.content(title="Của họ"), by=builders.AUTHOR)
    await store.bulletins.save(theirs, was_revision=first.revision, note=note())
    with pytest.raises(Stale):
        await store.bulletins.save(mine, was_revision=first.revision, note=note())
    assert await store.bulletins.get(first.id) == theirs
    assert await store.audit.verify() == 2


async def test_a_new_bulletin_never_replaces_one_of_that_name(store: Store) -> None:
    await store.bulletins.save(builders.draft(), was_revision=None, note=note())
    with pytest.raises(Stale):
        await store.bulletins.save(builders.draft(title="Khác"), was_revision=None, note=note())


async def test_a_change_of_what_was_never_there_is_refused(store: Store) -> None:
    with pytest.raises(Stale):
        await store.bulletins.save(builders.draft(), was_revision=1, note=note())
    assert await store.bulletins.all() == []


async def test_a_programme_comes_back_with_all_its_kinds_of_items(store: Store) -> None:
    programme = Programme(
        id=ProgrammeId("ct-1"),
        title="Bản tin sáng",
        items=(
            builders.chime(),
            Clip(role=ItemRole.GREETING, asset=builders.asset("e"), duration_ms=4_000, title="Lời chào"),
            BulletinItem(bulletin=BulletinId("bt-1")),
            Pause(duration_ms=1_500),
            Clip(role=ItemRole.RECORDED, asset=builders.asset("d"), duration_ms=60_000),
            Clip(role=ItemRole.SIGN_OFF, asset=builders.asset("f"), duration_ms=3_000),
        ),
        repeats=2,
        when_unready=WhenUnready.LEAVE_OUT,
    )
    await store.programmes.save(programme, note=note())
    assert await store.programmes.get(programme.id) == programme
    renamed = replace(programme, title="Bản tin chiều")
    await store.programmes.save(renamed, note=note())
    assert await store.programmes.all() == [renamed]


@pytest.mark.parametrize(
    "rule",
    [
        Once(day=date(2026, 10, 8)),
        Daily(first=date(2026, 10, 8), last=date(2026, 10, 12)),
        Weekly(weekdays=frozenset({3, 5}), first=date(2026, 1, 1), interval=2),
        MonthlyByDay(days_of_month=frozenset({1, -1}), first=date(2026, 1, 1)),
        MonthlyByWeekday(nth=-1, weekday=5, first=date(2026, 1, 1), last=date(2027, 1, 1)),
    ],
    ids=lambda rule: str(rule.kind),
)
async def test_a_schedule_comes_back_with_its_rule(store: Store, rule: Rule) -> None:
    schedule = builders.schedule(
        rule=rule,
        times=(time(5, 30), time(17, 30, 15)),
        targets=Targets(clusters=frozenset({ClusterId("kp1-01")}), zones=frozenset({ZoneId("kp2")})),
        exceptions=frozenset({date(2026, 10, 10)}),
        extra_dates=frozenset({date(2026, 10, 11)}),
        holidays=HolidayPolicy(mode=HolidayMode.REPLACE, programme=ProgrammeId("ct-tet"), tet_only=True),
        late=Late(mode=LateMode.SKIP, max_ms=5_000),
        after_override=AfterOverride.DROP,
        priority=Priority.PRIORITY,
        plays=12,
        enabled=False,
    )
    await store.schedules.save(schedule, was_revision=None, note=note())
    assert await store.schedules.get(schedule.id) == schedule


async def test_a_stale_schedule_is_refused_and_a_deleted_one_is_gone(store: Store) -> None:
    schedule = builders.schedule()
    await store.schedules.save(schedule, was_revision=None, note=note())
    await store.schedules.save(replace(schedule, revision=2), was_revision=1, note=note())
    with pytest.raises(Stale):
        await store.schedules.save(replace(schedule, revision=2), was_revision=1, note=note())
    await store.schedules.delete(schedule.id, note=note("schedule.delete"))
    assert await store.schedules.all() == []
    with pytest.raises(NotFound):
        await store.schedules.delete(schedule.id, note=note("schedule.delete"))
    with pytest.raises(Stale):
        await store.schedules.save(replace(schedule, revision=3), was_revision=2, note=note())
    assert [line.note.action for line in await store.audit.lines()][-1] == "schedule.delete"


async def test_decisions_are_kept(store: Store) -> None:
    decision = Decision(
        id=DecisionId("qd-1"),
        first=ScheduleId("lich-1"),
        other=ScheduleId("lich-2"),
        answer=Answer.SHIFT,
        by=builders.APPROVER,
        at=NOW,
        shift_ms=600_000,
        day=date(2026, 10, 8),
    )
    await store.schedules.decide(decision, note=note())
    await store.schedules.decide(replace(decision, shift_ms=900_000), note=note())
    assert await store.schedules.decisions() == [replace(decision, shift_ms=900_000)]


async def test_the_inventory_is_kept(store: Store) -> None:
    zone = Zone(id=ZoneId("kp1"), name="Khu phố 1")
    cluster = Cluster(id=ClusterId("kp1-01"), name="Nhà văn hóa", zone=zone.id, kind=ClusterKind.FM, latitude=21.03)
    category = Category(
        id=CategoryId("an-ninh"),
        label_vi="An ninh trật tự",
        label_en="Public order",
        duty=Duty(bulletins_a_month=1, replays=2),
    )
    await store.inventory.save_zone(zone, note=note())
    await store.inventory.save_cluster(cluster, note=note())
    await store.inventory.save_category(category, note=note())
    assert await store.inventory.zones() == [zone]
    assert await store.inventory.clusters() == [cluster]
    assert await store.inventory.categories() == [category]
    await store.inventory.save_zone(replace(zone, name="Khu phố Một"), note=note())
    assert (await store.inventory.zones())[0].name == "Khu phố Một"


async def test_a_cluster_in_no_known_zone_is_refused(store: Store) -> None:
    with pytest.raises(BadInput):
        await store.inventory.save_cluster(Cluster(id=ClusterId("kp1-01"), name="?", zone=ZoneId("kp9")), note=note())
    assert await store.audit.verify() == 0


async def test_values_come_back_as_json_knows_them(store: Store) -> None:
    assert await store.values.get("silence") is None
    await store.values.set("silence", {"on": True, "since": NOW, "by": ("u1", None)}, note=note())
    assert await store.values.get("silence") == {"on": True, "since": "2026-10-07T22:00:00Z", "by": ["u1", None]}
    empty: list[Any] = [False, 0, "", [], None]
    for falsy in empty:
        await store.values.set("x", falsy, note=None)
        assert await store.values.get("x") == falsy
    assert await store.audit.verify() == 1


async def test_everything_is_there_after_a_restart(folder: Path) -> None:
    with open_store(folder, now=NOW) as store:
        await store.bulletins.save(builders.approved(), was_revision=None, note=note())
        await store.values.set("x", 1, note=note())
    with open_store(folder, now=NOW) as store:
        assert await store.bulletins.get(BulletinId("bt-1")) == builders.approved()
        assert await store.values.get("x") == 1
        assert await store.audit.verify() == 2


@pytest.mark.parametrize("body", ["{}", "not json", '{"id": "bt-1", "author": "a", "content": {"title": ""}}'])
async def test_a_row_that_makes_no_sense_is_reported_never_guessed_at(folder: Path, body: str) -> None:
    with open_store(folder, now=NOW) as store:
        await store.bulletins.save(builders.approved(), was_revision=None, note=note())
    by_hand(folder, f"UPDATE bulletin SET body = '{body}'")
    with open_store(folder, now=NOW) as store:
        with pytest.raises(StoreFailed) as caught:
            await store.bulletins.get(BulletinId("bt-1"))
        assert caught.value.code == "store_damaged"
        with pytest.raises(StoreFailed):
            await store.bulletins.all()
