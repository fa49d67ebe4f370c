"""Whoever owns the broker can silence, and never speak: what he says is refused and counted, and nothing sounds."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from devices.errors import SealBroken
from devices.model import ClusterId, Outcome
from devices.wire.commands import ClockReply, Emergency, Play, Volume
from devices.wire.documents import KeyRole, PlanBody, SilenceBody
from devices.wire.reports import Ack, AckState, ClockState, Death, JournalEntry
from devices.wire.topics import Up
from simulators.attacker import FLOOD_MAX, Attacker, altered, renamed, typ_of, unsigned
from simulators.faults import FaultKind
from simulators.ledger import check
from simulators.ward import SimulatedWard
from tests.simulators.station import THURSDAY_0530, Station, living, speech

T = THURSDAY_0530
VICTIM, OTHER = ClusterId("kp1-01"), ClusterId("kp1-02")
CHIME = speech(3)
QUIET_S = 10


@dataclass
class Scene:
    """Two poles that have played once, an attacker who heard it all, and the ward's next real airtime in a minute."""

    station: Station
    ward: SimulatedWard
    attacker: Attacker

    @property
    def now_ms(self) -> int:
        return self.station.clock.now_ms()

    def topic(self, rest: str, cluster: ClusterId = VICTIM) -> str:
        return f"loa/v1/{self.station.site}/cluster/{cluster}/{rest}"

    def forged(
        self, typ: str, body: object, *, kid: str = "gw-1", aud: str = f"cluster:{VICTIM}", **more: object
    ) -> bytes:
        return self.attacker.forge(
            typ, body, **{"iss": f"gateway:{self.station.site}", "aud": aud, "now_ms": self.now_ms, "kid": kid, **more}
        )

    def play(self, occ: str = "forged") -> Play:
        return Play(entry=self.station.entry(occ, self.now_ms + 2_000, CHIME), assets=(self.station.asset(CHIME),))

    def refused(self, cluster: ClusterId = VICTIM) -> Counter[str]:
        """Count what the pole refused, with and without an answer."""
        agent = self.ward[cluster].agent
        assert agent is not None
        return agent.gate.drops + agent.gate.rejections

    def heard(self) -> list[tuple[ClusterId, str]]:
        return [(cluster, span.tag) for cluster, spans in self.ward.truth().items() for span in spans]


@pytest.fixture
async def scene(station: Station, tmp_path: Path) -> AsyncIterator[Scene]:
    clusters = [VICTIM, OTHER]
    ward = SimulatedWard(
        clusters, clock=station.clock, folder=tmp_path / "poles", gateway_url=station.url, spread_s=0.2
    )
    await ward.enrol({cluster: station.offer(cluster) for cluster in clusters})
    async with Attacker(station.broker, station.site).open() as attacker:
        await station.plan_all(clusters, CHIME)
        await station.plan_all(clusters, CHIME, ("legal", T))
        async with living(ward, station):
            await station.until(lambda: station.all_ready(clusters))
            await station.play_now(VICTIM, "once", CHIME)
            await station.until(lambda: (VICTIM, "once") in station.outcomes())
            await station.until(lambda: attacker.of_typ("journal") and len(attacker.of_typ("plan")) == 4)
            yield Scene(station, ward, attacker)


async def nothing_sounds_but_what_is_legal(scene: Scene) -> None:
    """Wait; then have the ward's own airtime, which must be untouched."""
    await scene.station.until_ms(scene.now_ms + QUIET_S * 1_000)
    assert [each for each in scene.heard() if each[1] != "legal"] == [(VICTIM, "once")]
    await scene.station.until_ms(T + 4_000)
    await scene.station.until(lambda: len(scene.station.outcomes()) == 3)
    assert sorted(scene.heard()) == [(VICTIM, "legal"), (VICTIM, "once"), (OTHER, "legal")]
    assert check(scene.ward.truth(), scene.station.stored()) == []


