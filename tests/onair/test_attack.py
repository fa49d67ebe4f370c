"""Somebody owns the broker: he hears all, says anything, keeps it there, and never makes a loudspeaker sound."""

import json
from base64 import urlsafe_b64decode as b64decode
from pathlib import Path

from devices.link import Message
from devices.model import ClusterId, Outcome, SiteId
from devices.seal import seal_body
from devices.wire.commands import Emergency, Play
from devices.wire.documents import ConfigBody, KeyRole, PlanBody, PlanEntry, PlayItem, SilenceBody
from devices.wire.reports import JournalEntry
from devices.wire.topics import Up
from gateway.domain.ids import ScheduleId
from gateway.domain.people import Role
from simulators.attacker import Attacker, altered, renamed, unsigned
from tests.gateway.web.work import API
from tests.onair import office
from tests.onair.world import T_MS, THURSDAY, World


def drops(world: World, cluster: ClusterId) -> dict[str, int]:
    agent = world.poles[cluster].agent
    assert agent is not None
    return dict(agent.gate.drops)


def rejections(world: World, cluster: ClusterId) -> dict[str, int]:
    agent = world.poles[cluster].agent
    assert agent is not None
    return dict(agent.gate.rejections)


def tone(start_ms: int, occ: str = "gia-mao") -> PlanEntry:
    """Ten seconds that need no file: nothing but the seal stands in the way."""
    item = PlayItem(role="tone", dur_ms=10_000)
    return PlanEntry(occ=occ, start_at_ms=start_ms, dur_ms=10_000, items=(item,), level=200, volume_percent=80)


async def test_with_every_right_on_the_broker_nothing_sounds_all_is_counted_and_somebody_is_told(
    tmp_path: Path,
) -> None:
    async with World(tmp_path).open() as world:
        bulletin = await office.weekly_news(world.gateway, world.staff, first=THURSDAY.date())
        await world.ready()
        first, *others = world.clusters
        site = SiteId(world.settings.ward.site)
        async with Attacker(world.gateway.broker.address, site).open() as attacker:
            genuine = await a_genuine_play(world, attacker, bulletin.id, first)
            heard = world.sounded()
            assert {cluster: len(tags) for cluster, tags in heard.items()} == {first: 1} | dict.fromkeys(others, 0)
            now_ms = world.clock.now_ms()
            command, plan = attacker.topics.command, attacker.topics.plan

            # the same bytes again: at once, kept for whoever connects, and at another pole
            for _ in range(3):
                await attacker.replay(genuine)
            await attacker.replay(genuine, retain=True)
            for cluster in others:
                await attacker.misdirect(genuine, cluster)
            # other bytes under the same signature
            later = altered(genuine.payload, lambda envelope: envelope["body"]["entry"].update(occ="khac"))
            for cluster in world.clusters:
                await attacker.say(command(cluster), later)
                await attacker.say(command(cluster), unsigned(genuine.payload))
                await attacker.say(command(cluster), renamed(genuine.payload, "emergency"))
            # keys of his own, under the names of the ward's
            for cluster in world.clusters:
                to = {"iss": f"gateway:{site}", "aud": f"cluster:{cluster}", "now_ms": now_ms}
                play = Play(entry=tone(now_ms + 2_000))
                await attacker.say(command(cluster), attacker.forge("play", play, kid="gw-1", **to))
                await attacker.say(command(cluster), attacker.forge("play", play, kid="gw-9", **to), retain=True)
                forged_plan = PlanBody(rev=99, from_ms=now_ms, until_ms=T_MS, entries=(tone(now_ms + 5_000),))
                await attacker.say(plan(cluster), attacker.forge("plan", forged_plan, kid="gw-1", **to), retain=True)
                config = ConfigBody(keys="khong-co", asset_base="http://127.0.0.1:1/")
                await attacker.say(
                    attacker.topics.config(cluster), attacker.forge("config", config, kid="gw-1", **to), retain=True
                )
            alarm = Emergency(em="em-gia", start_at_ms=now_ms, end_by_ms=now_ms + 60_000)
            everybody = {"iss": f"gateway:{site}", "aud": f"all:{site}", "now_ms": now_ms}
            siren = attacker.forge("emergency", alarm, kid="em-1", role=KeyRole.EMERGENCY, **everybody)
            await attacker.say(attacker.topics.emergency, siren)
            hush = SilenceBody(silent=True, by="ke-pha", at_ms=now_ms)
            await attacker.say(
                attacker.topics.silence, attacker.forge("silence", hush, kid="gw-1", **everybody), retain=True
            )
            # a real order that was held back until it was over
            key = world.gateway.keyring.gateway()
            held_back = seal_body(
                key,
                "play",
                Play(entry=tone(now_ms + 2_000, "giu-lai")),
                iss=f"gateway:{site}",
                aud=f"all:{site}",
                iat_ms=now_ms - 120_000,
                exp_ms=now_ms - 60_000,
                epoch=world.gateway.parts.plans.epoch,
            )
            await attacker.say(attacker.topics.all_command, held_back)
            # an old plan, which would bring back what was cancelled since
            (old_plan,) = plans_for(attacker, first)
            await world.gateway.parts.programming.skip_date(
                ScheduleId("ban-tin"), THURSDAY.date().replace(day=15), by=world.staff[Role.OPERATOR]
            )
            await world.until(lambda: len(plans_for(attacker, first)) > 1, "no new plan")
            await world.pass_s(3)
            await attacker.replay(old_plan)
            # and in the names of the poles
            journal = attacker.of_typ("journal")[0]
            await attacker.say(attacker.topics.up(others[0], Up.JOURNAL), journal.payload)
            await attacker.say(journal.topic, altered(journal.payload, lambda it: it["body"].update(n=500)))
            lie = JournalEntry.model_validate(body_of(journal) | {"occ": world.next_occ, "want_ms": T_MS, "n": 9})
            for cluster in world.clusters:
                forged = attacker.forge(
                    "journal", lie, iss=f"cluster:{cluster}", aud=f"gateway:{site}", now_ms=now_ms,
                    kid=f"dev-{cluster}-1", role=KeyRole.DEVICE,
                )  # fmt: skip
                await attacker.say(attacker.topics.up(cluster, Up.JOURNAL), forged)
            await attacker.flood(command(first), 200)
            await world.pass_s(12)
            for pole in world.poles.poles.values():
                pole.drop_link()
            await world.until(lambda: world.poles.connected == 0 or all_counted(world), "nobody was dropped")
            await world.until(lambda: world.poles.connected == 3, "not every pole came back")
            await world.until(lambda: all_counted(world), f"not counted: {[drops(world, c) for c in world.clusters]}")
            assert world.sounded(heard=False) == heard
            assert rejections(world, first)["rollback"] == 1
            for cluster in world.clusters:
                assert rejections(world, cluster)["expired"] == 1

            await world.until_ms(T_MS - 20_000)
            occ = world.next_occ
            await world.until_ms(T_MS)
            plays = await world.settled(occ)
            assert {play.outcome for play in plays.values()} == {Outcome.PLAYED}
            assert world.sounded(heard=False) == {cluster: [*heard[cluster], occ] for cluster in world.clusters}
            assert await world.lies() == []
            assert not any(play.unplanned for play in await world.all_plays())
            refused = world.gateway.parts.monitor.refused
            assert {reason for _, reason in refused} >= {"bad_signature", "unknown_key"}, refused
            for cluster in world.clusters:
                assert f"probing:{cluster}" in world.alarms


