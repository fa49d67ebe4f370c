"""The right local hour, every week and whatever clocks and governments do, under a gateway that is never restarted."""

import zoneinfo
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from devices.clock import epoch_ms, instant
from devices.model import Outcome
from tests.onair import office
from tests.onair.world import THURSDAY, World

SLOTS = (time(5, 30), time(17, 30))
PARIS = "Europe/Paris"


async def test_a_week_of_thursdays_and_saturdays_is_four_airtimes_each_once_at_its_local_hour(tmp_path: Path) -> None:
    wednesday = THURSDAY - timedelta(days=1)
    async with World(tmp_path, start_ms=epoch_ms(wednesday.replace(hour=20))).open() as world:
        await office.weekly_news(world.gateway, world.staff, *SLOTS, first=wednesday.date())
        await world.ready()
        for day in range(7):
            for slot in SLOTS:
                at_ms = epoch_ms(datetime.combine(THURSDAY.date() + timedelta(days=day), slot, THURSDAY.tzinfo))
                await world.leap_to(at_ms - 20_000)
                await world.until_ms(at_ms + 8_000)
        heard = {
            cluster: [instant(round(span.start_root_ms)).astimezone(THURSDAY.tzinfo) for span in spans]
            for cluster, spans in world.truth().items()
        }
        wanted = [(day, slot.strftime("%H:%M")) for day in ("Thu 08", "Sat 10") for slot in SLOTS]
        for cluster, times in heard.items():
            rounded = [at + timedelta(milliseconds=100) for at in times]
            assert [(at.strftime("%a %d"), at.strftime("%H:%M")) for at in rounded] == wanted, cluster
        plays = [play for play in await world.all_plays() if play.start_at < instant(world.clock.now_ms())]
        assert len(plays) == 4 * len(world.clusters)
        assert {play.outcome for play in plays} == {Outcome.PLAYED}
        assert set((await world.starts()).values()) == {1}
        assert await world.lies() == []


@pytest.fixture
def paris_rules(tmp_path: Path) -> Path:
    """Air rules of a ward that changes its clocks."""
    shipped = resources.files("gateway").joinpath("policies/default.toml").read_text("utf-8")
    rules = tmp_path / "paris.toml"
    rules.write_text(shipped.replace("Asia/Ho_Chi_Minh", PARIS), "utf-8")
    return rules


@pytest.fixture
def zone_rules() -> Iterator[None]:
    """Put the machine's own rules back, whatever the test made of them."""
    before = zoneinfo.TZPATH
    yield
    zoneinfo.reset_tzpath(before)
    ZoneInfo.clear_cache()


async def airs(world: World, at: datetime) -> None:
    """Let time pass until ``at`` and have it aired there, on every pole, for the first time."""
    before = {cluster: len(spans) for cluster, spans in world.truth().items()}
    await world.leap_to(epoch_ms(at) - 90_000)
    await world.ready()
    occ = world.next_occ
    assert occ.split("@")[1].startswith(at.strftime("%Y-%m-%dT%H:%M"))
    await world.until_ms(epoch_ms(at))
    plays = await world.settled(occ)
    assert {play.outcome for play in plays.values()} == {Outcome.PLAYED}
    for cluster, spans in world.truth().items():
        assert len(spans) == before[cluster] + 1
        assert abs(spans[-1].start_root_ms - epoch_ms(at)) < 50


@pytest.mark.usefixtures("zone_rules")
async def test_a_change_of_the_clocks_and_of_the_law_moves_the_instant_and_not_the_local_hour(
    tmp_path: Path, paris_rules: Path
) -> None:
    summer, winter = (datetime(2026, 10, day, 5, 30, tzinfo=ZoneInfo(PARIS)) for day in (24, 29))
    assert epoch_ms(winter) - epoch_ms(summer) == 5 * 86_400_000 + 3_600_000
    start_ms = epoch_ms(summer) - 180_000
    async with World(tmp_path, start_ms=start_ms, timezone=PARIS, policy=str(paris_rules)).open() as world:
        gateway = world.gateway
        bulletin = await office.approved(gateway, world.staff)
        name = await office.programme(gateway, world.staff, "ban-tin", bulletin)
        made = office.weekly("ban-tin", name, time(5, 30), first=date(2026, 10, 1), zone=PARIS)
        await office.schedule(gateway, world.staff, made)
        await airs(world, summer)
        await airs(world, winter)

        # by decree, from one day to the next: eight hours ahead of UTC, as a new version of the zone files says it
        folder = tmp_path / "zoneinfo"
        (folder / "Europe").mkdir(parents=True)
        eight_ahead = resources.files("tzdata.zoneinfo.Etc").joinpath("GMT-8").read_bytes()
        (folder / PARIS).write_bytes(eight_ahead)
        zoneinfo.reset_tzpath([folder, *zoneinfo.TZPATH])
        saturday = datetime(2026, 10, 31, 5, 30, tzinfo=ZoneInfo("Etc/GMT-8"))
        await world.leap_to(world.clock.now_ms() + 1_300_000)
        await world.until(lambda: epoch_ms(saturday) in planned(world), "the plans were not made again")
        await airs(world, saturday)
        assert await world.lies() == []


def planned(world: World) -> set[int]:
    """Return the starts that the poles' own plans hold."""
    plans = [pole.agent.studio.documents.plan for pole in world.poles.poles.values() if pole.agent is not None]
    return {entry.start_at_ms for plan in plans if plan is not None for entry in plan.entries}
