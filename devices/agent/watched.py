"""Có người trông: one job on the player, with somebody beside it, and a stop that means stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from devices.agent.floor import Claim
from devices.agent.ports import Job, Sounded
from devices.agent.studio import Studio
from devices.errors import CardFailed

logger = logging.getLogger(__name__)

INSIST_S = 2.0
"""How long a player may take to fall silent."""


async def play_watched(studio: Studio, job: Job, claim: Claim, tend: Callable[[], Awaitable[None]]) -> Sounded:
    """Play ``job`` for ``claim`` while ``tend`` watches over it.

    A player that goes on after a stop is broken off: somebody else may have to warn of a flood.

    Raises:
        CardFailed: the card failed, or the player did not stop when it was told to.
    """
    stopped = asyncio.Event()

    def stop() -> None:
        studio.player.stop()
        stopped.set()

    async def insist() -> None:
        await stopped.wait()
        await studio.board.clock.sleep(INSIST_S)
        logger.error("%s: the player does not stop, and is broken off", job.name)
        playing.cancel()

    playing = asyncio.ensure_future(studio.player.play(job))
    watching = [asyncio.ensure_future(tend()), asyncio.ensure_future(insist())]
    try:
        await asyncio.sleep(0)  # now the player has begun, and can be stopped
        claim.stop = stop
        if claim.cut is not None:
            stop()
        await asyncio.wait({playing})
    finally:
        claim.stop = _nothing_sounds
        for task in (playing, *watching):
            task.cancel()
        _, *ends = await asyncio.gather(playing, *watching, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                logger.error("%s: nobody watched over it", job.name, exc_info=end)
    if playing.cancelled():
        studio.faults.add("player_stuck")
        raise CardFailed("the player did not stop")
    return playing.result()


def _nothing_sounds() -> None:
    """Stand in for the player's stop while this play is not on the card."""
