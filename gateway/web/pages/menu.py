"""Thanh dưới và trang Thêm: which pages a person is shown the way to.

A place whose page does not exist yet is not shown; whose page a role may not open, neither.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.domain.people import Account, Permission, permissions_of


@dataclass(frozen=True, kw_only=True)
class Place:
    """One entry. ``key`` names its words (``nav.KEY``) and its icon."""

    key: str
    path: str
    permissions: frozenset[Permission] = frozenset({Permission.READ})
    """Any one of them."""


READ = frozenset({Permission.READ})
BAR: tuple[Place, ...] = (
    Place(key="today", path="/"),
    Place(key="bulletins", path="/bulletins"),
    Place(key="schedule", path="/schedule"),
    Place(key="devices", path="/devices"),
    Place(key="reports", path="/reports"),
    Place(key="more", path="/more"),
)
"""The bottom bar: six at most, or thumbs miss."""
MORE: tuple[Place, ...] = (
    Place(key="approvals", path="/approvals", permissions=frozenset({Permission.APPROVE})),
    Place(key="recordings", path="/recordings"),
    Place(key="board", path="/board"),
    Place(key="emergency", path="/emergency", permissions=frozenset({Permission.EMERGENCY})),
    Place(key="alarms", path="/alarms"),
    Place(key="alerts", path="/alerts"),
    Place(key="tickets", path="/tickets"),
    Place(key="lexicon", path="/lexicon"),
    Place(key="policy", path="/policy"),
    Place(key="users", path="/users", permissions=frozenset({Permission.MANAGE_USERS})),
    Place(key="audit", path="/audit", permissions=frozenset({Permission.READ_AUDIT})),
    Place(key="me", path="/me", permissions=frozenset()),
    Place(key="status", path="/status"),
)


class Menu:
    """What is there, of what may be shown."""

    def __init__(self, paths: Iterable[str]) -> None:
        """``paths``: every path of the application."""
        self._there = frozenset(paths)

    def has(self, path: str) -> bool:
        """Tell whether the application has a page at ``path``."""
        return path in self._there

    def bar(self, account: Account) -> list[Place]:
        """Return the bottom bar of ``account``."""
        return self._of(BAR, account)

    def more(self, account: Account) -> list[Place]:
        """Return the rest."""
        return self._of(MORE, account)

    def _of(self, places: tuple[Place, ...], account: Account) -> list[Place]:
        rights = permissions_of(account)
        return [
            place
            for place in places
            if place.path in self._there and (not place.permissions or place.permissions & rights)
        ]
