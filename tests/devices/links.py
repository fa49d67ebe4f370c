"""Links for tests: run one, and watch what it hears."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import repeat

from devices.link import BrokerAddress, Link, Message, Subscription, Will
from devices.model import SiteId

DEADLINE_S = 15.0


def soon() -> Iterator[float]:
    """Hardly any wait between attempts."""
    return repeat(0.02)


@asynccontextmanager
async def running(*links: Link, until_up: bool = True) -> AsyncIterator[None]:
    """Run ``links`` for the length of the block; their own failures fail the test."""
    tasks = [asyncio.create_task(link.run()) for link in links]
    try:
        if until_up:
            async with asyncio.timeout(DEADLINE_S):
                await asyncio.gather(*(link.wait_up() for link in links))
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
            raise end


async def until(true: Callable[[], object], what: str = "") -> None:
    """Wait until ``true()``; fail after a while."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not true():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(what or "it never became true") from None


class Ear:
    """A client that listens and remembers."""

    def __init__(self, address: BrokerAddress, client_id: str, *topics: str) -> None:
        self.heard: list[Message] = []
        self.link = Link(
            address,
            client_id=client_id,
            on_message=self.heard.append,
            subscriptions=[Subscription(topic) for topic in topics],
            backoff=soon,
        )

    def payloads(self, topic: str | None = None) -> list[bytes]:
        """What was heard, in order, on ``topic`` or on all."""
        return [each.payload for each in self.heard if topic in {None, each.topic}]

    async def until_heard(self, *payloads: bytes) -> None:
        """Wait until all of ``payloads`` were heard."""
        await until(lambda: set(payloads) <= set(self.payloads()), f"heard only {self.payloads()}")


def talker(address: BrokerAddress, client_id: str) -> Link:
    """Return a client that only publishes."""
    return Link(address, client_id=client_id, on_message=_ignore, backoff=soon)


def _ignore(_message: Message) -> None:
    """Hear nothing."""


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


def faithful(
    address: BrokerAddress,
    site: SiteId,
    handler: Callable[[Message], Awaitable[None] | None],
    *,
    manual_ack: bool = False,
) -> Link:
    """A pole with a session the broker keeps."""
    return Link(
        address,
        client_id=f"{site}-pole",
        on_message=handler,
        subscriptions=[Subscription(f"{site}/command")],
        clean_start=False,
        session_expiry_s=60,
        manual_ack=manual_ack,
        backoff=soon,
    )


class Waits:
    """A back-off that can be read afterwards, and hardly takes any time."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def backoff(self) -> Iterator[float]:
        return iter([1.0, 2.0, 4.0, *repeat(30.0, 10_000)])

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(seconds / 1_000)


def never_again() -> Iterator[float]:
    return repeat(1_000.0)
