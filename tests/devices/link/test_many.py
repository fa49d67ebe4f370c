"""Many links in one process, and nothing left behind."""

import asyncio
import os

from devices.link import BrokerAddress, Link, Protocol, Subscription
from devices.model import SiteId
from tests.devices.links import Ear, running, soon, talker, until


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
