"""How services reach loudspeaker clusters: sealed documents down, verified reports up.

The bodies are the wire's own message types: a second set of the same shapes would only drift (ADR 0005).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from devices.model import ClusterId, ZoneId
from devices.wire.base import Wire
from devices.wire.commands import Command
from devices.wire.reports import Ack, AssetReport, Birth, Death, JournalEntry, Telemetry


@dataclass(frozen=True)
class To:
    """Whom a message is sealed for: one cluster, one zone, or (both ``None``) the whole ward."""

    cluster: ClusterId | None = None
    zone: ZoneId | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """One message of a cluster whose seal held."""

    cluster: ClusterId
    body: Birth | Death | Ack | AssetReport | Telemetry | JournalEntry
    sealed: bytes
    """The bytes as they came: the journal keeps them, so that anyone can check the seal again."""
    retained: bool
    received_ms: int


class Hears(Protocol):
    """What the driver tells."""

    async def on_report(self, report: Report) -> None: ...

    async def on_refused(self, cluster: ClusterId | None, reason: str) -> None:
        """A message whose seal did not hold, or that fits no topic: somebody is probing, or a key is wrong."""
        ...

    async def on_up(self) -> None:
        """The broker is there (again): everything retained is to be published again."""
        ...

    async def on_down(self) -> None: ...


class Clusters(Protocol):
    """The driver."""

    @property
    def connected(self) -> bool: ...

    def trust(self, keys: Sequence[tuple[ClusterId, str, str]]) -> None:
        """Believe these ``(cluster, kid, public key)`` from now on, and no others."""
        ...

    def seal_document(self, kind: str, to: To, body: Wire, *, epoch: int, seq: int, now_ms: int) -> bytes:
        """Seal a ``config``, ``plan`` or ``silence``."""
        ...

    async def publish_document(self, kind: str, to: To, sealed: bytes) -> None:
        """Publish it retained, and wait for the broker.

        Raises:
            LinkDown, NotDelivered: it is kept by the caller and published again on the next ``on_up``.
        """
        ...

    async def command(self, typ: str, to: To, body: Command, *, jti: str, now_ms: int, exp_ms: int, epoch: int) -> None:
        """Seal with the gateway key and send, not retained.

        Raises:
            LinkDown, NotDelivered: not sent, or nobody knows; never queued.
        """
        ...

    async def acknowledge_journal(self, cluster: ClusterId, upto: int, *, now_ms: int) -> None: ...

    async def resync_journal(self, cluster: ClusterId, from_n: int, *, now_ms: int) -> None: ...


class EmergencyVoice(Protocol):
    """The emergency key's holder, on a connection of its own. Each use is unlocked by a PIN, and locked again."""

    async def send(self, typ: str, body: Command, *, pin: str, jti: str, now_ms: int, exp_ms: int, epoch: int) -> bytes:
        """Seal and send to the whole ward; return the sealed bytes, to be repeated until ``exp_ms``.

        Raises:
            SealBroken: ``wrong_pin``.
            LinkDown, NotDelivered: the first copy did not go out.
        """
        ...

    async def repeat(self, sealed: bytes, to: To) -> None:
        """Send the same bytes again (same ``jti``), to the ward or to one cluster that came online."""
        ...
