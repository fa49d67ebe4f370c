"""Nghe lại: what the public page offers, looked up once a minute however many strangers ask."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.clock import Clock, instant
from devices.model import AssetId, ZoneId
from gateway.domain.aired import Aired, aired_again
from gateway.domain.category import Category
from gateway.domain.errors import NotFound
from gateway.domain.ids import BulletinId, CategoryId
from gateway.domain.targets import Registry
from gateway.ports.records import StoredAudio
from gateway.ports.store import Audio, Bulletins, Inventory, Proofs

FRESH_S = 60.0
"""How old the answer may be: what is withdrawn is gone within it."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Everything that may be listened to again at one moment."""

    at: datetime
    aired: tuple[Aired, ...]
    files: Mapping[AssetId, StoredAudio]
    categories: Mapping[CategoryId, Category]
    zones: Mapping[ZoneId, str]

    def get(self, bulletin: BulletinId) -> Aired:
        """Return one.

        Raises:
            NotFound: it is not offered (any more); a stranger is not told whether it ever was.
        """
        for each in self.aired:
            if each.id == bulletin:
                return each
        raise NotFound("Không có bản tin này để nghe lại.", "There is no such bulletin to listen to.")


class ListenAgain:
    """The offer, and how old it is."""

    def __init__(
        self, *, proofs: Proofs, bulletins: Bulletins, inventory: Inventory, audio: Audio, clock: Clock, days: int
    ) -> None:
        """``days``: how long after it was last heard a bulletin stays."""
        self._proofs = proofs
        self._bulletins = bulletins
        self._inventory = inventory
        self._audio = audio
        self._clock = clock
        self._days = days
        self._made_ns = 0
        self._offer: Offer | None = None
        self._making = asyncio.Lock()

    async def offer(self) -> Offer:
        """Return what is offered now, at most a minute old."""
        async with self._making:
            now_ns = self._clock.mono_ns()
            if self._offer is None or now_ns - self._made_ns >= FRESH_S * 1e9:
                self._offer, self._made_ns = await self._look(), now_ns
            return self._offer

    async def _look(self) -> Offer:
        now = instant(self._clock.now_ms())
        plays = await self._proofs.plays(since=now - timedelta(days=self._days), until=now)
        bulletins = {each.id: each for each in await self._bulletins.all()}
        zones, clusters = await self._inventory.zones(), await self._inventory.clusters()
        registry = Registry.of(list(zones), list(clusters))
        aired = await asyncio.to_thread(aired_again, plays, bulletins, registry)
        wanted = {each.asset for each in aired}
        files = {each.asset: each for each in await self._audio.all() if each.asset in wanted}
        return Offer(
            at=now,
            aired=tuple(each for each in aired if each.asset in files),
            files=files,
            categories={each.id: each for each in await self._inventory.categories()},
            zones={zone.id: zone.name for zone in zones},
        )
