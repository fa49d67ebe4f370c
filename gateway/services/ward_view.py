"""Phường lúc này: everything a forecast looks at, read together. Page, API and planner all begin here."""

import asyncio
from collections.abc import Iterable

from devices.model import AssetId
from gateway.domain.bulletin import Bulletin
from gateway.domain.ids import BulletinId
from gateway.domain.plan import Ward
from gateway.domain.programme import Programme
from gateway.domain.recording import Recording
from gateway.ports.store import Audio, Bulletins, Programmes, Schedules
from gateway.services.fleet import Fleet
from gateway.services.rulebook import Rulebook


class WardView:
    """Reads; keeps nothing."""

    def __init__(
        self,
        *,
        schedules: Schedules,
        programmes: Programmes,
        bulletins: Bulletins,
        audio: Audio,
        fleet: Fleet,
        rulebook: Rulebook,
    ) -> None:
        self._schedules = schedules
        self._programmes = programmes
        self._bulletins = bulletins
        self._audio = audio
        self._fleet = fleet
        self._rulebook = rulebook

    async def now(self, beside: Programme | None = None) -> Ward:
        """Return the ward as it stands; ``beside``: with this programme, new or in place of the one with its id.

        Raises:
            StoreFailed
        """
        # Side by side: each answer of the store waits its turn among everything else the gateway does.
        schedules, programmes, decisions = await asyncio.gather(
            self._schedules.all(), self._programmes.all(), self._schedules.decisions()
        )
        if beside is not None:
            programmes = [*(each for each in programmes if each.id != beside.id), beside]
        bulletins, recordings = await asyncio.gather(self._named_in(programmes), self._recordings_in(programmes))
        return Ward(
            schedules=tuple(schedules),
            programmes={programme.id: programme for programme in programmes},
            bulletins=bulletins,
            recordings=recordings,
            registry=self._fleet.registry,
            rules=self._rulebook.rules,
            decisions=tuple(decisions),
        )

    async def _named_in(self, programmes: Iterable[Programme]) -> dict[BulletinId, Bulletin]:
        """Read only what is on the air: the drawer of old bulletins grows for years."""
        names = {bulletin for programme in programmes for bulletin in programme.bulletins}
        found = await asyncio.gather(*(self._bulletins.get(name) for name in sorted(names)))
        return {bulletin.id: bulletin for bulletin in found if bulletin is not None}

    async def _recordings_in(self, programmes: Iterable[Programme]) -> dict[AssetId, Recording]:
        names = {asset for programme in programmes for asset in programme.recordings}
        found = await asyncio.gather(*(self._audio.get(name) for name in sorted(names)))
        return {audio.asset: audio.recording for audio in found if audio is not None}
