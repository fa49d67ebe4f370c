"""Đổi khóa khi đang chạy: has all speak with the newest gateway key, and makes one above a list that poles hold."""

import asyncio
from pathlib import Path

from devices.clock import Clock
from devices.clusters import ClusterDriver, EmergencyDriver, Keyring, load_keyring
from devices.wire.documents import KeyList
from gateway.services.config_desk import ConfigDesk
from gateway.services.planner import Planner
from gateway.services.silence import SilenceSwitch


class NewKeys:
    """Between the key folder and those who seal: made before the services, and connected after them."""

    def __init__(self, *, folder: Path, driver: ClusterDriver, voice: EmergencyDriver, clock: Clock) -> None:
        self._folder = folder
        self._driver = driver
        self._voice = voice
        self._clock = clock
        self._told: tuple[ConfigDesk, Planner, SilenceSwitch] | None = None

    def connect(self, configs: ConfigDesk, planner: Planner, silence: SilenceSwitch) -> None:
        """Have their documents sealed anew after every change."""
        self._told = configs, planner, silence

    async def use(self, ring: Keyring) -> None:
        """Seal with the newest key from now on, and tell every pole of it.

        Raises:
            StoreFailed: the new key is in use, and the order to be silent was not sealed again.
        """
        self._driver.use_keyring(ring)
        self._voice.use_keyring(ring)
        if self._told is None:
            raise RuntimeError("nobody was connected to the keys")
        configs, planner, silence = self._told
        configs.changed("new gateway key", force=True)
        planner.changed("new gateway key", force=True)
        await silence.seal_again()

    async def renew_above(self, proven: KeyList) -> str:
        """Announce a new gateway key above ``proven``, and speak with it at once; return its name.

        Raises:
            SealBroken, OSError: the root key is not at hand, or the key folder is damaged.
            StoreFailed: as :meth:`use`.
        """
        now_ms = self._clock.now_ms()
        ring = await asyncio.to_thread(lambda: load_keyring(self._folder).renew_above(proven, now_ms=now_ms))
        await self.use(ring)
        return ring.gateway().kid
