"""What wards meet on bad days: a word lost on the way, a reboot at the wrong moment, weeks of news, a long bulletin."""

from pathlib import Path

import pytest

from devices.link import BrokerAddress
from devices.model import OccurrenceId, Outcome
from devices.wire.reports import JournalEntry
from gateway.domain.people import Role
from gateway.domain.targets import EVERYWHERE
from gateway.services.emergency_watch import REPEAT_FOR_S
from simulators.chaos import ChaosProxy
from tests.gateway.web.work import API
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, World

BACKLOG = 10_000
LETTERS = 3_000


@pytest.mark.parametrize("broker_dies", [False, True])
async def test_an_emergency_whose_end_was_lost_on_the_way_ends_when_the_line_is_whole_again(
    tmp_path: Path, *, broker_dies: bool
) -> None:
    async with (
        World(tmp_path).open() as world,
        ChaosProxy(BrokerAddress("127.0.0.1", world.settings.broker.port)).open() as proxy,
    ):
        deaf, *others = world.clusters
        world.poles.connect_through(proxy.address)
        world.poles[deaf].power_cut()
        await world.pass_s(1)
        world.poles[deaf].power_on()
        await world.until(lambda: world.poles.connected == 3, "the pole is not back")
        await world.until(lambda: world.gateway.parts.monitor.get(deaf).boot == 2, "the pole is not heard")
        async with world.browser(Role.OPERATOR) as operator:
            order = {"targets": {"everywhere": True}, "text": office.LONG, "times": 10, "gap_ms": 1_000, "siren": False}
            answer = await world.during(operator.post(f"{API}/emergencies", order | {"pin": world.pin}))
            assert answer.status_code == 202, answer.text
            em = OccurrenceId(answer.json()["em"])
            await world.until(lambda: world.poles.playing == 3, "it does not sound")
            proxy.partition({deaf})
            ended = await world.during(
                operator.post(f"{API}/emergencies/{em}/end", {"pin": world.pin, "why": "Hết nguy hiểm"})
            )
            assert ended.json()["ended_at"] is not None
            await world.until(lambda: not any(world.poles[each].playing for each in others), "it does not end")
            await world.pass_s(REPEAT_FOR_S + 10)
            assert world.poles[deaf].playing
            if broker_dies:
                world.kill_broker()  # and the session it kept for the pole with it
            proxy.cut(deaf)  # what was on its way is lost with the connection
            proxy.heal()
            await world.until(lambda: not world.poles[deaf].playing, "the lost end is never told again")
        plays = await world.settled(em)
        assert {play.outcome for play in plays.values()} == {Outcome.INTERRUPTED}
        assert await world.lies() == []


async def test_a_pole_rebooted_moments_before_an_airtime_starts_it_once_and_says_what_was_lost(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date(), text=office.LONG)
        await world.ready()
        occ = world.next_occ
        await world.until_ms(T_MS - 4_000)
        boots = {each: pole.agent.studio.marks.boot for each, pole in world.poles.poles.items() if pole.agent}
        await world.gateway.parts.commands.reboot(EVERYWHERE, by=world.staff[Role.TECHNICIAN])
        plays = await world.settled(occ)
        for each, pole in world.poles.poles.items():
            assert pole.agent is not None
            assert pole.agent.studio.marks.boot in (boots[each], boots[each] + 1)
            assert plays[each].outcome in (Outcome.PLAYED, Outcome.PARTIAL, Outcome.MISSED)
            assert (plays[each].outcome is Outcome.PLAYED) or plays[each].why
        assert {count for (_, name), count in (await world.starts()).items() if name == occ} <= {1}
        assert all(len([tag for tag in tags if tag == occ]) <= 1 for tags in world.sounded().values())
        assert await world.lies() == []


async def test_ten_thousand_lines_of_one_pole_are_taken_in_without_a_gap_while_the_others_play_and_prove_it(
    tmp_path: Path,
) -> None:
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date())
        await world.ready()
        occ = world.next_occ
        away, *others = world.clusters
        await world.stop_gateway()
        agent = world.poles[away].agent
        assert agent is not None
        journal = agent.studio.journal
        for n in range(BACKLOG):
            at_ms = T_MS - (BACKLOG - n) * 300_000
            await journal.write(
                JournalEntry(
                    n=1,
                    prev="0" * 64,
                    sid="lau-ngay",
                    typ="finished",
                    occ=f"tin-cu-{n}",
                    at_ms=at_ms,
                    want_ms=at_ms,
                    clock=agent.studio.timebase.state(),
                    result=Outcome.MISSED,
                    why="no_power",
                )
            )
        head = journal.head
        assert head >= BACKLOG
        await world.start_gateway()
        await world.until_ms(T_MS)
        plays = await world.settled(occ, among=others)
        assert {plays[each].outcome for each in others} == {Outcome.PLAYED}
        await world.until(lambda: world.gateway.parts.intake.head(away) >= head, "not everything was taken in")
        await world.until(lambda: journal.acked >= head, "what was taken in is not acknowledged")
        rows = await world.gateway.store.database.read(
            lambda db: [n for (n,) in db.execute("SELECT n FROM journal WHERE cluster = ? ORDER BY n", [away])]
        )
        assert rows[:head] == list(range(1, head + 1))


async def test_a_bulletin_of_three_thousand_letters_goes_all_the_way_to_the_horns(tmp_path: Path) -> None:
    text = (office.LONG * 30)[:LETTERS].rsplit(".", 1)[0] + "."
    assert len(text) > LETTERS - len(office.LONG)
    async with World(tmp_path).open() as world:
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date(), text=text)
        await world.ready()
        occ = world.next_occ
        await world.until_ms(T_MS + 1_000)
        duration_ms = (await world.plays(occ))[world.clusters[0]].duration_ms
        assert duration_ms > 100_000
        await world.until_ms(T_MS + duration_ms + 2_000)
        plays = await world.settled(occ)
        assert {play.outcome for play in plays.values()} == {Outcome.PLAYED}
        for spans in world.truth().values():
            sounded_ms = sum(span.end_root_ms - span.start_root_ms for span in spans if span.tag == occ and span.heard)
            assert abs(sounded_ms - duration_ms) < 2_000
        assert await world.lies() == []
