"""Cả phường mô phỏng: many poles in one process, deterministic from a seed, and the truth of what each one sounded."""

import asyncio
import logging
import resource
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import httpx

from devices.agent.assets import SPREAD_S
from devices.agent.disk import Disk
from devices.agent.enrol import Enrolled, enrol
from devices.agent.identity import Identity, load_identity, save_identity
from devices.agent.sound.decoder import SharedDecoder, SoundFileDecoder
from devices.agent.wiring import sole_use
from devices.clock import Clock
from devices.errors import BadMessage, EnrolmentFailed
from devices.link import BrokerAddress
from devices.model import ClusterId
from devices.seal.enrolment import read_code
from simulators.board import RootTime
from simulators.chaos import CALM, Trouble, trouble_of
from simulators.faults import Faults
from simulators.pole import MODEL, SimulatedPole, World
from simulators.sound_card import SoundedSpan
from simulators.wires import SharedPool

logger = logging.getLogger(__name__)

CHUNK = 40
CHUNK_WAIT_S = 1.0
"""Poles come up in chunks, so that a thousand of them do not time out together. A chunk that is slow is not waited
for any longer than this: with no broker at all the ward still boots."""
ENROL_AT_ONCE = 4
"""A gateway lets five questions of one address wait for their answer; more look like guessing."""
FIRMWARE = "0.1.0"
FILES_PER_POLE = 3
FILES_OF_THE_PROCESS = 512


def no_faults(_cluster: ClusterId) -> Faults:
    """Return a pole on which nothing goes wrong."""
    return Faults()


