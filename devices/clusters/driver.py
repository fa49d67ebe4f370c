"""The driver: three connections to the broker, one seal on everything that goes down, one check on all that comes up.

Commands, intake and emergency have a connection each, so that ten thousand commands in flight never stand in front of
an emergency, nor a burst of answers in front of either.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from devices.clock import Clock
from devices.clusters.keyring import Keyring
from devices.clusters.presence import Presence
from devices.clusters.reading import clock_reply, read_report
from devices.errors import BadMessage, LinkError, SealBroken
from devices.link import BrokerAddress, Link, Message, Subscription, Will
from devices.model import ClusterId, ZoneId
from devices.seal import SigningKey, Trust, seal_body
from devices.wire.base import Wire
from devices.wire.commands import Command, JournalAck, Resync
from devices.wire.documents import GatewayState, KeyEntry, KeyRole
from devices.wire.reports import ClockRequest
from devices.wire.topics import FromCluster, Topics

logger = logging.getLogger(__name__)

_SHORT_LIVED_MS = 60_000
"""Acknowledgements and clock replies are worthless after a minute."""


@dataclass(frozen=True)
class Address:
    """Whom a message is for: one cluster, one zone, or (both ``None``) the whole ward."""

    cluster: ClusterId | None = None
    zone: ZoneId | None = None


class Addressed(Protocol):
    """Anything that names a cluster or a zone, or neither."""

    @property
    def cluster(self) -> ClusterId | None: ...

    @property
    def zone(self) -> ZoneId | None: ...


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One message of a cluster whose seal held."""

    cluster: ClusterId
    body: Wire
    sealed: bytes
    retained: bool
    received_ms: int


@dataclass(frozen=True, kw_only=True)
class Ears:
    """Whom the driver tells."""

    on_report: Callable[[Heard], Awaitable[None]]
    on_refused: Callable[[ClusterId | None, str], Awaitable[None]]
    on_up: Callable[[], Awaitable[None]]
    on_down: Callable[[], Awaitable[None]]


