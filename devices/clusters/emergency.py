"""The emergency key's holder: a connection of its own, and a key that is opened with a PIN for each use."""

import asyncio

from devices.clusters.driver import Addressed
from devices.clusters.keyring import Keyring
from devices.link import BrokerAddress, Link, Message
from devices.seal import seal_body
from devices.wire.commands import Command
from devices.wire.topics import Topics


class EmergencyDriver:
    """Seals and sends ``emergency`` and ``emergency_end``. Nothing else ever goes over its connection."""

    def __init__(self, *, address: BrokerAddress, topics: Topics, keyring: Keyring, run: str = "") -> None:
        """``run``: which run of the gateway this is, so that two of them do not throw each other out."""
        self._topics = topics
        self._keyring = keyring
        self._link = Link(address, client_id=f"gw-{topics.site}{run and f'-{run}'}-em", on_message=_ignore)

    @property
    def connected(self) -> bool:
        return self._link.is_up

    def use_keyring(self, keyring: Keyring) -> None:
        """Open the emergency key of ``keyring`` from now on."""
        self._keyring = keyring

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        await self._link.run()

    async def send(self, typ: str, body: Command, *, pin: str, jti: str, now_ms: int, exp_ms: int, epoch: int) -> bytes:
        """Open the key with ``pin``, seal for the whole ward, send, and return the sealed bytes for repetition.

        Raises:
            SealBroken: ``wrong_pin``.
            LinkError: the first copy did not go out, or nobody knows.
        """
        key = await asyncio.to_thread(self._keyring.emergency, pin)  # the key derivation is slow on purpose
        site = self._topics.site
        sealed = seal_body(
            key,
            typ,
            body,
            iss=f"gateway:{site}",
            aud=f"all:{site}",
            iat_ms=now_ms,
            exp_ms=exp_ms,
            epoch=epoch,
            jti=jti,
        )
        await self._link.publish(self._topics.emergency, sealed)
        return sealed

    async def repeat(self, sealed: bytes, to: Addressed) -> None:
        """Send the same bytes again, to the ward or to one cluster that came online.

        Raises:
            LinkError: it did not go out, or nobody knows.
        """
        topic = self._topics.emergency if to.cluster is None else self._topics.command(to.cluster)
        await self._link.publish(topic, sealed)


def _ignore(_message: Message) -> None:
    """Nothing is subscribed to on this connection."""
