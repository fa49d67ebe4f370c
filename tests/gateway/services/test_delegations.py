"""Ủy quyền duyệt: whoever is lent the right has it from the first instant to the last, and nothing beside it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from devices.clock import instant
from gateway.domain.errors import BadInput, NotAllowed, NotFound
from gateway.domain.people import Permission, Role, User, permissions_of
from gateway.services.actor import lender
from gateway.services.sessions import Current
from tests.gateway.services.people import GOOD, START_MS, WHY, Door, boss, build_door, knock, open_door

NOW = instant(START_MS)
HOUR = timedelta(hours=1)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


async def enter(door: Door, name: str) -> str:
    return (await door.sessions.sign_in(knock(name, GOOD))).token


async def who(door: Door, token: str) -> Current:
    return await door.sessions.who(token)


async def lend(door: Door, giver: User, deputy: User, *, begin_h: int = 1, end_h: int = 3) -> str:
    made = await door.delegations.give(
        deputy.id, since=NOW + begin_h * HOUR, until=NOW + end_h * HOUR, reason="đi công tác", by=giver
    )
    return made.id


async def test_a_right_is_lent_from_the_first_instant_to_the_last_and_not_after(door: Door) -> None:
    giver, deputy = await door.person("pct", Role.APPROVER), await door.person("phong", Role.OPERATOR)
    token = await enter(door, "phong")
    await lend(door, giver, deputy)
    held = []
    for minutes in (0, 59, 60, 179, 180, 240):
        await door.clock.advance(minutes * 60 - (door.clock.now_ms() - START_MS) / 1000)
        held.append(Permission.APPROVE in permissions_of((await who(door, token)).actor))
    assert held == [False, False, True, True, False, False]


async def test_only_the_right_to_approve_is_lent_and_it_says_on_whose_behalf(door: Door) -> None:
    giver, deputy = await door.person("pct", Role.APPROVER), await door.person("phong", Role.VIEWER)
    token = await enter(door, "phong")
    await lend(door, giver, deputy, begin_h=0)
    actor = (await who(door, token)).actor
    assert permissions_of(actor) == {Permission.READ, Permission.APPROVE}
    assert lender(actor, Permission.APPROVE) == giver.id
    stored = await door.store.accounts.user(deputy.id)
    assert stored is not None
    assert Permission.APPROVE not in permissions_of(stored)


async def test_what_is_lent_outlives_a_restart_and_ends_when_it_is_taken_back(door: Door) -> None:
    giver, deputy = await door.person("pct", Role.APPROVER), await door.person("phong", Role.OPERATOR)
    token = await enter(door, "phong")
    name = await lend(door, giver, deputy, begin_h=0)
    again = build_door(door.store, door.clock)
    assert Permission.APPROVE in permissions_of((await who(again, token)).actor)
    await again.delegations.take_back(name, by=giver)
    assert Permission.APPROVE not in permissions_of((await who(again, token)).actor)
    with pytest.raises(NotFound):
        await again.delegations.take_back(name, by=giver)
    actions = [line.note.action for line in await door.store.audit.lines(limit=500)]
    assert actions.count("delegation.give") == actions.count("delegation.take_back") == 1


@pytest.mark.parametrize("closed", [True, False])
async def test_whoever_may_not_approve_any_more_lends_nothing(door: Door, closed: bool) -> None:
    giver, deputy = await door.person("pct", Role.APPROVER), await door.person("phong", Role.OPERATOR)
    await door.person("quantri", Role.ADMIN)
    token = await enter(door, "phong")
    await lend(door, giver, deputy, begin_h=0)
    if closed:
        await door.accounts.change(boss(), giver.id, active=False, reason=WHY)
    else:
        await door.accounts.change(boss(), giver.id, roles=frozenset({Role.VIEWER}), reason=WHY)
    assert Permission.APPROVE not in permissions_of((await who(door, token)).actor)


async def test_a_lent_right_is_not_lent_on_and_nobody_without_it_lends(door: Door) -> None:
    giver, deputy = await door.person("pct", Role.APPROVER), await door.person("phong", Role.OPERATOR)
    other = await door.person("khac", Role.AUTHOR)
    token = await enter(door, "phong")
    name = await lend(door, giver, deputy, begin_h=0)
    for nobody in ((await who(door, token)).actor, other, boss()):
        with pytest.raises(NotAllowed):
            await lend(door, nobody, other)
        with pytest.raises(NotAllowed):
            await door.delegations.take_back(name, by=nobody)
    assert {user.id for user in await door.delegations.candidates(giver)} == {deputy.id, other.id}


@pytest.mark.parametrize(
    ("begin_h", "end_h", "path"), [(3, 1, "until"), (-5, -1, "until"), (0, 24 * 93, "until"), (0, 0, "until")]
)
async def test_wrong_dates_are_refused_in_words(door: Door, begin_h: int, end_h: int, path: str) -> None:
    giver, deputy = await door.person("pct", Role.APPROVER), await door.person("phong", Role.OPERATOR)
    with pytest.raises(BadInput) as refused:
        await lend(door, giver, deputy, begin_h=begin_h, end_h=end_h)
    assert [problem.path for problem in refused.value.problems] == [path]
    assert not await door.delegations.all()


async def test_nobody_is_their_own_deputy_and_a_reason_is_asked_for(door: Door) -> None:
    giver = await door.person("pct", Role.APPROVER)
    with pytest.raises(BadInput) as refused:
        await door.delegations.give(giver.id, since=NOW, until=NOW + HOUR, reason=" ", by=giver)
    assert {problem.path for problem in refused.value.problems} == {"to", "reason"}
