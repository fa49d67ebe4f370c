"""The gateway's driver over the real broker: what it believes, what it refuses, and what it never keeps for later."""

import asyncio
import contextlib
import json

import pytest

from devices.clock import SystemClock
from devices.clusters import Address, ClusterDriver, Ears, EmergencyDriver, create_keyring
from devices.errors import LinkDown, SealBroken
from devices.link import BrokerAddress, Link, Subscription
from devices.model import ClusterId
from devices.seal import SigningKey, Trust, new_jti, seal_body, unseal
from devices.wire.commands import ClockReply, EmergencyEnd, Stop
from devices.wire.documents import KeyRole, PlanBody
from devices.wire.reports import ClockRequest, ClockState, Death, JournalState, Telemetry
from devices.wire.topics import Topics, Up

POLE = ClusterId("kp3-02")
OTHER = ClusterId("kp3-03")


class World:
    """A driver, and a plain client on the same broker that stands for whatever is out there."""

    def __init__(self, address, site, folder):
        self.clock = SystemClock()
        self.topics = Topics(site)
        self.ring = create_keyring(folder, site, pin="123456", now_ms=1)
        self.device = SigningKey.generate("dev-kp3-02-1", KeyRole.DEVICE)
        self.reports, self.refused, self.seen = [], [], []
        self.changed = asyncio.Event()
        self.driver = ClusterDriver(
            address=address,
            topics=self.topics,
            keyring=self.ring,
            clock=self.clock,
            ears=Ears(
                on_report=self._on_report, on_refused=self._on_refused, on_up=self._nothing, on_down=self._nothing
            ),
        )
        self.driver.trust([(POLE, self.device.kid, self.device.public)])
        self.emergency = EmergencyDriver(address=address, topics=self.topics, keyring=self.ring)
        self.outside = Link(
            address,
            client_id=f"{site}-outside",
            on_message=self._on_message,
            subscriptions=[Subscription(f"loa/v1/{site}/#")],
        )

    async def _on_report(self, heard):
        self.reports.append(heard)
        self.changed.set()

    async def _on_refused(self, cluster, reason):
        self.refused.append((cluster, reason))
        self.changed.set()

    async def _nothing(self):
        return

    def _on_message(self, message):
        self.seen.append(message)
        self.changed.set()

    async def until(self, condition):
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def telemetry(self, sid="s1"):
        now = self.clock.now_ms()
        clock = ClockState(src="ntp", trusted=True)
        return Telemetry(
            sid=sid,
            at_ms=now,
            uptime_s=1,
            activity="idle",
            clock=clock,
            journal=JournalState(head=0, acked=0),
            drops={},
        )

    def sealed(self, typ, body, *, key=None, iss=POLE, aud=None):
        return seal_body(
            key or self.device,
            typ,
            body,
            iss=f"cluster:{iss}",
            aud=aud or f"gateway:{self.topics.site}",
            iat_ms=self.clock.now_ms(),
        )


@pytest.fixture
async def world(any_broker, site, tmp_path):
    made = World(any_broker, site, tmp_path / "keys")
    tasks = [asyncio.create_task(each.run()) for each in (made.driver, made.emergency, made.outside)]
    async with asyncio.timeout(20):
        await made.outside.wait_up()
        while not (made.driver.connected and made.emergency.connected):
            await asyncio.sleep(0.01)
    yield made
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_sealed_report_of_an_enrolled_cluster_is_believed(world):
    sealed = world.sealed("telemetry", world.telemetry())
    await world.outside.publish(world.topics.up(POLE, Up.TELEMETRY), sealed)
    await world.until(lambda: world.reports)
    (heard,) = world.reports
    assert (heard.cluster, heard.body.sid, heard.sealed) == (POLE, "s1", sealed)
    assert world.refused == []


@pytest.mark.parametrize(
    ("reason", "make"),
    [
        ("bad_signature", lambda w: (POLE, Up.TELEMETRY, w.sealed("telemetry", w.telemetry())[:-4] + b"AAAA")),
        (
            "unknown_key",
            lambda w: (
                POLE,
                Up.TELEMETRY,
                w.sealed("telemetry", w.telemetry(), key=SigningKey.generate("dev-x", KeyRole.DEVICE)),
            ),
        ),
        ("not_enrolled", lambda w: (OTHER, Up.TELEMETRY, w.sealed("telemetry", w.telemetry(), iss=OTHER))),
        ("not_for_me", lambda w: (POLE, Up.TELEMETRY, w.sealed("telemetry", w.telemetry(), iss=OTHER))),
        ("not_for_me", lambda w: (POLE, Up.TELEMETRY, w.sealed("telemetry", w.telemetry(), aud="cluster:kp3-02"))),
        ("wrong_topic", lambda w: (POLE, Up.JOURNAL, w.sealed("death", Death(sid="s1")))),
        ("malformed", lambda w: (POLE, Up.STATE, b'{"online":false,"sid":"s1"}')),
        ("malformed", lambda w: (POLE, Up.STATE, b"\xff" * 100)),
        ("too_big", lambda w: (POLE, Up.STATE, b"a" * 300_000)),
    ],
)
async def test_what_does_not_hold_is_refused_and_told(world, reason, make):
    cluster, kind, payload = make(world)
    if len(payload) > 60_000:
        await world.driver._on_message(  # larger than the broker itself lets through
            type("M", (), {"topic": world.topics.up(cluster, kind), "payload": payload, "retain": False})()
        )
    else:
        await world.outside.publish(world.topics.up(cluster, kind), payload)
    await world.until(lambda: world.refused)
    assert world.refused == [(cluster, reason)]
    assert world.reports == []


