"""Ban hành quy chế: what lets more be heard is the decision of two people, what lets less be heard of one."""

from pathlib import Path
from typing import Any

import pytest

from gateway.domain.errors import BadInput, NotAllowed, WrongState
from gateway.services.rulebook import PROPOSAL_LIVES
from tests.gateway.services.world import ADMIN, APPROVER, OPERATOR, RULES, World, open_world

ALL_DAY: dict[str, Any] = {**RULES, "version": 2, "windows": [{"start": "00:00", "end": "23:59"}]}


async def test_rules_of_twenty_four_hours_are_not_adopted_by_one_person_however_often(world: World) -> None:
    for _ in range(3):
        await world.rulebook.adopt(ALL_DAY, by=APPROVER)
    assert world.rulebook.rules.version == 1
    proposal = world.rulebook.proposal
    assert proposal is not None
    assert (proposal.by, proposal.pack.rules.version) == (APPROVER.id, 2)
    assert (await world.rulebook.adopt(ALL_DAY, by=ADMIN)) == world.rulebook.pack
    assert (world.rulebook.rules.version, world.rulebook.proposal) == (2, None)
    lines = [line.note for line in await world.store.audit.lines(limit=500)]
    told = [(note.action, note.actor, note.detail.get("proposed_by")) for note in lines if note.subject == "test"]
    assert ("policy.adopt", ADMIN.id, APPROVER.id) in told


async def test_the_second_person_adopts_the_very_same_document_or_proposes_another(world: World) -> None:
    await world.rulebook.adopt(ALL_DAY, by=APPROVER)
    await world.rulebook.adopt({**ALL_DAY, "max_percent": 100}, by=ADMIN)
    assert world.rulebook.rules.version == 1
    await world.rulebook.adopt({**ALL_DAY, "max_percent": 100}, by=APPROVER)
    assert world.rulebook.rules.max_percent == 100


async def test_stricter_rules_are_adopted_by_one(world: World) -> None:
    await world.rulebook.adopt({**RULES, "version": 2, "sessions_per_day": 2}, by=APPROVER)
    assert world.rulebook.rules.sessions_per_day == 2


async def test_a_proposal_outlives_a_restart_and_not_a_week(tmp_path: Path) -> None:
    async with open_world(tmp_path, "kp1-01") as world:
        await world.rulebook.adopt(ALL_DAY, by=APPROVER)
    async with open_world(tmp_path) as world:
        assert world.rulebook.proposal is not None
        await world.clock.advance(PROPOSAL_LIVES.total_seconds() + 1)
        assert world.rulebook.proposal is None
        await world.rulebook.adopt(ALL_DAY, by=ADMIN)
        assert world.rulebook.rules.version == 1


async def test_who_may_not_adopt_may_not_propose_and_nothing_old_is_proposed(world: World) -> None:
    with pytest.raises(NotAllowed):
        await world.rulebook.adopt(ALL_DAY, by=OPERATOR)
    with pytest.raises(WrongState):
        await world.rulebook.adopt({**ALL_DAY, "version": 1}, by=APPROVER)
    assert world.rulebook.proposal is None


async def test_what_is_proposed_changes_nothing_until_it_is_adopted_and_more_takes_another_person(world: World) -> None:
    proposal = await world.rulebook.propose(ALL_DAY, by=APPROVER)
    assert world.rulebook.rules.version == 1
    assert world.rulebook.needs_another(proposal, APPROVER)
    with pytest.raises(NotAllowed, match="somebody else"):
        await world.rulebook.adopt_proposed(proposal.mark, by=APPROVER)
    with pytest.raises(NotAllowed):
        await world.rulebook.adopt_proposed(proposal.mark, by=OPERATOR)
    assert world.rulebook.rules.version == 1
    await world.rulebook.adopt_proposed(proposal.mark, by=ADMIN)
    assert (world.rulebook.rules.version, world.rulebook.proposal) == (2, None)


async def test_stricter_rules_that_were_proposed_are_adopted_by_one(world: World) -> None:
    proposal = await world.rulebook.propose({**RULES, "version": 2, "max_percent": 60}, by=APPROVER)
    assert world.rulebook.rules.version == 1
    await world.rulebook.adopt_proposed(proposal.mark, by=APPROVER)
    assert world.rulebook.rules.max_percent == 60


async def test_nobody_adopts_or_refuses_other_rules_than_those_looked_at(world: World) -> None:
    looked_at = await world.rulebook.propose({**RULES, "version": 2, "max_percent": 60}, by=APPROVER)
    swapped = await world.rulebook.propose(ALL_DAY, by=APPROVER)
    for wrong in (looked_at.mark, "", swapped.mark[:-1]):
        with pytest.raises(WrongState, match="Other rules wait"):
            await world.rulebook.adopt_proposed(wrong, by=ADMIN)
        with pytest.raises(WrongState, match="Other rules wait"):
            await world.rulebook.refuse(wrong, why="", by=ADMIN)
    assert (world.rulebook.rules.version, world.rulebook.proposal) == (1, swapped)


async def test_who_refuses_leaves_a_reason_and_the_rules_as_they_are_also_after_a_restart(tmp_path: Path) -> None:
    async with open_world(tmp_path, "kp1-01") as world:
        proposal = await world.rulebook.propose(ALL_DAY, by=APPROVER)
        with pytest.raises(NotAllowed):
            await world.rulebook.refuse(proposal.mark, why="", by=OPERATOR)
        with pytest.raises(BadInput, match="needs a reason"):
            await world.rulebook.refuse(proposal.mark, why=" ", by=ADMIN)
        assert world.rulebook.proposal == proposal
        await world.rulebook.refuse(proposal.mark, why="Đêm phải yên", by=ADMIN)
        assert world.rulebook.proposal is None
        notes = [line.note for line in await world.store.audit.lines(limit=500)]
        (told,) = [note for note in notes if note.action == "policy.refuse"]
        assert (told.actor, told.detail["proposed_by"], told.detail["why"]) == (ADMIN.id, APPROVER.id, "Đêm phải yên")
    async with open_world(tmp_path) as world:
        assert (world.rulebook.rules.version, world.rulebook.proposal) == (1, None)