class SimulatedWard:
    """The poles of one ward.

    ``clock`` is true time, for poles and gateway alike. ``folder`` keeps every pole's own folder: a second ward over
    the same one is the same poles after a power cut. ``through`` makes them connect to a proxy instead of the broker
    of their identities; faults of the line happen there: ``ChaosProxy(..., trouble=ward.trouble)``. Give identities
    with :meth:`adopt` or get them with :meth:`enrol`, then :meth:`run`.
    """

    def __init__(
        self,
        clusters: Iterable[ClusterId],
        *,
        clock: Clock,
        folder: Path,
        seed: int | str = 0,
        faults_for: Callable[[ClusterId], Faults] = no_faults,
        gateway_url: str | None = None,
        through: BrokerAddress | None = None,
        spread_s: float = SPREAD_S,
        capture: bool = False,
    ) -> None:
        self.clusters = tuple(clusters)
        self.root = RootTime(clock)
        self.poles: dict[ClusterId, SimulatedPole] = {}
        """By cluster, once they have identities."""
        self._folder = folder
        self._seed = seed
        self._faults_for = faults_for
        self._gateway_url = gateway_url
        self._identified = asyncio.Event()
        store = folder / "audio"
        store.mkdir(parents=True, exist_ok=True)
        self._world = World(
            root=self.root,
            decoder=SharedDecoder(SoundFileDecoder()),
            pool=SharedPool(),
            store=store,
            through=through,
            spread_s=spread_s,
            capture=capture,
        )

    def __getitem__(self, cluster: str) -> SimulatedPole:
        return self.poles[ClusterId(cluster)]

    # -- who they are ------------------------------------------------------------------------------------------------

    def adopt(self, identities: Iterable[Identity]) -> None:
        """Give poles their identities, however they came by them."""
        for identity in identities:
            self.poles[identity.cluster] = SimulatedPole(
                identity,
                folder=self._home(identity.cluster),
                world=self._world,
                seed=f"{self._seed}/{identity.cluster}",
                faults=self._faults_for(identity.cluster),
            )

    def keep(self, enrolled: Iterable[Enrolled]) -> None:
        """Give poles their identities and keep these in their folders, as after an enrolment.

        Raises:
            DiskFailed, OSError: one was not kept.
        """
        for each in enrolled:
            save_identity(each.identity, each.grant, self._home(each.identity.cluster), Disk(durable=False))
            self.adopt([each.identity])

    def connect_through(self, address: BrokerAddress) -> None:
        """Have every pole connect here from its next boot on, instead of to the broker of its identity."""
        self._world = replace(self._world, through=address)
        for pole in self.poles.values():
            pole.world = self._world

    def _home(self, cluster: ClusterId) -> Path:
        return self._folder / cluster

    def strangers(self) -> list[ClusterId]:
        """Adopt every identity that stands in a pole's folder; return the clusters that have none.

        Raises:
            EnrolmentFailed: one is damaged.
        """
        kept = {cluster: load_identity(self._home(cluster)) for cluster in self.clusters if cluster not in self.poles}
        self.adopt(identity for identity in kept.values() if identity is not None)
        return [cluster for cluster, identity in kept.items() if identity is None]

    async def enrol(self, codes: Mapping[ClusterId, str]) -> None:
        """Enrol every pole that has no identity yet, with its code, over HTTP as a real pole does.

        Raises:
            EnrolmentFailed: the gateway refused a code, cannot be reached or is not known, or a code is missing. What
                was enrolled until then stays so.
        """
        strangers = self.strangers()
        missing = [cluster for cluster in strangers if cluster not in codes]
        if missing:
            raise EnrolmentFailed(f"thiếu mã ghi danh / no code for: {', '.join(missing[:5])}")
        if strangers and self._gateway_url is None:
            raise EnrolmentFailed("không biết trung tâm nào để ghi danh / no gateway to enrol at")
        places = asyncio.Semaphore(ENROL_AT_ONCE)
        async with httpx.AsyncClient(trust_env=False) as http:
            asked = (self._enrol(http, cluster, codes[cluster], places) for cluster in strangers)
            answers = await asyncio.gather(*asked, return_exceptions=True)
        self.keep(answer for answer in answers if isinstance(answer, Enrolled))
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer

    async def _enrol(
        self, http: httpx.AsyncClient, cluster: ClusterId, text: str, places: asyncio.Semaphore
    ) -> Enrolled:
        try:
            code = read_code(text)
        except BadMessage as error:
            raise EnrolmentFailed(f"{cluster}: {error}") from error
        async with places:
            enrolled = await enrol(http, self._gateway_url or "", code, model=MODEL, firmware=FIRMWARE)
        if enrolled.identity.cluster != cluster:
            raise EnrolmentFailed(f"mã này là của cụm {enrolled.identity.cluster} / not the code of {cluster}")
        return enrolled

    # -- life --------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run every pole until cancelled; they come up in chunks.

        Raises:
            EnrolmentFailed: some have no identity.
            DeviceError: another process runs these poles.
        """
        strangers = self.strangers()
        if strangers:
            raise EnrolmentFailed(f"chưa ghi danh / not enrolled: {', '.join(strangers[:5])}")
        self._identified.set()
        with sole_use(self._folder), many_files(FILES_PER_POLE * len(self.poles) + FILES_OF_THE_PROCESS):
            try:
                async with asyncio.TaskGroup() as group:
                    for chunk in _chunks(self.poles.values(), CHUNK):
                        for pole in chunk:
                            group.create_task(pole.run(), name=f"{pole.cluster}")
                        await self._started(chunk)
            finally:
                await self._world.pool.aclose()

    async def _started(self, chunk: list[SimulatedPole]) -> None:
        try:
            async with asyncio.timeout(CHUNK_WAIT_S):
                await asyncio.gather(*(pole.wait_up() for pole in chunk))
        except TimeoutError:
            logger.info("%d of %d poles of this chunk are not up yet", sum(not p.is_up for p in chunk), len(chunk))

    async def wait_up(self) -> None:
        """Wait until every pole with power is connected. Has no deadline of its own."""
        await self._identified.wait()
        for pole in self.poles.values():
            if pole.powered:
                await pole.wait_up()

    # -- what can be seen of them ------------------------------------------------------------------------------------

    @property
    def connected(self) -> int:
        return sum(pole.is_up for pole in self.poles.values())

    @property
    def playing(self) -> int:
        return sum(pole.playing for pole in self.poles.values())

    def trouble(self, client: str) -> Trouble:
        """Return what the faults of a pole do to its line now: for the proxy the ward connects ``through``."""
        pole = self.poles.get(ClusterId(client))
        return trouble_of(pole.faults, self.root) if pole is not None else CALM

    def truth(self) -> dict[ClusterId, list[SoundedSpan]]:
        """Return what every loudspeaker sounded until now, in true time."""
        return {cluster: pole.spans() for cluster, pole in self.poles.items()}


@contextmanager
def many_files(needed: int) -> Iterator[None]:
    """Allow this process ``needed`` open files, as far as the machine lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        yield
        return
    granted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if granted < needed:
        logger.warning("only %d open files are allowed here; %d poles want %d", granted, needed, needed)
    resource.setrlimit(resource.RLIMIT_NOFILE, (granted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _chunks(poles: Iterable[SimulatedPole], size: int) -> Iterator[list[SimulatedPole]]:
    waiting = iter(list(poles))
    while chunk := list(islice(waiting, size)):
        yield chunk
