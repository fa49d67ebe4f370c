"""Sổ bản tin: reading one and keeping one, with its line in the audit log and the news of it, in one place."""

from collections.abc import Callable
from typing import Any

from devices.clock import Clock, instant
from gateway.domain.bulletin import Bulletin
from gateway.domain.errors import NotFound, Stale
from gateway.domain.ids import BulletinId
from gateway.ports.records import AuditNote
from gateway.ports.store import Bulletins
from gateway.services.bus import Bus
from gateway.services.events import ContentChanged


class BulletinBook:
    """Every change of a bulletin goes through here."""

    def __init__(self, *, bulletins: Bulletins, changed: Callable[[str], None], bus: Bus, clock: Clock) -> None:
        """``changed`` is told after every step: plans may say something else now."""
        self._bulletins = bulletins
        self._changed = changed
        self._bus = bus
        self._clock = clock

    async def get(self, bulletin: BulletinId, *, was_revision: int | None = None) -> Bulletin:
        """Return one bulletin; with ``was_revision``, only if it is still as the person saw it.

        Raises:
            NotFound
            Stale: somebody changed it meanwhile.
        """
        found = await self._bulletins.get(bulletin)
        if found is None:
            raise NotFound(f"Không có bản tin “{bulletin}”.", f"No bulletin “{bulletin}”.")
        if was_revision is not None and found.revision != was_revision:
            raise Stale("Bản tin đã được người khác sửa. Hãy tải lại.", "Somebody changed it meanwhile. Load it again.")
        return found

    async def save(self, after: Bulletin, before: Bulletin | None, action: str, actor: str, **detail: Any) -> Bulletin:
        """Keep a step; nothing happens when it is none.

        Raises:
            Stale: somebody else changed it meanwhile.
            StoreFailed
        """
        if after == before:
            return after
        note = AuditNote(
            actor=actor,
            action=action,
            subject=after.id,
            at=instant(self._clock.now_ms()),
            detail={"revision": after.revision, **detail},
        )
        await self._bulletins.save(after, was_revision=before.revision if before else None, note=note)
        self._changed(action)
        self._bus.publish(ContentChanged(what="bulletin", id=after.id, state=after.state))
        return after
