"""What publishing promises: delivered, or said not to be; never kept, never sent later, never sent twice."""

import asyncio
import socket

import pytest

from devices.errors import LinkDown, LinkRefused, NotDelivered
from devices.link import MAX_PACKET_BYTES, BrokerAddress, Link, Protocol, Subscription
from devices.model import SiteId
from devices.wire.base import DOCUMENT_MAX_BYTES
from tests.devices.link.stub import StubBroker
from tests.devices.links import Ear, running, soon, talker, until


async def test_what_is_published_arrives_in_order(any_broker: BrokerAddress, site: SiteId) -> None:
    ear = Ear(any_broker, f"{site}-ear", f"{site}/#")
    mouth = talker(any_broker, f"{site}-mouth")
    async with running(ear.link, mouth):
        for number in range(50):
            await mouth.publish(f"{site}/t", b"%d" % number)
        await ear.until_heard(b"49")
    assert ear.payloads() == [b"%d" % number for number in range(50)]
    assert all(each.qos == 1 and not each.retain for each in ear.heard)


async def test_publishing_while_down_raises_at_once_and_is_never_sent_later(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    ear = Ear(any_broker, f"{site}-ear", f"{site}/#")
    mouth = talker(any_broker, f"{site}-mouth")
    with pytest.raises(LinkDown, match="not started"):
        await mouth.publish(f"{site}/command", b"stale order")
    async with running(ear.link, mouth):
        mouth.drop()
        for retain in (False, True):
            with pytest.raises(LinkDown):
                await mouth.publish(f"{site}/command", b"stale order", retain=retain)
        with pytest.raises(LinkDown):
            mouth.publish_nowait(f"{site}/telemetry", b"stale number")
        await until(lambda: mouth.is_up and mouth.connects == 2)
        await mouth.publish(f"{site}/command", b"fresh order")
        await ear.until_heard(b"fresh order")
    assert ear.payloads() == [b"fresh order"]
    late = Ear(any_broker, f"{site}-late", f"{site}/#")
    async with running(late.link, mouth):
        await mouth.publish(f"{site}/command", b"now")
        await late.until_heard(b"now")
    assert late.payloads() == [b"now"], "a stale order was retained"


async def test_what_was_in_flight_when_the_connection_died_is_reported_and_not_sent_again() -> None:
    async with StubBroker() as broker:
        broker.acknowledges = False
        mouth = talker(broker.address, "mouth")
        async with running(mouth):
            orders = [asyncio.create_task(mouth.publish("t", b"order %d" % number)) for number in range(5)]
            await until(lambda: len(broker.published) == 5)
            mouth.drop()
            ends = await asyncio.gather(*orders, return_exceptions=True)
            assert [type(end) for end in ends] == [NotDelivered] * 5
            broker.acknowledges = True
            await until(lambda: mouth.connects == 2)
            await mouth.publish("t", b"the next one")
        assert broker.published == [b"order %d" % number for number in range(5)] + [b"the next one"]


async def test_an_order_that_is_not_acknowledged_in_time_is_not_delivered() -> None:
    async with StubBroker() as broker:
        broker.acknowledges = False
        mouth = talker(broker.address, "mouth")
        async with running(mouth):
            with pytest.raises(NotDelivered, match="no acknowledgement"):
                await mouth.publish("t", b"order", timeout_s=0.1)
            assert broker.published == [b"order"]
            assert mouth.is_up


async def test_orders_beyond_the_window_wait_here_and_what_never_left_is_said_to_be_unsent() -> None:
    async with StubBroker() as broker:
        broker.acknowledges = False
        mouth = Link(broker.address, client_id="mouth", on_message=print, max_inflight=3, backoff=soon)
        async with running(mouth):
            ends = await asyncio.gather(
                *(mouth.publish("t", b"%d" % number, timeout_s=0.2) for number in range(5)), return_exceptions=True
            )
            assert [type(end) for end in ends] == [NotDelivered] * 3 + [LinkDown] * 2
            with pytest.raises(LinkDown, match="too slowly"):  # giving up did not make room: the broker still has three
                await mouth.publish("t", b"5", timeout_s=0.05)
            assert broker.published == [b"0", b"1", b"2"]


async def test_the_broker_may_ask_for_a_smaller_window() -> None:
    async with StubBroker(receive_maximum=2) as broker:
        broker.acknowledges = False
        mouth = talker(broker.address, "mouth")
        async with running(mouth):
            await asyncio.gather(*(mouth.publish("t", b"x", timeout_s=0.1) for _ in range(9)), return_exceptions=True)
            assert len(broker.published) == 2


async def test_a_message_the_broker_will_not_carry_is_an_error_and_not_the_end_of_the_link(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    mouth = talker(any_broker, f"{site}-mouth")
    async with running(mouth):
        with pytest.raises(LinkRefused, match="nothing was sent"):
            await mouth.publish(f"{site}/t", b"x" * MAX_PACKET_BYTES)
        await mouth.publish(f"{site}/t", b"x" * (MAX_PACKET_BYTES - 200))
        assert mouth.connects == 1


def test_the_largest_document_of_the_contract_fits() -> None:
    assert DOCUMENT_MAX_BYTES + 1_000 < MAX_PACKET_BYTES


async def test_an_expired_message_and_a_wildcard_are_mistakes_of_the_caller(
    mosquitto_broker: BrokerAddress, site: SiteId
) -> None:
    mouth = talker(mosquitto_broker, f"{site}-mouth")
    async with running(mouth):
        with pytest.raises(ValueError, match="expired"):
            await mouth.publish(f"{site}/t", b"x", expiry_s=0)
        with pytest.raises(ValueError, match=r".+"):
            await mouth.publish(f"{site}/#", b"x")
        for _ in range(300):  # a mistake costs no place in the window
            with pytest.raises(ValueError, match=r".+"):
                await mouth.publish(f"{site}/+", b"x")
        await mouth.publish(f"{site}/t", b"x")


async def test_an_order_that_expires_while_its_receiver_is_away_is_not_delivered(
    any_broker: BrokerAddress, site: SiteId
) -> None:
    def pole() -> Ear:
        ear = Ear(any_broker, f"{site}-pole")
        ear.link = Link(
            any_broker,
            client_id=f"{site}-pole",
            on_message=ear.heard.append,
            subscriptions=[Subscription(f"{site}/command")],
            clean_start=False,
            session_expiry_s=60,
            backoff=soon,
        )
        return ear

    mouth = talker(any_broker, f"{site}-mouth")
    async with running(mouth):
        async with running(pole().link):
            pass
        await mouth.publish(f"{site}/command", b"short-lived", expiry_s=0.5)
        await mouth.publish(f"{site}/command", b"long-lived", expiry_s=60)
        await asyncio.sleep(2.1)
        back = pole()
        async with running(back.link):
            assert back.link.session_present
            await back.until_heard(b"long-lived")
    assert back.payloads() == [b"long-lived"]


async def test_qos_1_duplicates_are_passed_on_as_they_are() -> None:
    async with StubBroker() as broker:
        ear = Ear(broker.address, "ear", "t")
        async with running(ear.link):
            await broker.deliver("t", b"order", mid=7)
            await broker.deliver("t", b"order", mid=7, dup=True)
            await broker.deliver("t", b"order", mid=8)  # a new number and no flag: still the same order
            await until(lambda: len(ear.heard) == 3)
            await until(lambda: broker.acknowledged == [7, 7, 8])
        assert [each.dup for each in ear.heard] == [False, True, False]


async def test_a_retained_message_says_so(any_broker: BrokerAddress, site: SiteId) -> None:
    mouth = talker(any_broker, f"{site}-mouth")
    ear = Ear(any_broker, f"{site}-ear", f"{site}/#")
    async with running(mouth):
        await mouth.publish(f"{site}/plan", b"kept", retain=True)
        async with running(ear.link):
            await ear.until_heard(b"kept")
            await mouth.publish(f"{site}/plan", b"live", retain=True)
            await ear.until_heard(b"live")
    assert [(each.payload, each.retain) for each in ear.heard] == [(b"kept", True), (b"live", False)]


async def test_the_other_topics_are_listened_to_when_asked(any_broker: BrokerAddress, site: SiteId) -> None:
    ear = Ear(any_broker, f"{site}-ear", f"{site}/zone/kp1", f"{site}/all")
    mouth = talker(any_broker, f"{site}-mouth")
    async with running(ear.link, mouth):
        await ear.link.listen_to([Subscription(f"{site}/zone/kp2"), Subscription(f"{site}/all")])
        for _ in range(2):
            for topic in ("zone/kp1", "zone/kp2", "all"):
                await mouth.publish(f"{site}/{topic}", topic.encode())
            await until(lambda: ear.payloads().count(b"all") == ear.link.connects)
            if ear.link.connects == 1:
                ear.link.drop()
                await until(lambda: ear.link.is_up and ear.link.connects == 2)
    assert ear.payloads() == [b"zone/kp2", b"all"] * 2


async def test_a_thousand_orders_at_once_are_all_acknowledged(any_broker: BrokerAddress, site: SiteId) -> None:
    ear = Ear(any_broker, f"{site}-ear", f"{site}/+/command")
    mouth = talker(any_broker, f"{site}-mouth")
    async with running(ear.link, mouth):
        await asyncio.gather(*(mouth.publish(f"{site}/{number}/command", b"%d" % number) for number in range(1_000)))
        await until(lambda: len(ear.heard) >= 1_000)
    assert sorted(ear.payloads(), key=int) == [b"%d" % number for number in range(1_000)]


async def test_a_broker_that_stops_reading_holds_up_nobody_and_then_gets_everything() -> None:
    """The kernel takes only so much: the writer must be watched, and nothing else may wait for it."""
    async with StubBroker() as broker:
        mouth = Link(broker.address, client_id="mouth", on_message=print, max_inflight=500, backoff=soon)
        async with running(mouth):
            broker.paused.clear()
            payloads = [b"%03d" % number + b"x" * 60_000 for number in range(300)]
            sending = [asyncio.create_task(mouth.publish("t", each)) for each in payloads]
            await asyncio.sleep(0.2)
            assert not any(each.done() for each in sending)
            broker.paused.set()
            await asyncio.gather(*sending)
        assert broker.published == payloads


async def test_mqtt_3_1_1_is_spoken_where_the_broker_refuses_5_and_remembered() -> None:
    async with StubBroker(speaks=Protocol.V311) as broker:
        mouth = talker(broker.address, "mouth")
        async with running(mouth):
            assert mouth.protocol is Protocol.V311
            await mouth.publish("t", b"order", expiry_s=10)
            mouth.drop()
            await until(lambda: mouth.is_up and mouth.connects == 2)
        assert broker.protocols_tried == [5, 4, 4]
        assert broker.published == [b"order"]


async def test_mqtt_3_1_1_is_spoken_where_the_broker_hangs_up_on_5() -> None:
    async with StubBroker(speaks=Protocol.V311, hangs_up=True) as broker:
        mouth = talker(broker.address, "mouth")
        async with running(mouth):
            await mouth.publish("t", b"order")
        assert broker.protocols_tried == [5, 5, 4]


async def test_everything_needed_works_on_3_1_1(mosquitto_broker: BrokerAddress, site: SiteId) -> None:
    ear = Ear(mosquitto_broker, f"{site}-ear")
    ear.link = Link(
        mosquitto_broker,
        client_id=f"{site}-ear",
        on_message=ear.heard.append,
        subscriptions=[Subscription(f"{site}/#")],
        clean_start=False,
        session_expiry_s=60,
        protocol=Protocol.V311,
        backoff=soon,
    )
    mouth = talker(mosquitto_broker, f"{site}-mouth")
    async with running(mouth):
        async with running(ear.link):
            assert ear.link.protocol is Protocol.V311
        await mouth.publish(f"{site}/t", b"while away")
        async with running(ear.link):
            assert ear.link.session_present
            await ear.until_heard(b"while away")


async def test_hostile_bytes_end_the_connection_and_not_the_program() -> None:
    nonsense = [
        b"\xff" * 64,
        b"\x30\xff\xff\xff\x7f" + b"x" * 100,  # a message of 256 MB is announced
        b"\x32\x02\xff\xff",
        b"\x90\x01\x00",
        b"\x20\x02\x00\x00" * 3,
        b"\x40\x01\x00",
        b"\xe0\x03\xff\xff\xff",
    ]
    async with StubBroker() as broker:
        mouth = talker(broker.address, "mouth")
        async with running(mouth):
            for attempt, bytes_ in enumerate(nonsense, start=1):
                await broker.send_raw(bytes_)
                await broker.hang_up_all()
                await until(lambda attempt=attempt: mouth.is_up and mouth.connects == attempt + 1)
            await mouth.publish("t", b"still here")


async def test_an_announced_flood_ends_the_connection_before_it_is_read() -> None:
    async with StubBroker() as broker:
        mouth = talker(broker.address, "mouth")
        async with running(mouth):
            await broker.send_raw(b"\x30\xff\xff\xff\x7f")
            await until(lambda: mouth.connects == 2)


async def test_nobody_listening_is_a_reason_and_not_an_exception() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    mouth = talker(BrokerAddress("127.0.0.1", port), "mouth")
    async with running(mouth, until_up=False):
        await until(lambda: mouth.why_down == "Connection refused", mouth.why_down)
        assert not mouth.is_up


async def test_a_broker_that_accepts_and_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mouth = Link(
            BrokerAddress("127.0.0.1", mute.getsockname()[1]),
            client_id="mouth",
            on_message=print,
            connect_timeout_s=0.1,
            backoff=soon,
        )
        async with running(mouth, until_up=False):
            await until(lambda: "no answer" in mouth.why_down)
