"""Người thực hiện: as much of a person as a service needs to know; a stored account fits by shape."""

from typing import Protocol

from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role, User, permissions_of


class Actor(Protocol):
    """Who asks for something to be done, in which roles."""

    @property
    def id(self) -> UserId: ...

    @property
    def roles(self) -> frozenset[Role]: ...

    @property
    def active(self) -> bool: ...


def may(actor: Actor, permission: Permission) -> bool:
    """Tell whether ``actor`` has ``permission``."""
    return permission in permissions_of(actor)


def lender(actor: Actor, permission: Permission) -> UserId | None:
    """Return on whose behalf ``actor`` uses ``permission``: ``None`` when it is their own."""
    own = any(permission in role.permissions for role in actor.roles)
    return None if own or not isinstance(actor, User) else actor.lent.get(permission)
