"""A link's life: up, down, up again; its will; its handler; and many of them."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

import pytest

from devices.broker import BrokerChild, BrokerKind
from devices.link import BrokerAddress, Link, Message, Protocol, Subscription, Will
from devices.model import SiteId
from tests.brokers import require_mosquitto
from tests.devices.link.stub import StubBroker
from tests.devices.links import Ear, running, soon, talker, until


class Pole:
    """A cluster as the contract wants it: a session id in its birth and in its will, new at every connection."""

    def __init__(
        self,
        address: BrokerAddress,
        site: SiteId,
        *,
        name: str = "",
        delay_s: int = 0,
        clean_start: bool = True,
        waits: Callable[[], Iterator[float]] = soon,
    ) -> None:
        self.sid = 0
        self.name = name
        self.topic = f"{site}/state"
        self.delay_s = delay_s
        self.link = Link(
            address,
            client_id=f"{site}-pole",
            on_message=print,
            will=self._will,
            on_up=self._birth,
            clean_start=clean_start,
            session_expiry_s=0 if clean_start else 60,
            backoff=waits,
        )

    def _will(self) -> Will:
        self.sid += 1
        return Will(self.topic, f"offline {self.name}{self.sid}".encode(), delay_s=self.delay_s)

    async def _birth(self) -> None:
        await self.link.publish(self.topic, f"online {self.name}{self.sid}".encode(), retain=True)


async def retained(address: BrokerAddress, site: SiteId) -> list[bytes]:
    """What a newcomer is told."""
    ear = Ear(address, f"{site}-newcomer", f"{site}/state")
    async with running(ear.link):
        await until(lambda: ear.heard)
    return ear.payloads()


# -- birth and will ----------------------------------------------------------------------------------------------------


async def test_a_power_cut_lets_the_will_speak_and_it_names_the_session_that_ended(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    watch, pole = Ear(any_broker, f"{site}-watch", f"{site}/#"), Pole(any_broker, site)
    async with running(watch.link), running(pole.link):
        await watch.until_heard(b"online 1")
        pole.link.die()
        await watch.until_heard(b"offline 1")
    assert watch.payloads() == [b"online 1", b"offline 1"]
    assert await retained(any_broker, site) == [b"offline 1"]


async def test_run_ends_when_the_link_dies(any_broker: BrokerAddress, site: SiteId) -> None:
    pole = Pole(any_broker, site)
    task = asyncio.create_task(pole.link.run())
    await pole.link.wait_up()
    pole.link.die()
    async with asyncio.timeout(5):
        await task
    assert not pole.link.is_up


async def test_a_goodbye_silences_the_will(any_broker: BrokerAddress, site: SiteId) -> None:
    watch, pole = Ear(any_broker, f"{site}-watch", f"{site}/#"), Pole(any_broker, site)
    async with running(watch.link):
        async with running(pole.link):
            pass
        await asyncio.sleep(0.3)
        assert watch.payloads() == [b"online 1"]


async def test_each_connection_has_a_birth_and_a_will_of_its_own(any_broker: BrokerAddress, site: SiteId) -> None:
    watch, pole = Ear(any_broker, f"{site}-watch", f"{site}/#"), Pole(any_broker, site)
    async with running(watch.link), running(pole.link):
        pole.link.drop()
        await watch.until_heard(b"online 2")
        pole.link.drop()
        await watch.until_heard(b"online 3")
        await watch.until_heard(b"offline 2")
    births = [each for each in watch.payloads() if each.startswith(b"online")]
    assert births == [b"online 1", b"online 2", b"online 3"]


async def test_no_flap_when_the_pole_is_back_within_the_delay_of_its_will(
    mosquitto_broker: BrokerAddress, site: SiteId
) -> None:
    watch = Ear(mosquitto_broker, f"{site}-watch", f"{site}/#")
    pole = Pole(mosquitto_broker, site, delay_s=2, clean_start=False)
    async with running(watch.link), running(pole.link):
        pole.link.drop()
        await watch.until_heard(b"online 2")
        await asyncio.sleep(3.2)
        assert watch.payloads() == [b"online 1", b"online 2"]
        assert await retained(mosquitto_broker, site) == [b"online 2"]


async def test_the_delayed_will_speaks_when_the_pole_stays_away(mosquitto_broker: BrokerAddress, site: SiteId) -> None:
    watch = Ear(mosquitto_broker, f"{site}-watch", f"{site}/#")
    pole = Pole(mosquitto_broker, site, delay_s=1, clean_start=False)
    async with running(watch.link), running(pole.link):
        await watch.until_heard(b"online 1")
        pole.link.die()
        await asyncio.sleep(0.3)
        assert watch.payloads() == [b"online 1"]
        await watch.until_heard(b"offline 1")


async def test_after_a_takeover_the_old_will_cannot_be_mistaken_for_the_new_session(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    """Two programs with one id: the will of the first, if it speaks, names a session that is not the present one."""
    watch = Ear(any_broker, f"{site}-watch", f"{site}/#")
    first = Pole(any_broker, site, name="first-", waits=never_again)
    second = Pole(any_broker, site, name="second-")
    async with running(watch.link), running(first.link):
        await watch.until_heard(b"online first-1")
        async with running(second.link):
            await watch.until_heard(b"online second-1")
            await until(lambda: not first.link.is_up)
            await asyncio.sleep(0.3)
            assert second.link.is_up
            # rumqttd speaks the newcomer's will in place of the old one's, but before the birth, which corrects it
            after_birth = watch.payloads()[watch.payloads().index(b"online second-1") :]
            assert b"offline second-1" not in after_birth


def never_again() -> Iterator[float]:
    return repeat(1_000.0)


async def test_two_links_with_one_id_do_not_fight_in_a_tight_loop(any_broker: BrokerAddress, site: SiteId) -> None:
    first, second = (
        Link(any_broker, client_id=f"{site}-same", on_message=print, backoff=lambda: iter([0.1, 0.4, 1_000, 1_000]))
        for _ in range(2)
    )
    async with running(first, second):
        await asyncio.sleep(2.5)
    assert first.connects + second.connects <= 7


async def test_a_broker_killed_and_restarted_hears_every_birth_again(tmp_path: Path, site: SiteId) -> None:
    require_mosquitto()
    await births_after_a_kill(tmp_path, site, BrokerKind.MOSQUITTO)


async def test_the_broker_from_the_wheel_killed_and_restarted_hears_every_birth_again(
    tmp_path: Path, site: SiteId
) -> None:
    await births_after_a_kill(tmp_path, site, BrokerKind.IOTCORE)


async def births_after_a_kill(folder: Path, site: SiteId, kind: BrokerKind) -> None:
    async with BrokerChild(folder, site=site, kind=kind, port=0, restart_waits=lambda: repeat(0.1)) as broker:
        watch, pole = Ear(broker.address, f"{site}-watch", f"{site}/#"), Pole(broker.address, site, delay_s=5)
        async with running(watch.link, pole.link):
            assert broker.pid is not None
            os.kill(broker.pid, signal.SIGKILL)
            await until(lambda: watch.link.connects >= 2 and pole.link.connects >= 2)
            await until(lambda: watch.link.is_up and pole.link.is_up)
            await until(lambda: watch.payloads()[-1:] == [f"online {pole.sid}".encode()])
            assert await retained(broker.address, site) == [f"online {pole.sid}".encode()]


# -- up and down -------------------------------------------------------------------------------------------------------


async def test_up_means_subscribed_and_announced(any_broker: BrokerAddress, site: SiteId) -> None:
    order: list[str] = []
    ear = Ear(any_broker, f"{site}-ear")

    async def birth() -> None:
        order.append(f"birth, up is {ear.link.is_up}")
        await ear.link.publish(f"{site}/t", b"to myself")
        await until(lambda: ear.heard)  # subscribed already, or it would not be heard

    ear.link = Link(
        any_broker,
        client_id=f"{site}-ear",
        on_message=ear.heard.append,
        subscriptions=[Subscription(f"{site}/t")],
        on_up=birth,
        on_down=lambda why: order.append(f"down: {why}"),
        backoff=soon,
    )
    async with running(ear.link):
        order.append("up")
        assert ear.link.why_down == ""
        ear.link.drop()
        assert not await quickly_up(ear.link)
        await until(lambda: ear.link.connects == 2)
    assert order[:4] == ["birth, up is False", "up", "down: dropped", "birth, up is False"]
    assert order[4:] == ["down: closed"]


async def quickly_up(link: Link) -> bool:
    await asyncio.sleep(0.005)
    return link.is_up


async def test_a_birth_that_fails_is_tried_again_on_a_new_connection(
    any_broker: BrokerAddress, site: SiteId, caplog: pytest.LogCaptureFixture
) -> None:
    births = 0

    async def birth() -> None:
        nonlocal births
        births += 1
        if births < 3:
            raise RuntimeError("no state to tell yet")

    link = Link(any_broker, client_id=f"{site}-x", on_message=print, on_up=birth, backoff=soon)
    async with running(link):
        assert births == 3
        assert link.connects == 1
    assert "could not announce itself" in caplog.text


async def test_a_birth_that_hangs_does_not_outlive_its_connection(any_broker: BrokerAddress, site: SiteId) -> None:
    births = 0

    async def birth() -> None:
        nonlocal births
        births += 1
        if births == 1:
            await asyncio.Event().wait()

    link = Link(any_broker, client_id=f"{site}-x", on_message=print, on_up=birth, backoff=soon)
    async with running(link, until_up=False):
        await until(lambda: births == 1)
        link.drop()
        async with asyncio.timeout(5):
            await link.wait_up()


async def test_a_refused_subscription_is_not_a_link_that_looks_healthy() -> None:
    async with StubBroker(grants=False) as broker:
        ear = Ear(broker.address, "ear", "forbidden/topic")
        async with running(ear.link, until_up=False):
            await until(lambda: "may not listen to forbidden/topic" in ear.link.why_down, ear.link.why_down)
            assert not ear.link.is_up
            assert ear.link.connects == 0


async def test_waits_between_attempts_come_from_the_back_off_and_start_over_after_a_steady_time() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0.001)

    async with StubBroker(grants=False) as broker:
        link = Link(
            broker.address,
            client_id="x",
            on_message=print,
            subscriptions=[Subscription("t")],
            backoff=lambda: iter([1.0, 2.0, 4.0, *repeat(30.0, 1_000)]),
            sleep=sleep,
        )
        async with running(link, until_up=False):
            await until(lambda: len(slept) >= 5)
    assert slept[:5] == [1.0, 2.0, 4.0, 30.0, 30.0]


# -- the handler -------------------------------------------------------------------------------------------------------


def faithful(address: BrokerAddress, site: SiteId, handler: object, *, manual_ack: bool = False) -> Link:
    """A pole with a session the broker keeps."""
    return Link(
        address,
        client_id=f"{site}-pole",
        on_message=handler,  # type: ignore[arg-type]
        subscriptions=[Subscription(f"{site}/command")],
        clean_start=False,
        session_expiry_s=60,
        manual_ack=manual_ack,
        backoff=soon,
    )


async def test_a_handler_that_fails_does_not_end_the_link(
    any_broker: BrokerAddress, site: SiteId, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[bytes] = []

    async def handler(message: Message) -> None:
        if message.payload == b"bad":
            raise RuntimeError("cannot read this")
        heard.append(message.payload)

    pole, mouth = faithful(any_broker, site, handler), talker(any_broker, f"{site}-mouth")
    async with running(pole, mouth):
        for payload in (b"bad", b"good"):
            await mouth.publish(f"{site}/command", payload)
        await until(lambda: heard == [b"good"])
        assert pole.is_up
        assert pole.failures == 1
    assert "cannot read this" in caplog.text


async def test_a_message_whose_handler_failed_before_acknowledging_comes_again(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    heard: list[bytes] = []

    def handler(message: Message) -> None:
        heard.append(message.payload)
        if len(heard) == 1:
            raise RuntimeError("disk full")
        message.ack()

    pole = faithful(any_broker, site, handler, manual_ack=True)
    mouth = talker(any_broker, f"{site}-mouth")
    async with running(pole, mouth):
        await mouth.publish(f"{site}/command", b"entry")
        await until(lambda: len(heard) == 2 and pole.is_up)
        pole.drop()
        await until(lambda: pole.connects == 3 and pole.is_up)
        await mouth.publish(f"{site}/command", b"next")
        await until(lambda: heard[-1] == b"next")
    assert heard == [b"entry", b"entry", b"next"]


async def test_a_message_that_always_fails_is_given_up_and_blocks_nothing(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    heard: list[bytes] = []

    def handler(message: Message) -> None:
        heard.append(message.payload)
        if message.payload == b"poison":
            raise RuntimeError("poison")
        message.ack()

    pole = faithful(any_broker, site, handler, manual_ack=True)
    mouth = talker(any_broker, f"{site}-mouth")
    async with running(pole, mouth):
        await mouth.publish(f"{site}/command", b"poison")
        await until(lambda: pole.failures == 2)
        await mouth.publish(f"{site}/command", b"order")
        await until(lambda: b"order" in heard and pole.is_up)
        pole.drop()
        await until(lambda: pole.connects == 3 and pole.is_up)
        await asyncio.sleep(0.3)
    assert heard == [b"poison", b"poison", b"order"]


async def test_acknowledgements_go_out_in_the_order_of_the_messages() -> None:
    async with StubBroker() as broker:
        heard: list[Message] = []
        pole = faithful(broker.address, SiteId("s"), heard.append, manual_ack=True)
        async with running(pole):
            for mid in (3, 4, 5):
                await broker.deliver("t", b"%d" % mid, mid=mid)
            await until(lambda: len(heard) == 3)
            heard[1].ack()
            await asyncio.sleep(0.1)
            assert broker.acknowledged == []
            heard[0].ack()
            heard[2].ack()
            heard[0].ack()
            await until(lambda: len(broker.acknowledged) >= 3)
        assert broker.acknowledged == [3, 4, 5]


async def test_with_manual_acknowledgement_the_broker_keeps_what_was_not_acknowledged(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    """A pole that loses power between hearing an order and writing it down hears it again."""
    before: list[Message] = []
    mouth = talker(any_broker, f"{site}-mouth")
    first = faithful(any_broker, site, before.append, manual_ack=True)
    async with running(mouth):
        async with running(first):
            for payload in (b"one", b"two", b"three"):
                await mouth.publish(f"{site}/command", payload)
            await until(lambda: len(before) == 3)
            before[0].ack()
            before[0].ack()
            await asyncio.sleep(0.1)
            first.die()
        after: list[Message] = []
        async with running(faithful(any_broker, site, after.append, manual_ack=True)):
            await until(lambda: len(after) == 2)
            before[1].ack()  # of a connection that is no more: says nothing to this one
            await asyncio.sleep(0.1)
    assert [each.payload for each in after] == [b"two", b"three"]


async def test_a_slow_handler_hears_in_order_and_may_publish_on_its_own_link(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    heard: list[bytes] = []

    async def handler(message: Message) -> None:
        await asyncio.sleep(0.01)
        await pole.publish(f"{site}/ack", message.payload)
        heard.append(message.payload)

    pole = faithful(any_broker, site, handler)
    ear, mouth = Ear(any_broker, f"{site}-ear", f"{site}/ack"), talker(any_broker, f"{site}-mouth")
    orders = [b"%d" % number for number in range(20)]
    async with running(pole, ear.link, mouth):
        await asyncio.gather(*(mouth.publish(f"{site}/command", each) for each in orders))
        await ear.until_heard(*orders)
    assert heard == ear.payloads() == orders


async def test_a_message_made_by_hand_can_be_acknowledged() -> None:
    Message("t", b"x").ack()


# -- many --------------------------------------------------------------------------------------------------------------


async def test_three_hundred_links_in_one_process_each_publish_and_are_acknowledged(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    ear = Ear(any_broker, f"{site}-ear", f"{site}/+/ack")
    fleet = [talker(any_broker, f"{site}-{number}") for number in range(300)]
    async with running(ear.link, *fleet):
        await asyncio.gather(
            *(link.publish(f"{site}/{number}/ack", b"%d" % number) for number, link in enumerate(fleet))
        )
        await until(lambda: len(ear.heard) >= 300)
    assert sorted(ear.payloads(), key=int) == [b"%d" % number for number in range(300)]


async def test_a_link_works_on_a_descriptor_select_could_not_watch(any_broker: BrokerAddress, site: SiteId) -> None:
    spare = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    try:
        ear, mouth = Ear(any_broker, f"{site}-ear", f"{site}/t"), talker(any_broker, f"{site}-mouth")
        async with running(ear.link, mouth):
            assert mouth._attempt is not None
            assert mouth._attempt._paho is not None
            assert mouth._attempt._paho.stream.fileno() > 1_023
            await mouth.publish(f"{site}/t", b"heard")
            await ear.until_heard(b"heard")
    finally:
        for each in spare:
            os.close(each)


async def test_a_link_leaves_nothing_behind(any_broker: BrokerAddress, site: SiteId) -> None:
    async def descriptors() -> int:
        return len(await asyncio.to_thread(os.listdir, "/proc/self/fd"))

    mouth = talker(any_broker, f"{site}-mouth")
    async with running(mouth):
        before = await descriptors()
        for times in range(2, 12):
            mouth.drop()
            await until(lambda times=times: mouth.connects == times and mouth.is_up)
        assert await descriptors() == before
    assert await descriptors() < before


async def test_both_versions_of_mqtt_hear_each_other(mosquitto_broker: BrokerAddress, site: SiteId) -> None:
    old = Ear(mosquitto_broker, f"{site}-old", f"{site}/t")
    old.link = Link(
        mosquitto_broker,
        client_id=f"{site}-old",
        on_message=old.heard.append,
        subscriptions=[Subscription(f"{site}/t")],
        protocol=Protocol.V311,
        backoff=soon,
    )
    new = Ear(mosquitto_broker, f"{site}-new", f"{site}/t")
    async with running(old.link, new.link):
        await old.link.publish(f"{site}/t", b"from the old")
        await new.link.publish(f"{site}/t", b"from the new", expiry_s=10)
        for ear in (old, new):
            await ear.until_heard(b"from the old", b"from the new")