async def forge_a_play(scene: Scene) -> None:
    await scene.attacker.say(scene.topic("command"), scene.forged("play", scene.play()))


async def forge_with_a_key_nobody_knows(scene: Scene) -> None:
    await scene.attacker.say(scene.topic("command"), scene.forged("play", scene.play(), kid="gw-7"))


async def forge_an_emergency(scene: Scene) -> None:
    body = Emergency(em="E-1", start_at_ms=scene.now_ms + 1_000, end_by_ms=scene.now_ms + 60_000)
    everybody = f"all:{scene.station.site}"
    sealed = scene.forged("emergency", body, kid="em-1", aud=everybody, role=KeyRole.EMERGENCY)
    await scene.attacker.say(scene.attacker.topics.emergency, sealed)


async def forge_a_plan(scene: Scene) -> None:
    entry = scene.station.entry("forged", scene.now_ms + 3_000, CHIME)
    body = PlanBody(rev=99, from_ms=scene.now_ms, until_ms=scene.now_ms + 10**7, entries=(entry,))
    await scene.attacker.say(scene.topic("plan"), scene.forged("plan", body), retain=True)


async def lift_a_silence_nobody_ordered(scene: Scene) -> None:
    body = SilenceBody(silent=True, by="attacker", at_ms=scene.now_ms)
    sealed = scene.forged("silence", body, aud=f"all:{scene.station.site}")
    await scene.attacker.say(scene.attacker.topics.silence, sealed, retain=True)


async def tell_another_time(scene: Scene) -> None:
    body = ClockReply(n=1, t1_us=1, t2_us=1, t3_us=2)
    await scene.attacker.say(scene.topic("clock/reply"), scene.forged("clock", body))


async def alter_the_hour_of_a_plan(scene: Scene) -> None:
    def sooner(envelope: dict) -> None:
        envelope["body"]["entries"][0]["start_at_ms"] = scene.now_ms + 3_000
        envelope["seq"] += 1_000

    (plan,) = [each for each in scene.attacker.of_typ("plan") if each.topic == scene.topic("plan")][-1:]
    await scene.attacker.say(plan.topic, altered(plan.payload, sooner), retain=True)


async def alter_a_play(scene: Scene) -> None:
    def another(envelope: dict) -> None:
        envelope["jti"], envelope["body"]["entry"]["occ"] = "fresh", "forged"
        envelope["body"]["entry"]["start_at_ms"] = scene.now_ms + 2_000

    await scene.attacker.say(scene.topic("command"), altered(scene.attacker.of_typ("play")[0].payload, another))


async def leave_out_the_signature(scene: Scene) -> None:
    await scene.attacker.say(scene.topic("command"), unsigned(scene.attacker.of_typ("play")[0].payload))


async def call_a_plan_a_play(scene: Scene) -> None:
    await scene.attacker.say(scene.topic("command"), renamed(scene.attacker.of_typ("plan")[-1].payload, "play"))


async def send_it_to_another_pole(scene: Scene) -> None:
    await scene.attacker.misdirect(scene.attacker.of_typ("play")[0], OTHER)


async def put_a_play_where_plans_are_kept(scene: Scene) -> None:
    await scene.attacker.say(scene.topic("plan"), scene.attacker.of_typ("play")[0].payload, retain=True)


async def go_back_to_an_older_plan(scene: Scene) -> None:
    plan = next(each for each in scene.attacker.of_typ("plan") if each.topic == scene.topic("plan"))
    await scene.attacker.replay(plan, retain=True)


async def say_more_than_anybody_may(scene: Scene) -> None:
    await scene.attacker.say(scene.topic("command"), b"a." + b"b" * 20_000 + b".c")


