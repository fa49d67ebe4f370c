"""Bảng phát sóng of two hundred clusters: buttons above them, neighbourhoods folded, everybody there once."""

import re
from urllib.parse import quote

from devices.model import ClusterId, Outcome, Proof, ZoneId
from gateway.domain.people import Role
from gateway.domain.targets import Cluster, Zone
from tests.gateway.web.aired import play
from tests.gateway.web.test_pages import page
from tests.gateway.web.work import approved
from tests.gateway.web.world import World, note

ZONES, EACH = 10, 20
POWER_CUT = ("kp3-04", "kp3-17")


async def crowd(world: World) -> list[ClusterId]:
    """Two hundred clusters in ten neighbourhoods."""
    names = []
    for zone in range(1, ZONES + 1):
        home = ZoneId(f"kp{zone}")
        await world.store.inventory.save_zone(Zone(id=home, name=f"Khu phố {zone}"), note=note("seed"))
        for n in range(1, EACH + 1):
            name = ClusterId(f"kp{zone}-{n:02}")
            cluster = Cluster(id=name, name=f"Cụm {name}", zone=home)
            await world.store.inventory.save_cluster(cluster, note=note("seed"))
            names.append(name)
    await world.services.fleet.refresh()
    return names


def strips(text: str) -> list[str]:
    return re.findall(r'class="strip is-\w+" href="[^"]+/([\w-]+)"', text)


def zones(text: str) -> list[str]:
    return re.findall(r'<details class="zone" id="zone-(kp\d+)">', text)


async def test_two_hundred_clusters_stand_under_the_buttons_in_their_neighbourhoods(world: World) -> None:
    names, bulletin = await crowd(world), await approved(world)
    plays = [play(world, bulletin, name, outcome=None, proof=Proof.NONE) for name in names]
    await world.store.proofs.settle(plays)
    here = f"/board/{quote(plays[0].occ)}"
    async with world.browser(Role.OPERATOR) as operator:
        whole = (await page(operator, here)).text
        part = (await page(operator, f"{here}/now")).text
    assert whole.index("/stop") < whole.index('id="clusters"') < whole.index('class="strip ')
    assert sorted(strips(whole)) == sorted(names), "whoever needs a look and is not named above is in a neighbourhood"
    assert len(strips(whole.partition('<details class="zone')[0])) == 30
    assert 'id="clusters" hx-swap-oob="innerHTML"' in part
    assert strips(part) == strips(whole)


async def test_what_was_missed_is_named_and_the_others_are_counted_by_neighbourhood(world: World) -> None:
    names, bulletin = await crowd(world), await approved(world)
    missed = {"outcome": Outcome.MISSED, "proof": Proof.NONE, "why": "power", "heard_ms": 0}
    plays = [play(world, bulletin, name, **(missed if name in POWER_CUT else {})) for name in names]
    await world.store.proofs.settle(plays)
    await world.clock.advance(3600)
    async with world.browser(Role.VIEWER) as viewer:
        text = (await page(viewer, f"/board/{quote(plays[0].occ)}")).text
    assert "Cần xem: Cụm kp3-04, Cụm kp3-17<" in text
    named, _, folded = text.partition('<details class="zone')
    assert strips(named) == list(POWER_CUT)
    assert zones(text) == [f"kp{n}" for n in range(1, ZONES + 1)], "as people count them"
    assert len(strips(folded)) == ZONES * EACH - len(POWER_CUT)
    counted = dict(zip(zones(text), re.findall(r"Đã phát đủ (\d+)</span>", folded), strict=True))
    assert counted == {f"kp{n}": str(EACH - len(POWER_CUT) if n == 3 else EACH) for n in range(1, ZONES + 1)}


async def test_a_small_ward_sees_every_cluster_at_once(world: World) -> None:
    bulletin = await approved(world)
    plays = [play(world, bulletin, name) for name in (await crowd(world))[:20]]
    await world.store.proofs.settle(plays)
    await world.clock.advance(3600)
    async with world.browser(Role.VIEWER) as viewer:
        text = (await page(viewer, f"/board/{quote(plays[0].occ)}")).text
    assert len(strips(text)) == 20
    assert zones(text) == []


async def test_a_broadcast_within_one_minute_has_one_hour_and_a_length(world: World) -> None:
    pole, bulletin = (await crowd(world))[0], await approved(world)
    short, long = (play(world, bulletin, pole, n, duration_ms=ms) for n, ms in ((1, 13_000), (2, 120_000)))
    await world.store.proofs.settle([short, long])
    await world.clock.advance(3600)
    async with world.browser(Role.VIEWER) as viewer:
        one = (await page(viewer, f"/board/{quote(short.occ)}")).text
        other = (await page(viewer, f"/board/{quote(long.occ)}")).text
    assert re.search(r'class="when">\d\d:\d\d · dài 13 giây, ', one)
    assert re.search(r'class="when">\d\d:\d\d–\d\d:\d\d · 2 phút, ', other)
