"""The proxy does to messages what bad lines do, and only that: whole packets, honest acknowledgements, seeded dice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.clock import ManualClock
from devices.link import BrokerAddress, Link, Message, Protocol, Subscription, TlsFiles
from devices.model import SiteId
from simulators.board import RootTime
from simulators.chaos import CALM, ChaosProxy, Trouble, trouble_of
from simulators.faults import Fault, FaultKind, Faults
from simulators.packets import Kind, client_id, copy_with_id, kind, packet_id, qos, read_packet
from tests.devices.links import Ear, Pole, running, talker, until

COUNT = 200


@pytest.fixture
async def proxy(any_broker: BrokerAddress) -> AsyncIterator[ChaosProxy]:
    async with ChaosProxy(any_broker, seed=3).open() as opened:
        yield opened


def always(**trouble: float) -> Trouble:
    return Trouble(**trouble)


def numbered(count: int = COUNT) -> list[bytes]:
    return [b"%04d" % number for number in range(count)]


async def say_all(link: Link, topic: str, payloads: list[bytes], *, quality: int = 1) -> None:
    await asyncio.gather(*(link.publish(topic, payload, qos=quality) for payload in payloads))


@pytest.mark.parametrize("protocol", Protocol)
async def test_a_calm_line_changes_nothing(mosquitto_broker: BrokerAddress, site: SiteId, protocol: Protocol) -> None:
    async with ChaosProxy(mosquitto_broker).open() as proxy:
        await says_everything(proxy, site, protocol)


async def says_everything(proxy: ChaosProxy, site: SiteId, protocol: Protocol) -> None:
    heard: list[Message] = []
    ear = Link(
        proxy.address,
        client_id=f"{site}-ear",
        on_message=heard.append,
        subscriptions=[Subscription(f"{site}/#")],
        protocol=protocol,
    )
    mouth = Link(proxy.address, client_id=f"{site}-mouth", on_message=print, protocol=protocol)
    payloads = [*numbered(50), b"x" * 200_000, b""]
    async with running(ear, mouth):
        assert ear.protocol is protocol
        for payload in payloads:
            await mouth.publish(f"{site}/a", payload)
        await until(lambda: len(heard) == len(payloads))
    assert [message.payload for message in heard] == payloads
    assert set(proxy.happened) == {"passed"}


async def test_messages_come_twice_as_new_deliveries_and_nobody_notices(
    proxy: ChaosProxy, any_broker: BrokerAddress, site: SiteId
) -> None:
    ear, mouth = Ear(proxy.address, f"{site}-ear", f"{site}/a"), talker(any_broker, f"{site}-mouth")
    proxy.trouble = lambda _client: always(duplicate=0.3)
    async with running(ear.link, mouth):
        await say_all(mouth, f"{site}/a", numbered())
        await until(lambda: len(ear.heard) == COUNT + proxy.happened["duplicated"])
        await until(lambda: proxy.happened["swallowed"] == proxy.happened["duplicated"], "a copy was not acknowledged")
        assert ear.link.connects == 1
    assert 0.2 * COUNT < proxy.happened["duplicated"] < 0.4 * COUNT
    assert set(ear.payloads()) == set(numbered())
    assert not any(message.dup for message in ear.heard)


async def test_what_a_pole_says_comes_twice_too(proxy: ChaosProxy, any_broker: BrokerAddress, site: SiteId) -> None:
    ear, mouth = Ear(any_broker, f"{site}-ear", f"{site}/a"), talker(proxy.address, f"{site}-mouth")
    proxy.trouble = lambda _client: always(duplicate=0.3)
    async with running(ear.link, mouth):
        await say_all(mouth, f"{site}/a", numbered())
        await until(lambda: len(ear.heard) == COUNT + proxy.happened["duplicated"] > COUNT)
        assert mouth.connects == 1


async def test_messages_overtake_and_none_is_lost(proxy: ChaosProxy, any_broker: BrokerAddress, site: SiteId) -> None:
    ear, mouth = Ear(proxy.address, f"{site}-ear", f"{site}/a"), talker(any_broker, f"{site}-mouth")
    proxy.trouble = lambda _client: always(reorder=0.3)
    async with running(ear.link, mouth):
        await say_all(mouth, f"{site}/a", numbered())
        await until(lambda: len(ear.heard) == COUNT)
    assert sorted(ear.payloads()) == numbered()
    assert ear.payloads() != numbered()
    places = {payload: place for place, payload in enumerate(ear.payloads())}
    assert all(abs(places[payload] - n) <= 2 for n, payload in enumerate(numbered()))


async def test_a_message_that_nothing_follows_is_not_held_back_for_ever(
    proxy: ChaosProxy, any_broker: BrokerAddress, site: SiteId
) -> None:
    ear, mouth = Ear(proxy.address, f"{site}-ear", f"{site}/a"), talker(any_broker, f"{site}-mouth")
    proxy.trouble = lambda _client: always(reorder=1.0)
    async with running(ear.link, mouth):
        await mouth.publish(f"{site}/a", b"alone")
        await ear.until_heard(b"alone")


async def test_only_what_may_be_lost_is_lost(proxy: ChaosProxy, any_broker: BrokerAddress, site: SiteId) -> None:
    ear, mouth = Ear(any_broker, f"{site}-ear", f"{site}/a"), talker(proxy.address, f"{site}-mouth")
    proxy.trouble = lambda _client: always(drop=0.5)
    async with running(ear.link, mouth):
        await say_all(mouth, f"{site}/a", numbered(), quality=0)
        await mouth.publish(f"{site}/a", b"end")
        await ear.until_heard(b"end")
        assert 0.35 * COUNT < proxy.happened["dropped"] < 0.65 * COUNT
        assert len(ear.heard) == COUNT + 1 - proxy.happened["dropped"]


async def test_a_line_that_breaks_comes_back(proxy: ChaosProxy, any_broker: BrokerAddress, site: SiteId) -> None:
    ear, mouth = Ear(proxy.address, f"{site}-ear", f"{site}/a"), talker(any_broker, f"{site}-mouth")
    proxy.trouble = lambda client: always(cut=0.2) if client == f"{site}-ear" else CALM
    async with running(ear.link, mouth):
        for number in range(1, 4):
            while ear.link.connects <= number or not ear.link.is_up:
                await mouth.publish(f"{site}/a", b"x")
        assert proxy.happened["cut"] >= 3
        proxy.trouble = lambda _client: CALM
        await until(lambda: ear.link.is_up)
        before = ear.link.connects
        proxy.cut(f"{site}-ear")
        await until(lambda: ear.link.is_up and ear.link.connects > before)


async def test_in_the_dark_nothing_passes_and_nothing_breaks(
    proxy: ChaosProxy, any_broker: BrokerAddress, site: SiteId
) -> None:
    ear, mouth = Ear(proxy.address, f"{site}-ear", f"{site}/a"), talker(any_broker, f"{site}-mouth")
    other = Ear(proxy.address, f"{site}-other", f"{site}/a")
    async with running(ear.link, other.link, mouth):
        proxy.partition({f"{site}-ear"})
        await mouth.publish(f"{site}/a", b"hello")
        await other.until_heard(b"hello")
        await asyncio.sleep(0.05)
        assert ear.payloads() == []
        assert ear.link.is_up
        proxy.heal()
        await ear.until_heard(b"hello")
        assert ear.link.connects == 1


async def test_nobody_connects_through_the_dark_and_nobody_learns_who_left(
    proxy: ChaosProxy, any_broker: BrokerAddress, site: SiteId
) -> None:
    pole, ear = Pole(proxy.address, site), Ear(any_broker, f"{site}-ear", f"{site}/state")
    async with running(ear.link), running(pole.link):
        await ear.until_heard(b"online 1")
        proxy.partition()
        pole.link.drop()
        await until(lambda: pole.sid == 2)
        await asyncio.sleep(0.05)
        assert not pole.link.is_up
        assert ear.payloads() == [b"online 1"]
        proxy.heal()
        await until(lambda: pole.link.is_up)
        await ear.until_heard(f"online {pole.sid}".encode())


async def test_a_slow_line_keeps_the_order(proxy: ChaosProxy, any_broker: BrokerAddress, site: SiteId) -> None:
    ear, mouth = Ear(proxy.address, f"{site}-ear", f"{site}/a"), talker(any_broker, f"{site}-mouth")
    async with running(ear.link, mouth):
        proxy.trouble = lambda _client: Trouble(delay_ms=150)
        began = asyncio.get_running_loop().time()
        for payload in numbered(20):
            await mouth.publish(f"{site}/a", payload)
        await until(lambda: len(ear.heard) == 20)
        assert asyncio.get_running_loop().time() - began >= 0.15
    assert ear.payloads() == numbered(20)


async def test_the_same_seed_loses_the_same_messages(any_broker: BrokerAddress, site: SiteId) -> None:
    survivors = []
    for seed in (1, 1, 2):
        async with ChaosProxy(any_broker, seed=seed, trouble=lambda _client: Trouble(drop=0.5)).open() as proxy:
            ear, mouth = Ear(any_broker, f"{site}-ear", f"{site}/a"), talker(proxy.address, f"{site}-mouth")
            async with running(ear.link, mouth):
                await say_all(mouth, f"{site}/a", numbered(), quality=0)
                await mouth.publish(f"{site}/a", b"end")
                await ear.until_heard(b"end")
            survivors.append(ear.payloads())
    assert survivors[0] == survivors[1] != survivors[2]


async def test_who_does_not_speak_mqtt_is_shown_the_door(proxy: ChaosProxy) -> None:
    reader, writer = await asyncio.open_connection(proxy.address.host, proxy.address.port)
    writer.write(b"\x10\xff\xff\xff\xff\xff")
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError):
            assert await reader.read(1) == b""
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


def test_what_tls_hides_is_refused() -> None:
    with pytest.raises(ValueError, match="TLS"):
        ChaosProxy(BrokerAddress("127.0.0.1", 8883, tls=TlsFiles(ca=Path("/nowhere"))))


def test_a_poles_faults_are_its_lines_trouble_while_they_last() -> None:
    clock = ManualClock(1_000_000)
    root = RootTime(clock)
    faults = Faults(
        [
            Fault(0, FaultKind.DROP, for_ms=2_000_000, amount=40),
            Fault(0, FaultKind.DUPLICATE, for_ms=2_000_000, amount=30),
            Fault(0, FaultKind.REORDER, for_ms=5, amount=30),
        ]
    )
    assert trouble_of(faults, root) == Trouble(drop=0.4, cut=0.4 * 0.02, duplicate=0.3)
    assert trouble_of(Faults(), root) == CALM


def publish_packet(topic: bytes, payload: bytes, *, quality: int, number: int, dup: bool, retain: bool) -> bytes:
    body = len(topic).to_bytes(2) + topic + (number.to_bytes(2) if quality else b"") + payload
    length, size = b"", len(body)
    while True:
        size, low = divmod(size, 128)
        length += bytes([low | (128 if size else 0)])
        if not size:
            break
    return bytes([0x30 | dup << 3 | quality << 1 | retain]) + length + body


@given(
    topic=st.binary(min_size=1, max_size=40),
    payload=st.binary(max_size=300),
    number=st.integers(1, 65_535),
    copy=st.integers(1, 65_535),
    dup=st.booleans(),
    retain=st.booleans(),
)
def test_a_copy_differs_in_its_id_and_its_dup_flag_alone(
    *, topic: bytes, payload: bytes, number: int, copy: int, dup: bool, retain: bool
) -> None:
    packet = publish_packet(topic, payload, quality=1, number=number, dup=dup, retain=retain)
    assert (kind(packet), qos(packet), packet_id(packet)) == (Kind.PUBLISH, 1, number)
    assert copy_with_id(packet, copy) == publish_packet(
        topic, payload, quality=1, number=copy, dup=False, retain=retain
    )


@given(st.lists(st.integers(0, 70_000), min_size=1, max_size=4))
async def test_packets_are_told_apart_at_every_length(sizes: list[int]) -> None:
    packets = [publish_packet(b"t", b"x" * size, quality=1, number=9, dup=False, retain=False) for size in sizes]
    reader = asyncio.StreamReader()
    reader.feed_data(b"".join(packets))
    reader.feed_eof()
    assert [await read_packet(reader) for _ in packets] == packets
    with pytest.raises(asyncio.IncompleteReadError):
        await read_packet(reader)


@pytest.mark.parametrize(("version", "properties"), [(4, b""), (5, b"\x05\x11\x00\x00\x02\x58")])
def test_a_client_is_known_by_its_connect(version: int, properties: bytes) -> None:
    body = b"\x00\x04MQTT" + bytes([version, 2, 0, 30]) + properties + b"\x00\x06kp3-02"
    assert client_id(bytes([0x10, len(body)]) + body) == "kp3-02"
