"""Quy chế mới from the page to the horns: what the old rules let sound and the new ones do not is not heard again."""

from datetime import time
from pathlib import Path

import pytest

from devices.model import Outcome
from gateway.domain.errors import NotAllowed
from gateway.domain.ids import ProgrammeId
from gateway.domain.people import Role
from gateway.domain.plan import Status
from gateway.domain.policy_pack import parse_policy
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, World

EVENING_MS = T_MS + 12 * 3_600_000


async def test_every_pole_obeys_new_rules_and_they_come_from_two_people_where_they_allow_more(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, time(5, 30), time(17, 30), first=THURSDAY.date())
        await world.ready()
        rulebook, programming = world.gateway.parts.rulebook, world.gateway.parts.programming
        assert rulebook.pack is not None
        later = rulebook.pack.to_document() | {"version": 2, "windows": [{"start": "06:00", "end": "22:00"}]}
        touched = await programming.under(parse_policy(later).rules)
        lost = [after for before, after in touched if before.status is Status.WILL_AIR is not after.status]
        assert {each.local_start.strftime("%H:%M") for each in lost} == {"05:30"}
        proposal = await rulebook.propose(later, by=world.staff[Role.APPROVER])
        assert rulebook.rules.version == 1
        await rulebook.adopt_proposed(proposal.mark, by=world.staff[Role.APPROVER])

        def held() -> set[int]:
            agents = [pole.agent for pole in world.poles.poles.values()]
            return {agent.studio.documents.held_policy[0] for agent in agents if agent is not None}

        await world.until(lambda: held() == {2}, "the poles have not learnt the new rules")
        await world.until_ms(T_MS + 60_000)
        assert not any(world.sounded().values())
        await world.leap_to(EVENING_MS - 60_000)
        await world.ready()
        evening = world.next_occ
        await world.until_ms(EVENING_MS)
        assert {play.outcome for play in (await world.settled(evening)).values()} == {Outcome.PLAYED}

        earlier = later | {"version": 3, "windows": [{"start": "04:00", "end": "22:00"}]}
        proposal = await rulebook.propose(earlier, by=world.staff[Role.APPROVER])
        with pytest.raises(NotAllowed):
            await rulebook.adopt_proposed(proposal.mark, by=world.staff[Role.APPROVER])
        await rulebook.adopt_proposed(proposal.mark, by=world.staff[Role.ADMIN])
        await world.until(lambda: held() == {3}, "the poles have not learnt the wider rules")
        night_news = office.weekly("dem", ProgrammeId("ban-tin"), time(4, 30), first=THURSDAY.date())
        await office.schedule(world.gateway, world.staff, night_news)
        next_night_ms = T_MS + 48 * 3_600_000 - 3_600_000  # Saturday
        await world.leap_to(next_night_ms - 60_000)
        await world.ready()
        night = world.next_occ
        await world.until_ms(next_night_ms)
        assert {play.outcome for play in (await world.settled(night)).values()} == {Outcome.PLAYED}
        assert await world.lies() == []
