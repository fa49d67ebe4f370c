"""A bulletin that was heard on the ward's loudspeakers, as its rows say."""

from datetime import timedelta
from typing import Any

from devices.clock import instant
from devices.model import AssetId, ClusterId, OccurrenceId, Outcome, Proof
from gateway.ports.records import PlannedPlay
from tests.gateway.web.work import approved
from tests.gateway.web.world import POLES, World


async def heard(world: World, n: int = 1, **changes: Any) -> str:
    """Approve a bulletin, let an airtime of it be heard on every pole, and return its id."""
    bulletin = await approved(world)
    await world.store.proofs.settle([play(world, bulletin, pole, n, **changes) for pole in POLES])
    await world.clock.advance(3600)
    return str(bulletin["id"])


def play(world: World, bulletin: dict[str, Any], pole: ClusterId, n: int = 1, **changes: Any) -> PlannedPlay:
    start = instant(world.clock.now_ms()) + timedelta(minutes=30)
    fields: dict[str, Any] = {
        "occ": OccurrenceId(f"sang-{n}@{start.isoformat()}"),
        "cluster": pole,
        "schedule": None,
        "title": "Bản tin sáng",
        "priority": "routine",
        "start_at": start,
        "duration_ms": 60_000,
        "bulletins": (bulletin["id"],),
        "assets": (AssetId(bulletin["audio"]["asset"]),),
        "outcome": Outcome.PLAYED,
        "proof": Proof.AMPLIFIER,
        "heard_ms": 60_000,
        "journal_n": 7,
    }
    return PlannedPlay(**{**fields, **changes})
