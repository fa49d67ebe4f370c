"""The peer: a bare publish-and-acknowledge loop, on the same broker, between the same processes, with as many
connections and nothing of the product but its :class:`devices.link.Link`. Signed, it has one seal each way.
"""

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

from bench.context import Ward
from bench.fleet import PROCESSES
from bench.quiet import rounds
from bench.report import percentile
from bench.station import Station
from bench.ward import Poles
from devices.link import BrokerAddress, Link, Message, Subscription
from devices.seal import SigningKey, Trust, seal, unseal
from devices.wire.base import DOCUMENT_MAX_BYTES
from devices.wire.documents import KeyEntry, KeyRole
from devices.wire.envelope import Envelope
from gateway.demo.content import SITE

ROOT = f"loa/v1/{SITE}/raw"
"""Beside the topics of the ward, where the gateway's account may write and the gateway does not listen."""
ANSWER_BYTES = 160
CHUNK, OWN_AT_ONCE = 40, 50
PATIENCE_S, REST_S = 60.0, 0.3


@dataclass(frozen=True, kw_only=True)
class Loop:
    """One kind of turn: ``size`` bytes to everybody, or of each one's ``own``; with or without a seal each way."""

    size: int = 400
    own: bool = False
    signed: bool = False


async def loops_ms(ward: Ward, loops: Sequence[Loop], *, answering: int, wanted: int) -> list[float]:
    """Return, for each of ``loops``, the median of ``wanted``: from publishing to the last of ``answering`` answers."""
    told = await ward.station.call("bench.raw:introduce")
    shares = [{"links": list(range(n, answering, PROCESSES)), **told} for n in range(PROCESSES)]
    devices = await ward.poles.share("bench.raw:answer", shares)
    try:
        return [await _median_ms(ward, loop, answering, devices, wanted) for loop in loops]
    finally:
        await ward.poles.call("bench.raw:hush")


async def _median_ms(ward: Ward, loop: Loop, answering: int, devices: list[Any], wanted: int) -> float:
    async def once() -> float:
        said = {"loop": asdict(loop), "answering": answering, "devices": devices}
        took_ms: float = await ward.station.call("bench.raw:turn", **said)
        return took_ms

    return percentile((await rounds(once, wanted=wanted, at_most=2 * wanted)).found, 0.5)


# -- in the poles' process ---------------------------------------------------------------------------------------------


async def answer(poles: Poles, links: list[int], address: dict[str, Any], key: dict[str, Any]) -> list[Any]:
    """Connect these ``links``, that answer whatever they hear; return the one key they answer with."""
    trust = Trust.of([KeyEntry.model_validate(key)])
    mine = SigningKey.generate(f"dev-raw-{links[0]}", KeyRole.DEVICE)
    tasks = poles.extra["raw"] = []
    for first in range(0, len(links), CHUNK):
        some = [_answering(BrokerAddress(**address), n, trust, mine) for n in links[first : first + CHUNK]]
        tasks += [asyncio.create_task(link.run()) for link in some]
        await asyncio.gather(*(link.wait_up() for link in some))
    return [mine.entry.model_dump(mode="json")]


async def hush(poles: Poles) -> None:
    """Disconnect them."""
    tasks = poles.extra.pop("raw")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _answering(address: BrokerAddress, n: int, trust: Trust, key: SigningKey) -> Link:
    answers = itertools.count()

    async def on_message(message: Message) -> None:
        said = b"." * ANSWER_BYTES
        if not message.payload.startswith(b"."):
            unseal(message.payload, trust, max_bytes=DOCUMENT_MAX_BYTES)
            said = _sealed(key, "ack", ANSWER_BYTES, jti=f"{n}-{next(answers)}")
        await link.publish(f"{ROOT}/{n}/ack", said)

    link = Link(
        address,
        client_id=f"raw-{n}",
        on_message=on_message,
        subscriptions=[Subscription(f"{ROOT}/all"), Subscription(f"{ROOT}/{n}/own")],
    )
    return link


# -- in the gateway's process ------------------------------------------------------------------------------------------


async def introduce(station: Station) -> dict[str, Any]:
    """Return where the broker is, with the gateway's own account, and the key that seals."""
    key = station.extra["raw key"] = SigningKey.generate("gw-raw", KeyRole.GATEWAY)
    address = station.gateway.broker.address
    where = {name: getattr(address, name) for name in ("host", "port", "username", "password")}
    return {"address": where, "key": key.entry.model_dump(mode="json")}


async def turn(station: Station, loop: dict[str, Any], answering: int, devices: list[Any]) -> float:
    """Go round once; return how long it took, in milliseconds."""
    asked = Loop(**loop)
    trust = Trust.of([KeyEntry.model_validate(device) for device in devices])
    heard: set[str] = set()
    complete = asyncio.Event()

    def on_message(message: Message) -> None:
        if asked.signed:
            unseal(message.payload, trust, max_bytes=DOCUMENT_MAX_BYTES)
        heard.add(message.topic)
        if len(heard) == answering:
            complete.set()

    async with _two_links(station.gateway.broker.address, on_message) as link:
        began = time.monotonic_ns()
        async with asyncio.timeout(PATIENCE_S):
            await _publish(link, station.extra["raw key"], asked, answering)
            await complete.wait()
        took_ms = (time.monotonic_ns() - began) / 1e6
        await asyncio.sleep(REST_S)
    return took_ms


async def _publish(link: Link, key: SigningKey, loop: Loop, answering: int) -> None:
    def payload() -> bytes:
        return _sealed(key, "volume", loop.size, jti=secrets.token_hex(8)) if loop.signed else b"." * loop.size

    if not loop.own:
        await link.publish(f"{ROOT}/all", payload())
        return
    for first in range(0, answering, OWN_AT_ONCE):
        some = range(first, min(answering, first + OWN_AT_ONCE))
        await asyncio.gather(*(link.publish(f"{ROOT}/{n}/own", payload()) for n in some))


@asynccontextmanager
async def _two_links(address: BrokerAddress, on_message: Any) -> AsyncIterator[Link]:
    """Connect as the gateway does: one link speaks, another listens."""
    speaks = Link(address, client_id="raw-speaks", on_message=lambda _: None)
    listens = Link(
        address,
        client_id="raw-listens",
        on_message=on_message,
        subscriptions=[Subscription(f"{ROOT}/+/ack")],
        max_inflight=1000,
    )
    tasks = [asyncio.create_task(link.run()) for link in (speaks, listens)]
    try:
        await asyncio.gather(speaks.wait_up(), listens.wait_up())
        yield speaks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _sealed(key: SigningKey, typ: str, size: int, *, jti: str) -> bytes:
    """Seal ``size`` bytes of nothing in particular: what is sent is a few hundred bytes longer.

    No two are alike: a seal that was checked before is not checked again.
    """
    return seal(key, typ, Envelope(iss="raw", aud="all:raw", iat_ms=1, jti=jti, body={"x": "." * (size * 3 // 4)}))
