"""A whole ward in one process: the real gateway, its real broker child, real programs on virtual poles, one clock.

Time is moved by the test; sockets, files and child processes take real time. Gateway and poles can be stopped and
started again over their folders as often as a test likes.
"""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx

from devices.clock import epoch_ms, instant
from devices.model import ClusterId, OccurrenceId, Outcome
from gateway.domain.people import Role
from gateway.main.gateway import Gateway, open_gateway
from gateway.ports.records import Alarm, PlannedPlay
from gateway.services.passwords import Passwords
from gateway.settings import Settings, load_settings
from gateway.store.opening import Store
from simulators.ledger import DEFAULT, Discrepancy, Stored, Tolerance, check
from simulators.sound_card import SoundedSpan
from simulators.ward import SimulatedWard
from tests.gateway.services.people import CHEAP
from tests.gateway.web.work import API
from tests.gateway.web.world import Browser
from tests.onair.clocks import LeapingClock, WrongWall
from tests.onair.held import Held
from tests.onair.office import Staff, hire, survey
from tests.ports import free_port
from tts.model import Pauses

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
THURSDAY = datetime(2026, 10, 8, tzinfo=ZONE)
T_MS = epoch_ms(THURSDAY.replace(hour=5, minute=30))
"""Thursday 8 October 2026, 05:30 in the ward."""
CLUSTERS = tuple(map(ClusterId, ("kp1-01", "kp1-02", "kp2-01")))
DEADLINE_S = 40.0
"""Real seconds that anything may take to become true."""
SLOWLY_S = 12.0
"""How long before an instant that matters time goes in small steps."""
V = TypeVar("V")
_CUT = frozenset({Outcome.PARTIAL, Outcome.INTERRUPTED})
"""Cut in the middle: either edge may lie in the pause between two sentences, of which no loudspeaker knows."""


