"""Phát ngoài giờ from two people's screens to the horns: heard in the hour that both wanted, and at no other."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp

from devices.clock import epoch_ms
from devices.clusters import Address
from devices.model import OccurrenceId, Outcome
from devices.seal import new_jti
from devices.wire.commands import Play
from devices.wire.documents import AssetEntry, PlanEntry, PlayItem
from gateway.domain.bulletin import Bulletin
from gateway.domain.people import Role
from gateway.web.auth import SESSION_COOKIE
from tests.gateway.web.work import API
from tests.gateway.web.world import Browser
from tests.onair import office
from tests.onair.world import THURSDAY, World

TEN = THURSDAY.replace(hour=22, minute=30)
HOURS = f"{API}/policy/out-of-hours"


async def with_a_phone(world: World, browser: Browser) -> None:
    """Turn the second factor on, as the person would on their own page."""
    people = world.gateway.people

    async def current() -> Any:
        return await people.sessions.who(browser.client.cookies[SESSION_COOKIE])

    secret = (await people.second_factor.begin(await current())).secret
    code = pyotp.TOTP(secret).generate_otp(world.clock.now_ms() // 30_000)
    await people.second_factor.confirm(await current(), code)


async def order_behind_the_editors_back(world: World, bulletin: Bulletin, occ: str) -> None:
    """Send a play that is sealed as it should be, past every check of the gateway."""
    assert bulletin.audio is not None
    stored = await world.gateway.store.audio.get(bulletin.audio.asset)
    assert stored is not None
    now_ms = world.clock.now_ms()
    asset = AssetEntry(
        id=stored.asset, bytes=stored.bytes, mime=stored.mime, dur_ms=stored.duration_ms, need_by_ms=now_ms
    )
    item = PlayItem(role="bulletin", asset=asset.id, dur_ms=asset.dur_ms)
    entry = PlanEntry(occ=occ, start_at_ms=now_ms + 5_000, dur_ms=asset.dur_ms, items=(item,))
    for cluster in world.clusters:
        await world.gateway.driver.command(
            "play",
            Address(cluster=cluster),
            Play(entry=entry, assets=(asset,)),
            jti=new_jti(),
            now_ms=now_ms,
            exp_ms=now_ms + 60_000,
            epoch=world.gateway.parts.plans.epoch,
        )


def refusals(world: World) -> list[int]:
    agents = [pole.agent for pole in world.poles.poles.values()]
    return [agent.gate.rejections["quiet_hours"] for agent in agents if agent is not None]


async def test_two_people_open_one_hour_of_one_night_and_every_pole_keeps_to_it(tmp_path: Path) -> None:
    async with World(tmp_path, start_ms=epoch_ms(TEN)).open() as world:
        bulletin = await office.approved(world.gateway, world.staff)
        order = {"bulletins": [bulletin.id], "targets": {"everywhere": True}}
        wanted = {
            "start": (TEN + timedelta(minutes=10)).isoformat(),
            "end": (TEN + timedelta(minutes=20)).isoformat(),
            "reason": "Tìm trẻ lạc ở khu phố 3",
        }
        async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as leader:
            request = (await operator.post(HOURS, wanted)).json()
            assert (request["granted"], request["asked_by"]) == (False, world.staff[Role.OPERATOR].id)
            assert (await operator.post(f"{HOURS}/{request['id']}/grant", {})).status_code == 403
            bare = await leader.post(f"{HOURS}/{request['id']}/grant", {})
            assert (bare.status_code, bare.json()["code"]) == (403, "second_factor_missing")
            await with_a_phone(world, leader)

            # what one person asked for is no permit: neither at the desk nor, past it, on the poles
            await world.until_ms(epoch_ms(TEN + timedelta(minutes=11)))
            assert (await operator.post(f"{API}/broadcasts/bulletins", order)).status_code == 422
            await order_behind_the_editors_back(world, bulletin, "lut-truoc")
            await world.until(lambda: refusals(world) == [1, 1, 1], "a pole did not refuse")

            granted = await leader.post(f"{HOURS}/{request['id']}/grant", {})
            assert granted.status_code == 200, granted.text
            assert granted.json()["granted_by"] == world.staff[Role.APPROVER].id
            assert "out-of-hours" in world.alarms
            await world.until(lambda: rules_on_poles(world) == {1}, "a pole does not know of the permit")

            answer = await world.during(operator.post(f"{API}/broadcasts/bulletins", order))
            assert answer.status_code == 202, answer.text
            occ = OccurrenceId(answer.json()["occ"])
            plays = await world.settled(occ)
            assert {play.outcome for play in plays.values()} == {Outcome.PLAYED}

            await world.until_ms(epoch_ms(TEN + timedelta(minutes=20, seconds=30)))
            assert (await operator.post(f"{API}/broadcasts/bulletins", order)).status_code == 422
            await order_behind_the_editors_back(world, bulletin, "lut-sau")
            await world.until(lambda: refusals(world) == [2, 2, 2], "a pole did not refuse")
            await world.pass_s(30)
            assert "out-of-hours" not in world.alarms
        assert world.sounded(heard=False) == {cluster: [occ] for cluster in world.clusters}
        assert await world.lies() == []


async def test_a_permit_withdrawn_while_a_voice_is_on_the_air_silences_every_pole(tmp_path: Path) -> None:
    async with World(tmp_path, start_ms=epoch_ms(TEN)).open() as world:
        bulletin = await office.approved(world.gateway, world.staff, office.LONG * 4)
        hour = {"start": TEN.isoformat(), "end": (TEN + timedelta(minutes=30)).isoformat(), "reason": "Tìm trẻ lạc"}
        async with world.browser(Role.OPERATOR) as operator, world.browser(Role.APPROVER) as leader:
            request = (await operator.post(HOURS, hour)).json()
            await with_a_phone(world, leader)
            assert (await leader.post(f"{HOURS}/{request['id']}/grant", {})).status_code == 200
            await world.until(lambda: rules_on_poles(world) == {1}, "a pole does not know of the permit")
            order = {"bulletins": [bulletin.id], "targets": {"everywhere": True}}
            answer = await world.during(operator.post(f"{API}/broadcasts/bulletins", order))
            occ = OccurrenceId(answer.json()["occ"])
            await world.until(lambda: world.poles.playing == len(world.clusters), "it does not sound")
            await world.pass_s(5)
            assert (await operator.send("DELETE", f"{HOURS}/{request['id']}")).status_code == 204
            await world.until(lambda: world.poles.playing == 0, "it sounds on at an hour that is no longer open")
            plays = await world.settled(occ)
            assert {(play.outcome, play.why) for play in plays.values()} == {(Outcome.INTERRUPTED, "by:quiet_hours")}
        assert await world.lies() == []


def rules_on_poles(world: World) -> set[int]:
    """Return how many permits the poles know of."""
    agents = [pole.agent for pole in world.poles.poles.values()]
    return {len(agent.studio.documents.rules.permits) for agent in agents if agent is not None}
