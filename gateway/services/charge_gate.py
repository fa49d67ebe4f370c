"""Cửa ra: nothing leaves for the poles from a gateway that stands by, but the order to be silent."""

from collections.abc import Callable, Sequence

from devices.errors import LinkDown
from devices.model import ClusterId
from devices.wire.base import Wire
from devices.wire.commands import Command
from gateway.ports.clusters import Clusters, EmergencyVoice, To

Leads = Callable[[], bool]


class GatedClusters:
    """The driver, for as long as this gateway is in charge. Fits :class:`gateway.ports.clusters.Clusters`."""

    def __init__(self, inner: Clusters, leads: Leads) -> None:
        self._inner = inner
        self._leads = leads

    @property
    def connected(self) -> bool:
        return self._inner.connected and self._leads()

    def trust(self, keys: Sequence[tuple[ClusterId, str, str]]) -> None:
        self._inner.trust(keys)

    def seal_document(self, kind: str, to: To, body: Wire, *, epoch: int, seq: int, now_ms: int) -> bytes:
        return self._inner.seal_document(kind, to, body, epoch=epoch, seq=seq, now_ms=now_ms)

    async def publish_document(self, kind: str, to: To, sealed: bytes) -> None:
        """IM LẶNG passes always: who stands by sends it only when a person presses it."""
        if kind != "silence":
            _expect(self._leads)
        await self._inner.publish_document(kind, to, sealed)

    async def command(self, typ: str, to: To, body: Command, *, jti: str, now_ms: int, exp_ms: int, epoch: int) -> None:
        _expect(self._leads)
        await self._inner.command(typ, to, body, jti=jti, now_ms=now_ms, exp_ms=exp_ms, epoch=epoch)

    async def acknowledge_journal(self, cluster: ClusterId, upto: int, *, now_ms: int) -> None:
        _expect(self._leads)
        await self._inner.acknowledge_journal(cluster, upto, now_ms=now_ms)

    async def resync_journal(self, cluster: ClusterId, from_n: int, *, now_ms: int) -> None:
        _expect(self._leads)
        await self._inner.resync_journal(cluster, from_n, now_ms=now_ms)


class GatedVoice:
    """The emergency key's holder, for as long as this gateway is in charge."""

    def __init__(self, inner: EmergencyVoice, leads: Leads) -> None:
        self._inner = inner
        self._leads = leads

    async def send(self, typ: str, body: Command, *, pin: str, jti: str, now_ms: int, exp_ms: int, epoch: int) -> bytes:
        _expect(self._leads)
        return await self._inner.send(typ, body, pin=pin, jti=jti, now_ms=now_ms, exp_ms=exp_ms, epoch=epoch)

    async def repeat(self, sealed: bytes, to: To) -> None:
        _expect(self._leads)
        await self._inner.repeat(sealed, to)


def _expect(leads: Leads) -> None:
    if not leads():
        raise LinkDown("another gateway of this ward is in charge, or it is not known yet")
