"""Lịch trên điện thoại: each person's own secret link to the schedule, for calendar programs that cannot sign in.

The link reads the schedule and nothing else. Only its hash is kept; a new link ends the old one, and a closed account
ends it too.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from secrets import token_urlsafe

from devices.clock import Clock, instant
from gateway.domain.errors import NotFound
from gateway.domain.people import Permission, permissions_of
from gateway.domain.plan import Broadcast
from gateway.ports.records import AuditNote
from gateway.ports.store import Accounts, Values
from gateway.services.actor import Actor
from gateway.services.programming import Programming

DAYS = 60
"""How far ahead a calendar sees."""
_BACK = timedelta(days=7)
_LINKS = "calendar.links"


class CalendarFeed:
    """Hands out links, and what is behind them."""

    def __init__(self, *, values: Values, accounts: Accounts, programming: Programming, clock: Clock) -> None:
        self._values = values
        self._accounts = accounts
        self._programming = programming
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def has_link(self, by: Actor) -> bool:
        """Tell whether this person has one now."""
        return by.id in await self._links()

    async def new_link(self, *, by: Actor) -> str:
        """Return the secret of a new link, shown once; an earlier one is void from now on.

        Raises:
            StoreFailed
        """
        secret = token_urlsafe(24)
        await self._change(by, _hash(secret), "calendar.link")
        return secret

    async def end_link(self, *, by: Actor) -> None:
        """Void this person's link.

        Raises:
            StoreFailed
        """
        if await self.has_link(by):
            await self._change(by, None, "calendar.unlink")

    async def behind(self, secret: str) -> Sequence[Broadcast]:
        """Return what the link shows: last week and the coming weeks.

        Raises:
            NotFound: there is no such link, or its owner may no longer read.
        """
        asked = _hash(secret)
        links = await self._links()
        owner = next((user for user, kept in links.items() if hmac.compare_digest(kept, asked)), None)
        users = {user.id: user for user in await self._accounts.users()} if owner is not None else {}
        user = next((each for name, each in users.items() if name == owner), None)
        if user is None or Permission.READ not in permissions_of(user):
            raise NotFound("Liên kết lịch này không còn hiệu lực.", "This calendar link is void.", code="void_link")
        since = instant(self._clock.now_ms()) - _BACK
        return await self._programming.forecast(DAYS + _BACK.days, since=since)

    async def _links(self) -> dict[str, str]:
        return dict(await self._values.get(_LINKS) or {})

    async def _change(self, by: Actor, hashed: str | None, action: str) -> None:
        async with self._one_at_a_time:
            links = await self._links()
            links.pop(by.id, None)
            if hashed is not None:
                links[by.id] = hashed
            at = instant(self._clock.now_ms())
            await self._values.set(_LINKS, links, note=AuditNote(actor=by.id, action=action, subject=by.id, at=at))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
