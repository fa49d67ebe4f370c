"""What is broken is said by name, nothing else suffers from it, and it works again once it is mended."""

from pathlib import Path

from devices.model import Outcome
from simulators.faults import FaultKind
from tests.onair import office
from tests.onair.world import CLUSTERS, T_MS, THURSDAY, World

SATURDAY_MS = T_MS + 48 * 3_600_000


async def test_a_full_disk_and_files_that_arrive_damaged_cost_their_own_pole_its_hour_and_no_other(
    tmp_path: Path,
) -> None:
    async with World(tmp_path, clusters=[*CLUSTERS, "kp2-02"]).open() as world:
        full, damaged, fills, fine = world.clusters
        now_ms = world.clock.now_ms()
        world.poles[full].faults.begin(FaultKind.DISK_FULL, now_ms)
        world.poles[damaged].faults.begin(FaultKind.BAD_HASH, now_ms)
        await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date())
        await world.until(lambda: ready(world) == {fills, fine}, "the sound poles are not ready")
        await world.until_ms(T_MS - 30_000)
        assert ready(world) == {fills, fine}
        (gate,) = (alarm for key, alarm in world.alarms.items() if key.startswith("gate:"))
        assert full in gate.text_vi
        assert damaged in gate.text_vi
        assert fine not in gate.text_vi
        occ = world.next_occ
        world.poles[fills].faults.begin(FaultKind.DISK_FULL, world.clock.now_ms())
        # longer than a start may be late
        await world.until_ms(T_MS + 150_000)
        assert [len(spans) for spans in world.truth().values()] == [0, 0, 0, 1]
        wanted = {f"fault:{full}", f"air:{fills}", f"space:{fills}", f"air:{damaged}"}
        assert wanted <= world.alarms.keys()
        mended_ms = world.clock.now_ms()
        for cluster in (full, fills):
            world.poles[cluster].faults.end(FaultKind.DISK_FULL, mended_ms)
        world.poles[damaged].faults.end(FaultKind.BAD_HASH, mended_ms)
        plays = await world.settled(occ)
        assert {cluster: (play.outcome, play.why) for cluster, play in plays.items()} == {
            full: (Outcome.MISSED, "late"),  # it could not keep its plan, and learnt of the hour too late
            damaged: (Outcome.FAILED, "asset_missing"),
            fills: (Outcome.FAILED, "disk_full"),  # what cannot be written down does not sound
            fine: (Outcome.PLAYED, ""),
        }
        await world.leap_to(SATURDAY_MS - 120_000)
        await world.ready()
        occ = world.next_occ
        await world.until_ms(SATURDAY_MS)
        assert {play.outcome for play in (await world.settled(occ)).values()} == {Outcome.PLAYED}
        await world.pass_s(35)
        assert not [key for key in world.alarms if key.startswith(("air:", "fault:"))]
        assert await world.lies() == []


async def test_audio_that_was_damaged_at_the_gateway_is_aired_by_nobody_and_everybody_is_named(tmp_path: Path) -> None:
    async with World(tmp_path).open() as world:
        bulletin = await office.approved(world.gateway, world.staff)
        assert bulletin.audio is not None
        _, path = await world.gateway.parts.library.file(bulletin.audio.asset)
        good = path.read_bytes()
        path.write_bytes(good[: len(good) // 2] + bytes(100) + good[len(good) // 2 + 100 :])
        name = await office.programme(world.gateway, world.staff, "ban-tin", bulletin)
        await office.schedule(
            world.gateway, world.staff, office.weekly("ban-tin", name, office.MORNING, first=THURSDAY.date())
        )
        await world.until_ms(T_MS - 10_000)
        assert ready(world) == set()
        occ = world.next_occ
        assert all(each in world.alarms[f"gate:{occ}"].text_vi for each in world.clusters)
        await world.until_ms(T_MS + 130_000)
        plays = await world.settled(occ)
        assert {(play.outcome, play.why) for play in plays.values()} == {(Outcome.FAILED, "asset_missing")}
        assert world.sounded(heard=False) == {cluster: [] for cluster in world.clusters}
        path.write_bytes(good)
        await world.leap_to(SATURDAY_MS - 120_000)
        await world.ready()


def ready(world: World) -> set[str]:
    """Return the poles that say that they hold all they need."""
    found = set()
    for cluster, pole in world.poles.poles.items():
        agent = pole.agent
        plan = agent.studio.documents.plan if agent is not None else None
        if agent is None or plan is None or not plan.entries:
            continue
        if all(agent.assets.is_ready(asset.id) for asset in plan.assets):
            found.add(cluster)
    return found
