"""Sự có mặt của máy chủ: tells other gateways of the ward that this one runs, and hears of them.

A copied data folder runs with the same keys and the same numbers. What differs is the run: its instance id is made at
start and kept nowhere. Everything here is sealed with a gateway key, which no pole has; the will too.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from devices.clock import Clock
from devices.clusters.keyring import Keyring
from devices.errors import BadMessage, SealBroken
from devices.link import BrokerAddress, Link, Message, Subscription, Will
from devices.seal import seal_body, unseal
from devices.wire.base import COMMAND_MAX_BYTES, parse
from devices.wire.documents import GatewayInstance
from devices.wire.topics import Topics

logger = logging.getLogger(__name__)

RENEW_EVERY_S = 5.0
GONE_AFTER_S = 15.0
"""Three renewals missed."""
DOUBT_S = 6.0
"""What the broker kept of somebody counts so long without a sign of life: a living one answers at once."""
_TYP = "gateway_instance"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Another run of a gateway of this ward."""

    state: GatewayInstance
    since_ms: int
    """When it was heard first, by our clock."""
    heard_ns: int
    alive: bool
    """It was heard itself, not only what the broker kept of it."""


class Presence:
    """One run's presence, on a connection of its own."""

    def __init__(
        self,
        *,
        address: BrokerAddress,
        topics: Topics,
        keyring: Callable[[], Keyring],
        clock: Clock,
        host: str,
        folder: str = "",
    ) -> None:
        """``host`` and ``folder``: by which people know this run, this machine's name and where its data are."""
        self._topics = topics
        self._keyring = keyring
        self._clock = clock
        self._me = GatewayInstance(
            instance=secrets.token_hex(6),
            sid="none",
            online=True,
            host=host[:128],
            folder=folder[-200:],
            started_ms=clock.now_ms(),
        )
        self._peers: dict[str, Peer] = {}
        self._since_ms: dict[str, int] = {}
        self._strangers: set[str] = set()
        self._settled = False
        self._changed: Callable[[], None] = lambda: None
        self._link = Link(
            address,
            client_id=f"gw-{topics.site}-{self._me.instance}-here",
            on_message=self._on_message,
            subscriptions=[Subscription(topics.gateway_instance("+"))],
            will=self._will,
            on_up=self._say,
            on_down=self._lost,
        )

    @property
    def me(self) -> GatewayInstance:
        """What is told of this run."""
        return self._me

    @property
    def settled(self) -> bool:
        """Whether our own word came back on this connection: whatever the broker keeps of others came before it."""
        return self._settled

    @property
    def why_unsettled(self) -> str:
        """Why this run does not know who else is there; empty when it does."""
        return "" if self._settled else self._link.why_down or "its own presence has not come back yet"

    def listen(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` whenever somebody is heard, or goes, or this run has settled."""
        self._changed = changed

    def peers(self) -> tuple[Peer, ...]:
        """Return the other runs that live, or may."""
        now_ns = self._clock.mono_ns()
        return tuple(
            peer
            for peer in self._peers.values()
            if now_ns - peer.heard_ns < (GONE_AFTER_S if peer.alive else DOUBT_S) * 1e9
        )

    async def run(self) -> None:
        """Keep the connection until cancelled; then say that this run is over."""
        await self._link.run()

    async def tell(self, *, leads: bool, epoch: int, seq: int) -> None:
        """Say that this run lives, and how it stands.

        Raises:
            LinkError: it did not go out, or nobody knows.
        """
        self._me = self._me.model_copy(update={"leads": leads, "epoch": epoch, "seq": seq})
        await self._say()

    async def forget_the_gone(self) -> None:
        """Have the broker forget those that are gone.

        Raises:
            LinkError: as :meth:`tell`.
        """
        here = {peer.state.instance for peer in self.peers()}
        for instance in sorted(self._peers.keys() - here):
            await self._link.publish(self._topics.gateway_instance(instance), b"", retain=True)
            del self._peers[instance]
            self._since_ms.pop(instance, None)

    async def say_goodbye(self) -> None:
        """Say that this run ends on purpose: an ordered end sends no will.

        Raises:
            LinkError: as :meth:`tell`.
        """
        await self._link.publish(self._topics.gateway_instance(self._me.instance), self._gone(), retain=True)

    def _seal(self, state: GatewayInstance) -> bytes:
        site = self._topics.site
        return seal_body(
            self._keyring().gateway(),
            _TYP,
            state,
            iss=f"gateway:{site}",
            aud=f"gateway:{site}",
            iat_ms=self._clock.now_ms(),
        )

    def _will(self) -> Will:
        self._me = self._me.model_copy(update={"sid": secrets.token_hex(4)})
        return Will(self._topics.gateway_instance(self._me.instance), self._gone())

    def _gone(self) -> bytes:
        return self._seal(self._me.model_copy(update={"online": False}))

    async def _say(self) -> None:
        self._me = self._me.model_copy(update={"n": self._me.n + 1, "address": self._link.own_address[:64]})
        await self._link.publish(self._topics.gateway_instance(self._me.instance), self._seal(self._me), retain=True)

    def _lost(self, _why: str) -> None:
        self._settled = False
        self._peers.clear()  # what the broker keeps of them comes again, and counts anew from then
        self._changed()

    def _on_message(self, message: Message) -> None:
        if not message.payload:
            return  # somebody tidied up
        try:
            state = self._read(message)
        except (SealBroken, BadMessage) as error:
            if message.topic not in self._strangers:
                self._strangers.add(message.topic)
                logger.warning("what %s says is not of a gateway of this ward: %s", message.topic, error)
            return
        if state.instance == self._me.instance:
            self._settled = self._settled or (state.sid == self._me.sid and state.online)
        else:
            self._note(state, retained=message.retain)
        self._changed()

    def _read(self, message: Message) -> GatewayInstance:
        opened = unseal(message.payload, self._keyring().trust, max_bytes=COMMAND_MAX_BYTES)
        site = self._topics.site
        if opened.typ != _TYP or opened.envelope.iss != f"gateway:{site}" or opened.envelope.aud != f"gateway:{site}":
            raise SealBroken("not_for_me")
        state: GatewayInstance = parse(GatewayInstance, opened.envelope.body)
        if message.topic != self._topics.gateway_instance(state.instance):
            raise SealBroken("wrong_topic")
        return state

    def _note(self, state: GatewayInstance, *, retained: bool) -> None:
        known, now_ns = self._peers.get(state.instance), self._clock.mono_ns()
        since_ms = self._since_ms.setdefault(state.instance, self._clock.now_ms())
        if not state.online:
            if known is None or known.state.sid == state.sid:
                gone_ns = now_ns - int(GONE_AFTER_S * 1e9)
                self._peers[state.instance] = Peer(state=state, since_ms=since_ms, heard_ns=gone_ns, alive=False)
            return
        if known is not None and known.state.sid == state.sid and state.n <= known.state.n:
            return  # said before: no sign of life
        self._peers[state.instance] = Peer(state=state, since_ms=since_ms, heard_ns=now_ns, alive=not retained)
