"""One owner of one MQTT connection: connects for ever, keeps no order for later, and is truthful about being up."""

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from devices.errors import LinkDown, LinkError
from devices.link.address import BrokerAddress
from devices.link.backoff import backoff as doubling
from devices.link.connection import Connection, HungUp, Manners, ProtocolRefused
from devices.link.dialect import Dialect, Protocol
from devices.link.message import Message, Subscription, Will

logger = logging.getLogger(__name__)

MAX_QOS0_WAITING = 10_000
FAILURES_REMEMBERED = 16
TURN = 64  # messages handed over before the rest of the process gets its turn

Handler = Callable[[Message], Awaitable[None] | None]


class Link:
    """A client of one broker.

    ``run()`` connects and reconnects until it is cancelled. At each connection, in this order: ``will()`` is asked,
    CONNECT, every subscription granted, ``on_up()`` (the place to publish a birth), and only then ``is_up``.
    ``publish`` works from the moment ``on_up`` starts.

    Messages go to ``on_message`` one at a time and in order; it may be a coroutine function, and may publish on this
    link. A QoS 1 message is acknowledged after the handler, which therefore hears it again if the process dies first.

    With ``manual_ack`` the handler calls ``message.ack()`` itself, at once or later; the broker is told in the order of
    the messages, so one that is kept open holds back those after it.

    A handler that raises is logged and counted in ``failures``. Its message is then done with; with ``manual_ack`` the
    connection is broken once instead, so that the broker delivers again, and the message is given up the second time.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        client_id: str,
        on_message: Handler,
        subscriptions: Iterable[Subscription] = (),
        will: Callable[[], Will | None] = lambda: None,
        on_up: Callable[[], Awaitable[None]] | None = None,
        on_down: Callable[[str], None] | None = None,
        keepalive_s: int = 30,
        clean_start: bool = True,
        session_expiry_s: int = 0,
        manual_ack: bool = False,
        max_inflight: int = 100,
        connect_timeout_s: float = 10.0,
        steady_s: float = 60.0,
        backoff: Callable[[], Iterator[float]] = doubling,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        protocol: Protocol = Protocol.V5,
    ) -> None:
        """``backoff`` gives the waits between attempts in seconds, ``sleep`` waits; ``protocol`` is tried first.

        ``backoff`` starts over after a connection of more than ``steady_s``. That must be longer than its longest wait:
        two clients with one id take the session from each other, and must not think each time that all is well again.
        """
        self._address = address
        self._manners = Manners(
            client_id=client_id,
            keepalive_s=keepalive_s,
            clean_start=clean_start,
            session_expiry_s=session_expiry_s,
            max_inflight=max_inflight,
        )
        self._on_message = on_message
        self._subscriptions = {each.topic: each for each in subscriptions}
        self._will = will
        self._on_up = on_up
        self._on_down = on_down
        self._manual_ack = manual_ack
        self._connect_timeout_s = connect_timeout_s
        self._steady_s = steady_s
        self._backoff = backoff
        self._sleep = sleep
        self._dialect = Dialect(protocol)
        self._connection: Connection | None = None
        self._attempt: Connection | None = None
        self._up = asyncio.Event()
        self._dead = asyncio.Event()
        self._inbox: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._failed_once: deque[Message] = deque(maxlen=FAILURES_REMEMBERED)
        self._why_down = "not started"
        self.connects = 0
        """How many times the link came up."""
        self.failures = 0
        """Messages whose handler raised."""
        self.overflows = 0
        """QoS 0 messages dropped because the handler could not keep up."""

    def __repr__(self) -> str:
        return f"<Link {self._manners.client_id} to {self._address}: {'up' if self.is_up else self._why_down}>"

    @property
    def is_up(self) -> bool:
        """Connected, subscribed, and ``on_up`` done."""
        return self._up.is_set()

    @property
    def why_down(self) -> str:
        """Why the link is, or last was, not up."""
        return self._why_down

    @property
    def protocol(self) -> Protocol | None:
        """The MQTT version of the present connection."""
        return self._connection.protocol if self._connection else None

    @property
    def own_address(self) -> str:
        """This end's address on the present connection, as the broker's network sees this machine; empty: none."""
        return self._connection.own_address if self._connection else ""

    @property
    def session_present(self) -> bool:
        """Whether the broker resumed a session of ours, with what it kept for us."""
        return self._connection is not None and self._connection.session_present

    async def wait_up(self) -> None:
        """Wait until the link is up. Has no deadline of its own."""
        await self._up.wait()

    async def run(self) -> None:
        """Stay connected until cancelled; then say goodbye, so that the broker discards the will."""
        async with asyncio.TaskGroup() as group:
            name = self._manners.client_id
            parts = [
                group.create_task(self._stay_connected(), name=f"link {name}"),
                group.create_task(self._hand_over(), name=f"inbox {name}"),
            ]
            await self._dead.wait()
            for part in parts:
                part.cancel()

    def die(self) -> None:
        """Go as in a power cut: the socket closes without goodbye, and ``run`` ends."""
        self._cut("died")
        self._dead.set()

    def drop(self) -> None:
        """Break the connection without goodbye, as a bad network does. ``run`` connects again."""
        self._cut("dropped")

    def _cut(self, why: str) -> None:
        if self._attempt is not None:
            self._attempt.cut(why)

    async def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        expiry_s: float | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        """Send, and at QoS 1 wait until the broker has it. Nothing is kept for later, and nothing is sent twice.

        ``expiry_s`` asks the broker to forget the message after so long (MQTT 5 only: never rely on it).

        Raises:
            LinkDown: there is no connection; nothing was sent.
            NotDelivered: it was sent and not acknowledged in ``timeout_s``, or the connection ended first.
            LinkRefused: the broker said no (a kind of NotDelivered; only MQTT 5 brokers say so).
            ValueError: a message that has expired already, or a topic with a wildcard.
        """
        connection = self._connected(expiry_s)
        if qos:
            await connection.publish(topic, payload, retain=retain, expiry_s=expiry_s, timeout_s=timeout_s)
        else:
            connection.publish_nowait(topic, payload, retain=retain, expiry_s=expiry_s)

    def publish_nowait(
        self, topic: str, payload: bytes, *, retain: bool = False, expiry_s: float | None = None
    ) -> None:
        """Send at QoS 0 and forget.

        Raises:
            LinkDown: there is no connection; nothing was sent.
            ValueError: as for ``publish``.
        """
        self._connected(expiry_s).publish_nowait(topic, payload, retain=retain, expiry_s=expiry_s)

    def _connected(self, expiry_s: float | None) -> Connection:
        if expiry_s is not None and expiry_s <= 0:
            raise ValueError(f"the message expired {-expiry_s} s ago")
        if self._connection is None:
            raise LinkDown(f"not connected: {self._why_down}")
        return self._connection

    async def listen_to(self, subscriptions: Iterable[Subscription]) -> None:
        """Listen to exactly these from now on, on this connection and every later one.

        Raises:
            LinkError: the broker refused, or the connection ended; the next connection tries all of them again.
        """
        wanted = {each.topic: each for each in subscriptions}
        before, self._subscriptions = self._subscriptions, wanted
        if self._connection is not None:
            async with asyncio.timeout(self._connect_timeout_s):
                await self._connection.subscribe(each for each in wanted.values() if before.get(each.topic) != each)
                await self._connection.unsubscribe(before.keys() - wanted.keys())

    async def _stay_connected(self) -> None:
        loop = asyncio.get_running_loop()
        waits = self._backoff()
        while True:
            began = loop.time()
            why, taken_over = await self._connect_once()
            if why != self._why_down:
                logger.warning("link %s to %s is down: %s", self._manners.client_id, self._address, why)
            self._why_down = why
            if taken_over:
                logger.error("link %s: another client connected with this id", self._manners.client_id)
            elif loop.time() - began > self._steady_s:
                waits = self._backoff()
            await self._sleep(next(waits))

    async def _connect_once(self) -> tuple[str, bool]:
        """Return why the connection is over, and whether another client took it."""
        connection = Connection(self._address, self._manners, self._dialect.protocol, self._receive)
        self._attempt = connection
        why = "closed"
        try:
            await self._introduce(connection)
            await asyncio.wait({connection.lost})  # never cancels it: the goodbye asks whether it is still there
            why = connection.lost.result()
        except TimeoutError:
            why = f"no answer within {self._connect_timeout_s} s"
        except LinkError as error:
            why = str(error)
        except Exception as error:
            logger.exception("link %s: could not announce itself", self._manners.client_id)
            why = f"could not announce itself: {error!r}"
        finally:
            was_connected, self._connection, self._attempt = self._connection is not None, None, None
            self._up.clear()
            connection.close()
            if was_connected:
                self._dialect.ended()
                if self._on_down is not None:
                    self._on_down(why)
        return why, connection.taken_over

    async def _introduce(self, connection: Connection) -> None:
        async with asyncio.timeout(self._connect_timeout_s):
            try:
                await connection.open(self._will())
            except ProtocolRefused:
                self._dialect.refused()
                raise
            except HungUp:
                self._dialect.hung_up()
                raise
            self._dialect.understood()
            await connection.subscribe(self._subscriptions.values())
        self._connection = connection
        if self._on_up is not None:
            await self._announce(self._on_up, connection)
        if connection.lost.done():
            return
        self.connects += 1
        self._why_down = ""
        self._up.set()
        logger.info("link %s to %s is up (MQTT %s)", self._manners.client_id, self._address, connection.protocol.name)

    async def _announce(self, on_up: Callable[[], Awaitable[None]], connection: Connection) -> None:
        """Run ``on_up`` for as long as the connection lasts."""
        birth = asyncio.ensure_future(on_up())
        try:
            either: set[asyncio.Future[Any]] = {birth, connection.lost}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if birth.done():
                birth.result()
        finally:
            birth.cancel()
            await asyncio.gather(birth, return_exceptions=True)

    def _receive(self, message: Message) -> None:
        if not message.qos and len(self._inbox) >= MAX_QOS0_WAITING:
            if not self.overflows:
                logger.error("link %s: the handler is too slow; QoS 0 messages are lost", self._manners.client_id)
            self.overflows += 1
            return
        self._inbox.append(message)
        self._arrived.set()

    async def _hand_over(self) -> None:
        turn = 0
        while True:
            while not self._inbox:
                self._arrived.clear()
                await self._arrived.wait()
            await self._hand_one(self._inbox.popleft())
            turn += 1
            if turn % TURN == 0:
                await asyncio.sleep(0)

    async def _hand_one(self, message: Message) -> None:
        try:
            answer = self._on_message(message)
            if inspect.isawaitable(answer):
                await answer
        except Exception:
            self.failures += 1
            logger.exception("link %s: the handler failed on %s", self._manners.client_id, message.topic)
            if self._manual_ack and message.qos and message not in self._failed_once:
                self._failed_once.append(message)
                self._cut("the handler failed; asking for the message again")
            else:
                message.ack()
        else:
            if not self._manual_ack:
                message.ack()
