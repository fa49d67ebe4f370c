"""Một máy điều khiển: of several gateways that run on one ward's data, one plans and orders; the others stand by.

Whoever is in charge stays so; else whoever started first. Every run decides it for itself, from the sealed word of the
others (ADR 0022). Poles are told nothing of it: the numbers of who takes over are above those of who was before.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from devices.clock import Clock, instant
from devices.errors import LinkError
from devices.wire.documents import GatewayInstance
from gateway.domain.errors import WrongState
from gateway.ports.instances import Instances
from gateway.ports.records import Severity
from gateway.ports.store import Issues
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.publisher import Publisher
from gateway.services.supervisor import Beat, no_beat

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
TELL_EVERY_S = 5.0
AHEAD = 1_000
"""Numbers that who stands by keeps above who is in charge, so that its IM LẶNG is the newest word to every pole."""
ALARM = "two-gateways"


class Announce(Protocol):
    """Says to poles that this run is their gateway."""

    async def __call__(self, *, again: bool = False) -> None:
        """Raises LinkError: it did not go out, or nobody knows."""
        ...


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What is numbered, and what is done when the numbers jump."""

    issues: Issues
    publishers: tuple[Publisher, ...]
    silences: Publisher
    again: Callable[[], Awaitable[None]]
    """Have everything issued anew, in the epoch that counts from now on."""


def first_of(runs: Iterable[GatewayInstance]) -> GatewayInstance:
    """Return who is in charge: who is already, by the newest epoch if two are; else who started first."""
    return min(runs, key=lambda run: (not run.leads, -run.epoch if run.leads else 0, run.started_ms, run.instance))


