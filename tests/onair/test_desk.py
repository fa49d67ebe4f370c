"""Bàn phát: orders from a browser to the horns and back. What is shown is what the poles answered, and nothing else."""

from pathlib import Path
from typing import Any

from devices.model import OccurrenceId, Outcome
from gateway.domain.people import Role
from tests.gateway.web.work import API
from tests.gateway.web.world import Browser
from tests.onair import office
from tests.onair.world import T_MS, World

TO_ALL = {"targets": {"everywhere": True}}
TO_KP1 = {"targets": {"zones": ["kp1"]}}


async def states(world: World, browser: Browser, typ: str, wanted: dict[str, str]) -> None:
    """Wait until the newest orders of ``typ`` have got as far as ``wanted`` says."""
    seen: dict[str, str] = {}

    async def arrived() -> bool:
        rows: list[dict[str, Any]] = (await browser.get(f"{API}/commands")).json()
        newest = [row for row in rows if row["typ"] == typ]
        seen.clear()
        for row in reversed(newest):
            seen[row["cluster"]] = row["state"]
        return seen == wanted

    await world.until_async(arrived, lambda: f"{typ}: {seen}, not {wanted}")


async def test_orders_from_a_browser_are_followed_and_shown_as_the_poles_answer_them(tmp_path: Path) -> None:
    async with World(tmp_path, start_ms=T_MS).open() as world:
        bulletin = await office.approved(world.gateway, world.staff, office.LONG)
        first, second, off = world.clusters
        world.poles[off].power_cut()
        async with world.browser(Role.OPERATOR) as operator, world.browser(Role.TECHNICIAN) as technician:
            order = TO_ALL | {"bulletins": [bulletin.id]}
            for token in ("", "doan-mo"):
                forged = await operator.send("POST", f"{API}/broadcasts/bulletins", order, csrf=token)
                assert forged.status_code == 403
            assert (await operator.get(f"{API}/commands")).json() == []

            answer = await world.during(operator.post(f"{API}/broadcasts/bulletins", order))
            assert answer.status_code == 202, answer.text
            assert {row["state"] for row in answer.json()["commands"]} == {"sent"}
            cut_short = OccurrenceId(answer.json()["occ"])
            await states(world, operator, "play", {first: "accepted", second: "accepted", off: "sent"})
            await world.until(lambda: all(world.sounded()[each] for each in (first, second)), "it does not sound")
            await world.pass_s(1)

            await world.during(operator.post(f"{API}/commands/volume", TO_KP1 | {"percent": 40}))
            await states(world, operator, "volume", {first: "done", second: "done"})
            shown = (await operator.get(f"{API}/clusters/{first}")).json()["live"]
            assert (shown["playing"], shown["occ"], shown["volume_percent"]) == (True, cut_short, 40)

            tone = TO_KP1 | {"dur_ms": 1_000, "percent": 20}
            assert (await operator.post(f"{API}/commands/test-tone", tone)).status_code == 403
            await world.during(technician.post(f"{API}/commands/test-tone", tone))
            await states(world, operator, "test_tone", {first: "rejected", second: "rejected"})

            await world.during(operator.post(f"{API}/commands/stop", TO_ALL))
            await states(world, operator, "stop", {first: "done", second: "done", off: "no_answer"})
            await states(world, operator, "play", {first: "done", second: "done", off: "no_answer"})
            assert world.poles.playing == 0
            plays = await world.settled(cut_short, among=(first, second))
            assert {plays[each].outcome for each in (first, second)} == {Outcome.INTERRUPTED}

            await world.during(technician.post(f"{API}/commands/test-tone", tone))
            await states(world, operator, "test_tone", {first: "done", second: "done"})
            assert world.sounded()[first] == [cut_short, "test-tone"]

            # the volume a person chose holds for what comes next, until it is given back
            again = await world.during(
                operator.post(f"{API}/broadcasts/bulletins", TO_KP1 | {"bulletins": [bulletin.id]})
            )
            whole = OccurrenceId(again.json()["occ"])
            plays = await world.settled(whole, among=(first, second))
            assert {(plays[each].outcome, plays[each].volume_percent) for each in (first, second)} == {
                (Outcome.PLAYED, 40)
            }
            await world.during(operator.post(f"{API}/commands/volume", TO_KP1 | {"percent": None}))
            await states(world, operator, "volume", {first: "done", second: "done"})

        # orders of a minute ago do not wait for a pole that comes back
        await world.pass_s(60)
        world.poles[off].power_on()
        await world.until(lambda: world.poles.connected == 3, "it does not come back")
        await world.pass_s(20)
        assert world.sounded(heard=False)[off] == []
        assert await world.lies() == []
