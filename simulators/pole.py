"""Cụm loa mô phỏng: the real program on a virtual board, with the real connection, and a truth of what it sounded.

Everything above the board's ports is the product's own code. A power cut ends the program without a goodbye; the next
boot finds only what stood in the pole's folder.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from devices.agent.agent import Agent
from devices.agent.assets import SPREAD_S
from devices.agent.identity import Identity
from devices.agent.ports import Decoder
from devices.agent.timebase import Timebase
from devices.agent.waiting import Bell, event_or_sleep
from devices.agent.wiring import broker_link
from devices.link import BrokerAddress, Link, Message, Subscription, Will
from devices.model import ClusterId
from simulators.board import RootTime, VirtualBoard
from simulators.disk import VirtualDisk
from simulators.faults import Fault, FaultKind, Faults
from simulators.sound_card import SoundedSpan, VirtualCard, VirtualPlayer
from simulators.wires import SharedPool

logger = logging.getLogger(__name__)

CRYSTAL_PPM = 20.0
"""How far a sound card's own crystal is off, at most."""
REBOOT_S = 2.0
MODEL = "virtual-30w"


@dataclass(frozen=True, kw_only=True)
class World:
    """What all poles of one process share."""

    root: RootTime
    decoder: Decoder
    pool: SharedPool
    store: Path | None = None
    """Verified audio, one copy for all; on the file system of the poles' folders."""
    through: BrokerAddress | None = None
    """Connect to this host and port instead of the identity's: a proxy that makes trouble. Without TLS only."""
    spread_s: float = SPREAD_S
    """Over how long the ward's poles spread their fetching."""
    capture: bool = False
    """Keep every sample that leaves a loudspeaker: 5.8 MB a minute and pole."""


