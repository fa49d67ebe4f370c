"""When a link calls itself up, and how it comes back."""

import asyncio

import pytest

from devices.link import BrokerAddress, Link, Subscription
from devices.model import SiteId
from tests.devices.link.stub import StubBroker
from tests.devices.links import Ear, Waits, running, soon, until


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
        await until(lambda: ear.link.connects == 2)
    assert order[:4] == ["birth, up is False", "up", "down: dropped", "birth, up is False"]
    assert order[4:] == ["down: closed"]


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


async def test_waits_grow_while_the_broker_refuses() -> None:
    waits = Waits()
    async with StubBroker(grants=False) as broker:
        link = Link(
            broker.address,
            client_id="x",
            on_message=print,
            subscriptions=[Subscription("t")],
            backoff=waits.backoff,
            sleep=waits.sleep,
        )
        async with running(link, until_up=False):
            await until(lambda: len(waits.slept) >= 5)
    assert waits.slept[:5] == [1.0, 2.0, 4.0, 30.0, 30.0]


@pytest.mark.parametrize(("steady_s", "slept"), [(0.0, [1.0, 1.0, 1.0]), (60.0, [1.0, 2.0, 4.0])])
async def test_waits_start_over_only_after_a_steady_connection(steady_s: float, slept: list[float]) -> None:
    waits = Waits()
    async with StubBroker() as broker:
        link = Link(
            broker.address,
            client_id="x",
            on_message=print,
            steady_s=steady_s,
            backoff=waits.backoff,
            sleep=waits.sleep,
        )
        async with running(link):
            for connects in (1, 2, 3):
                await until(lambda connects=connects: link.connects == connects and link.is_up)
                link.drop()
            await until(lambda: link.connects == 4)
    assert waits.slept[:3] == slept


async def test_two_clients_with_one_id_do_not_fight_in_a_tight_loop(any_broker: BrokerAddress, site: SiteId) -> None:
    waits = [Waits(), Waits()]
    first, second = (
        Link(any_broker, client_id=f"{site}-same", on_message=print, backoff=each.backoff, sleep=each.sleep)
        for each in waits
    )
    async with running(first, second, until_up=False):
        await until(lambda: all(len(each.slept) >= 5 for each in waits))
    assert all(each.slept[:5] == [1.0, 2.0, 4.0, 30.0, 30.0] for each in waits)


async def test_waits_grow_when_the_broker_says_that_another_took_the_session_however_steady_it_was(
    caplog: pytest.LogCaptureFixture,
) -> None:
    waits = Waits()
    async with StubBroker() as broker:
        link = Link(
            broker.address,
            client_id="x",
            on_message=print,
            steady_s=0.0,
            backoff=waits.backoff,
            sleep=waits.sleep,
        )
        async with running(link):
            for connects in (1, 2, 3):
                await until(lambda connects=connects: link.connects == connects and link.is_up)
                await broker.send_raw(b"\xe0\x02\x8e\x00")  # DISCONNECT: session taken over
            await until(lambda: link.connects == 4)
    assert waits.slept[:3] == [1.0, 2.0, 4.0]
    assert "another client connected with this id" in caplog.text
