"""The other end of the line: a small gateway with real keys on a real broker, which believes nothing unsealed."""

import asyncio
import contextlib
import time

from devices.link import Link, Subscription, Will
from devices.seal import Trust, unseal
from devices.wire.commands import ClockReply, JournalAck
from devices.wire.documents import GatewayState
from tests.devices.links import soon


def line_to(address, **more):
    """Make the pole's connection: the product's, with hardly any wait between attempts."""

    def make(**parts):
        return Link(address, clean_start=False, session_expiry_s=600, keepalive_s=30, backoff=soon, **{**parts, **more})

    return make


class Office:
    """Hears one ward's poles and answers as a gateway would."""

    def __init__(self, address, pole, *, acking=True):
        self.pole = pole
        self.ward = pole.ward
        self.acking = acking
        self.stored = {}
        self.heard = []
        self.sid = "gw-one"
        self.trust = Trust.of([pole.identity.key.entry])
        self.link = Link(
            address,
            client_id=f"gw-{self.ward.site}",
            on_message=self._hear,
            subscriptions=[Subscription(topic) for topic in self.ward.topics.gateway_filters()],
            will=lambda: Will(self.ward.topics.gateway_state, b'{"online":false,"sid":"gw-one"}'),
            on_up=self._birth,
            backoff=soon,
        )

    async def _birth(self):
        body = GatewayState(online=True, sid=self.sid, at_ms=self.pole.clock.now_ms())
        await self.link.publish(
            self.ward.topics.gateway_state, self.ward.seal("gateway", body, to=self.ward.everyone), retain=True
        )

    @contextlib.asynccontextmanager
    async def open(self):
        task = asyncio.ensure_future(self.link.run())
        try:
            await self.link.wait_up()
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _hear(self, message):
        if not message.payload:
            return
        opened = unseal(message.payload, self.trust, max_bytes=10**6)
        body = opened.envelope.body
        self.heard.append((opened.typ, body, message.retain))
        if opened.typ == "clock_request":
            now_us = self.pole.clock.now_ms() * 1000
            reply = ClockReply(n=body["n"], t1_us=body["t1_us"], t2_us=now_us, t3_us=now_us)
            self.link.publish_nowait(self.ward.topics.clock_reply("kp3-02"), self._seal("clock", reply))
        if opened.typ == "journal":
            self.stored[body["n"]] = body
            if self.acking:
                await self.acknowledge()

    def _seal(self, typ, body, **more):
        return self.ward.seal(typ, body, now=self.pole.clock.now_ms(), **more)

    async def acknowledge(self):
        upto = 0
        while upto + 1 in self.stored:
            upto += 1
        await self.send("journal_ack", JournalAck(upto=upto), epoch=0)

    async def send(self, typ, body, *, topic=None, retain=False, **more):
        sealed = self._seal(typ, body, **more)
        await self.link.publish(topic or self.ward.topics.command("kp3-02"), sealed, retain=retain)
        return sealed

    async def publish(self, kind, sealed):
        topics = self.ward.topics
        topic = topics.silence if kind == "silence" else getattr(topics, kind)("kp3-02")
        await self.link.publish(topic, sealed, retain=True)

    def bodies(self, typ):
        return [body for kind, body, _ in self.heard if kind == typ]

    def acks(self, typ):
        return [(body["st"], body.get("why")) for body in self.bodies("ack") if body["typ"] == typ]


async def until(pole, true, *, moving=True, step_s=0.1):
    """Wait for real sockets while the pole's own clock goes on; fail after a while."""
    give_up = time.monotonic() + 15
    while not true():
        assert time.monotonic() < give_up, "it never became true"
        await asyncio.sleep(0.004)
        if moving:
            await pole.advance(step_s)