TABLE = [
    (forge_a_play, "bad_signature", VICTIM),
    (forge_with_a_key_nobody_knows, "unknown_key", VICTIM),
    (forge_an_emergency, "bad_signature", VICTIM),
    (forge_a_plan, "bad_signature", VICTIM),
    (lift_a_silence_nobody_ordered, "bad_signature", VICTIM),
    (tell_another_time, "bad_signature", VICTIM),
    (alter_the_hour_of_a_plan, "bad_signature", VICTIM),
    (alter_a_play, "bad_signature", VICTIM),
    (leave_out_the_signature, "malformed", VICTIM),
    (call_a_plan_a_play, "bad_signature", VICTIM),
    (send_it_to_another_pole, "not_for_me", OTHER),
    (put_a_play_where_plans_are_kept, "wrong_topic", VICTIM),
    (go_back_to_an_older_plan, "rollback", VICTIM),
    (say_more_than_anybody_may, "too_big", VICTIM),
]


@pytest.mark.parametrize(("attack", "reason", "where"), TABLE, ids=[attack.__name__ for attack, _, _ in TABLE])
async def test_an_attack_is_refused_and_counted_and_the_ward_goes_on(
    scene: Scene, attack: Callable[[Scene], Awaitable[None]], reason: str, where: ClusterId
) -> None:
    before = scene.refused(where)[reason]
    await attack(scene)
    await scene.station.until(lambda: scene.refused(where)[reason] > before, f"not counted: {scene.refused(where)}")
    await nothing_sounds_but_what_is_legal(scene)


async def test_a_recording_at_once_gets_the_same_answer_and_no_second_play(scene: Scene) -> None:
    play = scene.attacker.of_typ("play")[0]
    answers = [ack for _, ack in scene.station.acks if ack.typ == "play"]
    for _ in range(5):
        await scene.attacker.replay(play)
    await scene.station.until(lambda: len([a for _, a in scene.station.acks if a.typ == "play"]) >= len(answers) + 5)
    assert {ack.ref for _, ack in scene.station.acks if ack.typ == "play"} == {answers[0].ref}
    await nothing_sounds_but_what_is_legal(scene)


async def test_a_recording_of_long_ago_is_over(scene: Scene) -> None:
    await scene.station.until_ms(T + 4_000)
    await scene.station.until(lambda: len(scene.station.outcomes()) == 3)
    await scene.station.until_ms(scene.now_ms + 60_000, step_s=0.5)
    heard = scene.heard()
    await scene.attacker.replay(scene.attacker.of_typ("play")[0])
    await scene.station.until(lambda: scene.refused()["expired"], "not counted")
    await scene.station.until_ms(scene.now_ms + 5_000)
    assert scene.heard() == heard


async def test_a_play_kept_by_the_broker_never_sounds_at_any_boot(scene: Scene) -> None:
    """Failure 19: retained commands that ring sirens at every reboot."""
    await scene.attacker.replay(scene.attacker.of_typ("play")[0], retain=True)
    pole = scene.ward[VICTIM]
    for _ in range(10):
        boots = pole.boots
        pole.power_cut()
        await scene.station.until(lambda: not pole.is_up)
        pole.power_on()
        await scene.station.until(
            lambda boots=boots: pole.boots > boots and pole.is_up and scene.refused()["retained_command"], "not counted"
        )
    await nothing_sounds_but_what_is_legal(scene)


async def test_after_a_reboot_in_1970_no_recording_is_obeyed(scene: Scene) -> None:
    pole, play = scene.ward[VICTIM], scene.attacker.of_typ("play")[0]
    pole.faults.begin(FaultKind.BOOT_1970, 0)
    pole.faults.begin(FaultKind.NTP_OFF, 0)
    kid, public = scene.station.public[OTHER]
    scene.station.driver.trust([(OTHER, kid, public)])  # so that nobody tells the victim what time it is
    pole.power_cut()
    pole.power_on()
    await scene.station.until(lambda: pole.boots == 2 and pole.is_up)
    await scene.attacker.replay(play)
    await scene.station.until(lambda: scene.refused()["clock_unsynced"], "not counted")
    await scene.station.until_ms(T + 4_000)
    assert scene.heard() == [(VICTIM, "once"), (OTHER, "legal")]


