"""A backup of last week is restored: no pole refuses the gateway for good, and nobody is surprised by what it did."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from devices.clock import instant
from devices.clusters import load_keyring
from gateway.domain.people import Role
from gateway.main.founding import KEYS, read_pack
from gateway.services.technical import Settings
from gateway.store.backup import backup, restore
from tests.onair import office
from tests.onair.world import CLUSTERS, T_MS, THURSDAY, World


def rules(version: int, *, end: str, percent: int) -> dict[str, Any]:
    return {
        **read_pack("default"),
        "version": version,
        "windows": [{"start": "05:00", "end": end}],
        "max_percent": percent,
    }


async def save(world: World) -> Path:
    to = world.folder / "old.loa"
    await asyncio.to_thread(backup, world.settings.data, to, now=instant(world.clock.now_ms()))
    return to


async def bring_back(world: World, archive: Path, *, root_key: bool = True) -> None:
    """Do as ``loa restore`` does, over a gateway that was stopped."""
    await world.stop_gateway()
    await world.clock.advance(5)
    now = instant(world.clock.now_ms())
    await asyncio.to_thread(restore, archive, world.settings.data, now=now, force=True)
    if not root_key:
        (world.settings.data / KEYS / "root.pem").rename(world.folder / "root.pem")
    await world.start_gateway()


def held(world: World) -> set[tuple[int, int]]:
    """Return which version of the rules, and of the key list, the poles hold."""
    agents = [pole.agent for pole in world.poles.poles.values()]
    return {
        (each.studio.documents.rules.version, each.studio.marks.keys_version) for each in agents if each is not None
    }


def refusals(world: World) -> set[str]:
    return {key for key in world.alarms if key.startswith("refused-")}


async def louder_at_most(world: World, percent: int) -> None:
    """Have the technician set a ceiling, and wait until every pole keeps to it."""
    parts, technician = world.gateway.parts, world.staff[Role.TECHNICIAN]
    for cluster in CLUSTERS:
        settings = replace(parts.workshop.get(cluster).settings, default_percent=percent, max_percent=percent)
        await parts.workshop.set(cluster, Settings(**vars(settings)), by=technician)

    def reached() -> bool:
        agents = [pole.agent for pole in world.poles.poles.values()]
        configs = [each.studio.documents.config for each in agents if each is not None]
        return [c.volume.max_percent if c is not None else None for c in configs] == [percent] * len(CLUSTERS)

    await world.until(reached, "a pole did not take its volume")


async def adopt(world: World, document: dict[str, Any]) -> None:
    for role in (Role.ADMIN, Role.APPROVER):
        if world.gateway.parts.rulebook.rules.version != document["version"]:
            await world.gateway.parts.rulebook.adopt(document, by=world.staff[role])


async def test_rules_changed_after_the_backup_come_back_from_the_poles_with_the_seal_of_the_root_key(
    tmp_path: Path,
) -> None:
    async with World(tmp_path).open() as world:
        archive = await save(world)
        await adopt(world, rules(2, end="21:00", percent=80))
        await adopt(world, rules(3, end="20:00", percent=75))
        await world.until(lambda: held(world) == {(3, 1)}, "the poles have not heard of the new rules")
        await bring_back(world, archive)
        await world.until(lambda: world.gateway.parts.rulebook.rules.version == 3, "the rules did not come back")
        assert world.gateway.parts.rulebook.rules.max_percent == 75
        await louder_at_most(world, 33)
        assert held(world) == {(3, 1)}
        assert "policy-taken-back" in world.alarms
        assert refusals(world) == set()

        # kept, and the next decision is people's again
        await world.stop_gateway()
        await world.start_gateway()
        assert world.gateway.parts.rulebook.rules.version == 3
        await adopt(world, rules(4, end="21:30", percent=75))
        await world.until(lambda: held(world) == {(4, 1)}, "the poles did not take the next rules")


async def test_keys_changed_twice_after_the_backup_are_renewed_above_what_the_poles_hold_and_no_retired_one_comes_back(
    tmp_path: Path,
) -> None:
    async with World(tmp_path).open() as world:
        archive, folder = await save(world), world.settings.data / KEYS
        for version in (2, 3):
            load_keyring(folder).rotate_gateway(now_ms=world.clock.now_ms())
            await world.until(lambda wanted=version: held(world) == {(1, wanted)}, "a pole does not know the new key")
        await bring_back(world, archive)
        await world.until(lambda: held(world) == {(1, 4)}, "the keys were not renewed")
        assert [each.kid for each in world.gateway.driver.keyring.entries] == ["root", "em-1", "gw-4"]
        await louder_at_most(world, 33)
        assert "keys-renewed" in world.alarms
        assert "keys-behind" not in world.alarms


async def test_without_the_root_key_the_alarm_names_the_poles_and_the_step_and_the_step_heals_it(
    tmp_path: Path,
) -> None:
    async with World(tmp_path).open() as world:
        archive, folder = await save(world), world.settings.data / KEYS
        for version in (2, 3):
            load_keyring(folder).rotate_gateway(now_ms=world.clock.now_ms())
            await world.until(lambda wanted=version: held(world) == {(1, wanted)}, "a pole does not know the new key")
        await bring_back(world, archive, root_key=False)
        await world.until(lambda: "keys-behind" in world.alarms, "nobody is told")
        told = world.alarms["keys-behind"].text_vi
        assert "root.pem" in told
        assert held(world) == {(1, 3)}
        await world.until(
            lambda: all(f"Cụm loa {cluster}" in world.alarms["keys-behind"].text_vi for cluster in CLUSTERS),
            "a pole is not named",
        )
        (world.folder / "root.pem").rename(folder / "root.pem")
        await world.until(lambda: held(world) == {(1, 4)}, "the keys were not renewed")
        await louder_at_most(world, 33)
        assert "keys-behind" not in world.alarms


async def test_a_ward_silenced_after_the_backup_stays_silent_until_a_person_lifts_it(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        switch, technician = world.gateway.parts.silence, world.staff[Role.TECHNICIAN]
        await switch.engage(by=technician, reason="Thử công tắc")
        await world.until(lambda: silent(world) == {True}, "a pole is not silent")
        await switch.rearm(by=technician, reason="Thử xong")
        await world.until(lambda: silent(world) == {False}, "a pole is still silent")
        archive = await save(world)
        await switch.engage(by=technician, reason="Có tiếng lạ")
        await world.until(lambda: silent(world) == {True}, "a pole is not silent")
        await bring_back(world, archive)
        await world.until(
            lambda: any("bật IM LẶNG, rồi cho phát trở lại" in alarm.text_vi for alarm in world.alarms.values()),
            "nobody is told how to lift it",
        )
        assert silent(world) == {True}
        assert refusals(world) == set()
        switch = world.gateway.parts.silence
        await switch.engage(by=technician, reason="Sau phục hồi")
        await switch.rearm(by=technician, reason="Đã xem xét")
        await world.until(lambda: silent(world) == {False}, "a pole is still silent")
        assert refusals(world) == set()


def silent(world: World) -> set[bool]:
    return {pole.agent.studio.documents.silent for pole in world.poles.poles.values() if pole.agent is not None}


async def test_plans_made_after_the_backup_give_way_to_those_of_the_restored_ward_on_every_pole(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        archive = await save(world)
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date())
        await world.ready()
        lost = numbers(world)
        assert planned(world) == {True}
        await bring_back(world, archive)
        await world.until(lambda: planned(world) == {False}, "a pole keeps the lost plan")
        assert min(numbers(world)) > max(lost)
        await world.until_ms(T_MS + 20_000)
        assert world.sounded() == {cluster: [] for cluster in world.clusters}
        assert refusals(world) == set()


def numbers(world: World) -> set[int]:
    """Return the numbers of the plans on the poles."""
    agents = [pole.agent for pole in world.poles.poles.values()]
    return {each.studio.documents.seq_of("plan") for each in agents if each is not None}


def planned(world: World) -> set[bool]:
    """Tell whether the poles have anything to play."""
    return {bool(pole.agent.studio.documents.entries) for pole in world.poles.poles.values() if pole.agent is not None}
