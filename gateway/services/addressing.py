"""Gửi tới ai: the fewest messages that reach the clusters meant. Pure.

A cluster without a trusted clock obeys only what names this boot's nonce, so it is written to by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from devices.model import ClusterId
from gateway.domain.targets import Registry, Targets
from gateway.ports.clusters import To
from gateway.services.presence import Live


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message: to whom it is sealed, and which clusters are to obey it."""

    to: To
    clusters: frozenset[ClusterId]
    nonce: str | None = None


def letters(
    targets: Targets, registry: Registry, enrolled: frozenset[ClusterId], lives: Iterable[Live]
) -> list[Letter]:
    """Address ``targets``: the whole ward in one message, a zone in one, and single clusters one each."""
    meant = targets.reach(registry) & enrolled
    nonces = {live.cluster: live.nonce for live in lives if live.cluster in meant and _needs_nonce(live)}
    shared = meant - nonces.keys()
    found: list[Letter] = []
    if targets.everywhere and shared:
        found.append(Letter(to=To(), clusters=shared))
        shared = frozenset()
    for zone in sorted(targets.zones):
        members = frozenset(name for name in shared if registry.clusters[name].zone == zone)
        if members:
            found.append(Letter(to=To(zone=zone), clusters=members))
        shared -= members
    found += [Letter(to=To(cluster=name), clusters=frozenset({name})) for name in sorted(shared)]
    found += [Letter(to=To(cluster=name), clusters=frozenset({name}), nonce=nonces[name]) for name in sorted(nonces)]
    return found


def _needs_nonce(live: Live) -> bool:
    return live.clock is not None and not live.clock.trusted and live.nonce is not None