def plans_for(attacker: Attacker, cluster: ClusterId) -> list[Message]:
    """Return the plans that the gateway sealed for ``cluster``, as recorded."""
    topic = attacker.topics.plan(cluster)
    genuine = [message for message in attacker.of_typ("plan") if message.topic == topic]
    return [message for message in genuine if "gia-mao" not in str(body_of(message))]


def body_of(message: Message) -> dict[str, object]:
    """Return what a sealed message says, unchecked."""
    body = json.loads(b64decode(message.payload.split(b".")[1] + b"=="))["body"]
    assert isinstance(body, dict)
    return body


def all_counted(world: World) -> bool:
    """Tell whether every pole has counted what was thrown at it."""
    first, *others = world.clusters
    for cluster in world.clusters:
        counted = drops(world, cluster)
        if not {"retained_command", "unknown_key", "bad_signature", "malformed"} <= counted.keys():
            return False
    return all("not_for_me" in drops(world, cluster) for cluster in others) and drops(world, first)["malformed"] >= 200


async def a_genuine_play(world: World, attacker: Attacker, bulletin: str, cluster: ClusterId) -> Message:
    """Have an operator order one, and the attacker record it."""
    async with world.browser(Role.OPERATOR) as operator:
        order = {"bulletins": [bulletin], "targets": {"clusters": [cluster]}}
        answer = await operator.post(f"{API}/broadcasts/bulletins", order)
        assert answer.status_code == 202, answer.text
    await world.until(lambda: world.poles[cluster].playing, "the order was not followed")
    await world.until(lambda: not world.poles[cluster].playing, "it never ends")
    await world.pass_s(2)
    (message,) = attacker.of_typ("play")
    return message
