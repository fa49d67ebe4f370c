"""Báo danh: who is here and how it stands: birth and will of each session, and a heartbeat every half minute."""

import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable

from devices.agent.airtime import Airtime
from devices.agent.gate import Gate
from devices.agent.outbox import Line, Voice
from devices.agent.sound_first import SoundFirst
from devices.agent.studio import Studio
from devices.agent.waiting import event_or_sleep
from devices.clock import NS_PER_MS
from devices.errors import LinkError
from devices.link import Will
from devices.wire.reports import Birth, Death, JournalState, PlanState, Telemetry
from devices.wire.topics import Up

logger = logging.getLogger(__name__)

TELEMETRY_S = 30.0
WILL_DELAY_S = 15
"""A connection that comes back within this never looked gone."""
TOGETHER_S, APART_S = 0.3, 0.7
"""Changes this close together are told once; a ward that starts as one does not tell it as one."""


FAINT_PERCENT = 20
"""28 dB down: mastered speech then leaves the card at the edge of what counts as heard (-50 dBFS)."""


class Herald:
    """Speaks for one pole's health."""

    def __init__(
        self,
        *,
        studio: Studio,
        airtime: Airtime,
        gate: Gate,
        voice: Voice,
        sound_first: SoundFirst,
        nonce: str,
        firmware: str,
    ) -> None:
        self._studio = studio
        self._airtime = airtime
        self._gate = gate
        self._voice = voice
        self._sound_first = sound_first
        self._nonce = nonce
        self._firmware = firmware
        self._told: Birth | None = None
        self._share = int.from_bytes(hashlib.sha256(studio.cluster.encode()).digest()[:4]) / 2**32
        self.sid = secrets.token_hex(4)
        """Names the present session, in birth and will alike: a late will of an older one is then told apart."""
        self.task_faults: Callable[[], Iterable[str]] = tuple

    def will(self) -> Will:
        """Begin a session: what the broker shall say when it ends without a goodbye."""
        self.sid = secrets.token_hex(4)
        sealed = self._voice.seal("death", Death(sid=self.sid))
        return Will(self._voice.topic(Up.STATE), sealed, delay_s=WILL_DELAY_S)

    async def announce(self, line: Line) -> None:
        """Publish the birth, retained.

        Raises:
            LinkError: nobody knows that we are here.
        """
        await self._announce(line, self._birth())

    async def _announce(self, line: Line, birth: Birth) -> None:
        self._told = None  # until the broker confirms this one, nobody knows which of the two it holds
        await line.publish(self._voice.topic(Up.STATE), self._voice.seal("birth", birth), retain=True)
        self._told = birth

    def tell_again(self) -> None:
        """Note that the gateway asks: what it heard last may not be what was said last."""
        self._told = None
        self._studio.changed.ring()

    async def tell_changes(self, line: Line) -> None:
        """Announce again whenever what this pole is doing changes, until cancelled."""
        clock = self._studio.board.clock
        while True:
            await clock.sleep(TOGETHER_S + self._share * APART_S)
            await self._sound_first.wait()
            if self._studio.marks_due:
                await self._studio.save_marks()
            rung = self._studio.changed.next  # taken before looking: what changes meanwhile is told the next time
            birth = self._birth() if line.is_up else None
            if birth is not None and not self._is_old_news(birth):
                try:
                    await self._announce(line, birth)
                except LinkError as error:
                    logger.info("the state was not told: %s", error)
                    continue
            await event_or_sleep(rung, clock, None)

    async def beat(self, line: Line) -> None:
        """Send telemetry every half minute, each pole at its own moment, until cancelled."""
        clock = self._studio.board.clock
        await clock.sleep(self._share * TELEMETRY_S)
        while True:
            if line.is_up:
                try:
                    line.publish_nowait(
                        self._voice.topic(Up.TELEMETRY), self._voice.seal("telemetry", self._telemetry())
                    )
                except LinkError as error:
                    logger.debug("no heartbeat: %s", error)
            await clock.sleep(TELEMETRY_S)

    def _is_old_news(self, birth: Birth) -> bool:
        return self._told is not None and _news(self._told) == _news(birth)

    def _birth(self) -> Birth:
        studio = self._studio
        return Birth(
            sid=self.sid,
            boot=studio.marks.boot,
            nonce=self._nonce,
            fw=self._firmware,
            model=studio.board.model,
            config_seq=studio.documents.seq_of("config"),
            plan=self._plan(),
            clock=studio.timebase.state(),
            journal=self._journal(),
            activity=studio.activity,
            occ=studio.occ,
            silent=studio.floor.shut == "silence",
            volume_percent=self._volume_percent(),
            at_ms=max(0, studio.timebase.utc_ms()),
            uptime_ms=(studio.now_ns() - studio.booted_ns) // NS_PER_MS,
            policy_version=studio.documents.held_policy[0],
            permits_rev=studio.documents.held_policy[1],
            keys_version=studio.marks.keys_version,
            newer_policy=studio.documents.newer_policy,
            newer_keys=studio.documents.newer_keys,
        )

    def _telemetry(self) -> Telemetry:
        studio = self._studio
        health, amp = studio.board.health(), studio.board.amp()
        return Telemetry(
            sid=self.sid,
            at_ms=max(0, studio.timebase.utc_ms()),
            uptime_s=(studio.now_ns() - studio.booted_ns) // 1_000_000_000,
            activity=studio.activity,
            occ=studio.occ,
            silent=studio.floor.shut == "silence",
            volume_percent=self._volume_percent(),
            clock=studio.timebase.state(),
            plan=self._plan(),
            journal=self._journal(),
            temp_c=health.temp_c,
            free_mb=health.free_mb,
            rssi_dbm=health.rssi_dbm,
            volts_ac=health.volts_ac,
            on_battery=health.on_battery,
            amp_on=amp.on if amp is not None else None,
            drops=dict(self._gate.drops),
            faults=tuple(sorted({*studio.faults, *studio.documents.faults, *self.task_faults(), *self._hushed()})),
        )

    def _journal(self) -> JournalState:
        return JournalState(head=self._studio.journal.head, acked=self._studio.journal.acked)

    def _plan(self) -> PlanState | None:
        plan = self._studio.documents.plan
        if plan is None:
            return None
        ready, total = self._airtime.readiness()
        seq = self._studio.documents.seq_of("plan")
        return PlanState(rev=plan.rev, seq=seq, until_ms=plan.until_ms, ready=ready, total=total)

    def _hushed(self) -> Iterable[str]:
        """Say before the next airtime that an order or the technician's ceiling leaves nothing to be heard."""
        override, config = self._studio.marks.volume_percent, self._studio.documents.config
        lowest = min(
            FAINT_PERCENT if override is None else override,
            FAINT_PERCENT if config is None else config.volume.max_percent,
        )
        return ("volume_low",) if lowest < FAINT_PERCENT else ()

    def _volume_percent(self) -> int:
        """Return the volume of what sounds, or of what would."""
        airing = self._airtime.airing(None)
        if airing is not None:
            return airing.volume_percent
        config = self._studio.documents.config
        override = self._studio.marks.volume_percent
        wanted = override if override is not None else config.volume.default_percent if config else 0
        return min(wanted, self._studio.ceiling_percent())


def _news(birth: Birth) -> Birth:
    """Return what of a birth is worth telling by itself; the rest goes with the heartbeat."""
    unmoved = {"at_ms": 0, "uptime_ms": 0, "journal": JournalState(head=0, acked=0)}
    clock = birth.clock.model_copy(update={"off_ms": 0.0, "unc_ms": 0.0})
    return birth.model_copy(update={**unmoved, "clock": clock})
