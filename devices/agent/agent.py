"""Chương trình trên loa: puts the parts of one pole together and keeps them running, gateway and broker or not."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Protocol

import httpx

from devices.agent.airtime import Airtime
from devices.agent.assets import PLAN, SPREAD_S, Assets
from devices.agent.desk import Desk
from devices.agent.disk import Disk
from devices.agent.documents import Documents
from devices.agent.exchange import Exchange
from devices.agent.fetch import Fetcher
from devices.agent.floor import Floor
from devices.agent.gate import DOCUMENTS, Admitted, Gate, Rejected, Repeated
from devices.agent.handover import Handover
from devices.agent.herald import Herald
from devices.agent.identity import Identity
from devices.agent.journal import Journal
from devices.agent.marks import load_marks
from devices.agent.outbox import Line, Outbox, Voice
from devices.agent.outcome import Result
from devices.agent.ports import Board, Decoder, Player
from devices.agent.seen import Seen
from devices.agent.slot import Slot
from devices.agent.sound_first import SoundFirst
from devices.agent.studio import Studio
from devices.agent.supervisor import Supervisor
from devices.agent.timing import Timebase
from devices.errors import BadMessage, DiskFailed, LinkError, SealBroken
from devices.link import Message, Subscription, Will
from devices.seal import unseal
from devices.wire.base import COMMAND_MAX_BYTES, parse
from devices.wire.commands import COMMANDS, ClockReply, Emergency, JournalAck, Resync
from devices.wire.documents import ConfigBody, GatewayState, PlanBody
from devices.wire.reports import AckState
from devices.wire.topics import Topics

logger = logging.getLogger(__name__)

UNSYNCED_LOOK_S, SYNCED_LOOK_S = 1.0, 10.0


class AgentLink(Line, Protocol):
    """The whole connection. :class:`devices.link.Link` fits."""

    async def run(self) -> None: ...

    async def listen_to(self, subscriptions: Iterable[Subscription]) -> None: ...


class LinkMaker(Protocol):
    """Makes the connection of one pole; it connects when it is run."""

    def __call__(
        self,
        *,
        client_id: str,
        subscriptions: Iterable[Subscription],
        will: Callable[[], Will | None],
        on_up: Callable[[], Awaitable[None]],
        on_message: Callable[[Message], Awaitable[None]],
    ) -> AgentLink: ...


class Agent:
    """One pole. :meth:`run` is its whole life from boot to power cut."""

    def __init__(
        self,
        *,
        identity: Identity,
        board: Board,
        player: Player,
        decoder: Decoder,
        timebase: Timebase,
        folder: Path,
        link: LinkMaker,
        http: httpx.AsyncClient,
        disk: Disk | None = None,
        firmware: str = "0.1.0",
        spread_s: float = SPREAD_S,
    ) -> None:
        """``folder`` holds everything that survives a reboot; ``http`` fetches audio and belongs to the caller."""
        self.identity = identity
        self._board = board
        self._timebase = timebase
        self._folder = folder
        self._disk = disk or Disk()
        self._nonce = secrets.token_urlsafe(9)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        marks, self._marks_damaged = load_marks(self._disk, folder)
        documents = Documents(disk=self._disk, folder=folder, identity=identity, marks=marks)
        voice = Voice(identity, timebase.utc_ms)
        self._seen = Seen(self._disk, folder)
        self.supervisor = Supervisor(board.clock)
        sound_first = SoundFirst(board.clock, identity.cluster)
        self._outbox = Outbox(voice=voice, clock=board.clock, sid=lambda: self._herald.sid, sound_first=sound_first)
        self.assets = Assets(
            folder=folder / "audio",
            disk=self._disk,
            fetcher=Fetcher(http, self._disk, decoder),
            clock=board.clock,
            cluster=identity.cluster,
            utc_ms=timebase.utc_ms,
            base_url=lambda: documents.config.asset_base if documents.config else identity.asset_base,
            cache_mb=lambda: documents.config.cache_mb if documents.config else 64,
            tell=self._outbox.asset,
            spread_s=spread_s,
        )
        self.studio = Studio(
            cluster=identity.cluster,
            disk=self._disk,
            folder=folder,
            board=board,
            player=player,
            timebase=timebase,
            floor=Floor(board.clock),
            journal=Journal(self._disk, folder, identity.key, iss=identity.issuer, aud=identity.reader),
            documents=documents,
            marks=marks,
            shelf=self.assets,
            sid=lambda: self._herald.sid,
            booted_ns=board.clock.mono_ns(),
        )
        self.gate = Gate(
            identity=identity,
            marks=marks,
            timebase=timebase,
            nonce=self._nonce,
            trust=documents.trust_for,
            audiences=documents.audiences,
            is_seen=lambda jti: self._seen.get(jti) is not None,
        )
        self.airtime = Airtime(self.studio, self._over)
        self._desk = Desk(
            studio=self.studio,
            airtime=self.airtime,
            gate=self.gate,
            seen=self._seen,
            answers=self._outbox,
            wanted=self.assets,
            sound_first=sound_first,
        )
        self._herald = Herald(
            studio=self.studio,
            airtime=self.airtime,
            gate=self.gate,
            voice=voice,
            sound_first=sound_first,
            nonce=self._nonce,
            firmware=firmware,
        )
        self._herald.task_faults = self.supervisor.faults
        self._exchange = Exchange(board=board, timebase=timebase, voice=voice)
        self._gateway_sid: str | None = None
        self.link = link(
            client_id=identity.cluster,
            subscriptions=self._subscriptions(),
            will=self._herald.will,
            on_up=self._on_up,
            on_message=self.hear,
        )
        self._outbox.use(self.link)
        self._handover = Handover(
            journal=self.studio.journal, voice=voice, clock=board.clock, line=self.link, sound_first=sound_first
        )

    # -- life --------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Boot, then run until cancelled. What had begun is taken up or answered for."""
        await self._boot()
        work: dict[str, Callable[[], Awaitable[None]]] = {
            "airtime": self.airtime.run,
            "tones": self._desk.run,
            "clock": self._watch_clock,
            "assets": self.assets.run,
            "link": self.link.run,
            "outbox": self._outbox.run,
            "journal": self._handover.run,
            "state": lambda: self._herald.tell_changes(self.link),
            "heartbeat": lambda: self._herald.beat(self.link),
            "exchange": lambda: self._exchange.run(self.link),
        }
        async with asyncio.TaskGroup() as group:
            for name, part in work.items():
                group.create_task(self.supervisor.keep(name, part), name=f"{self.identity.cluster} {name}")

    async def _boot(self) -> None:
        studio = self.studio
        studio.rest()  # whoever left the amplifier on is gone, and one that is on without a play is an alarm
        first = studio.marks.boot == 0 and not self._marks_damaged
        await self._disk.run(lambda: studio.documents.load(marks_damaged=self._marks_damaged))
        try:
            await self._disk.run(lambda: studio.journal.load(expected=not first))
            await self._disk.run(self._seen.load)
        except DiskFailed as error:
            logger.error("the disk fails at boot: %s", error)  # noqa: TRY400 - the disk is known
            studio.faults.add("disk_full" if error.full else "disk")
        if studio.journal.damaged:
            studio.faults.add("journal_damaged")
        self._desk.recall_volume()
        studio.marks.boot += 1
        await studio.save_marks()
        self._timebase.tick()
        studio.journal.on_news = self._handover.news
        studio.shut()
        self._use_plan()
        self._desk.recall(self._open_kept)
        logger.info("%s is up, boot %d", self.identity.cluster, studio.marks.boot)

    def _open_kept(self, token: bytes) -> Admitted | None:
        """Check a command kept on disk again; its time was checked when it came."""
        try:
            opened = unseal(token, self.studio.documents.trust, max_bytes=COMMAND_MAX_BYTES)
            if opened.typ not in COMMANDS or opened.envelope.aud not in self.studio.documents.audiences():
                return None
            return Admitted(opened, parse(COMMANDS[opened.typ], opened.envelope.body), token)
        except (SealBroken, BadMessage):
            return None

    async def _watch_clock(self) -> None:
        """Look at the clock's discipline, and wake the airtime when it becomes worth something."""
        was: bool | None = None
        while True:
            self._timebase.tick()
            trusted = self._timebase.state().trusted
            if trusted is not was:
                was = trusted
                logger.info("the clock is %s", "trusted" if trusted else "not trusted")
                self.airtime.bell.ring()
                self.studio.changed.ring()
            if self._timebase.alarm is None:
                self.studio.faults.discard("clock_disagrees")
            else:
                self.studio.faults.add("clock_disagrees")
            await self._board.clock.sleep(SYNCED_LOOK_S if trusted else UNSYNCED_LOOK_S)

    async def _over(self, slot: Slot, result: Result) -> None:
        await self._desk.over(slot, result)

    # -- the line ----------------------------------------------------------------------------------------------------

    def _subscriptions(self) -> list[Subscription]:
        topics = Topics(self.identity.site)
        return [
            Subscription(topic, qos=0 if topic.endswith("/clock/reply") else 1)
            for topic in topics.cluster_filters(self.identity.cluster, self.studio.documents.zones)
        ]

    async def _on_up(self) -> None:
        await self._herald.announce(self.link)
        self._handover.again()

    async def hear(self, message: Message) -> None:
        """Take one message from the broker: whatever it is, the gate judges it first."""
        received_us = self._board.clock.mono_ns() // 1000
        verdict = self.gate.check(message.topic, message.payload, retain=message.retain)
        if isinstance(verdict, Rejected):
            self._outbox.ack(verdict.jti, verdict.typ, AckState.REJECTED, why=verdict.why)
        elif isinstance(verdict, Repeated):
            self._desk.repeat(verdict.jti)
        elif verdict is not None:
            await self._take(verdict, received_us)
        elif self.studio.documents.newer_keys is not None:
            self.studio.changed.ring()  # a gateway of an earlier time speaks with keys that are retired: show it ours

    async def _take(self, admitted: Admitted, received_us: int) -> None:
        body = admitted.body
        if isinstance(body, ClockReply):
            self._exchange.answered(body, received_us)
        elif isinstance(body, JournalAck):
            await self._free_journal(body.upto)
        elif isinstance(body, Resync):
            self._handover.again_from(body.from_n)
        elif isinstance(body, GatewayState):
            self._meet_gateway(body)
        elif admitted.opened.typ in DOCUMENTS:
            await self._file(admitted)
        else:
            newer = self.studio.marks.note_epoch(admitted.opened.kid, admitted.opened.envelope.epoch)
            warning = isinstance(body, Emergency)
            if newer and not warning:
                await self.studio.save_marks()
            await self._desk.obey(admitted)
            if newer and warning:  # it does not wait for a slow card: obeying kept the order itself
                await self.studio.save_marks()

    async def _free_journal(self, upto: int) -> None:
        if upto > self.studio.journal.head and not self._timebase.state().trusted:
            return  # perhaps a recording from an earlier journal; a fresh one will come
        try:
            await self.studio.journal.ack(upto)
        except DiskFailed as error:
            logger.warning("the journal was not freed: %s", error)
        self._handover.acknowledged()

    def _meet_gateway(self, state: GatewayState) -> None:
        """A gateway with a new session may have forgotten what it was told."""
        if state.sid == self._gateway_sid:
            return
        self._gateway_sid = state.sid
        self._handover.again()
        for report in self.assets.reports():
            self._outbox.asset(report)

    # -- documents ---------------------------------------------------------------------------------------------------

    async def _file(self, admitted: Admitted) -> None:
        """Put a document in force and answer it."""
        studio, typ = self.studio, admitted.opened.typ
        now_ms = self._timebase.utc_ms() if self._timebase.state().trusted else None
        is_finished = studio.journal.memory.is_finished
        why: str | None
        try:
            judged = await self._disk.run(
                lambda: studio.documents.accept(admitted, has_outcome=is_finished, now_ms=now_ms)
            )
            why = judged.why
            if typ == "silence" and not judged.changed:
                self._herald.tell_again()  # the switch is sent again to those who seem not to have heard it
        except DiskFailed as error:
            logger.error("the %s was not kept: %s", typ, error)  # noqa: TRY400 - the disk is known
            why = "disk_full" if error.full else "disk"
            studio.faults.add(why)
        if why is not None:
            self.gate.reject(admitted.jti, typ, why)
        st = AckState.ACCEPTED if why is None else AckState.REJECTED
        self._outbox.ack(admitted.jti, typ, st, why=why, seq=admitted.opened.envelope.seq)
        await self._apply(admitted)

    async def _apply(self, admitted: Admitted) -> None:
        body = admitted.body
        if isinstance(body, PlanBody):
            self._use_plan()
        else:
            self.studio.shut()
        self.studio.changed.ring()
        if isinstance(body, ConfigBody):
            self.airtime.obey_rules()
            try:
                await self.link.listen_to(self._subscriptions())
            except (LinkError, TimeoutError) as error:
                logger.info("the zones' topics come with the next connection: %s", error)

    def _use_plan(self) -> None:
        plan = self.studio.documents.plan
        self.assets.want(PLAN, plan.assets if plan is not None else ())
        self.airtime.bell.ring()
        self.studio.changed.ring()
