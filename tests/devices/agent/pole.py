"""A whole pole on a clock that tests move: the real agent, with a loudspeaker that knows what people heard."""

import asyncio
import contextlib
import hashlib
import math
import ssl
from dataclasses import dataclass, field

import httpx

from devices.agent.agent import Agent
from devices.agent.ports import AmpReading, Health, NtpState, Sounded
from devices.agent.timebase import Timebase
from devices.agent.waiting import Bell, event_or_sleep
from devices.clock import ManualClock
from devices.errors import BadAudio, CardFailed, LinkDown
from devices.link import Message
from devices.seal import Trust, unseal
from tests.devices.agent.disks import CutDisk, QuickDisk
from tests.devices.agent.ward import T, Ward

RATE = 48_000
TLS = ssl.create_default_context()  # made once: reading the authorities takes longer than a test


@dataclass
class Span:
    """What people at the pole heard of one job, in true time."""

    occ: str
    from_ms: int
    to_ms: int
    at_ms: int
    volume: int
    siren: bool = False
    tone: bool = False


class Board:
    """Clocks right or wrong, an amplifier, a reboot button."""

    model = "test-30w"

    def __init__(self, clock, *, synced=True):
        self.clock = clock
        self.synced = synced
        self.amp_on = False
        self.amp_dead = False
        self.reboots = 0

    def ntp(self):
        return NtpState(synced=self.synced, wall_us=(self.clock.mono_ns() + self.clock._wall_ahead_ns) // 1000)

    def health(self):
        return Health(temp_c=40.0)

    def amp(self):
        return AmpReading(on=self.amp_on and not self.amp_dead)

    def switch_amp(self, *, on):
        self.amp_on = on

    def mic(self):
        return None

    def reboot(self):
        self.reboots += 1


class Horn:
    """A player whose truth is kept: ``spans`` survive the agent, as memories of people do."""

    def __init__(self, board, spans):
        self._board = board
        self._clock = board.clock
        self.spans = spans
        self._job = None
        self._bell = Bell()
        self._stopped = self._paused = self._skip = False
        self._position_ms = 0
        self._volume = 0
        self.gone = False
        self.muted = False
        self.deaf = False

    @property
    def position_ms(self):
        return self._position_ms

    def _poke(self):
        self._bell.ring()

    def stop(self):
        self._stopped = not self.deaf
        self._poke()

    def pause(self):
        self._paused = True
        self._poke()

    def resume(self):
        self._paused = False
        self._poke()

    def next(self):
        self._skip = True
        self._poke()

    def set_volume(self, percent):
        self._volume = percent
        self._poke()

    async def play(self, job):
        if self.gone or self._job is not None:
            raise CardFailed("no card" if self.gone else "busy")
        self._job, self._stopped, self._paused, self._skip = job, False, False, False
        self._volume = job.volume_percent
        try:
            return await self._play(job)
        finally:
            self._job = None

    async def _play(self, job):
        whole_ms = sum(piece.dur_ms for piece in job.pieces)
        edges, at = [], 0
        for piece in job.pieces:
            edges.append((at, at + piece.dur_ms, piece))
            at += piece.dur_ms
        self._position_ms = job.seek_ms
        segments, broken, out_ms, first = [], [], 0, None
        while (wait_ns := job.start_mono_ns - self._clock.mono_ns()) > 0 and not self._stopped:
            await event_or_sleep(self._bell.next, self._clock, wait_ns / 1e9)
        for _, end, piece in edges:
            while self._position_ms < end and not self._stopped:
                begin_ns, begin_ms, rung = self._clock.mono_ns(), self._position_ms, self._bell.next
                missing = piece.path is not None and not piece.path.exists()
                if self._paused:
                    await event_or_sleep(rung, self._clock, None)
                    continue
                volume = self._volume
                try:
                    await event_or_sleep(rung, self._clock, (end - begin_ms) / 1000)
                finally:
                    spent = min(end - begin_ms, round((self._clock.mono_ns() - begin_ns) / 1e6))
                    self._position_ms = begin_ms + spent
                    if spent and not missing and (piece.path or piece.siren or piece.tone_hz):
                        heard_at = self._clock.now_ms() - spent
                        self.spans.append(
                            Span(
                                job.name,
                                begin_ms,
                                self._position_ms,
                                heard_at,
                                volume,
                                piece.siren,
                                bool(piece.tone_hz),
                            )
                        )
                if missing:
                    broken.append("missing")
                elif spent:
                    first = first or begin_ns
                    out_ms += spent
                    segments.append((begin_ms, self._position_ms))
                if missing and spent:
                    broken = broken[:1]
                if self._skip:
                    self._skip, self._position_ms = False, end
            if self._position_ms < end:
                break
        loud = self._volume > 0 and out_ms
        return Sounded(
            want_frames=whole_ms * 48,
            out_frames=out_ms * 48,
            rate=RATE,
            underruns=0,
            first_mono_ns=first,
            last_mono_ns=self._clock.mono_ns() if first else None,
            segments_ms=_joined(segments),
            rms_dbfs=-18.0 if loud else -120.0,
            peak_dbfs=-3.0 if loud else -120.0,
            silent_ms=0,
            muted=self.muted,
            amp=self._board.amp(),
            mic=None,
            stopped=self._stopped,
            broken=tuple(broken[:1]),
        )


def _joined(segments):
    joined = []
    for start, end in segments:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


class Ear:
    """A decoder: a file is ``DURms:anything``."""

    def duration_ms(self, path):
        head, _, _ = path.read_bytes().partition(b":")
        if not head.isdigit():
            raise BadAudio("not audio")
        return int(head)


def audio(dur_ms=60_000, tail=b"news"):
    """Make a file the decoder takes, and its asset id."""
    data = b"%d:" % dur_ms + tail
    return data, "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass
class Line:
    """A connection that is up or not, and remembers what went over it."""

    up: bool = False
    sent: list = field(default_factory=list)
    bell: Bell = field(default_factory=Bell)
    parts: dict = field(default_factory=dict)
    subscriptions: list = field(default_factory=list)

    def __call__(self, **parts):
        self.parts = parts
        self.subscriptions = list(parts["subscriptions"])
        return self

    @property
    def is_up(self):
        return self.up

    async def wait_up(self):
        while not self.up:
            await self.bell.next.wait()

    async def run(self):
        while True:
            await self.wait_up()
            self.parts["will"]()
            await self.parts["on_up"]()
            while self.up:
                await self.bell.next.wait()

    def switch(self, *, up):
        self.up = up
        self.bell.ring()

    async def publish(self, topic, payload, *, qos=1, retain=False):
        if not self.up:
            raise LinkDown("down")
        self.sent.append((topic, payload))

    def publish_nowait(self, topic, payload):
        if not self.up:
            raise LinkDown("down")
        self.sent.append((topic, payload))

    async def listen_to(self, subscriptions):
        self.subscriptions = list(subscriptions)


class Pole:
    """One pole with its folder; it can lose its power and boot again."""

    def __init__(self, folder, ward=None, *, now=T - 60_000, clock=None, disk=None, synced=True, up=False, line=None):
        self.ward = ward or Ward()
        self.folder = folder
        self.identity = self.ward.identity()
        self.clock = clock or ManualClock(now)
        self.spans = []
        self.disk = disk or QuickDisk()
        self.synced = synced
        self.line_factory = line
        self.up = up
        self.starts_seen = []
        self.boot()

    def boot(self, *, disk=None):
        """Put a new agent on the same folder."""
        self.disk = disk or self.disk
        self.board = Board(self.clock, synced=self.synced)
        self.horn = Horn(self.board, self.spans)
        self.line = Line(up=self.up) if self.line_factory is None else self.line_factory
        self.http = httpx.AsyncClient(verify=TLS)
        self.agent = Agent(
            identity=self.identity,
            board=self.board,
            player=self.horn,
            decoder=Ear(),
            timebase=Timebase(self.clock, self.board.ntp),
            folder=self.folder,
            link=self.line,
            http=self.http,
            disk=self.disk,
        )

    def hold(self, *files):
        """Put audio on the disk, as if it had been fetched before."""
        (self.folder / "audio").mkdir(parents=True, exist_ok=True)
        for data, asset in files:
            (self.folder / "audio" / asset.removeprefix("sha256:")).write_bytes(data)

    @contextlib.asynccontextmanager
    async def running(self):
        """Power on; at the end power is cut."""
        task = asyncio.ensure_future(self.agent.run())
        try:
            await self.settle()
            if task.done() and not isinstance(self.disk, CutDisk):
                await task
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.http.aclose()

    async def settle(self):
        """Let everything that can go on without time passing go on."""
        ready = asyncio.get_running_loop()._ready
        for _ in range(300):
            await asyncio.sleep(0)
            if not ready:
                return

    async def advance(self, seconds):
        """Let time pass, every sleeper at its own instant and with all that follows from it."""
        target_ns = self.clock.mono_ns() + round(seconds * 1e9)
        await self.settle()
        while (due := self.clock.next_due_s) is not None and self.clock.mono_ns() + due * 1e9 <= target_ns:
            await self.clock.advance(max(0.0, due))
            await self.settle()
        rest = (target_ns - self.clock.mono_ns()) / 1e9
        if rest > 0:
            await self.clock.advance(rest)
        await self.settle()

    async def advance_to(self, epoch_ms):
        await self.advance((epoch_ms - self.clock.now_ms()) / 1000)

    async def tell(self, sealed, topic=None, *, retain=False):
        """Deliver one message."""
        await self.agent.hear(
            Message(topic or self.ward.topics.command(self.identity.cluster), sealed, qos=1, retain=retain)
        )
        await self.settle()

    async def configure(self, **more):
        await self.tell(
            self.ward.config(now=self.clock.now_ms(), **more), self.ward.topics.config("kp3-02"), retain=True
        )

    async def plan(self, *entries, **more):
        sealed = self.ward.plan(*entries, now=self.clock.now_ms(), **more)
        await self.tell(sealed, self.ward.topics.plan("kp3-02"), retain=True)

    async def silence(self, silent):
        await self.tell(self.ward.silence(silent, now=self.clock.now_ms()), self.ward.topics.silence, retain=True)

    async def command(self, typ, body, **more):
        sealed = self.ward.seal(typ, body, **{"now": self.clock.now_ms(), **more})
        await self.tell(sealed, self.ward.topics.emergency if typ.startswith("emergency") else None)
        return sealed

    # -- what came of it --

    @property
    def entries(self):
        """The bodies of the journal, from its beginning."""
        trust = Trust.of([self.identity.key.entry])
        return [
            unseal(line.sealed, trust, max_bytes=10**6).envelope.body for line in self.agent.studio.journal.pending(1)
        ]

    def outcomes(self, occ=None):
        return [
            (body["occ"], body["result"], body.get("why"))
            for body in self.entries
            if body["typ"] == "finished" and (occ is None or body["occ"] == occ)
        ]

    def finished(self, occ):
        (body,) = [body for body in self.entries if body["typ"] == "finished" and body["occ"] == occ]
        return body

    def starts(self, occ):
        return [body for body in self.entries if body["typ"] == "started" and body["occ"] == occ]

    def said(self, typ, kind=None):
        """The bodies of what went over the line, of one kind."""
        trust = Trust.of([self.identity.key.entry])
        opened = [unseal(payload, trust, max_bytes=10**6) for _, payload in self.line.sent]
        return [each.envelope.body for each in opened if each.typ == typ]

    def acks(self, typ=None):
        return [(body["st"], body.get("why")) for body in self.said("ack") if typ in {None, body["typ"]}]

    def heard(self, occ=None):
        return [span for span in self.spans if occ in {None, span.occ}]

    def heard_ms(self, occ):
        return math.fsum(span.to_ms - span.from_ms for span in self.heard(occ))
