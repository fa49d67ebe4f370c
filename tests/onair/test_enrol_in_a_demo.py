"""A ward that lives ahead of the world, as the demo does: what is made beside it must hold by its own clock."""

import asyncio
import json
from pathlib import Path

import pytest

from devices.clock import SystemClock
from devices.model import ClusterId
from gateway.cli.parser import main
from tests.onair.world import World

AHEAD_MS = 5 * 86_400_000


async def test_a_code_made_beside_a_ward_of_another_day_is_good_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path, clusters=["kp1-01"], start_ms=SystemClock().now_ms() + AHEAD_MS)
    async with world.open():
        await world.stop_poles()
        before = (await world.gateway.store.enrolments.identities())[0]
        data = str(world.settings.data)
        assert await asyncio.to_thread(main, ["enrol", "kp1-01", "--data", data, "--json"]) == 0
        codes = json.loads(capsys.readouterr().out)
        world.folder = tmp_path / "another-board"
        world.new_poles()
        await world.during(world.poles.enrol({ClusterId(name): code for name, code in codes.items()}))
        newest = (await world.gateway.store.enrolments.identities())[-1]
        assert newest.kid != before.kid
