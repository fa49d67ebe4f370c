"""Dừng holds for everyone: a pole that had no power when it was pressed, and is back in time to join, falls silent."""

from pathlib import Path

from devices.model import ClusterId, Outcome
from gateway.domain.people import Role
from gateway.domain.targets import EVERYWHERE
from simulators.faults import Fault, FaultKind
from simulators.ledger import Tolerance
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, World

CUT_MS, STOP_MS, BACK_MS = T_MS + 6_000, T_MS + 10_000, T_MS + 26_000
IN_STEPS = Tolerance(start_ms=250)
"""The pole learns the time anew, from a clock that goes in steps of 50 ms."""
HEARD_FOR_MS = 5_000
"""Until it is told: its state, the gateway's look every half second, the order."""


async def test_a_pole_without_power_when_somebody_stopped_the_broadcast_does_not_go_on_with_it(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        text = " ".join([office.SHORT] * 30)
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date(), text=text)
        await world.ready()
        occ = world.next_occ
        dark = ClusterId("kp1-01")
        world.poles[dark].suffer(Fault(CUT_MS, FaultKind.POWER_CUT, for_ms=BACK_MS - CUT_MS))
        await world.until_ms(STOP_MS)
        await world.gateway.parts.commands.stop(EVERYWHERE, by=world.staff[Role.OPERATOR])
        await world.until_ms(BACK_MS + 40_000)
        audit = await world.gateway.store.audit.lines(limit=500)
        assert "command.stop_again" in {line.note.action for line in audit}, "it never joined, and nothing is shown"
        later = [span for span in world.truth()[dark] if span.heard and span.start_root_ms > STOP_MS]
        assert sum(span.end_root_ms - span.start_root_ms for span in later) <= HEARD_FOR_MS
        assert f"stopped:{occ}" not in world.alarms, "it is over when the pole is silent"
        plays = await world.settled(occ)
        assert {play.outcome for play in plays.values()} <= {Outcome.INTERRUPTED, Outcome.PARTIAL}
        assert {play.cluster for play in plays.values()} == set(world.clusters)
        assert (
            await world.lies(Tolerance(start_ms=250)) == []
        )  # it learnt the time anew from a clock that goes in steps of 50 ms