class World:
    """One ward. :meth:`open` it, then move its clock."""

    def __init__(
        self,
        folder: Path,
        *,
        start_ms: int = T_MS - 180_000,
        clusters: Iterable[str] = CLUSTERS,
        timezone: str = "Asia/Ho_Chi_Minh",
        broker: str = "auto",
        policy: str = "default",
        phrases: bool = False,
        capture: bool = False,
    ) -> None:
        """``phrases``: speak those of emergencies ahead, which takes a while. ``capture``: keep what poles sound."""
        self.capture = capture
        self.folder = folder
        self.clock = LeapingClock(start_ms)
        self.gateway_wall = WrongWall(self.clock)
        self.clusters = tuple(map(ClusterId, clusters))
        self.settings = settings_for(folder, timezone=timezone, broker=broker, policy=policy, phrases=phrases)
        self.gateway: Gateway
        self.poles: SimulatedWard
        self.staff: Staff
        self.pin = ""
        self._truth: dict[ClusterId, list[SoundedSpan]] = {}
        self._gateway: Held[Gateway] | None = None
        self._poles: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["World"]:
        """Found the ward: people, clusters, everything enrolled, powered and connected; nothing is scheduled."""
        try:
            await self.start_gateway()
            self.pin = self.gateway.secrets.emergency_pin or ""
            self.staff = await hire(self.gateway)
            await survey(self.gateway, self.staff, self.clusters)
            self.new_poles()
            await self.poles.enrol(await self.codes())
            await self.start_poles()
            yield self
        finally:
            await self.stop_poles()
            await self.stop_gateway()

    # -- the gateway -------------------------------------------------------------------------------------------------

    async def start_gateway(self) -> None:
        """Start it over the ward's data."""
        self._gateway = Held(open_gateway(self.settings, self.gateway_wall, passwords=Passwords(CHEAP)))
        self.gateway = await self._gateway.opened()
        await self.until(lambda: self.gateway.driver.connected, "the gateway has no broker")

    async def stop_gateway(self) -> None:
        """Stop it, and its broker with it."""
        held, self._gateway = self._gateway, None
        if held is not None:
            await held.close()

    def kill_broker(self) -> None:
        """SIGKILL; the gateway starts another."""
        child = self.gateway.broker.child
        if child is not None and child.pid is not None:
            os.kill(child.pid, signal.SIGKILL)

    async def codes(self) -> dict[ClusterId, str]:
        """Make a one-time code for every cluster."""
        technician = self.staff[Role.TECHNICIAN]
        return {each: (await self.gateway.enrolment.offer(technician, each)).code for each in self.clusters}

    # -- the poles ---------------------------------------------------------------------------------------------------

    def new_poles(self, **more: Any) -> None:
        """Build the poles over their folders: after the first time, the same ones after a power cut of them all."""
        self.poles = SimulatedWard(
            self.clusters,
            clock=self.clock,
            folder=self.folder / "poles",
            seed=7,
            gateway_url=self.gateway.url,
            spread_s=0.2,
            capture=self.capture,
            **more,
        )

    async def start_poles(self, *, connected: bool = True) -> None:
        """Give them power, and wait until they are connected."""
        running = self._poles = asyncio.create_task(self.poles.run())
        if connected:
            await self.until(
                lambda: running.done() or self.poles.connected == len(self.clusters), "not every pole is connected"
            )
        if running.done():
            await running

    async def stop_poles(self) -> None:
        """Shut them all down; what they sounded stays known."""
        running, self._poles = self._poles, None
        if running is None:
            return
        self._keep_truth()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        for pole in self.poles.poles.values():
            assert not pole.crashes

    def cut_all(self) -> None:
        """Cut the power of every pole at once."""
        for pole in self.poles.poles.values():
            pole.power_cut()

    def _keep_truth(self) -> None:
        for cluster, spans in self.poles.truth().items():
            self._truth[cluster] = [*self._truth.get(cluster, []), *spans]

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

    async def until_ms(self, ms: float, *, slowly_s: float = SLOWLY_S) -> None:
        """Let time pass until ``ms``, every step with room for sockets: small ones at the end, larger ones before."""
        while (left_s := (ms - self.clock.now_ms()) / 1000) > 0:
            await self.clock.advance(min(0.5 if left_s > slowly_s else 0.05, left_s))
            await asyncio.sleep(0.001)

    async def pass_s(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        await self.until_ms(self.clock.now_ms() + seconds * 1000)

    async def leap_to(self, ms: int) -> None:
        """Pass the hours until shortly before ``ms`` at once, and then let everybody find one another again."""
        await self.clock.leap((ms - self.clock.now_ms()) / 1000)
        await self.until_ms(self.clock.now_ms() + 3_000)

    async def during(self, work: Awaitable[V]) -> V:
        """Let time pass while ``work``, which waits for the clock, is done; return its result."""
        task = asyncio.ensure_future(work)
        await self.until(task.done, "it was never done")
        return await task

    # -- what is known -----------------------------------------------------------------------------------------------

    def truth(self) -> dict[ClusterId, list[SoundedSpan]]:
        """Return what left every loudspeaker, before and after restarts of the poles."""
        now = self.poles.truth() if self._poles is not None else {}
        return {each: [*self._truth.get(each, []), *now.get(each, [])] for each in self.clusters}

    def sounded(self, *, heard: bool = True) -> dict[ClusterId, list[str]]:
        """Return the names of what was heard at each pole."""
        return {each: [s.tag for s in spans if s.heard or not heard] for each, spans in self.truth().items()}

    @property
    def next_occ(self) -> OccurrenceId:
        """The next airtime."""
        return self.gateway.parts.readiness.coming(timedelta(days=7))[0].broadcast.id

    async def plays(self, occ: OccurrenceId) -> dict[ClusterId, PlannedPlay]:
        """Return what the gateway knows of one occurrence."""
        return {play.cluster: play for play in await self.all_plays() if play.occ == occ}

    async def all_plays(self, *, days: int = 1) -> list[PlannedPlay]:
        """Return every play of yesterday and the coming ``days`` that was not cancelled before it began."""
        now = instant(self.clock.now_ms())
        found = await self.gateway.store.proofs.plays(since=now - timedelta(days=9), until=now + timedelta(days=days))
        return [play for play in found if play.outcome is not None or not play.cancelled]

    async def aired(self) -> list[OccurrenceId]:
        """Return the airtimes that have an outcome, or began, in the gateway's books."""
        return sorted({play.occ for play in await self.all_plays() if play.outcome or play.started_at})

    async def settled(
        self, occ: OccurrenceId, *, among: Iterable[ClusterId] | None = None
    ) -> dict[ClusterId, PlannedPlay]:
        """Wait until the play of ``occ`` has its outcome on every cluster, or on those ``among``."""
        found: dict[ClusterId, PlannedPlay] = {}
        wanted = set(self.clusters if among is None else among)

        async def all_ended() -> bool:
            found.clear()
            found.update(await self.plays(occ))
            return wanted <= found.keys() and all(found[each].outcome for each in wanted)

        await self.until_async(all_ended, lambda: f"not settled: {found}")
        return found

    async def until_async(self, true: Callable[[], Any], what: Callable[[], str], *, step_s: float = 0.25) -> None:
        """As :meth:`until`, for what must be asked of the store."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not await true():
                    await self.pass_s(step_s)
        except TimeoutError:
            raise AssertionError(what()) from None

    async def ready(self) -> None:
        """Wait until every pole holds everything of the next airtime."""

        def all_ready() -> bool:
            coming = self.gateway.parts.readiness.coming(timedelta(days=7))
            return bool(coming) and coming[0].will_play_alone == coming[0].total == len(self.clusters)

        await self.until(all_ready, "not every pole is ready")

    @property
    def alarms(self) -> dict[str, Alarm]:
        return dict(self.gateway.parts.alarms.standing)

    async def stored(self, plays: Iterable[PlannedPlay] | None = None) -> list[Stored]:
        """Return the gateway's books in the words of the ledger check."""
        return in_ledger(await self.all_plays() if plays is None else plays, await self.starts())

    async def starts(self) -> dict[tuple[str, str], int]:
        """Count the first starts (``att`` 1) that the journals, as kept by the gateway, tell of."""
        return await count_starts(self.gateway.store)

    async def lies(self, tolerance: Tolerance = DEFAULT) -> list[Discrepancy]:
        """Compare what was sounded with the books."""
        truth: dict[str, list[SoundedSpan]] = {str(each): spans for each, spans in self.truth().items()}
        return check(truth, await self.stored(), tolerance)

    # -- people at a screen ------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def browser(self, role: Role) -> AsyncIterator[Browser]:
        """Somebody at a screen, signed in over HTTP; the first time the password they were given must be changed."""
        async with httpx.AsyncClient(base_url=self.gateway.url, timeout=20, trust_env=False) as client:
            browser = Browser(client)
            name, password = self.staff.passwords[role]
            answer = await browser.sign_in(name, password)
            assert answer.status_code == 200, answer.text
            if answer.json()["must_change_password"]:
                self.staff.passwords[role] = name, f"rieng-{password}"
                changed = await browser.post(f"{API}/auth/password", {"old": password, "new": f"rieng-{password}"})
                assert changed.status_code == 204, changed.text
            yield browser


def settings_for(folder: Path, *, timezone: str, broker: str, policy: str, phrases: bool = False) -> Settings:
    """Everything on loopback, on ports that stay the same over restarts."""
    return load_settings(
        data=folder / "data",
        ward={"site": "phuong-thu", "name": "Phường thử", "timezone": timezone, "policy": policy},
        http={"host": "127.0.0.1", "port": free_port()},
        broker={"port": free_port(), "mode": broker},
        speech={"phrases": phrases},
    )


async def count_starts(store: Store) -> dict[tuple[str, str], int]:
    """Count, by cluster and airtime, the first starts (``att`` 1) that the journals in ``store`` tell of."""
    rows = await store.database.read(
        lambda db: list(db.execute("SELECT cluster, body FROM journal ORDER BY cluster, run, n"))
    )
    counted: dict[tuple[str, str], int] = {}
    for cluster, text in rows:
        body = json.loads(text)
        if body["typ"] == "started" and body["att"] == 1:
            key = cluster, body["occ"]
            counted[key] = counted.get(key, 0) + 1
    return counted


def in_ledger(plays: Iterable[PlannedPlay], starts: dict[tuple[str, str], int]) -> list[Stored]:
    """Say what the books say in the words of the ledger check."""
    return [
        Stored(
            cluster=play.cluster,
            occ=play.occ,
            planned_ms=epoch_ms(play.start_at),
            outcome=play.outcome,
            dur_ms=play.duration_ms if play.schedule is not None else None,
            start_ms=epoch_ms(play.started_at) if play.started_at is not None else None,
            heard_ms=play.heard_ms,
            quiet_ms=2 * Pauses().sentence_ms if play.outcome in _CUT else 0,
            starts=starts.get((play.cluster, play.occ), 0) or 1,
        )
        for play in plays
    ]
