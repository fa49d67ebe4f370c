"""Lệnh Dừng còn hiệu lực: who sounds although a person stopped it, because the order did not reach that pole.

A pole without power or network does not hear Dừng; within its late limit it joins again when it is back. Only what had
begun when the order was given, or what the order named, is meant: the next broadcast is another decision.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from devices.clock import Clock, epoch_ms
from devices.model import ClusterId, OccurrenceId
from gateway.ports.records import PlannedPlay, StopOrder
from gateway.services.command_log import CommandLog
from gateway.services.monitor import Monitor

HEEDED_WITHIN_MS = 5_000
"""A pole that hears the order is silent, and has said so, long before."""
_STANDS_FOR = timedelta(hours=24)
"""Longer than any broadcast and any late limit."""
_Key = tuple[OccurrenceId, ClusterId]


class StandingStops:
    """One per gateway."""

    def __init__(self, *, log: CommandLog, monitor: Monitor, clock: Clock) -> None:
        self._log = log
        self._monitor = monitor
        self._clock = clock

    async def broken(self, sounding: Mapping[_Key, PlannedPlay]) -> dict[_Key, PlannedPlay]:
        """Return what of ``sounding`` a person has stopped there, and what was heard of that pole since says it is on.

        Raises:
            StoreFailed: it could not be read.
        """
        orders = await self._log.stops(within=_STANDS_FOR) if sounding else ()
        now_ms = self._monitor.witness.now_ms()  # the clock that orders carry
        standing: defaultdict[ClusterId, list[StopOrder]] = defaultdict(list)
        for order in orders:
            age_ms = now_ms - epoch_ms(order.at)
            if age_ms >= HEEDED_WITHIN_MS and self._heard_within(order.cluster, age_ms):
                standing[order.cluster].append(order)
        return {
            (occ, cluster): play
            for (occ, cluster), play in sounding.items()
            if any(_means(order, play) for order in standing.get(cluster, ()))
        }

    def _heard_within(self, cluster: ClusterId, age_ms: int) -> bool:
        heard_ms = self._monitor.get(cluster).heard_ms
        return heard_ms is not None and self._clock.now_ms() - heard_ms < age_ms


def _means(order: StopOrder, play: PlannedPlay) -> bool:
    return play.start_at <= order.at if order.occ is None else order.occ == play.occ
