"""Kẻ phá: somebody with every right on the broker. Hears all, says anything, and owns no key of the ward.

What he can do at worst is to silence, and that is seen. Tests let him loose; nothing he does may sound.
"""

import asyncio
import base64
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

from devices.link import BrokerAddress, Link, Message, Subscription
from devices.model import ClusterId, SiteId
from devices.seal import SigningKey, new_jti
from devices.seal import seal as seal_envelope
from devices.wire.base import Wire
from devices.wire.documents import KeyRole
from devices.wire.envelope import Envelope
from devices.wire.topics import Topics

FLOOD_MAX = 5_000
"""He is bounded, since he runs on the machine of the test."""


class Attacker:
    """Connects while :meth:`open` is entered. What he retained is cleared when it is left."""

    def __init__(self, broker: BrokerAddress, site: SiteId) -> None:
        self.topics = Topics(site)
        self.recorded: list[Message] = []
        """Everything anybody said since he listens, in order."""
        self._site = site
        self._keys: dict[tuple[str, KeyRole], SigningKey] = {}
        self._retained: set[str] = set()
        self._link = Link(
            broker,
            client_id=f"attacker-{secrets.token_hex(4)}",
            on_message=self.recorded.append,
            subscriptions=[Subscription(f"loa/v1/{site}/#")],
        )

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Attacker"]:
        """Be on the broker."""
        running = asyncio.ensure_future(self._link.run())
        try:
            await self._link.wait_up()
            yield self
            for topic in sorted(self._retained):
                await self._link.publish(topic, b"", retain=True)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    # -- hearing -----------------------------------------------------------------------------------------------------

    def of_typ(self, typ: str) -> list[Message]:
        """Return what was recorded of one kind, e.g. every ``play``."""
        return [message for message in self.recorded if typ_of(message.payload) == typ]

    # -- saying ------------------------------------------------------------------------------------------------------

    async def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Say anything anywhere.

        Raises:
            LinkError: the broker did not take it.
        """
        if retain:
            self._retained.add(topic)
        await self._link.publish(topic, payload, retain=retain)

    async def replay(self, message: Message, *, retain: bool = False) -> None:
        """Say the same bytes again where they were heard, for ever if ``retain``."""
        await self.say(message.topic, message.payload, retain=retain)

    async def misdirect(self, message: Message, cluster: ClusterId) -> None:
        """Say to one cluster what was meant for another."""
        await self.say(self.topics.command(cluster), message.payload)

    async def flood(self, topic: str, count: int, *, size: int = 1_000) -> None:
        """Say ``count`` random payloads, as fast as the broker takes them.

        Raises:
            ValueError: more than he is allowed.
        """
        if count > FLOOD_MAX:
            raise ValueError(f"at most {FLOOD_MAX}")
        for _ in range(count):
            await self.say(topic, secrets.token_bytes(size))

    # -- forging -----------------------------------------------------------------------------------------------------

    def forge(
        self, typ: str, body: Wire, *, iss: str, aud: str, now_ms: int, kid: str, role: KeyRole = KeyRole.GATEWAY
    ) -> bytes:
        """Seal what nobody in the ward said, with a key of his own under the name of theirs."""
        key = self._keys.setdefault((kid, role), SigningKey.generate(kid, role))
        lasts_ms = 60_000
        envelope = Envelope(
            iss=iss,
            aud=aud,
            iat_ms=now_ms,
            exp_ms=now_ms + lasts_ms,
            epoch=1_000,
            seq=1_000_000,
            jti=new_jti(),
            body=body.payload(),
        )
        return seal_envelope(key, typ, envelope)


def typ_of(payload: bytes) -> str | None:
    """Return the kind of a sealed message, unchecked, or ``None`` when it is not one."""
    try:
        typ = _decoded(payload.split(b".")[0]).get("typ")
    except (ValueError, AttributeError):
        return None
    return typ if isinstance(typ, str) else None


def altered(sealed: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Change the envelope of a good message and keep its signature."""
    head, payload, signature = sealed.split(b".")
    envelope = _decoded(payload)
    change(envelope)
    return b".".join([head, _encoded(envelope), signature])


def unsigned(sealed: bytes) -> bytes:
    """Say that there is no signature to check (``alg: none``), and leave it out."""
    head, payload, _ = sealed.split(b".")
    return b".".join([_encoded(_decoded(head) | {"alg": "none"}), payload, b""])


def renamed(sealed: bytes, typ: str) -> bytes:
    """Call a good message another kind."""
    head, payload, signature = sealed.split(b".")
    return b".".join([_encoded(_decoded(head) | {"typ": typ}), payload, signature])


def _decoded(part: bytes) -> dict[str, Any]:
    decoded = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    if not isinstance(decoded, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the content is wrong, not the caller's type
    return decoded


def _encoded(value: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=")
