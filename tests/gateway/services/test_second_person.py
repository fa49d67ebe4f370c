"""Another account is not another person while one hand may hold both; after a week it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from devices.clock import instant
from devices.model import Refusal
from gateway.domain.errors import NotAllowed
from gateway.domain.people import Role, User
from gateway.ports.records import AuditNote
from gateway.services.out_of_hours import OutOfHoursDesk
from gateway.services.second_person import FOR, SecondPerson
from tests.gateway.services.people import WHY, Door, open_door
from tests.gateway.services.test_out_of_hours import asked, refused
from tests.gateway.services.world import RULES, World, person

FIRST, OTHER, NEW, NEWER = (person(name, Role.ADMIN) for name in ("u-cu", "u-khac", "u-moi", "u-moi-nua"))
LONG = FOR.total_seconds() + 3600


class Ward:
    """A ward that is older than a week, and who opened whose account."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.second = SecondPerson(door.store.audit, door.clock)

    async def note(self, actor: str, action: str, subject: str, **detail: object) -> None:
        at = instant(self.door.clock.now_ms())
        await self.door.store.audit.add(
            AuditNote(actor=actor, action=action, subject=subject, at=at, detail=dict(detail))
        )

    async def is_refused(self, first: User, second: User) -> bool:
        try:
            await self.second.expect(first.id, second.id)
        except NotAllowed as error:
            return error.code == "same_hand" and "7 ngày" in error.vi
        return False


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


@pytest.fixture
async def ward(door: Door) -> Ward:
    made = Ward(door)
    for who in (FIRST, OTHER):
        await made.note("system", "user.create", who.id)
    await door.clock.advance(LONG)
    return made


async def test_people_whose_accounts_nobody_touched_lately_are_two(ward: Ward) -> None:
    assert not await ward.is_refused(FIRST, OTHER)


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("user.create", {}),
        ("user.reopen", {}),
        ("user.reset_password", {}),
        ("user.factor_reset", {}),
        ("user.roles", {"roles": ["approver", "viewer"], "roles_before": ["viewer"]}),
    ],
)
async def test_an_account_that_one_opened_for_the_other_is_no_second_person_for_a_week(
    ward: Ward, action: str, detail: dict[str, object]
) -> None:
    await ward.note(FIRST.id, action, OTHER.id, **detail)
    assert await ward.is_refused(FIRST, OTHER)
    assert await ward.is_refused(OTHER, FIRST), "whoever made the account that asks is as little another person"
    await ward.door.clock.advance(FOR.total_seconds() - 60)
    assert await ward.is_refused(FIRST, OTHER)
    await ward.door.clock.advance(120)
    assert not await ward.is_refused(FIRST, OTHER), "a ward of two is not locked out for good"


async def test_a_new_account_is_a_second_person_for_everybody_but_the_hand_that_made_it(ward: Ward) -> None:
    await ward.note(FIRST.id, "user.create", NEW.id)
    assert not await ward.is_refused(OTHER, NEW)
    assert await ward.is_refused(FIRST, NEW)


async def test_an_account_made_by_an_account_that_one_made_is_the_same_hand_and_so_are_two_that_one_made(
    ward: Ward,
) -> None:
    await ward.note(FIRST.id, "user.create", NEW.id)
    await ward.note(NEW.id, "user.create", NEWER.id)
    assert await ward.is_refused(FIRST, NEWER)
    await ward.note(OTHER.id, "user.create", "u-a")
    await ward.note(OTHER.id, "user.create", "u-b")
    assert await ward.is_refused(person("u-a"), person("u-b"))
    assert not await ward.is_refused(person("u-a"), NEWER)


async def test_what_takes_rights_away_or_comes_from_the_machine_or_from_oneself_opens_nothing(ward: Ward) -> None:
    await ward.note(FIRST.id, "user.roles", OTHER.id, roles=["viewer"], roles_before=["approver", "viewer"])
    await ward.note(FIRST.id, "user.close", OTHER.id)
    await ward.note(FIRST.id, "user.unlock", OTHER.id)
    for who in (FIRST, OTHER):
        await ward.note("system", "user.reset_password", who.id)
        await ward.note(who.id, "user.change_password", who.id)
    assert not await ward.is_refused(FIRST, OTHER)


