"""A pole as the gateway meets it: sessions, heartbeats, a journal with a true chain, and answers."""

import hashlib
import json
from datetime import datetime
from typing import Any

from devices.clock import ManualClock, epoch_ms
from devices.model import ClusterId, Outcome
from devices.wire.base import Wire
from devices.wire.reports import (
    Ack,
    AckState,
    Activity,
    AssetReport,
    Birth,
    ClockState,
    Death,
    JournalEntry,
    JournalState,
    PlanState,
    Telemetry,
)
from gateway.ports.clusters import Report
from gateway.services.reception import Reception
from tests.gateway.services.fakes import FakeClusters

GOOD_CLOCK = ClockState(src="ntp", trusted=True, off_ms=0.4, unc_ms=1.2)


class Pole:
    """One cluster. Everything it says goes through the gateway's ear."""

    def __init__(self, name: str, *, ear: Reception, broker: FakeClusters, clock: ManualClock) -> None:
        self.id = ClusterId(name)
        self.ear = ear
        self.broker = broker
        self.clock = clock
        self.boot, self.session = 1, 0
        self.booted_ns = clock.mono_ns()
        self.plan: PlanState | None = None
        self.config_seq = 0
        self.diary: list[tuple[JournalEntry, bytes]] = []
        self.acked = 0
        self.doing: dict[str, Any] = {}
        self.clock_state = GOOD_CLOCK

    @property
    def sid(self) -> str:
        return f"s{self.boot}-{self.session}"

    @property
    def journal(self) -> JournalState:
        return JournalState(head=len(self.diary), acked=self.acked)

    async def say(self, body: Wire, *, retained: bool = False, sealed: bytes | None = None) -> None:
        raw = sealed if sealed is not None else body.model_dump_json().encode()
        report = Report(
            cluster=self.id,
            body=body,  # type: ignore[arg-type]
            sealed=raw,
            retained=retained,
            received_ms=self.clock.now_ms(),
        )
        await self.ear.on_report(report)

    # -- being there -------------------------------------------------------------------------------------------------

    async def connect(self, *, retained: bool = False) -> None:
        """Begin a session, as after a cut of the line."""
        self.session += 1
        await self.birth(retained=retained)

    async def reboot(self) -> None:
        self.boot, self.session, self.booted_ns = self.boot + 1, 0, self.clock.mono_ns()
        await self.connect()

    def born(self) -> Birth:
        return Birth(
            sid=self.sid,
            boot=self.boot,
            nonce=f"nonce-{self.boot}",
            fw="1.0",
            model="sim",
            config_seq=self.config_seq,
            plan=self.plan,
            clock=self.clock_state,
            journal=self.journal,
            at_ms=self.clock.now_ms(),
            uptime_ms=(self.clock.mono_ns() - self.booted_ns) // 1_000_000,
            **{"volume_percent": 70, **self.doing},
        )

    async def birth(self, *, retained: bool = False) -> None:
        await self.say(self.born(), retained=retained)

    def heartbeat(self, **changes: Any) -> Telemetry:
        fields: dict[str, Any] = {
            "sid": self.sid,
            "at_ms": self.clock.now_ms(),
            "uptime_s": (self.clock.mono_ns() - self.booted_ns) // 1_000_000_000,
            "activity": Activity.IDLE,
            "clock": self.clock_state,
            "plan": self.plan,
            "journal": self.journal,
            "drops": {},
            "volume_percent": 70,
            **self.doing,
            **changes,
        }
        return Telemetry(**fields)

    async def beat(self, **changes: Any) -> None:
        await self.say(self.heartbeat(**changes))

    async def dies(self, *, sid: str | None = None, retained: bool = False) -> None:
        await self.say(Death(sid=sid or self.sid), retained=retained)

    # -- holding a plan ----------------------------------------------------------------------------------------------

    async def take_plan(self, *, audio: bool = True) -> list[str]:
        """Take what is retained, as the real one does, and say so."""
        said = self.broker.retained["plan", self.id]
        entries = said["body"].get("entries", [])
        ready = len(entries) if audio else 0
        self.plan = PlanState(
            rev=said["body"]["rev"],
            seq=said["seq"],
            until_ms=said["body"]["until_ms"],
            ready=ready,
            total=len(entries),
        )
        await self.ack("plan-jti", "plan", AckState.ACCEPTED, seq=said["seq"])
        await self.birth()
        return [entry["occ"] for entry in entries]

    async def has(self, asset: str, st: str = "ready") -> None:
        await self.say(AssetReport(id=asset, st=st, at_ms=self.clock.now_ms()))  # type: ignore[arg-type]

    async def ack(self, jti: str, typ: str, st: AckState, **more: Any) -> None:
        await self.say(Ack(ref=jti, typ=typ, st=st, sid=self.sid, at_ms=self.clock.now_ms(), **more))

    # -- the journal -------------------------------------------------------------------------------------------------

    def write(self, typ: str, occ: str, *, prev: str | None = None, **more: Any) -> JournalEntry:
        """Write an entry; it is said with :meth:`tell`."""
        n = len(self.diary) + 1
        entry = JournalEntry(
            n=n,
            prev=prev if prev is not None else self._hash(n - 1),
            sid=self.sid,
            typ=typ,  # type: ignore[arg-type]
            occ=occ,
            at_ms=self.clock.now_ms(),
            want_ms=more.pop("want_ms", None) or due_ms(occ, self.clock.now_ms()),
            clock=self.clock_state,
            **more,
        )
        self.diary.append((entry, json.dumps(entry.payload()).encode()))
        return entry

    def began(self, occ: str) -> JournalEntry:
        return self.write("started", occ)

    def ended(self, occ: str, result: Outcome = Outcome.PLAYED, **more: Any) -> JournalEntry:
        return self.write("finished", occ, **{**proof(self.clock.now_ms(), result), **more})

    async def tell(self, *numbers: int) -> None:
        """Send entries: those named, or everything not acknowledged."""
        for n in numbers or range(self.acked + 1, len(self.diary) + 1):
            entry, sealed = self.diary[n - 1]
            await self.say(entry, sealed=sealed)

    def _hash(self, n: int) -> str:
        return hashlib.sha256(self.diary[n - 1][1]).hexdigest() if n else "0" * 64


def due_ms(occ: str, otherwise_ms: int) -> int:
    """Return the hour that the name of an occurrence tells, as the plan did."""
    try:
        return epoch_ms(datetime.fromisoformat(occ.rpartition("@")[2]))
    except ValueError:
        return otherwise_ms


def proof(end_ms: int, result: Outcome = Outcome.PLAYED, *, length_ms: int = 64_000) -> dict[str, Any]:
    """What the journal says of a play that was heard from beginning to end."""
    frames = length_ms * 48
    return {
        "result": result,
        "start_ms": end_ms - length_ms,
        "start_error_us": 2_500,
        "end_ms": end_ms,
        "frames": {"want": frames, "out": frames, "rate": 48_000},
        "volume_percent": 70,
        "segments": ((0, length_ms),),
        "level": {"rms_dbfs": -19.0, "peak_dbfs": -2.0},
        "amp": {"on": True, "ma": 800},
    }
