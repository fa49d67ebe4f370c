"""Cấu hình cụm: issues each cluster's configuration when keys, rules, zone or technical settings change."""

import hashlib
import logging
from collections.abc import Callable, Collection

from devices.clock import Clock
from devices.model import ClusterId
from devices.wire.documents import ConfigBody, VolumeLimits
from gateway.services.fleet import Fleet
from gateway.services.publisher import Edition, Publisher, Whom
from gateway.services.rulebook import Rulebook
from gateway.services.supervisor import Beat, no_beat
from gateway.services.technical import Workshop

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
_FAREWELL = "farewell"
"""Stands for the hash of its contents: whoever is on the roll again is told something else."""
FAREWELL_S, ASK_EVERY_S = 2.0, 0.05
"""How long a pole that leaves may take to say that it is silent: whoever takes its name waits as long."""


class ConfigDesk:
    """Owns no setting: it says what others decided, in the contract's words."""

    def __init__(
        self,
        *,
        fleet: Fleet,
        rulebook: Rulebook,
        workshop: Workshop,
        publisher: Publisher,
        sealed_keys: Callable[[], str],
        asset_base: str,
        zone: str,
        clock: Clock,
    ) -> None:
        """``publisher`` is the one of kind ``config``; ``sealed_keys`` gives the key list as the root key sealed it."""
        self._fleet = fleet
        self._rulebook = rulebook
        self._workshop = workshop
        self._publisher = publisher
        self._sealed_keys = sealed_keys
        self._asset_base = asset_base
        self._zone = zone
        self._clock = clock
        self._why: list[str] = ["start"]
        self._force = False

    def changed(self, why: str, *, force: bool = False) -> None:
        """Have configurations looked at again, soon. ``force``: issued even when they say the same."""
        self._why.append(why)
        self._force = self._force or force

    def reached(self) -> tuple[int, int]:
        """Return how many enrolled clusters said that they hold what was decided last, and how many there are."""
        enrolled = self._fleet.enrolled
        return (0 if self._why else sum(map(self._holds_newest, enrolled)), len(enrolled))

    def _holds_newest(self, cluster: ClusterId) -> bool:
        last = self._publisher.last(cluster)
        return last is not None and self._publisher.accepted(cluster) >= last.seq

    async def run(self, beat: Beat = no_beat) -> None:
        """Issue what changed, until cancelled."""
        while True:
            beat()
            if self._why:
                await self.issue()
            await self._clock.sleep(LOOK_EVERY_S)

    async def issue(self) -> int:
        """Issue every configuration that says something new; return how many.

        Raises:
            StoreFailed: what was not issued is tried again.
        """
        why, force = list(self._why), self._force
        groups: dict[str, tuple[ConfigBody, list[Whom]]] = {}
        for cluster in sorted(self._fleet.enrolled):
            body = self._body(cluster)
            content = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
            last = self._publisher.last(cluster)
            if force or last is None or last.content_hash != content:
                groups.setdefault(content, (body, []))[1].append(cluster)
        issued = await self._publisher.issue(
            [_edition(content, body, whom) for content, (body, whom) in groups.items()]
        )
        del self._why[: len(why)]
        self._force = self._force and not force
        if issued:
            logger.info("%d configurations issued: %s", issued, ", ".join(dict.fromkeys(why)))
        return issued

    async def farewell(self, leaving: Collection[ClusterId]) -> frozenset[ClusterId]:
        """Rời danh bạ: have poles that leave the roll fall silent for good; return which said so.

        Nobody would see or stop them any more, and they would speak for as long as their plan reaches.

        Raises:
            StoreFailed: nobody was told.
        """
        untold = sorted(each for each in leaving if not self._was_told(each))
        if not untold:
            return frozenset()
        bodies = ((each, self._body(each).model_copy(update={"maintenance": True})) for each in untold)
        await self._publisher.issue([_edition(_FAREWELL, body, [each]) for each, body in bodies])
        await self._publisher.send()
        until_ns = self._clock.mono_ns() + int(FAREWELL_S * 1e9)
        while not all(map(self._holds_newest, untold)) and self._clock.mono_ns() < until_ns:
            await self._clock.sleep(ASK_EVERY_S)
        silent = frozenset(filter(self._holds_newest, untold))
        logger.info("%d of %d poles that leave are silent", len(silent), len(untold))
        return silent

    def _was_told(self, cluster: ClusterId) -> bool:
        last = self._publisher.last(cluster)
        return last is not None and last.content_hash == _FAREWELL

    def _body(self, cluster: ClusterId) -> ConfigBody:
        technical = self._workshop.get(cluster)
        settings = technical.settings
        return ConfigBody(
            keys=self._sealed_keys(),
            policy=self._rulebook.sealed,
            zones=(self._fleet.registry.clusters[cluster].zone,),
            tz=self._zone,
            dac_offset_ms=settings.dac_offset_ms,
            amp_wake_ms=settings.amp_wake_ms,
            volume=VolumeLimits(default_percent=settings.default_percent, max_percent=settings.max_percent),
            maintenance=technical.maintenance.active,
            asset_base=self._asset_base,
            cache_mb=settings.cache_mb,
        )


def _edition(content: str, body: ConfigBody, whom: list[Whom]) -> Edition:
    return Edition(whom=whom, body=lambda _: body, content_hash=content)
