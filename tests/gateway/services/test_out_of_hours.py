"""Phát ngoài giờ: two people, a reason, a stretch with an end; and nothing but the hours is opened."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from devices.model import PERMIT_MAX, PERMITS_AT_MOST, ClusterId, Priority, Refusal
from gateway.domain.errors import BadInput, NotAllowed, NotFound, PolicyRefusal, WrongState
from gateway.domain.out_of_hours import AHEAD, OutOfHours
from gateway.domain.people import Role
from gateway.domain.policy_pack import parse_policy
from gateway.domain.targets import EVERYWHERE
from gateway.services.actor import Actor
from gateway.services.out_of_hours import LOOK_EVERY_S, STANDS, WAITS, OutOfHoursDesk
from gateway.services.second_person import SecondPerson
from tests.gateway.services.world import (
    ADMIN,
    APPROVER,
    AUTHOR,
    OPERATOR,
    RULES,
    TECHNICIAN,
    RootKey,
    World,
    open_world,
    person,
)

HOUR = timedelta(hours=1)
REASON = "Tìm trẻ lạc ở khu phố 3"
BOTH = person("vua-truc-vua-duyet", Role.OPERATOR, Role.APPROVER)


def desk_of(world: World) -> OutOfHoursDesk:
    return OutOfHoursDesk(
        values=world.store.values,
        rulebook=world.rulebook,
        alarms=world.alarms,
        clock=world.clock,
        second_person=SecondPerson(world.store.audit, world.clock),
    )


@pytest.fixture
def desk(world: World) -> OutOfHoursDesk:
    return desk_of(world)


async def asked(
    desk: OutOfHoursDesk, world: World, *, by: Actor = OPERATOR, hour: int = 23, reason: str = REASON
) -> OutOfHours:
    start = world.local(7, hour)
    return await desk.ask(start=start, end=start + HOUR, reason=reason, by=by)


def refused(world: World, at: datetime) -> Refusal | None:
    return world.rulebook.rules.may_sound(at, timedelta(minutes=10), Priority.ROUTINE)


async def test_what_one_person_asks_for_opens_nothing_and_a_second_one_opens_just_that(
    world: World, desk: OutOfHoursDesk
) -> None:
    request = await asked(desk, world)
    assert refused(world, request.start) is Refusal.QUIET_HOURS
    assert world.standing("out-of-hours") == [WAITS]
    assert REASON in world.alarms.standing[WAITS].text_vi

    granted = await desk.grant(request.id, by=APPROVER)
    assert (granted.asked_by, granted.granted_by) == (OPERATOR.id, APPROVER.id)
    assert refused(world, request.start) is None
    assert refused(world, request.end - timedelta(minutes=9)) is Refusal.QUIET_HOURS
    assert refused(world, request.start + timedelta(days=1)) is Refusal.QUIET_HOURS
    assert world.standing("out-of-hours") == [STANDS]
    assert world.rulebook.rules.version == 1  # poles and proposals know the version; a permit does not use one up

    lines = [line.note for line in await world.store.audit.lines(limit=500)]
    told = {note.action: note for note in lines if note.subject == request.id}
    assert (told["hours.ask"].actor, told["hours.grant"].actor) == (OPERATOR.id, APPROVER.id)
    assert (told["hours.grant"].detail["asked_by"], told["hours.grant"].detail["reason"]) == (OPERATOR.id, REASON)


async def test_a_form_that_asks_twice_is_one_request_and_its_end_is_the_end(world: World, desk: OutOfHoursDesk) -> None:
    first, again = await asyncio.gather(asked(desk, world), asked(desk, world))
    assert first.id == again.id
    await desk.grant(first.id, by=APPROVER)
    assert (await asked(desk, world)).granted_by == APPROVER.id
    assert [each.id for each in await desk.all()] == [first.id]
    await desk.end(first.id, by=OPERATOR)
    assert await desk.all() == []
    assert refused(world, first.start) is Refusal.QUIET_HOURS
    assert (await asked(desk, world)).id != first.id  # asked for anew, after it was taken back


async def test_nobody_grants_what_they_asked_for_in_whatever_roles(world: World, desk: OutOfHoursDesk) -> None:
    request = await asked(desk, world, by=BOTH)
    with pytest.raises(NotAllowed) as own:
        await desk.grant(request.id, by=BOTH)
    assert own.value.code == "second_person"
    for other in (OPERATOR, AUTHOR, TECHNICIAN):
        with pytest.raises(NotAllowed):
            await desk.grant(request.id, by=other)
    assert refused(world, request.start) is Refusal.QUIET_HOURS
    with pytest.raises(NotAllowed):
        await world.rulebook.permit(request, by=APPROVER)  # without the first half there is no second
    for nobody in (APPROVER, AUTHOR, TECHNICIAN, ADMIN):
        with pytest.raises(NotAllowed):
            await asked(desk, world, by=nobody)


async def test_a_request_without_reason_end_or_measure_is_refused_whole(world: World, desk: OutOfHoursDesk) -> None:
    start = world.local(7, 23)
    for begin, end, reason in (
        (start, start + HOUR, "  "),
        (start, start + HOUR, "x" * 301),
        (start, start, REASON),
        (start, start + PERMIT_MAX + timedelta(seconds=1), REASON),
        (world.local(7, 18), world.local(7, 19), REASON),
        (start + AHEAD + HOUR, start + AHEAD + 2 * HOUR, REASON),
        (start.replace(tzinfo=None), start + HOUR, REASON),
    ):
        with pytest.raises(BadInput):
            await desk.ask(start=begin, end=end, reason=reason, by=OPERATOR)
    assert await desk.all() == []


async def test_a_broadcast_at_night_is_refused_before_and_after_the_permit_and_let_through_within_it(
    world: World, desk: OutOfHoursDesk
) -> None:
    bulletin = await world.approved()
    await world.poles()
    request = await asked(desk, world)
    await world.at(request.start + timedelta(minutes=1))
    with pytest.raises(PolicyRefusal):
        await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    await desk.grant(request.id, by=APPROVER)
    ordered = await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)
    assert ordered.start_at > request.start
    await world.at(request.end + timedelta(minutes=1))
    with pytest.raises(PolicyRefusal):
        await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)


async def test_how_many_poles_know_of_a_permit_is_counted_from_the_moment_it_is_given(world: World) -> None:
    poles = sorted(world.fleet.enrolled)
    desk = OutOfHoursDesk(
        values=world.store.values,
        rulebook=world.rulebook,
        alarms=world.alarms,
        clock=world.clock,
        second_person=SecondPerson(world.store.audit, world.clock),
        reached=world.config_desk.reached,
    )
    await world.config_desk.issue()
    for pole in poles:
        _hold_newest(world, pole)
    assert desk.reached() == (len(poles), len(poles))
    request = await asked(desk, world)
    assert desk.reached() == (len(poles), len(poles))  # nothing changed yet
    await desk.grant(request.id, by=APPROVER)
    assert desk.reached() == (0, len(poles))
    await world.config_desk.issue()
    assert desk.reached() == (0, len(poles))
    _hold_newest(world, poles[0])
    assert desk.reached() == (1, len(poles))


def _hold_newest(world: World, pole: ClusterId) -> None:
    last = world.configs.last(pole)
    assert last is not None
    world.configs.on_held(pole, last.seq)


async def test_a_draft_is_not_heard_under_a_permit_either(world: World, desk: OutOfHoursDesk) -> None:
    bulletin = await world.approved()
    await world.editorial.withdraw(bulletin.id, reason="Nhầm", by=APPROVER)
    request = await asked(desk, world)
    await desk.grant(request.id, by=APPROVER)
    await world.at(request.start + timedelta(minutes=1))
    with pytest.raises(BadInput):
        await world.now.play_bulletins([bulletin.id], EVERYWHERE, by=OPERATOR)


async def test_one_person_takes_it_back_and_a_request_taken_back_cannot_be_granted(
    world: World, desk: OutOfHoursDesk
) -> None:
    request, other = await asked(desk, world), await asked(desk, world, reason="Mất điện")
    await desk.grant(request.id, by=APPROVER)
    with pytest.raises(NotAllowed):
        await desk.end(request.id, by=TECHNICIAN)
    given = world.rulebook.rules.permits_rev
    await desk.end(request.id, by=OPERATOR)
    assert refused(world, request.start) is Refusal.QUIET_HOURS
    assert world.rulebook.rules.permits_rev > given
    await desk.end(other.id, by=APPROVER)
    for gone in (request, other):
        with pytest.raises(NotFound):
            await desk.grant(gone.id, by=APPROVER)
    assert world.standing("out-of-hours") == []


async def test_granted_once_it_is_not_granted_again_nor_after_its_hour(world: World, desk: OutOfHoursDesk) -> None:
    request, late = await asked(desk, world), await asked(desk, world, reason="Mất điện")
    await desk.grant(request.id, by=APPROVER)
    with pytest.raises(WrongState):
        await desk.grant(request.id, by=ADMIN)
    await world.at(late.end)
    with pytest.raises(NotFound):
        await desk.grant(late.id, by=APPROVER)


async def test_two_grants_at_once_both_stand(world: World, desk: OutOfHoursDesk) -> None:
    early, late = await asked(desk, world, hour=22), await asked(desk, world)
    await asyncio.gather(desk.grant(early.id, by=APPROVER), desk.grant(late.id, by=ADMIN))
    assert {each.id for each in world.rulebook.permits} == {early.id, late.id}
    assert (refused(world, early.start), refused(world, late.start)) == (None, None)


async def test_permits_stay_few(world: World, desk: OutOfHoursDesk) -> None:
    requests = [await asked(desk, world, reason=f"Lần {n}") for n in range(PERMITS_AT_MOST + 1)]
    for request in requests[:-1]:
        await desk.grant(request.id, by=APPROVER)
    with pytest.raises(WrongState) as full:
        await desk.grant(requests[-1].id, by=APPROVER)
    assert full.value.code == "too_many_permits"


async def test_it_outlives_a_restart_and_a_new_version_of_the_rules_and_ends_by_itself(tmp_path: Path) -> None:
    async with open_world(tmp_path, "kp1-01") as world:
        desk = desk_of(world)
        waits, request = await asked(desk, world, hour=22), await asked(desk, world)
        await desk.grant(request.id, by=APPROVER)
    async with open_world(tmp_path) as world:
        desk = desk_of(world)
        assert [each.id for each in await desk.all()] == [waits.id, request.id]
        assert refused(world, request.start) is None
        await world.rulebook.adopt({**RULES, "version": 2, "sessions_per_day": 2}, by=APPROVER)
        assert refused(world, request.start) is None
        running = asyncio.create_task(desk.run())
        await world.clock.advance(LOOK_EVERY_S)
        assert world.standing("out-of-hours") == [STANDS, WAITS]
        await world.at(request.end + timedelta(seconds=LOOK_EVERY_S))
        await until_nothing_stands(world)
        running.cancel()
        assert await desk.all() == []


async def until_nothing_stands(world: World) -> None:
    async with asyncio.timeout(20):
        while world.standing("out-of-hours"):
            await world.clock.advance(LOOK_EVERY_S)
            await asyncio.sleep(0.01)


async def test_without_the_root_key_nothing_is_granted_and_the_request_waits(
    world: World, desk: OutOfHoursDesk
) -> None:
    request = await asked(desk, world)
    away = RootKey(here=False)
    world.rulebook._seal = away.seal
    with pytest.raises(WrongState) as missing:
        await desk.grant(request.id, by=APPROVER)
    assert missing.value.code == "no_root_key"
    assert [each.granted_by for each in await desk.all()] == [None]
    assert refused(world, request.start) is Refusal.QUIET_HOURS


async def test_no_document_of_rules_brings_a_permit_with_it(world: World) -> None:
    smuggled = {**RULES, "version": 2, "permits": [{"start": "2026-10-07T16:00:00Z", "end": "2026-10-07T17:00:00Z"}]}
    with pytest.raises(BadInput, match="permits"):
        parse_policy(smuggled)
    with pytest.raises(BadInput):
        await world.rulebook.adopt(smuggled, by=APPROVER)


async def test_the_number_of_the_permits_grows_though_the_clock_was_set_back(
    world: World, desk: OutOfHoursDesk
) -> None:
    request = await asked(desk, world)
    await desk.grant(request.id, by=APPROVER)
    before = world.rulebook.rules.permits_rev
    world.clock.step_wall(-3_600_000)
    await desk.end(request.id, by=OPERATOR)
    assert world.rulebook.rules.permits_rev > before
