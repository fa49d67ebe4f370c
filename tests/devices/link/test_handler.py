"""Handing messages over: in order, acknowledged when they are done with, and never at the price of the link."""

import asyncio

import pytest

from devices.link import BrokerAddress, Link, Message
from devices.model import SiteId
from tests.devices.link.stub import StubBroker
from tests.devices.links import Ear, faithful, running, talker, until


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
        await _acknowledged(pole, site)
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
        await _acknowledged(pole, site)
        pole.drop()
        await until(lambda: pole.connects == 3 and pole.is_up)
        await asyncio.sleep(0.3)
    assert heard == [b"poison", b"poison", b"order"]


async def _acknowledged(pole: Link, site: SiteId) -> None:
    """Wait until the broker has read what ``pole`` acknowledged so far: it answers in order."""
    await pole.publish(f"{site}/done", b"")


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
