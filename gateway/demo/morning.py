"""Sáng thứ năm: the ward's clock starts at 05:29, the poles wake, and at 05:30 everybody hears the same."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from devices.clock import epoch_ms, instant
from devices.model import ClusterId, OccurrenceId, Outcome, Proof
from gateway.domain.plan import Broadcast
from gateway.main.gateway import Gateway
from gateway.ports.records import PlannedPlay, User
from simulators.ward import SimulatedWard

Say = Callable[[str], None]
POLL_S = 0.25
PROOF_PATIENCE_S = 30.0
"""Journals come within a second of the end; what takes longer is not on its way."""


@dataclass(frozen=True)
class Row:
    """What became of the airtime on one cluster."""

    cluster: ClusterId
    planned_at: datetime
    started_at: datetime | None
    error_ms: float | None
    duration_ms: int
    lufs: float
    outcome: Outcome | None
    proof: Proof

    def as_json(self, zone: ZoneInfo) -> dict[str, Any]:
        """Return the row as ``loa demo --json`` prints it; times are local, with offset."""

        def local(at: datetime | None) -> str | None:
            return at.astimezone(zone).isoformat(timespec="milliseconds") if at is not None else None

        return {
            "cluster": self.cluster,
            "planned_at": local(self.planned_at),
            "started_at": local(self.started_at),
            "error_ms": self.error_ms,
            "duration_ms": self.duration_ms,
            "lufs": self.lufs,
            "outcome": self.outcome.value if self.outcome is not None else None,
            "proof": self.proof.value,
        }


def proven(rows: list[Row]) -> bool:
    """Tell whether every cluster is proven to have played it whole."""
    return bool(rows) and all(row.outcome is Outcome.PLAYED and row.proof is not Proof.NONE for row in rows)


async def enrol(gateway: Gateway, poles: SimulatedWard, technician: User) -> None:
    """Give every pole its one-time code, and have it enrol over HTTP as a real one does."""
    codes: Mapping[ClusterId, str] = {
        cluster: (await gateway.enrolment.offer(technician, cluster)).code
        for cluster in sorted(gateway.parts.fleet.controllable - gateway.parts.fleet.enrolled)
    }
    await poles.enrol(codes)


async def wait_ready(gateway: Gateway, say: Say) -> Broadcast:
    """Wait until every cluster holds the coming airtime with all its audio, or until it begins."""
    told = -1
    while True:
        coming = gateway.parts.readiness.coming(timedelta(days=7))
        if coming:
            report = coming[0]
            if report.will_play_alone != told:
                told = report.will_play_alone
                say(f"  {told}/{report.total} cụm sẽ phát dù mất mạng")
            if told == report.total or report.broadcast.start <= instant(gateway.clock.now_ms()):
                return report.broadcast
        await asyncio.sleep(POLL_S)


async def wait_outcomes(gateway: Gateway, broadcast: Broadcast) -> list[Row]:
    """Wait for the end of ``broadcast`` and for its proofs; return a row per cluster."""
    end_ms = epoch_ms(broadcast.end)
    give_up_ms = end_ms + PROOF_PATIENCE_S * 1000
    while True:
        plays = await _plays(gateway, broadcast.id)
        settled = sum(play.outcome is not None for play in plays)
        now_ms = gateway.clock.now_ms()
        if now_ms >= give_up_ms or (now_ms >= end_ms and plays and settled == len(plays)):
            return await _rows(gateway, plays)
        await asyncio.sleep(POLL_S)


async def _plays(gateway: Gateway, occ: OccurrenceId) -> list[PlannedPlay]:
    now = instant(gateway.clock.now_ms())
    a_day = timedelta(days=1)
    plays = await gateway.store.proofs.plays(since=now - a_day, until=now + a_day)
    return sorted((play for play in plays if play.occ == occ), key=lambda play: play.cluster)


async def _rows(gateway: Gateway, plays: list[PlannedPlay]) -> list[Row]:
    return [
        Row(
            cluster=play.cluster,
            planned_at=play.start_at,
            started_at=play.started_at,
            error_ms=play.start_error_ms,
            duration_ms=play.heard_ms,
            lufs=await _lufs(gateway, play),
            outcome=play.outcome,
            proof=play.proof,
        )
        for play in plays
    ]


async def _lufs(gateway: Gateway, play: PlannedPlay) -> float:
    """Return the loudness of what the programme says, as measured on the mastered files: mean, weighted by length."""
    heard = [audio for asset in play.assets if (audio := await gateway.store.audio.get(asset)) is not None]
    whole_ms = sum(audio.duration_ms for audio in heard)
    return round(sum(audio.lufs * audio.duration_ms for audio in heard) / whole_ms, 1) if whole_ms else 0.0