class ClusterDriver:
    """Speaks for one ward while :meth:`run` runs."""

    def __init__(
        self,
        *,
        address: BrokerAddress,
        topics: Topics,
        keyring: Keyring,
        clock: Clock,
        ears: Ears,
        presence: Presence | None = None,
    ) -> None:
        """``presence``: of this run among other gateways of the ward; without, it is taken for the only one."""
        self._topics = topics
        self._keyring = keyring
        self._key: SigningKey = keyring.gateway()
        self._clock = clock
        self._ears = ears
        self._knows_time: Callable[[], bool] = lambda: True
        self._presence = presence
        self._announced = False
        self._leads: Callable[[], bool] = lambda: True
        self._trusted: dict[ClusterId, tuple[list[tuple[str, str]], Trust]] = {}
        """By cluster, its ``(kid, public key)`` as text and as keys."""
        self._sid = secrets.token_hex(4)
        self._up_again = asyncio.Event()
        self._went_down = asyncio.Event()
        # Two gateways on one copy of the data would throw each other out under one name.
        name = f"gw-{topics.site}-{presence.me.instance}" if presence is not None else f"gw-{topics.site}"
        self._down = Link(
            address, client_id=name, on_message=_ignore, will=self._will, on_up=self._birth, on_down=self._lost
        )
        self._in = Link(
            address,
            client_id=f"{name}-in",
            on_message=self._on_message,
            subscriptions=[Subscription(topic) for topic in topics.gateway_filters()],
            max_inflight=1000,
        )

    @property
    def connected(self) -> bool:
        settled = self._presence is None or self._presence.settled
        return self._down.is_up and self._in.is_up and settled

    @property
    def why_down(self) -> str:
        here = self._presence.why_unsettled if self._presence is not None else ""
        return self._down.why_down or self._in.why_down or here

    @property
    def keyring(self) -> Keyring:
        return self._keyring

    def tell_time_while(self, knows_time: Callable[[], bool]) -> None:
        """Answer clock requests only while ``knows_time``: a wrong hour is worse for a pole than none for a day."""
        self._knows_time = knows_time

    def lead_while(self, leads: Callable[[], bool]) -> None:
        """Speak to poles as their gateway only while ``leads``: no birth, and no answer to who asks the time."""
        self._leads = leads

    async def announce(self, *, again: bool = False) -> None:
        """Say to every pole that this run is their gateway now: they send their unacknowledged journals again.

        Said on this connection already: nothing happens, unless another gateway has spoken since (``again``).

        Raises:
            LinkError: it did not go out, or nobody knows.
        """
        if self._announced and not again:
            return
        now_ms = self._clock.now_ms()
        here = GatewayState(online=True, sid=self._sid, at_ms=now_ms)
        sealed = seal_body(self._key, "gateway", here, iss=self._iss, aud=self._aud(Address()), iat_ms=now_ms)
        await self._down.publish(self._topics.gateway_state, sealed, retain=True)
        self._announced = True

    def use_keyring(self, keyring: Keyring) -> None:
        """Seal with the newest gateway key of ``keyring`` from now on."""
        self._keyring = keyring
        self._key = keyring.gateway()

    def trust(self, keys: Sequence[tuple[ClusterId, str, str]]) -> None:
        """Believe these ``(cluster, kid, public key)`` from now on, and no others.

        Raises:
            SealBroken: ``bad_key``.
        """
        named: dict[ClusterId, list[tuple[str, str]]] = {}
        for cluster, kid, public in keys:
            named.setdefault(cluster, []).append((kid, public))
        # Called for every pole that enrols: the keys of all the others are not decoded again.
        before = self._trusted
        self._trusted = {
            cluster: before[cluster] if cluster in before and before[cluster][0] == known else (known, _trust(known))
            for cluster, known in named.items()
        }

    async def run(self) -> None:
        """Keep the connections until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._down.run(), name="link commands")
            group.create_task(self._in.run(), name="link intake")
            if self._presence is not None:
                group.create_task(self._presence.run(), name="presence")
            group.create_task(self._tell(self._up_again, self._ears.on_up), name="broker up")
            group.create_task(self._tell(self._went_down, self._ears.on_down), name="broker down")

    # -- down --------------------------------------------------------------------------------------------------------

    def seal_document(self, kind: str, to: Addressed, body: Wire, *, epoch: int, seq: int, now_ms: int) -> bytes:
        """Seal a ``config``, ``plan`` or ``silence`` with the gateway key."""
        return seal_body(self._key, kind, body, iss=self._iss, aud=self._aud(to), iat_ms=now_ms, epoch=epoch, seq=seq)

    async def publish_document(self, kind: str, to: Addressed, sealed: bytes) -> None:
        """Publish it retained and wait for the broker.

        Raises:
            LinkError: it did not go out, or nobody knows.
        """
        await self._down.publish(self._document_topic(kind, to), sealed, retain=True)

    async def command(
        self, typ: str, to: Addressed, body: Command, *, jti: str, now_ms: int, exp_ms: int, epoch: int
    ) -> None:
        """Seal and send, not retained; the broker is asked to forget it when it expires, the cluster checks.

        Raises:
            LinkError: it did not go out, or nobody knows. Nothing is queued.
        """
        sealed = seal_body(
            self._key, typ, body, iss=self._iss, aud=self._aud(to), iat_ms=now_ms, exp_ms=exp_ms, epoch=epoch, jti=jti
        )
        await self._down.publish(self._command_topic(to), sealed, expiry_s=_seconds(exp_ms - now_ms))

    async def acknowledge_journal(self, cluster: ClusterId, upto: int, *, now_ms: int) -> None:
        """Tell ``cluster`` that everything up to ``upto`` is kept; losing this message costs a repetition."""
        await self._send_note(cluster, "journal_ack", JournalAck(upto=upto), now_ms)

    async def resync_journal(self, cluster: ClusterId, from_n: int, *, now_ms: int) -> None:
        """Ask ``cluster`` for its journal again from ``from_n``."""
        await self._send_note(cluster, "resync", Resync(from_n=from_n), now_ms)

    async def _send_note(self, cluster: ClusterId, typ: str, body: Wire, now_ms: int) -> None:
        exp_ms = now_ms + _SHORT_LIVED_MS
        to = Address(cluster=cluster)
        sealed = seal_body(self._key, typ, body, iss=self._iss, aud=self._aud(to), iat_ms=now_ms, exp_ms=exp_ms)
        await self._down.publish(self._topics.command(cluster), sealed, expiry_s=_seconds(_SHORT_LIVED_MS))

    # -- up ----------------------------------------------------------------------------------------------------------

    async def _on_message(self, message: Message) -> None:
        received_ns = self._clock.mono_ns()
        received_ms = self._clock.now_ms()
        who: FromCluster | None = None
        try:
            who = self._topics.from_cluster(message.topic)
            if not message.payload and message.retain:
                return  # a cluster cleared its own retained state
            _, body = read_report(who.cluster, who.kind, message.payload, self._trust_of(who.cluster))
        except SealBroken as error:
            await self._ears.on_refused(who.cluster if who else None, error.reason)
            return
        except BadMessage as error:
            logger.info("unreadable message on %s: %s", message.topic, error)
            await self._ears.on_refused(who.cluster if who else None, "malformed")
            return
        if isinstance(body, ClockRequest):
            if self._knows_time() and self._leads():
                self._answer_clock(who, body, received_ms * 1000, received_ns)
            return
        await self._ears.on_report(
            Heard(
                cluster=who.cluster,
                body=body,
                sealed=message.payload,
                retained=message.retain,
                received_ms=received_ms,
            )
        )

    def _trust_of(self, cluster: ClusterId) -> Trust:
        if cluster not in self._trusted:
            raise SealBroken("not_enrolled")
        return self._trusted[cluster][1]

    def _answer_clock(self, who: FromCluster, request: ClockRequest, received_us: int, received_ns: int) -> None:
        spent_us = (self._clock.mono_ns() - received_ns) // 1000
        now_us = received_us + spent_us
        reply = clock_reply(request, received_us=received_us, now_us=now_us)
        now_ms = now_us // 1000
        to = Address(cluster=who.cluster)
        sealed = seal_body(
            self._key, "clock", reply, iss=self._iss, aud=self._aud(to), iat_ms=now_ms, exp_ms=now_ms + _SHORT_LIVED_MS
        )
        try:
            self._down.publish_nowait(self._topics.clock_reply(who.cluster), sealed)
        except LinkError:
            logger.debug("clock reply to %s not sent", who.cluster)  # QoS 0: the next request asks again

    # -- the connection ----------------------------------------------------------------------------------------------

    def _will(self) -> Will:
        """A new session id makes every cluster send its unacknowledged journal again."""
        self._sid = secrets.token_hex(4)
        gone = GatewayState(online=False, sid=self._sid)
        return Will(self._topics.gateway_state, gone.model_dump_json(exclude_none=True).encode(), delay_s=15)

    async def _birth(self) -> None:
        self._announced = False
        if self._leads():
            await self.announce()
        self._up_again.set()

    def _lost(self, why: str) -> None:
        logger.info("broker lost: %s", why)  # the link has said it already, at the level it deserves
        self._went_down.set()

    async def _tell(self, happened: asyncio.Event, listener: Callable[[], Awaitable[None]]) -> None:
        while True:
            await happened.wait()
            happened.clear()
            try:
                await listener()
            except LinkError as error:
                logger.warning("after a change of connection: %s", error)

    # -- names -------------------------------------------------------------------------------------------------------

    @property
    def _iss(self) -> str:
        return f"gateway:{self._topics.site}"

    def _aud(self, to: Addressed) -> str:
        if to.cluster is not None:
            return f"cluster:{to.cluster}"
        return f"zone:{to.zone}" if to.zone is not None else f"all:{self._topics.site}"

    def _command_topic(self, to: Addressed) -> str:
        if to.cluster is not None:
            return self._topics.command(to.cluster)
        return self._topics.zone_command(to.zone) if to.zone is not None else self._topics.all_command

    def _document_topic(self, kind: str, to: Addressed) -> str:
        if kind == "silence":
            return self._topics.silence
        if to.cluster is None:
            raise ValueError(f"a {kind} is for one cluster")
        return self._topics.config(to.cluster) if kind == "config" else self._topics.plan(to.cluster)


def _ignore(message: Message) -> None:
    """Commands go down this connection; nothing is subscribed to, so nothing comes up."""
    logger.debug("unexpected message on %s", message.topic)


def _trust(keys: Sequence[tuple[str, str]]) -> Trust:
    return Trust.of(KeyEntry(kid=kid, role=KeyRole.DEVICE, pub=public) for kid, public in keys)


def _seconds(milliseconds: int) -> float | None:
    """Message expiry for the broker, or ``None`` when it is over: the cluster's own check then refuses it."""
    return milliseconds / 1000 if milliseconds > 0 else None
