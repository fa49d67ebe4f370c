"""Chuyên mục và chỉ tiêu."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.category import Category, Duty, Heard, progress
from gateway.domain.ids import BulletinId, CategoryId

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DIGITAL = Category(
    id=CategoryId("chuyen-doi-so"),
    label_vi="Chuyển đổi số",
    label_en="Digital transformation",
    duty=Duty(bulletins_a_month=1, replays=2),
)


def heard(bulletin: str, day: int, category: str = "chuyen-doi-so") -> Heard:
    start = datetime(2026, 10, day, 5, 30, tzinfo=HANOI)
    return Heard(bulletin=BulletinId(bulletin), category=CategoryId(category), start=start)


def test_one_bulletin_and_two_replays_fulfil_the_duty() -> None:
    plays = [heard("a", 1), heard("a", 8), heard("b", 8)]
    short = progress(DIGITAL, plays, year=2026, month=10, zone=HANOI)
    assert (short.bulletins, short.airings, short.complete, short.missing, short.met) == (2, 3, 0, 1, False)
    assert progress(DIGITAL, [*plays, heard("a", 15)], year=2026, month=10, zone=HANOI).met


def test_one_airing_on_twenty_clusters_is_one() -> None:
    assert progress(DIGITAL, [heard("a", 1)] * 20, year=2026, month=10, zone=HANOI).airings == 1


def test_a_month_begins_at_local_midnight() -> None:
    just_before = Heard(bulletin=BulletinId("a"), category=DIGITAL.id, start=datetime(2026, 9, 30, 16, 59, tzinfo=UTC))
    at_midnight = Heard(bulletin=BulletinId("a"), category=DIGITAL.id, start=just_before.start + timedelta(minutes=1))
    assert progress(DIGITAL, [just_before, at_midnight], year=2026, month=10, zone=HANOI).airings == 1


def test_other_categories_do_not_count_and_no_duty_is_always_met() -> None:
    assert progress(DIGITAL, [heard("a", 1, "phap-luat")], year=2026, month=10, zone=HANOI).airings == 0
    free = Category(id=DIGITAL.id, label_vi="x", label_en="x")
    assert progress(free, [], year=2026, month=10, zone=HANOI).met


def test_naive_plays_are_refused() -> None:
    naive = Heard(bulletin=BulletinId("a"), category=DIGITAL.id, start=datetime(2026, 10, 1))  # noqa: DTZ001 - the point
    with pytest.raises(ValueError, match="naive"):
        progress(DIGITAL, [naive], year=2026, month=10, zone=HANOI)
