"""Danh bạ cụm đã ghi danh: who may come in at the broker, and what becomes of a pole whose name is taken from it."""

import logging

from gateway.domain.errors import StoreFailed
from gateway.main.broker import SetAccounts
from gateway.main.parts import Parts
from gateway.store.opening import Store

logger = logging.getLogger(__name__)


class Roll:
    """One per gateway. ``accounts`` is what the broker knows: ``name -> hash``."""

    def __init__(self, store: Store, accounts: dict[str, str]) -> None:
        self._store = store
        self.accounts = accounts

    @classmethod
    async def read(cls, store: Store) -> "Roll":
        """Read it as it stands.

        Raises:
            StoreFailed
        """
        return cls(store, await _accounts(store))

    async def follow(self, parts: Parts, set_accounts: SetAccounts) -> None:
        """Tell everybody who keeps a list of the enrolled poles. Who leaves and is there is told to be silent first.

        Raises:
            StoreFailed: nothing follows yet; call again.
        """
        before, self.accounts = self.accounts, await _accounts(self._store)
        leaving = {each for each in parts.fleet.enrolled if self.accounts.get(each) != before.get(each)}
        try:
            await parts.config_desk.farewell({each for each in leaving if parts.monitor.get(each).online})
        except StoreFailed as error:
            logger.error("%s leave without being told: %s", sorted(leaving), error)  # noqa: TRY400 - the disk is known
        await set_accounts(self.accounts)
        await parts.ward_changes.follow()


async def _accounts(store: Store) -> dict[str, str]:
    identities = await store.enrolments.identities()
    return {each.cluster: each.broker_password_hash for each in identities if each.revoked_at is None}
