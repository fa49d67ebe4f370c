"""One MQTT connection from CONNECT to its end: opened once, never again."""

import asyncio
import contextlib
import logging
import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from paho.mqtt import client as mqtt
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from devices.errors import LinkDown, LinkRefused, NotDelivered
from devices.link.address import BrokerAddress
from devices.link.dialect import Protocol
from devices.link.message import Message, Subscription, Will
from devices.link.pump import MAX_RECEIVED_BYTES, Paho, Pump
from devices.link.sockets import open_stream

logger = logging.getLogger(__name__)

NO_LIMIT = 0
# The contract's largest document with room for its headers; audio goes over HTTP. A broker that is sent too much hangs
# up, or drops it and says yes.
MAX_PACKET_BYTES = 278_528
FIRST_FAILURE = 128  # reason codes from here on are failures, in SUBACK of 3.1.1 too
SESSION_TAKEN_OVER = 142
UNSPECIFIED = 128
PACKET_OVERHEAD_BYTES = 32  # headers and the one property that may be set


class ProtocolRefused(LinkDown):
    """The broker does not speak this version of MQTT."""


class HungUp(LinkDown):
    """The broker closed the connection without answering CONNECT."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Manners:
    """How a client presents itself at every connection."""

    client_id: str
    keepalive_s: int
    clean_start: bool
    session_expiry_s: int
    max_inflight: int


@dataclass(slots=True)
class _Debt:
    """A message the broker waits to see acknowledged. MQTT wants the answers in the order of the messages (4.6.0-2)."""

    mid: int
    settled: bool = False


class Connection:
    """A connection, its unanswered messages, and the one fact everybody waits on: that it is over."""

    def __init__(
        self, address: BrokerAddress, manners: Manners, protocol: Protocol, on_message: Callable[[Message], None]
    ) -> None:
        self._address = address
        self._manners = manners
        self._v5 = protocol is Protocol.V5
        self._on_message = on_message
        self._loop = asyncio.get_running_loop()
        self._paho: Paho | None = None
        self._pump: Pump | None = None
        self._connack: asyncio.Future[tuple[bool, ReasonCode, Properties | None]] = self._loop.create_future()
        self._pubacks: dict[int, asyncio.Future[ReasonCode | None]] = {}
        self._subacks: dict[int, asyncio.Future[list[ReasonCode] | None]] = {}
        self._debts: deque[_Debt] = deque()
        self._window = asyncio.Semaphore(manners.max_inflight)
        self._packet_limit = MAX_PACKET_BYTES
        self.protocol = protocol
        self.session_present = False
        self.taken_over = False
        self.own_address = ""
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Done, with the reason, once the connection is over, whoever ended it."""

    async def open(self, will: Will | None) -> None:
        """Connect and wait until the broker says yes. Has no deadline of its own.

        Raises:
            LinkDown: no connection, or it broke before the answer (:class:`HungUp`, :class:`ProtocolRefused`).
            LinkRefused: the broker answered no.
        """
        stream = await open_stream(self._address)
        with contextlib.suppress(OSError):  # hung up already, which the next read says
            self.own_address = str(stream.getsockname()[0])
        self._paho = Paho(
            stream,
            client_id=self._manners.client_id,
            clean_session=None if self._v5 else self._manners.clean_start,
            protocol=MQTTProtocolVersion(self.protocol),
        )
        self._pump = Pump(self._paho, self._over)
        self._introduce(self._paho, will)
        either: set[asyncio.Future[Any]] = {self._connack, self.lost}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not self._connack.done():
            raise HungUp("the broker closed without an answer")
        self.session_present, reason, properties = self._connack.result()
        if reason.getName() == "Unsupported protocol version":
            raise ProtocolRefused(f"the broker does not speak MQTT {self.protocol.name}")
        if reason.is_failure:
            raise LinkRefused(f"the broker refused: {reason}")
        broker_limit = getattr(properties, "ReceiveMaximum", self._manners.max_inflight)
        self._window = asyncio.Semaphore(max(1, min(self._manners.max_inflight, broker_limit)))
        self._packet_limit = min(MAX_PACKET_BYTES, getattr(properties, "MaximumPacketSize", MAX_PACKET_BYTES))

    def _introduce(self, paho: Paho, will: Will | None) -> None:
        paho.max_inflight_messages = NO_LIMIT  # the window is kept here, where waiting for a place has a deadline
        paho.on_connect = self._note_connack
        paho.on_publish = self._note_puback
        paho.on_subscribe = self._note_suback
        paho.on_unsubscribe = self._note_suback
        paho.on_message = self._note_message
        paho.on_disconnect = self._note_disconnect
        paho.username_pw_set(self._address.username, self._address.password)
        if will is not None:
            delay = _properties(PacketTypes.WILLMESSAGE, WillDelayInterval=will.delay_s) if self._v5 else None
            paho.will_set(will.topic, will.payload, will.qos, will.retain, delay)
        if self._v5:
            wishes = _properties(
                PacketTypes.CONNECT,
                SessionExpiryInterval=self._manners.session_expiry_s,
                MaximumPacketSize=MAX_RECEIVED_BYTES,
            )
            start = self._manners.clean_start
            paho.connect(
                self._address.host, self._address.port, self._manners.keepalive_s, clean_start=start, properties=wishes
            )
        else:
            paho.connect(self._address.host, self._address.port, self._manners.keepalive_s)

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool, expiry_s: float | None, timeout_s: float
    ) -> None:
        """Send at QoS 1 and wait for the broker's PUBACK.

        Raises:
            LinkDown: nothing was sent: the connection is over, or no place in the window came free in time.
            NotDelivered: it was sent, and no PUBACK came in time or before the connection ended.
            LinkRefused: the broker acknowledged with a failure, or carries nothing so large.
        """
        deadline = self._loop.time() + timeout_s
        try:
            async with asyncio.timeout_at(deadline):
                await self._window.acquire()
        except TimeoutError as error:
            raise LinkDown(f"{topic}: the broker acknowledges too slowly; nothing was sent") from error
        try:
            mid = self._send(topic, payload, qos=1, retain=retain, expiry_s=expiry_s)
        except BaseException:
            self._window.release()
            raise
        answer: asyncio.Future[ReasonCode | None] = self._loop.create_future()
        # the place is given back by the broker's answer, not by a caller who stopped waiting for it
        answer.add_done_callback(lambda _: self._window.release())
        self._pubacks[mid] = answer
        try:
            async with asyncio.timeout_at(deadline):
                reason = await asyncio.shield(answer)
        except TimeoutError as error:
            raise NotDelivered(f"{topic}: no acknowledgement from the broker within {timeout_s} s") from error
        if reason is None:
            raise NotDelivered(f"{topic}: the connection ended before the broker acknowledged")
        if reason.value >= FIRST_FAILURE:
            raise LinkRefused(f"{topic}: {reason}")

    def publish_nowait(self, topic: str, payload: bytes, *, retain: bool, expiry_s: float | None) -> None:
        """Send at QoS 0 and forget.

        Raises:
            LinkDown: the connection is over; nothing was sent.
        """
        self._send(topic, payload, qos=0, retain=retain, expiry_s=expiry_s)

    def _send(self, topic: str, payload: bytes, *, qos: int, retain: bool, expiry_s: float | None) -> int:
        paho = self._live()
        if len(topic) + len(payload) + PACKET_OVERHEAD_BYTES > self._packet_limit:
            raise LinkRefused(f"{topic}: {len(payload)} bytes are more than the broker carries; nothing was sent")
        properties = None
        if expiry_s is not None and self._v5:
            properties = _properties(PacketTypes.PUBLISH, MessageExpiryInterval=math.ceil(expiry_s))
        info = paho.publish(topic, payload, qos, retain, properties)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise LinkDown(f"{topic}: {mqtt.error_string(MQTTErrorCode(info.rc))}")
        return info.mid

    async def subscribe(self, subscriptions: Iterable[Subscription]) -> None:
        """Subscribe, and wait until the broker granted every one. Has no deadline of its own.

        Raises:
            LinkDown: the connection ended first.
            LinkRefused: one was refused; a link that is deaf to a topic must not look healthy.
        """
        wanted = list(subscriptions)
        if not wanted:
            return
        paho = self._live()
        if self._v5:
            _, mid = paho.subscribe([(each.topic, SubscribeOptions(qos=each.qos)) for each in wanted])
        else:
            _, mid = paho.subscribe([(each.topic, each.qos) for each in wanted])
        for each, answer in zip(wanted, await self._suback(mid), strict=True):
            if answer.value >= FIRST_FAILURE:
                raise LinkRefused(f"may not listen to {each.topic}: {answer}")

    async def unsubscribe(self, topics: Iterable[str]) -> None:
        """Stop listening to ``topics``. Has no deadline of its own.

        Raises:
            LinkDown: the connection ended first.
        """
        unwanted = list(topics)
        if unwanted:
            _, mid = self._live().unsubscribe(unwanted)
            await self._suback(mid)

    async def _suback(self, mid: int | None) -> list[ReasonCode]:
        if mid is None:
            raise LinkDown("not connected")
        answer: asyncio.Future[list[ReasonCode] | None] = self._loop.create_future()
        self._subacks[mid] = answer
        answers = await answer
        if answers is None:
            raise LinkDown("the connection ended before the broker answered")
        return answers

    def _live(self) -> Paho:
        if self.lost.done():
            raise LinkDown(f"not connected: {self.lost.result()}")
        if self._paho is None:
            raise LinkDown("not connected yet")
        return self._paho

    def close(self) -> None:
        """Say goodbye (DISCONNECT), so that the broker discards the will, and end."""
        if self._paho is not None and self._pump is not None and not self.lost.done():
            self._paho.disconnect()
            self._pump.flush()
        self.cut("closed")

    def cut(self, why: str) -> None:
        """End at once, without goodbye: for the broker this client has died, and its will speaks."""
        if self._pump is not None:
            self._pump.cut()
        self._over(why)

    def _over(self, why: str) -> None:
        if self.lost.done():
            return
        self.lost.set_result(why)
        for puback in self._pubacks.values():
            if not puback.done():
                puback.set_result(None)
        for suback in self._subacks.values():
            if not suback.done():
                suback.set_result(None)
        self._pubacks.clear()
        self._subacks.clear()

    # What paho reports. Each only notes; see the pump for why.

    def _note_connack(
        self, _paho: mqtt.Client, _data: object, flags: mqtt.ConnectFlags, reason: ReasonCode, more: Properties | None
    ) -> None:
        if not self._connack.done():
            self._connack.set_result((flags.session_present, reason, more))

    def _note_puback(
        self, _paho: mqtt.Client, _data: object, mid: int, reason: ReasonCode, _more: Properties | None
    ) -> None:
        answer = self._pubacks.pop(mid, None)
        if answer is not None and not answer.done():
            answer.set_result(reason)

    def _note_suback(
        self, _paho: mqtt.Client, _data: object, mid: int, reasons: list[ReasonCode], _more: Properties | None
    ) -> None:
        answer = self._subacks.pop(mid, None)
        if answer is not None and not answer.done():
            answer.set_result(reasons)

    def _note_message(self, _paho: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            logger.warning("link %s: dropped a message whose topic is not UTF-8", self._manners.client_id)
            return
        arrived = Message(
            topic=topic,
            payload=bytes(message.payload),
            qos=message.qos,
            retain=bool(message.retain),
            dup=bool(message.dup),
            **({"receipt": self._receipt(message.mid)} if message.qos else {}),
        )
        self._on_message(arrived)

    def _receipt(self, mid: int) -> Callable[[], None]:
        debt = _Debt(mid)
        self._debts.append(debt)

        def acknowledge() -> None:
            debt.settled = True
            if self._paho is not None and not self.lost.done():
                while self._debts and self._debts[0].settled:
                    self._paho.ack(self._debts.popleft().mid, 1)

        return acknowledge

    def _note_disconnect(
        self,
        _paho: mqtt.Client,
        _data: object,
        flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _more: Properties | None,
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            self.taken_over = reason.value == SESSION_TAKEN_OVER
            self._over(f"the broker ended it: {reason}")
        else:
            # paho says "unspecified" for a socket that simply closed
            closed = reason.value == UNSPECIFIED
            self._over("the connection broke" if closed else f"the connection broke: {reason}")


def _properties(packet: int, **values: int) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(properties, name, value)
    return properties
