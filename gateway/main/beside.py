"""Việc làm bên cạnh: notices what ``loa enrol`` did in the data folder while the gateway runs, and follows at once.

A stolen pole is revoked at the command line of the office machine; that must hold within seconds, not at the next
restart. The command writes the store and the key folder; this looks at both.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from devices.clock import Clock
from devices.clusters import Keyring, load_keyring
from gateway.ports.store import Enrolments
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0


class Beside:
    """Compares what is there with what it saw last."""

    def __init__(
        self,
        *,
        enrolments: Enrolments,
        keys: Path,
        version: int,
        roll_changed: Callable[[], Awaitable[None]],
        keys_changed: Callable[[Keyring], Awaitable[None]],
        clock: Clock,
    ) -> None:
        """``version``: of the key list that is in use now."""
        self._enrolments = enrolments
        self._keys = keys
        self._version = version
        self._roll_changed = roll_changed
        self._keys_changed = keys_changed
        self._clock = clock
        self._roll: frozenset[tuple[str, str, bool]] | None = None

    async def load(self) -> None:
        """Note who is enrolled. Before those who keep a list of it read theirs."""
        self._roll = await self._read_roll()

    async def run(self, beat: Beat = no_beat) -> None:
        """Look until cancelled."""
        while True:
            beat()
            await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Look once.

        Raises:
            StoreFailed, SealBroken, OSError: the store or the key list cannot be read; tried again, and health says it.
        """
        roll = await self._read_roll()
        if roll != self._roll:
            logger.info("the roll of enrolled poles changed")
            await self._roll_changed()
            self._roll = roll
        ring = await asyncio.to_thread(load_keyring, self._keys)
        if ring.version != self._version:
            logger.info("the key list is version %d now; sealing with %s", ring.version, ring.gateway().kid)
            await self._keys_changed(ring)
            self._version = ring.version

    async def _read_roll(self) -> frozenset[tuple[str, str, bool]]:
        identities = await self._enrolments.identities()
        return frozenset((each.cluster, each.kid, each.revoked_at is None) for each in identities)
