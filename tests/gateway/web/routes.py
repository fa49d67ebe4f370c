"""Every route of the application, with what it asks of whoever calls it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from gateway.domain.people import Permission
from gateway.web.app import assemble
from gateway.web.auth import SAFE_METHODS, May

NAMES = {
    "cluster": "kp1-01",
    "zone": "kp1",
    "sha256": "0" * 64,
    "asset": "0" * 64,
    "occ": "lich-1@2026-10-08T05:30:00+07:00",
}


@dataclass(frozen=True)
class Door:
    """One method of one route."""

    method: str
    template: str
    session: bool
    permissions: frozenset[Permission]
    """Any one of them opens it; none asks for a session only."""

    @property
    def path(self) -> str:
        """With something well formed in every place."""
        return re.sub(r"{(\w+)}", lambda found: NAMES.get(found[1], "x-1"), self.template)

    @property
    def safe(self) -> bool:
        return self.method in SAFE_METHODS

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


def doors(app: FastAPI | None = None) -> list[Door]:
    """List them all; ``app`` defaults to the product's."""
    return [door for route in iter_route_contexts((app or assemble()).routes) for door in _doors(route)]


def _doors(route: RouteContext) -> Iterator[Door]:
    dependant = getattr(route, "dependant", None)
    asks = [] if dependant is None else [each for each in _dependencies(dependant) if isinstance(each, May)]
    for method in sorted(route.methods or ()):
        permissions = frozenset(permission for may in asks for permission in may.permissions)
        yield Door(method, route.path or "", bool(asks), permissions)


def _dependencies(dependant: Dependant) -> Iterator[object]:
    for sub in dependant.dependencies:
        yield sub.call
        yield from _dependencies(sub)