async def test_nobody_else_can_say_what_a_pole_did(scene: Scene) -> None:
    """Up the line the gateway is the one to be fooled: forged, moved, repeated and invented reports."""
    station, attacker = scene.station, scene.attacker
    now_ms, site = scene.now_ms, station.site
    invented = JournalEntry(
        n=50, prev="0" * 64, sid="x", typ="finished", occ="invented", at_ms=now_ms, want_ms=now_ms,
        clock=ClockState(src="ntp", trusted=True), result=Outcome.PLAYED,
    )  # fmt: skip
    mine = {"iss": f"cluster:{VICTIM}", "aud": f"gateway:{site}", "now_ms": now_ms, "role": KeyRole.DEVICE}
    kid = station.public[VICTIM][0]
    before = len(station.refused)
    await attacker.say(scene.topic(Up.JOURNAL), attacker.forge("journal", invented, kid=kid, **mine))
    await attacker.say(scene.topic(Up.STATE), attacker.forge("death", Death(sid="x"), kid=kid, **mine))
    ack = Ack(ref="x", typ="play", st=AckState.DONE, sid="x", at_ms=now_ms)
    await attacker.say(scene.topic(Up.ACK), attacker.forge("ack", ack, kid=kid, **mine))
    await attacker.say(scene.topic(Up.STATE), json.dumps({"v": 1, "online": False, "sid": "x"}).encode())
    await attacker.say(scene.topic(Up.JOURNAL, OTHER), attacker.of_typ("journal")[0].payload)
    await attacker.say(scene.topic(Up.ACK), attacker.of_typ("journal")[0].payload)
    await attacker.say(scene.topic(Up.STATE, ClusterId("kp1-99")), attacker.of_typ("birth")[0].payload)
    await station.until(lambda: len(station.refused) - before == 7, f"counted: {station.refused[before:]}")
    assert Counter(reason for _, reason in station.refused[before:]) == {
        "bad_signature": 3, "malformed": 1, "unknown_key": 1, "wrong_topic": 1, "not_enrolled": 1,
    }  # fmt: skip
    assert VICTIM in station.births
    assert "invented" not in {occ for _, occ in station.outcomes()}
    await attacker.replay(attacker.of_typ("journal")[0])
    await nothing_sounds_but_what_is_legal(scene)


async def test_a_flood_does_not_stop_the_hour(scene: Scene) -> None:
    await scene.attacker.flood(scene.topic("command"), 2_000)
    await scene.attacker.flood(scene.topic(Up.JOURNAL), 500)
    await scene.station.until(lambda: scene.refused()["malformed"] >= 2_000, "not counted")
    await nothing_sounds_but_what_is_legal(scene)


async def test_his_flood_has_an_end(scene: Scene) -> None:
    with pytest.raises(ValueError, match=str(FLOOD_MAX)):
        await scene.attacker.flood("x", FLOOD_MAX + 1)


async def test_he_cannot_even_seal_what_his_role_may_not(scene: Scene) -> None:
    with pytest.raises(SealBroken, match="key_not_allowed"):
        scene.forged("emergency", Volume(percent=100))
    assert typ_of(scene.attacker.of_typ("play")[0].payload) == "play"
    assert typ_of(b"noise") is None


async def test_what_he_retained_is_gone_when_he_is(scene: Scene) -> None:
    topic = scene.topic("command")
    async with Attacker(scene.station.broker, scene.station.site).open() as second:
        await second.say(topic, b"kept", retain=True)
    async with Attacker(scene.station.broker, scene.station.site).open() as third:
        await scene.station.until(lambda: third.recorded)
        assert topic not in {message.topic for message in third.recorded if message.retain}
