"""Alarms of one kind are one: what may be put together, in what order, and what is closed at one tap."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.model import ClusterId
from gateway.domain.errors import NotAllowed, NotFound
from gateway.ports.records import Alarm, Severity
from gateway.services.alarm_heaps import SAFE_TOGETHER, heaps_of, kind_of
from tests.gateway.services.world import TECHNICIAN, World

START = datetime(2026, 3, 5, 5, tzinfo=UTC)


def alarm(key: str, minute: int = 0, severity: Severity = Severity.WARNING) -> Alarm:
    at = START + timedelta(minutes=minute)
    return Alarm(key=key, severity=severity, text_vi=key, text_en=key, cluster=ClusterId("kp1-01"), raised_at=at)


def test_two_hundred_lost_clusters_are_one_and_a_single_alarm_stays_as_it_is() -> None:
    storm = [alarm(f"lost:kp{n}", n) for n in range(200)]
    lost, disk = heaps_of([*storm, alarm("disk", -1)])
    assert (lost.kind, len(lost.alarms), lost.many) == ("lost", 200, True)
    assert (lost.first_at, lost.newest.key) == (START, "lost:kp199")
    assert (disk.kind, disk.many) == ("", False)


def test_the_gravest_come_first_and_then_what_began_last() -> None:
    heaps = heaps_of(
        [
            alarm("lost:a", 1),
            alarm("disk", 5),
            alarm("clock:a", 0, Severity.CRITICAL),
            alarm("clock:b", 9),
            alarm("lost:b", 7),
        ]
    )
    assert [[each.key for each in heap.alarms] for heap in heaps] == [
        ["clock:a"],
        ["clock:b"],
        ["lost:b", "lost:a"],
        ["disk"],
    ]


@pytest.mark.parametrize("key", ["lost", "own-rights:u1", "reset-factor:u1:u2", "emergency:em-1", "gate:occ", "x:1"])
def test_what_tells_of_a_person_an_emergency_or_a_broadcast_is_read_alone(key: str) -> None:
    assert kind_of(key) == ""
    assert not any(heap.many for heap in heaps_of([alarm(key), alarm(f"{key}x")]))


async def test_a_group_is_closed_though_one_ended_meanwhile_and_a_strange_voice_is_not(world: World) -> None:
    desk, actor = world.alarms, TECHNICIAN
    for key in ("unproven:a", "unproven:b", "rogue:a", "rogue:b"):
        await desk.raise_(key, Severity.CRITICAL, key, key)
    await desk.close_together(["unproven:a", "unproven:gone", "unproven:b"], by=actor)
    assert set(desk.standing) == {"rogue:a", "rogue:b"}
    with pytest.raises(NotAllowed, match="one by one"):
        await desk.close_together(["rogue:a", "rogue:b"], by=actor)
    assert set(desk.standing) == {"rogue:a", "rogue:b"}
    with pytest.raises(NotFound):
        await desk.close_together(["unproven:gone"], by=actor)
    assert "rogue" not in SAFE_TOGETHER