class Charge:
    """Whether this run is in charge."""

    def __init__(
        self,
        *,
        instances: Instances,
        paper: Paper,
        announce: Announce,
        alarms: AlarmDesk,
        zone: str,
        clock: Clock,
    ) -> None:
        """``announce`` tells poles that this run is their gateway, once for each connection, or ``again``."""
        self._instances = instances
        self._paper = paper
        self._announce = announce
        self._alarms = alarms
        self._zone = ZoneInfo(zone)
        self._clock = clock
        self._leads = False
        self._behind: GatewayInstance | None = None
        self._unsaid = False
        self._risen = 0
        self._told_ns: int | None = None
        self._answered: dict[str, str] = {}
        instances.listen(self.decide)

    @property
    def leads(self) -> bool:
        """Whether this run may plan and order just now; never while it does not know who else is there."""
        return self._leads and self._instances.settled

    def stands_by(self) -> bool:
        """Tell whether another run is in charge. While the broker is away nobody leads, and this stays as it was."""
        return self._behind is not None

    @property
    def risen_to(self) -> int:
        """The number of the others' newest word that those of this run are above."""
        return self._risen

    def expect(self) -> None:
        """Nothing is ordered by who stands by.

        Raises:
            WrongState: ``stands_by``.
        """
        other = self._behind
        if other is None:
            return
        raise WrongState(
            f"Máy này đang đứng chờ: máy {self._vi(other)} đang điều khiển phường. Làm việc này trên máy đó,"
            " hoặc tắt máy đó và đợi khoảng 15 giây. IM LẶNG vẫn dùng được ở đây.",
            f"This machine stands by: {self._en(other)} is in charge of the ward. Do it there, or switch that"
            " machine off and wait some 15 seconds. IM LẶNG works from here too.",
            code="stands_by",
        )

    def decide(self) -> None:
        """Look who is there. Giving way takes effect at once; so does the charge of who never stood by."""
        if not self._instances.settled:
            return
        me = self._instances.me.model_copy(update={"leads": self._leads})
        first = first_of([me, *(peer.state for peer in self._instances.peers())])
        if first.instance != me.instance:
            if self._behind is None:
                logger.error("another gateway of this ward is in charge: %s on %s", first.instance, first.host)
            self._leads, self._behind = False, first
        elif self._behind is None:
            self._leads = True

    async def run(self, beat: Beat = no_beat) -> None:
        """Tell, listen and take over, until cancelled."""
        while True:
            beat()
            await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Do what is due.

        Raises:
            StoreFailed: it stays due.
        """
        if not self._instances.settled:
            return
        self.decide()
        await self._follow()
        me = self._instances.me.model_copy(update={"leads": self._leads})
        peers = self._instances.peers()
        if self._behind is not None and first_of([me, *(peer.state for peer in peers)]).instance == me.instance:
            await self._take_over(self._behind)
        if self._leads:
            await self._speak_up()
        await self._tell()
        await self._say()

    async def _speak_up(self) -> None:
        try:
            await self._announce(again=self._unsaid)
        except LinkError as error:
            logger.info("not announced yet: %s", error)
        else:
            self._unsaid = False

    async def _take_over(self, before: GatewayInstance) -> None:
        """Begin an epoch above that of who was in charge: if it only slept, no pole obeys it any more."""
        epoch = 1 + max(before.epoch, self._epoch)
        await self._renumber(epoch, before.seq)
        logger.warning("in charge of the ward, after %s on %s, in epoch %d", before.instance, before.host, epoch)
        self._leads, self._behind, self._told_ns, self._unsaid = True, None, None, True

    @property
    def _epoch(self) -> int:
        return self._paper.silences.epoch

    @property
    def _seq(self) -> int:
        """What others are to rise above: who stands by sends nothing but IM LẶNG."""
        sent = (*self._paper.publishers,) if self._leads else (self._paper.silences,)
        return max(publisher.newest_seq for publisher in sent)

    async def _follow(self) -> None:
        """Rise to the numbers of the others, so that whatever is said last, by whomever, is the newest to a pole."""
        states = [peer.state for peer in self._instances.peers()]
        epoch, seq = max((s.epoch for s in states), default=0), max((s.seq for s in states), default=0)
        if epoch > self._epoch:
            await self._renumber(epoch, seq)
            return
        least = seq + (0 if self._leads else AHEAD)
        if seq and least > self._risen:
            await self._paper.issues.rise_above(epoch=0, seq=least)
            self._risen = least

    async def _renumber(self, epoch: int, seq: int) -> None:
        await self._paper.issues.rise_above(epoch=epoch, seq=seq + AHEAD)
        for publisher in self._paper.publishers:
            await publisher.load()
        await self._paper.again()

    async def _tell(self) -> None:
        told, now_ns = self._instances.me, self._clock.mono_ns()
        here = {peer.state.instance: peer.state.sid for peer in self._instances.peers()}
        news = (self._leads, self._epoch, self._seq) != (told.leads, told.epoch, told.seq)
        strangers = any(self._answered.get(name) != sid for name, sid in here.items())
        due = self._told_ns is None or now_ns - self._told_ns >= TELL_EVERY_S * 1e9
        if not (news or strangers or due):
            return
        try:
            await self._instances.tell(leads=self._leads, epoch=self._epoch, seq=self._seq)
            if self._leads:
                await self._instances.forget_the_gone()
        except LinkError as error:
            logger.info("the other gateways are not told: %s", error)
            return
        self._told_ns, self._answered = now_ns, here

    async def _say(self) -> None:
        alive = [peer for peer in self._instances.peers() if peer.alive]
        if not alive:
            await self._alarms.clear(ALARM)
            return
        me = self._instances.me
        others_vi = "; ".join(f"máy {self._vi(p.state)}, thấy từ {self._at(p.since_ms)}" for p in alive)
        others_en = "; ".join(f"{self._en(p.state)}, seen since {self._at(p.since_ms)}" for p in alive)
        own_vi = "ĐANG ĐIỀU KHIỂN" if self._leads else "ĐANG ĐỨNG CHỜ, không phát và không ra lệnh"
        own_en = "IS IN CHARGE" if self._leads else "STANDS BY: it plans and orders nothing"
        await self._alarms.raise_(
            ALARM,
            Severity.CRITICAL,
            f"Có hai máy chủ cùng điều khiển phường này: máy này, {self._vi(me)},"
            f" {own_vi}; và {others_vi}. Hãy tắt một máy. IM LẶNG dùng được ở cả hai.",
            f"Two gateways run for this ward: this one, {self._en(me)}, {own_en};"
            f" and {others_en}. Switch one of them off. IM LẶNG works from both.",
        )

    def _vi(self, run: GatewayInstance) -> str:
        """Name a run by what a cloned card does not clone: a clone has the host's name too."""
        where = ", ".join(
            [*([f"địa chỉ {run.address}"] if run.address else []), *([f"dữ liệu {run.folder}"] if run.folder else [])]
        )
        return f"“{run.host}” ({where}{', ' if where else ''}chạy từ {self._at(run.started_ms)}, mã {run.instance})"

    def _en(self, run: GatewayInstance) -> str:
        where = ", ".join(
            [*([f"address {run.address}"] if run.address else []), *([f"data {run.folder}"] if run.folder else [])]
        )
        return f"“{run.host}” ({where}{', ' if where else ''}started {self._at(run.started_ms)}, run {run.instance})"

    def _at(self, ms: int) -> str:
        local: datetime = instant(ms).astimezone(self._zone)
        return f"{local:%H:%M %d/%m/%Y}"