async def test_many_notes_between_hide_nothing(ward: Ward) -> None:
    await ward.note(FIRST.id, "user.create", NEW.id)
    for n in range(600):
        await ward.note(OTHER.id, "user.change", f"u-{n}")
    assert await ward.is_refused(FIRST, NEW)


async def test_in_a_new_ward_where_one_administrator_makes_everybody_they_are_two(door: Door) -> None:
    ward = Ward(door)
    boss = replace(FIRST)
    people = []
    for name, role in (("truc", Role.OPERATOR), ("duyet", Role.APPROVER)):
        made, _ = await door.accounts.create(boss, name=name, display_name=name, roles=frozenset({role}), reason=WHY)
        people.append(person(made.id, role))
    assert not await ward.is_refused(*people)
    assert await ward.is_refused(people[0], boss), "whoever made the account that asks is not another person"
    await door.clock.advance(LONG)
    assert not await ward.is_refused(people[0], boss)


async def test_a_request_granted_by_an_account_of_ones_own_making_opens_nothing(world: World) -> None:
    both = person("u-quan-tri", Role.ADMIN, Role.OPERATOR)
    second = SecondPerson(world.store.audit, world.clock)
    desk = OutOfHoursDesk(
        values=world.store.values,
        rulebook=world.rulebook,
        alarms=world.alarms,
        clock=world.clock,
        second_person=second,
    )
    request = await asked(desk, world, by=both)
    made = AuditNote(actor=both.id, action="user.create", subject=NEW.id, at=instant(world.clock.now_ms()))
    await world.store.audit.add(made)
    with pytest.raises(NotAllowed) as refusal:
        await desk.grant(request.id, by=NEW)
    assert refusal.value.code == "same_hand"
    assert refused(world, request.start + timedelta(minutes=1)) is Refusal.QUIET_HOURS
    await desk.grant(request.id, by=OTHER)
    assert refused(world, request.start + timedelta(minutes=1)) is None


async def test_rules_that_allow_more_are_not_adopted_by_an_account_of_ones_own_making(world: World) -> None:
    looser = {**RULES, "version": 8, "windows": [{"start": "00:00", "end": "23:59"}]}
    made = AuditNote(actor=FIRST.id, action="user.create", subject=NEW.id, at=instant(world.clock.now_ms()))
    await world.store.audit.add(made)
    await world.rulebook.adopt(looser, by=FIRST)
    await world.rulebook.adopt(looser, by=NEW)
    assert world.rulebook.rules.version == 8, "a new ward writes its rules while everybody is new"
    await world.clock.advance(LONG)
    looser = {**RULES, "version": 9, "max_percent": 100, "windows": [{"start": "00:00", "end": "23:59"}]}
    await world.rulebook.adopt(looser, by=FIRST)
    reset = AuditNote(actor=FIRST.id, action="user.reset_password", subject=NEW.id, at=instant(world.clock.now_ms()))
    await world.store.audit.add(reset)
    proposal = world.rulebook.proposal
    assert proposal is not None
    for attempt in (world.rulebook.adopt(looser, by=NEW), world.rulebook.adopt_proposed(proposal.mark, by=NEW)):
        with pytest.raises(NotAllowed) as refusal:
            await attempt
        assert refusal.value.code == "same_hand"
    assert world.rulebook.rules.version == 8
    await world.rulebook.adopt_proposed(proposal.mark, by=OTHER)
    assert world.rulebook.rules.version == 9
    stricter = {**looser, "version": 10, "sessions_per_day": 1}
    await world.rulebook.adopt(stricter, by=NEW)
    assert world.rulebook.rules.version == 10, "what allows less needs nobody else"
