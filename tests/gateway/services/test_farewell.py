"""Rời danh bạ: a cluster that is no longer controlled is told to be silent while it can still be told."""

from dataclasses import replace

import pytest

from devices.model import ClusterId
from gateway.domain.errors import StoreFailed
from gateway.domain.targets import ClusterKind
from tests.gateway.services.test_full_disk import FullDisk
from tests.gateway.services.world import ADMIN, World

KP1 = ClusterId("kp1-01")


async def becomes(world: World, kind: ClusterKind) -> None:
    """Correct what is written down of it."""
    cluster = replace(world.fleet.registry.clusters[KP1], kind=kind)
    await world.during(world.inventory.save_cluster(cluster, by=ADMIN))
    await world.settle()


def is_shut(world: World) -> bool:
    return bool(world.broker.retained["config", KP1]["body"]["maintenance"])


async def test_a_cluster_that_is_found_to_be_of_an_old_kind_is_silenced_and_speaks_again_when_that_was_a_mistake(
    world: World,
) -> None:
    await world.on_the_air()
    [pole] = await world.poles("kp1-01")
    await pole.birth()
    await world.settle()
    assert not is_shut(world)
    await becomes(world, ClusterKind.FM)
    assert KP1 not in world.fleet.enrolled
    assert is_shut(world)
    seq = world.broker.retained["config", KP1]["seq"]
    await becomes(world, ClusterKind.FM)
    assert world.broker.retained["config", KP1]["seq"] == seq, "told once"
    await becomes(world, ClusterKind.IP)
    assert not is_shut(world)


async def test_one_that_is_not_there_is_not_waited_for(world: World) -> None:
    await world.on_the_air()
    before = world.clock.mono_ns()
    cluster = replace(world.fleet.registry.clusters[KP1], kind=ClusterKind.WIRED)
    await world.inventory.save_cluster(cluster, by=ADMIN)
    assert world.clock.mono_ns() == before
    assert not is_shut(world)


async def test_a_disk_that_is_full_at_the_farewell_delays_it_and_nothing_else(world: World) -> None:
    await world.on_the_air()
    [pole] = await world.poles("kp1-01")
    await pole.birth()
    await world.settle()
    disk = FullDisk(world.configs._issues)
    world.configs._issues = disk  # type: ignore[assignment]
    cluster = replace(world.fleet.registry.clusters[KP1], kind=ClusterKind.FM)
    with pytest.raises(StoreFailed):
        await world.during(world.inventory.save_cluster(cluster, by=ADMIN))
    assert KP1 not in world.monitor.all(), "the rest of the gateway follows at once"
    assert not is_shut(world)
    disk.full = False
    await world.during(world.changes.follow())
    await world.settle()
    assert is_shut(world), "it is told when there is room"
