"""Người thực hiện: as much of a person as a service needs to know; a stored account fits by shape."""

from typing import Protocol

from gateway.domain.ids import UserId
from gateway.domain.people import Permission, Role, permissions_of


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
