"""Links for tests: run one, and watch what it hears."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import repeat

from devices.link import BrokerAddress, Link, Message, Subscription

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
