"""A small gateway for simulated poles: real keys, the real driver, enrolment and audio over HTTP, a journal kept whole.

Time is a clock the test moves; sockets take real time. :meth:`Station.until` moves both.
"""

import asyncio
import contextlib
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import httpx
import numpy as np
import soundfile

from devices.clock import ManualClock
from devices.clusters import Address, ClusterDriver, Ears, Heard, Keyring, create_keyring
from devices.errors import LinkError
from devices.link import BrokerAddress
from devices.model import ClusterId, SiteId, asset_id
from devices.seal import new_jti
from devices.seal.enrolment import Code, Grant, new_code, open_request, wrap_grant
from devices.wire.commands import Command, Play
from devices.wire.documents import (
    AssetEntry,
    ConfigBody,
    LatePolicy,
    LocalWindow,
    PlanBody,
    PlanEntry,
    PlayItem,
    PolicyDocument,
    SilenceBody,
)
from devices.wire.reports import Ack, AssetReport, Birth, Death, JournalEntry, Telemetry
from devices.wire.topics import Topics
from simulators.ledger import Stored
from simulators.ward import SimulatedWard

THURSDAY_0530 = 1_791_412_200_000
PIN = "246810"
DEADLINE_S = 30.0
PLAY_LEAD_MS = 8_000
"""The clock of a test goes on while a busy machine brings the order to the pole."""
RATE = 16_000