async def test_a_clock_request_is_answered_at_once_and_under_seal(world):
    sent = ClockRequest(n=7, t1_us=123)
    await world.outside.publish(world.topics.up(POLE, Up.CLOCK), world.sealed("clock_request", sent), qos=0)
    topic = world.topics.clock_reply(POLE)
    await world.until(lambda: any(m.topic == topic for m in world.seen))
    (message,) = [m for m in world.seen if m.topic == topic]
    opened = unseal(message.payload, world.ring.trust, max_bytes=9999)
    reply = ClockReply.model_validate(opened.envelope.body)
    assert (reply.n, reply.t1_us) == (7, 123)
    assert 0 <= reply.t3_us - reply.t2_us < 1_000_000
    assert abs(reply.t2_us / 1000 - world.clock.now_ms()) < 60_000


async def test_a_document_is_retained_and_a_command_is_not(world):
    to = Address(cluster=POLE)
    now = world.clock.now_ms()
    plan = world.driver.seal_document("plan", to, PlanBody(rev=1, from_ms=0, until_ms=1), epoch=1, seq=1, now_ms=now)
    await world.driver.publish_document("plan", to, plan)
    await world.driver.command("stop", to, Stop(), jti=new_jti(), now_ms=now, exp_ms=now + 60_000, epoch=1)
    await world.until(lambda: {world.topics.plan(POLE), world.topics.command(POLE)} <= {m.topic for m in world.seen})
    late = []
    newcomer = Link(
        world.outside._address,
        client_id=f"{world.topics.site}-late",
        on_message=late.append,
        subscriptions=[Subscription(f"loa/v1/{world.topics.site}/cluster/#")],
    )
    task = asyncio.create_task(newcomer.run())
    async with asyncio.timeout(10):
        while not late:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [m.topic for m in late] == [world.topics.plan(POLE)]
    opened = unseal(late[0].payload, world.ring.trust, max_bytes=99_999)
    assert (opened.typ, opened.envelope.aud, opened.envelope.seq) == ("plan", f"cluster:{POLE}", 1)


async def test_a_command_while_the_broker_is_away_is_refused_at_once_and_never_arrives(world):
    world.driver._down.drop()
    async with asyncio.timeout(5):
        while world.driver.connected:
            await asyncio.sleep(0.01)
    now = world.clock.now_ms()
    with pytest.raises(LinkDown):
        await world.driver.command("stop", Address(), Stop(), jti=new_jti(), now_ms=now, exp_ms=now + 60_000, epoch=1)
    async with asyncio.timeout(20):
        while not world.driver.connected:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    assert world.topics.all_command not in {m.topic for m in world.seen}


async def test_each_connection_announces_a_new_session_and_leaves_a_will(world):
    def births():
        return [m for m in world.seen if m.topic == world.topics.gateway_state]

    await world.until(births)
    world.driver._down.drop()
    await world.until(lambda: len([m for m in births() if not m.payload.startswith(b"{")]) >= 2)
    sids = [
        unseal(m.payload, world.ring.trust, max_bytes=9999).envelope.body["sid"]
        for m in births()
        if not m.payload.startswith(b"{")
    ]
    assert len(set(sids)) == len(sids)
    for will in (json.loads(m.payload) for m in births() if m.payload.startswith(b"{")):
        assert will["online"] is False
        assert will["sid"] != sids[-1], "a late will must not name the session that is alive"


async def test_an_emergency_needs_the_pin_and_repeats_the_same_bytes(world):
    now = world.clock.now_ms()
    end = EmergencyEnd(em="bao-so-5")
    terms = {"jti": "one-jti", "now_ms": now, "exp_ms": now + 60_000, "epoch": 1}
    with pytest.raises(SealBroken, match="wrong_pin"):
        await world.emergency.send("emergency_end", end, pin="000000", **terms)
    sealed = await world.emergency.send("emergency_end", end, pin="123456", **terms)
    await world.emergency.repeat(sealed, Address())
    await world.emergency.repeat(sealed, Address(cluster=POLE))
    wanted = [world.topics.emergency, world.topics.emergency, world.topics.command(POLE)]
    await world.until(lambda: len([m for m in world.seen if m.payload == sealed]) == 3)
    assert sorted(m.topic for m in world.seen if m.payload == sealed) == sorted(wanted)
    assert unseal(sealed, Trust.of(world.ring.entries), max_bytes=9999).role is KeyRole.EMERGENCY


async def test_a_revoked_cluster_is_no_longer_believed(world):
    world.driver.trust([])
    with contextlib.suppress(TimeoutError):
        await world.outside.publish(world.topics.up(POLE, Up.TELEMETRY), world.sealed("telemetry", world.telemetry()))
    await world.until(lambda: world.refused)
    assert world.refused == [(POLE, "not_enrolled")]


def test_world_uses_a_loopback_broker(any_broker):
    assert isinstance(any_broker, BrokerAddress)
    assert any_broker.host == "127.0.0.1"
