"""Runs of a gateway hear of each other over the real broker; no other key and nothing left of the dead is a run."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from devices.clock import SystemClock
from devices.clusters import Keyring, Presence, create_keyring
from devices.clusters.presence import DOUBT_S, GONE_AFTER_S
from devices.link import BrokerAddress, Link, Subscription
from devices.link.message import Message
from devices.model import SiteId
from devices.seal import SigningKey, seal_body
from devices.wire.documents import GatewayInstance, KeyRole
from devices.wire.topics import Topics


class LateClock(SystemClock):
    """The real one, moved on by the test."""

    late_s = 0.0

    def mono_ns(self) -> int:
        return super().mono_ns() + int(self.late_s * 1e9)


class Office:
    """Runs over one copy of the keys, and a client of the same broker that may write everywhere."""

    def __init__(self, address: BrokerAddress, site: SiteId, ring: Keyring) -> None:
        self.address, self.topics, self.ring = address, Topics(site), ring
        self.clock = LateClock()
        self.kept: dict[str, bytes] = {}
        self.outside = Link(
            address,
            client_id=f"{site}-outside",
            on_message=self._hear,
            subscriptions=[Subscription(self.topics.gateway_instance("+"))],
        )

    def _hear(self, message: Message) -> None:
        self.kept[message.topic] = message.payload

    def run(self, host: str) -> Presence:
        return Presence(
            address=self.address,
            topics=self.topics,
            keyring=lambda: self.ring,
            clock=self.clock,
            host=host,
            folder=f"/srv/{host}",
        )

    def seal(self, state: GatewayInstance, *, key: SigningKey | None = None) -> bytes:
        who = f"gateway:{self.topics.site}"
        return seal_body(key or self.ring.gateway(), "gateway_instance", state, iss=who, aud=who, iat_ms=1)

    async def put(self, state: GatewayInstance, sealed: bytes) -> None:
        await self.outside.publish(self.topics.gateway_instance(state.instance), sealed, retain=True)


@pytest.fixture
async def office(any_broker: BrokerAddress, site: SiteId, tmp_path: object) -> AsyncIterator[Office]:
    made = Office(any_broker, site, create_keyring(tmp_path / "keys", site, pin="1234", now_ms=1))  # type: ignore[operator] - pytest gives a Path
    async with running(made.outside.run()):
        await made.outside.wait_up()
        yield made


@contextlib.asynccontextmanager
async def running(*work: object) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(each) for each in work]  # type: ignore[call-overload] - coroutines all
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


def ghost(**more: object) -> GatewayInstance:
    return GatewayInstance.model_validate(
        {"instance": "ghost", "sid": "s", "online": True, "started_ms": 1, "n": 5, "leads": True, **more}
    )


async def test_two_runs_hear_each_other_and_a_cut_line_takes_one_away(office: Office) -> None:
    one, two = office.run("one"), office.run("two")
    async with running(one.run()):
        await until(lambda: one.settled)
        assert one.peers() == ()
        async with running(two.run()):
            await until(lambda: two.settled and one.peers())
            assert [peer.state.host for peer in two.peers()] == ["one"]
            (peer,) = one.peers()
            assert (peer.state.host, peer.alive) == ("two", True)
            assert (peer.state.address, peer.state.folder) == ("127.0.0.1", "/srv/two"), "a clone has the same name"
            await two.tell(leads=True, epoch=7, seq=9)
            await until(lambda: one.peers()[0].state.leads)
            assert (one.peers()[0].state.epoch, one.peers()[0].state.seq) == (7, 9)
            two._link.die()
            await until(lambda: not one.peers())


async def test_an_ordered_end_is_known_at_once_and_tidied_up(office: Office) -> None:
    one, two = office.run("one"), office.run("two")
    async with running(one.run()):
        await until(lambda: one.settled)
        async with running(two.run()):
            await until(one.peers)
            await two.say_goodbye()
            await until(lambda: not one.peers())
        await one.forget_the_gone()
        topic = office.topics.gateway_instance(two.me.instance)
        await until(lambda: office.kept.get(topic) == b"")


async def test_who_does_not_renew_is_gone(office: Office) -> None:
    one, two = office.run("one"), office.run("two")
    async with running(one.run(), two.run()):
        await until(lambda: one.peers() and one.peers()[0].alive)
        office.clock.late_s += GONE_AFTER_S - 1
        assert one.peers()
        office.clock.late_s += 1
        assert not one.peers()
        await two.tell(leads=False, epoch=0, seq=0)
        await until(one.peers)


async def test_what_the_broker_keeps_of_the_dead_counts_for_a_moment_and_not_again(office: Office) -> None:
    left = office.seal(ghost())
    await office.put(ghost(), left)
    one = office.run("one")
    async with running(one.run()):
        await until(lambda: one.settled)
        (peer,) = one.peers()
        assert (peer.state.instance, peer.alive) == ("ghost", False)
        office.clock.late_s += DOUBT_S
        assert not one.peers()
        await office.put(ghost(), left)  # the same word once more is no sign of life
        await office.put(ghost(instance="real"), office.seal(ghost(instance="real")))
        await until(one.peers)
        assert [each.state.instance for each in one.peers()] == ["real"]


async def test_no_other_key_and_no_other_topic_makes_a_run(office: Office) -> None:
    device = SigningKey.generate("dev-kp1-01-1", KeyRole.DEVICE)
    forged = office.ring.gateway()
    stranger = SigningKey.generate(forged.kid, KeyRole.GATEWAY)
    one = office.run("one")
    async with running(one.run()):
        await until(lambda: one.settled)
        state = office.seal(ghost(instance="elsewhere"))
        for sealed in (b"junk", office.seal(ghost(), key=stranger), state):
            await office.put(ghost(), sealed)
        with pytest.raises(Exception, match="key_not_allowed"):
            office.seal(ghost(), key=device)
        await office.put(ghost(instance="real"), office.seal(ghost(instance="real")))
        await until(one.peers)
        assert [each.state.instance for each in one.peers()] == ["real"]