def speech(seconds: float, *, seed: int = 7) -> bytes:
    """Return a FLAC of white noise: loud, and never silent."""
    dice = np.random.default_rng(seed)
    frames = dice.integers(-8_000, 8_000, round(seconds * RATE), dtype=np.int16)
    file = io.BytesIO()
    soundfile.write(file, frames, RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()


class Station:
    """Keys, documents, journals of one ward."""

    def __init__(self, broker: BrokerAddress, site: SiteId, folder: Path, *, start_ms: int) -> None:
        self.clock = ManualClock(start_ms)
        self.site = site
        self.broker = broker
        self.topics = Topics(site)
        self.keyring: Keyring = create_keyring(folder / "keys", site, pin=PIN, now_ms=start_ms)
        self.files: dict[str, bytes] = {}
        self.url = ""
        self.codes: dict[ClusterId, Code] = {}
        self.public: dict[ClusterId, tuple[str, str]] = {}
        self.births: dict[ClusterId, Birth] = {}
        self.telemetry: dict[ClusterId, Telemetry] = {}
        self.assets: dict[tuple[ClusterId, str], AssetReport] = {}
        self.acks: list[tuple[ClusterId, Ack]] = []
        self.refused: list[tuple[ClusterId | None, str]] = []
        self.journal: dict[ClusterId, dict[int, JournalEntry]] = defaultdict(dict)
        self.planned: dict[ClusterId, tuple[PlanEntry, ...]] = {}
        self._seq = 0
        self.driver = ClusterDriver(
            address=broker,
            topics=self.topics,
            keyring=self.keyring,
            clock=self.clock,
            ears=Ears(on_report=self._hear, on_refused=self._refuse, on_up=_nothing, on_down=_nothing),
        )

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Station"]:
        """Be on the air."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        driving = asyncio.ensure_future(self.driver.run())
        try:
            await self.until(lambda: self.driver.connected, "the driver is not connected", step_s=0)
            yield self
        finally:
            driving.cancel()
            await asyncio.gather(driving, return_exceptions=True)
            server.close()

    # -- enrolment and audio over HTTP -------------------------------------------------------------------------------

    def offer(self, cluster: ClusterId) -> str:
        """Make a code."""
        code = self.codes[cluster] = new_code()
        return code.text

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            request, _, rest = head.partition("\r\n")
            verb, path, _ = request.split()
            fields = httpx.Headers([tuple(line.split(": ", 1)) for line in rest.strip().split("\r\n")])
            if verb == "POST":
                status, body = self._enrol(json.loads(await reader.readexactly(int(fields["content-length"]))))
            else:
                data = self.files.get(path.removeprefix("/a/"))
                start = int(fields.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
                status, body = (404, b"") if data is None else (206 if start else 200, data[start:])
            extra = f"Content-Range: bytes {start}-/*\r\n" if status == 206 else ""
            writer.write(
                f"HTTP/1.1 {status} x\r\nConnection: close\r\n{extra}Content-Length: {len(body)}\r\n\r\n".encode()
            )
            writer.write(body)
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def _enrol(self, question: dict[str, str]) -> tuple[int, bytes]:
        cluster, code = next(
            ((who, code) for who, code in self.codes.items() if code.name == question["name"]), (None, None)
        )
        if cluster is None or code is None:
            return 403, json.dumps({"title": "Mã không dùng được"}).encode()
        del self.codes[cluster]
        asked = open_request(code, question["request"])
        self.public[cluster] = (f"dev-{cluster}-1", asked.pub)
        self.driver.trust([(each, kid, pub) for each, (kid, pub) in self.public.items()])
        grant = Grant(
            site=self.site,
            cluster=cluster,
            kid=f"dev-{cluster}-1",
            zones=("kp1",),
            root=self.keyring.root,
            keys=self.keyring.sealed_list,
            broker_host=self.broker.host,
            broker_port=self.broker.port,
            asset_base=f"{self.url}/a/",
            now_ms=self.clock.now_ms(),
        )
        return 200, json.dumps({"grant": wrap_grant(code, grant)}).encode()

    # -- documents and commands --------------------------------------------------------------------------------------

    async def configure(self, cluster: ClusterId) -> None:
        """Allow everything by day."""
        policy = PolicyDocument(
            name="test", version=1, zone="Asia/Ho_Chi_Minh", windows=(LocalWindow(start="05:00", end="22:00"),)
        )
        now_ms = self.clock.now_ms()
        await self._publish(
            "config",
            Address(cluster=cluster),
            ConfigBody(
                keys=self.keyring.sealed_list,
                policy=self.keyring.seal_policy(policy, now_ms=now_ms),
                zones=("kp1",),
                asset_base=f"{self.url}/a/",
            ),
        )

    def entry(self, occ: str, start_ms: int, audio: bytes, *, late_ms: int = 120_000, level: int = 70) -> PlanEntry:
        """Make one occurrence of one file."""
        asset = self.asset(audio)
        item = PlayItem(role="bulletin", asset=asset.id, dur_ms=asset.dur_ms)
        late = LatePolicy(mode="seek", max_ms=late_ms)
        return PlanEntry(
            occ=occ, start_at_ms=start_ms, dur_ms=asset.dur_ms, items=(item,), late=late, level=level, volume_percent=80
        )

    def asset(self, audio: bytes) -> AssetEntry:
        sha = hashlib.sha256(audio).hexdigest()
        self.files[sha] = audio
        with soundfile.SoundFile(io.BytesIO(audio)) as file:
            dur_ms = round(1000 * file.frames / file.samplerate)
        return AssetEntry(
            id=asset_id(sha), bytes=len(audio), mime="audio/flac", dur_ms=dur_ms, need_by_ms=self.clock.now_ms()
        )

    async def plan(self, cluster: ClusterId, *entries: PlanEntry) -> None:
        """Issue a plan of these and no others."""
        wanted = {item.asset for entry in entries for item in entry.items if item.asset is not None}
        self.planned[cluster] = entries
        body = PlanBody(
            rev=self._seq + 1,
            from_ms=self.clock.now_ms(),
            until_ms=self.clock.now_ms() + 86_400_000,
            entries=entries,
            assets=tuple(self.asset(self.files[each.removeprefix("sha256:")]) for each in sorted(wanted)),
        )
        await self._publish("plan", Address(cluster=cluster), body)

    async def plan_all(self, clusters: Iterable[ClusterId], audio: bytes, *starts: tuple[str, int]) -> None:
        """Configure every cluster and plan the same ``(occurrence, start)`` on all."""
        for cluster in clusters:
            await self.configure(cluster)
            await self.plan(cluster, *(self.entry(occ, start_ms, audio) for occ, start_ms in starts))

    def all_ready(self, clusters: Iterable[ClusterId]) -> bool:
        """Tell whether each has told that it holds its plan and every file of it."""
        plans = [self.births[cluster].plan if cluster in self.births else None for cluster in clusters]
        return all(plan is not None and plan.ready == plan.total > 0 for plan in plans)

    async def silence(self, *, silent: bool) -> None:
        await self._publish("silence", Address(), SilenceBody(silent=silent, by="test", at_ms=self.clock.now_ms()))

    async def command(self, typ: str, to: Address, body: Command, *, life_ms: int = 60_000) -> str:
        jti, now_ms = new_jti(), self.clock.now_ms()
        await self.driver.command(typ, to, body, jti=jti, now_ms=now_ms, exp_ms=now_ms + life_ms, epoch=1)
        return jti

    async def play_now(self, cluster: ClusterId, occ: str, audio: bytes) -> str:
        entry = self.entry(occ, self.clock.now_ms() + PLAY_LEAD_MS, audio)
        self.planned[cluster] = (*self.planned.get(cluster, ()), entry)
        return await self.command("play", Address(cluster=cluster), Play(entry=entry, assets=(self.asset(audio),)))

    async def _publish(self, kind: str, to: Address, body: ConfigBody | PlanBody | SilenceBody) -> None:
        self._seq += 1
        sealed = self.driver.seal_document(kind, to, body, epoch=1, seq=self._seq, now_ms=self.clock.now_ms())
        await self.driver.publish_document(kind, to, sealed)

    # -- what the poles say ------------------------------------------------------------------------------------------

    async def _hear(self, heard: Heard) -> None:
        cluster, body = heard.cluster, heard.body
        if isinstance(body, Birth):
            self.births[cluster] = body
        elif isinstance(body, Death):
            self.births.pop(cluster, None)
        elif isinstance(body, Telemetry):
            self.telemetry[cluster] = body
        elif isinstance(body, AssetReport):
            self.assets[cluster, body.id] = body
        elif isinstance(body, Ack):
            self.acks.append((cluster, body))
        elif isinstance(body, JournalEntry):
            await self._keep(cluster, body)

    async def _keep(self, cluster: ClusterId, entry: JournalEntry) -> None:
        kept = self.journal[cluster]
        kept[entry.n] = entry
        upto = 0
        while upto + 1 in kept:
            upto += 1
        with contextlib.suppress(LinkError):  # it is sent again
            await self.driver.acknowledge_journal(cluster, upto, now_ms=self.clock.now_ms())

    async def _refuse(self, cluster: ClusterId | None, reason: str) -> None:
        self.refused.append((cluster, reason))

    def stored(self) -> list[Stored]:
        """Return what a gateway would keep: a row per occurrence of which the journals tell."""
        rows = []
        for cluster, kept in self.journal.items():
            entries = [kept[n] for n in sorted(kept)]
            planned = {entry.occ: entry for entry in self.planned.get(cluster, ())}
            for end in (entry for entry in entries if entry.typ == "finished"):
                starts = [entry for entry in entries if entry.typ == "started" and entry.occ == end.occ]
                rows.append(
                    Stored(
                        cluster=cluster,
                        occ=end.occ,
                        planned_ms=end.want_ms,
                        dur_ms=planned[end.occ].dur_ms,
                        outcome=end.result.value if end.result else None,
                        start_ms=end.start_ms,
                        start_unsure_ms=max(entry.clock.unc_ms for entry in (*starts, end)),
                        heard_ms=sum(b - a for a, b in end.segments),
                        starts=sum(start.att == 1 for start in starts),
                    )
                )
        return rows

    def outcomes(self) -> dict[tuple[ClusterId, str], list[str | None]]:
        found: dict[tuple[ClusterId, str], list[str | None]] = defaultdict(list)
        for row in self.stored():
            found[ClusterId(row.cluster), row.occ].append(row.outcome)
        return dict(found)

    # -- time --------------------------------------------------------------------------------------------------------

    async def until(self, true: Callable[[], object], what: str = "", *, step_s: float = 0.05) -> None:
        """Let time pass, both kinds, until ``true()``; fail after a while."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not true():
                    await self.clock.advance(step_s)
                    await asyncio.sleep(0.002)
        except TimeoutError:
            raise AssertionError(what or "it never became true") from None

    async def until_ms(self, epoch_ms: float, *, step_s: float = 0.1) -> None:
        """Let time pass until ``epoch_ms``, every step with room for sockets."""
        while (left_s := (epoch_ms - self.clock.now_ms()) / 1000) > 0:
            await self.clock.advance(min(step_s, left_s))
            await asyncio.sleep(0)
            await asyncio.sleep(0.0002)


@contextlib.asynccontextmanager
async def living(ward: SimulatedWard, station: Station) -> AsyncIterator[SimulatedWard]:
    """Run ``ward`` for the length of the block; its own failures fail the test."""
    running = asyncio.ensure_future(ward.run())
    try:
        await station.until(lambda: running.done() or ward.connected == len(ward.clusters), "not all are up")
        if running.done():
            await running
        yield ward
    finally:
        running.cancel()
        (end,) = await asyncio.gather(running, return_exceptions=True)
    if isinstance(end, Exception):
        raise end
    for pole in ward.poles.values():
        assert not pole.crashes


async def _nothing() -> None:
    return