class SimulatedPole:
    """One pole: :meth:`run` is everything that happens to it, power cuts included.

    ``faults`` may be added to at any time; use :meth:`suffer` for a power cut, which needs somebody to be woken.
    """

    def __init__(
        self, identity: Identity, *, folder: Path, world: World, seed: int | str, faults: Faults | None = None
    ) -> None:
        self.identity = identity
        self.folder = folder
        self.faults = faults if faults is not None else Faults()
        self.world = world
        self.board = VirtualBoard(world.root, seed, self.faults, model=MODEL)
        self.board.when_rebooted(self._reboot_ordered)
        crystal_ppm = random.Random(f"card/{seed}").uniform(-CRYSTAL_PPM, CRYSTAL_PPM)
        self.card = VirtualCard(self.board, ppm=crystal_ppm, capture=world.capture)
        self._switch = Bell()
        self._powered = True
        self.boots = 0
        self.crashes: list[Exception] = []
        """What broke the whole program, each time it did."""
        self._disk: VirtualDisk | None = None
        self._player: VirtualPlayer | None = None
        self._link: Link | None = None
        self._life: asyncio.Task[None] | None = None
        self.agent: Agent | None = None
        """The program of the present life, or of the last one."""

    # -- what can be seen of it --------------------------------------------------------------------------------------

    @property
    def cluster(self) -> ClusterId:
        return self.identity.cluster

    @property
    def powered(self) -> bool:
        return self._powered

    @property
    def is_up(self) -> bool:
        """Whether it is connected to the broker, subscribed and announced."""
        return self._powered and self._link is not None and self._link.is_up

    @property
    def why_down(self) -> str:
        if not self._powered:
            return "mất điện / no power"
        return self._link.why_down if self._link is not None else "not started"

    @property
    def playing(self) -> bool:
        """Whether a job has the card."""
        return self._powered and self._player is not None and self._player.playing

    def spans(self) -> list[SoundedSpan]:
        """Return what left this loudspeaker until now, in true time."""
        return self.card.spans()

    async def wait_up(self) -> None:
        """Wait until it is connected. Has no deadline of its own."""
        while True:
            rung, link = self._switch.next, self._link
            if link is None or not self._powered:
                await rung.wait()
                continue
            waits = {asyncio.ensure_future(link.wait_up()), asyncio.ensure_future(rung.wait())}
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in waits:
                    each.cancel()
            if link.is_up:
                return

    # -- what happens to it ------------------------------------------------------------------------------------------

    def suffer(self, fault: Fault) -> None:
        """Add a fault, a power cut included."""
        self.faults.add(fault)
        self._switch.ring()

    def power_cut(self) -> None:
        """Cut the power at this instant: silence, no goodbye, nothing more on the disk. Twice is once."""
        if not self._powered:
            return
        self._powered = False
        logger.info("%s loses its power", self.cluster)
        if self._link is not None:
            self._link.die()
        if self._disk is not None:
            self._disk.power_cut()
        if self._life is not None:
            self._life.cancel()
        self.card.power_cut()
        self._switch.ring()

    def power_on(self) -> None:
        """Give the power back: a new boot over the same folder."""
        if not self._powered:
            self._powered = True
            self._switch.ring()

    def drop_link(self) -> None:
        """Break the connection as a bad network does; the pole connects again by itself."""
        if self._link is not None:
            self._link.drop()

    async def run(self) -> None:
        """Live until cancelled, which is a shutdown with a goodbye. A program that breaks is started again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_faults(), name=f"{self.cluster} faults")
            group.create_task(self._live(), name=f"{self.cluster} power")

    async def _live(self) -> None:
        while True:
            rung = self._switch.next
            if not self._powered:
                await rung.wait()
                continue
            life = self._life = asyncio.create_task(self._one_life(), name=f"{self.cluster} life {self.boots + 1}")
            try:
                await asyncio.wait([life])
            finally:
                life.cancel()
                (end,) = await asyncio.gather(life, return_exceptions=True)
            if self._powered:
                self._note_end(end)
                await self.world.root.clock.sleep(REBOOT_S)

    async def _one_life(self) -> None:
        self.agent = self._boot()
        self._switch.ring()
        await self.agent.run()

    def _note_end(self, end: object) -> None:
        """Note why a program ended while there was power: told to reboot, or broken."""
        if isinstance(end, Exception):
            logger.error("%s broke; it boots again", self.cluster, exc_info=end)
            self.crashes.append(end)

    def _boot(self) -> Agent:
        """Put a new program on the board. Nothing of the life before is left but the folder and the truth."""
        world, board = self.world, self.board
        if self.boots:
            board.power_on()
        self.boots += 1
        timebase = Timebase(board.clock, board.ntp)
        disk = self._disk = VirtualDisk(self.folder, root=world.root, faults=self.faults, store=world.store)
        player = self._player = VirtualPlayer(self.card, world.decoder, board, pace=timebase.pace)
        return Agent(
            identity=self.identity,
            board=board,
            player=player,
            decoder=world.decoder,
            timebase=timebase,
            folder=self.folder,
            link=self._connect,
            http=world.pool.client(self.faults, world.root),
            disk=disk,
            spread_s=world.spread_s,
        )

    def _connect(
        self,
        *,
        client_id: str,
        subscriptions: Iterable[Subscription],
        will: Callable[[], Will | None],
        on_up: Callable[[], Awaitable[None]],
        on_message: Callable[[Message], Awaitable[None]],
    ) -> Link:
        through = self.world.through
        identity = self.identity
        if through is not None:
            identity = replace(identity, broker_host=through.host, broker_port=through.port)
        link = broker_link(identity)(
            client_id=client_id, subscriptions=subscriptions, will=will, on_up=on_up, on_message=on_message
        )
        if not isinstance(link, Link):
            raise TypeError(f"a pole's connection is a Link, not {link!r}")
        self._link = link
        return link

    def _reboot_ordered(self) -> None:
        if self._life is not None:
            self._life.cancel()

    async def _follow_faults(self) -> None:
        """Cut the power when the faults say so, and give it back."""
        root = self.world.root
        done_ms = root.utc_ms()
        while True:
            rung = self._switch.next
            cuts = (fault for fault in self.faults if fault.kind is FaultKind.POWER_CUT and fault.at_ms > done_ms)
            cut = next(cuts, None)
            if cut is None:
                await rung.wait()
            elif cut.at_ms > root.utc_ms():
                await event_or_sleep(rung, root.clock, (cut.at_ms - root.utc_ms()) / 1000)
            else:
                done_ms = cut.at_ms
                self.power_cut()
                await root.clock.sleep((cut.at_ms + cut.for_ms - root.utc_ms()) / 1000)
                self.power_on()
