"""A ward behind HTTP: real store, real services, a driver that remembers what it was given, and browsers."""

import asyncio
import hashlib
import tomllib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from devices.clock import ManualClock, instant
from devices.errors import LinkDown, LinkError, SealBroken
from devices.model import AssetId, ClusterId, ZoneId, asset_id
from devices.seal import SigningKey
from devices.wire.base import Wire
from devices.wire.commands import Command
from devices.wire.documents import KeyRole
from gateway.domain.people import Role
from gateway.domain.targets import Cluster, ClusterKind, Zone
from gateway.main.camera_eyes import NoEyes
from gateway.main.cameras import camera_room
from gateway.main.phrases import build_phrases, nothing_airs
from gateway.main.reports import listening_of, reporting_of
from gateway.main.wording import wording_of
from gateway.ports.clusters import To
from gateway.ports.records import AuditNote, ClusterIdentity, StoredAudio
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.board import AirBoard
from gateway.services.broadcast_now import BroadcastNow
from gateway.services.bus import Bus
from gateway.services.calendar_feed import CalendarFeed
from gateway.services.clock_watch import ClockWatch
from gateway.services.command_log import CommandLog
from gateway.services.commands import Commands
from gateway.services.editorial import Editorial
from gateway.services.emergency import EmergencyDesk
from gateway.services.emergency_watch import EmergencyWatch
from gateway.services.enrolment import Enrolment, Terms
from gateway.services.fleet import Fleet
from gateway.services.health import Health
from gateway.services.intake import Intake
from gateway.services.inventory import InventoryDesk
from gateway.services.journal_alarms import JournalAlarms
from gateway.services.library import Library
from gateway.services.monitor import Monitor
from gateway.services.out_of_hours import OutOfHoursDesk
from gateway.services.planner import Planner
from gateway.services.programming import Programming
from gateway.services.promises import Promises
from gateway.services.publisher import Publisher
from gateway.services.readiness import Readiness
from gateway.services.rulebook import Rulebook
from gateway.services.second_person import SecondPerson
from gateway.services.silence import SilenceSwitch
from gateway.services.supervisor import Supervisor
from gateway.services.takes import TakeBook
from gateway.services.technical import Workshop
from gateway.services.telemetry import TelemetryLog
from gateway.services.verdicts import Verdicts
from gateway.services.ward_view import WardView
from gateway.store.opening import Store, open_store
from gateway.web.app import assemble, create_app
from gateway.web.services import Services, WebOptions
from tests.gateway.services.people import GOOD, Door, build_door
from tests.gateway.web.studio import FakeStudio

THURSDAY_0500 = 1_791_410_400_000
"""Thursday 8 October 2026, 05:00 in Vietnam."""
WARD_ZONE = "Asia/Ho_Chi_Minh"
POLES = (ClusterId("kp1-01"), ClusterId("kp1-02"), ClusterId("kp2-01"))
ROOT = SigningKey.generate("root", KeyRole.ROOT)
OPTIONS = WebOptions(ward_name="Phường Tân Thạnh", changes_at_once=1_000_000)
"""Its clock stands still: a pace that refills with time would stop every long test."""
DEFAULT_POLICY = tomllib.loads(resources.files("gateway").joinpath("policies/default.toml").read_text("utf-8"))


@dataclass
class Poles:
    """Fits :class:`gateway.ports.clusters.Clusters`: remembers what goes down, and can lose the broker."""

    up: bool = True
    sent: list[tuple[str, To, Command]] = field(default_factory=list)
    documents: list[tuple[str, To]] = field(default_factory=list)
    trusted: list[tuple[ClusterId, str, str]] = field(default_factory=list)

    @property
    def connected(self) -> bool:
        return self.up

    def trust(self, keys: Sequence[tuple[ClusterId, str, str]]) -> None:
        self.trusted = list(keys)

    def seal_document(self, kind: str, to: To, body: Wire, *, epoch: int, seq: int, now_ms: int) -> bytes:
        return f"{kind}:{to}:{epoch}:{seq}:{body.model_dump_json()}".encode()

    async def publish_document(self, kind: str, to: To, sealed: bytes) -> None:
        self._expect_up()
        self.documents.append((kind, to))

    async def command(self, typ: str, to: To, body: Command, *, jti: str, now_ms: int, exp_ms: int, epoch: int) -> None:
        self._expect_up()
        self.sent.append((typ, to, body))

    async def acknowledge_journal(self, cluster: ClusterId, upto: int, *, now_ms: int) -> None:
        self._expect_up()

    async def resync_journal(self, cluster: ClusterId, from_n: int, *, now_ms: int) -> None:
        self._expect_up()

    def _expect_up(self) -> None:
        if not self.up:
            raise LinkDown("no broker")


PIN = "24681357"


@dataclass
class Siren:
    """Fits :class:`gateway.ports.clusters.EmergencyVoice`: opens with the PIN only."""

    sent: list[tuple[str, Command]] = field(default_factory=list)
    repeated: int = 0
    slow_s: float = 0.0
    lost: LinkError | None = None

    async def send(self, typ: str, body: Command, *, pin: str, jti: str, now_ms: int, exp_ms: int, epoch: int) -> bytes:
        if pin != PIN:
            raise SealBroken("wrong_pin")
        await asyncio.sleep(self.slow_s)
        if self.lost is not None:
            raise self.lost
        self.sent.append((typ, body))
        return f"{typ}:{jti}".encode()

    async def repeat(self, sealed: bytes, to: To) -> None:
        self.repeated += 1


@dataclass(frozen=True)
class World:
    folder: Path
    clock: ManualClock
    store: Store
    door: Door
    poles: Poles
    siren: Siren
    studio: FakeStudio
    services: Services
    app: FastAPI

    @asynccontextmanager
    async def browser(self, *roles: Role, headers: dict[str, str] | None = None) -> AsyncIterator["Browser"]:
        """Somebody at a screen: signed in with ``roles``, or a stranger with none."""
        transport = httpx.ASGITransport(self.app, client=("192.0.2.7", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers) as client:
            browser = Browser(client)
            if roles:
                name = "-".join(sorted(roles))
                if await self.store.accounts.by_name(name) is None:
                    await self.door.person(name, *roles)
                await browser.sign_in(name, GOOD)
            yield browser

    async def audio(self, content: bytes = b"ID3 not really music", **changes: Any) -> AssetId:
        """Put a file into the store."""
        path = self.folder / "incoming.part"
        path.write_bytes(content)
        row = {
            "asset": asset_id(hashlib.sha256(content).hexdigest()),
            "bytes": len(content),
            "mime": "audio/mpeg",
            "duration_ms": 9_000,
            "lufs": -16.0,
            "true_peak_dbtp": -1.5,
            "engine": "recorded",
            "made_at": instant(self.clock.now_ms()),
        }
        audio = StoredAudio(**{**row, **changes})
        await self.store.audio.add(path, audio, note=note("audio.add"))
        return audio.asset


class Browser:
    """A client that keeps cookies and sends the CSRF token like the pages do."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.csrf = ""

    async def sign_in(self, name: str, password: str) -> httpx.Response:
        answer = await self.client.post("/api/v1/auth/login", json={"name": name, "password": password})
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf"]
        return answer

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.client.get(path, **more)

    async def send(self, method: str, path: str, body: Any = None, *, csrf: str | None = None) -> httpx.Response:
        headers = {"x-csrf-token": self.csrf if csrf is None else csrf}
        return await self.client.request(method, path, json=body, headers=headers)

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        return await self.send("POST", path, body)


def note(action: str) -> AuditNote:
    return AuditNote(actor="system", action=action, subject="test", at=instant(THURSDAY_0500))


@asynccontextmanager
async def open_world(folder: Path, *, options: WebOptions | None = None) -> AsyncIterator[World]:
    clock = ManualClock(THURSDAY_0500)
    with open_store(folder / "data", now=instant(THURSDAY_0500)) as store:
        await _ward(store)
        poles = Poles()
        door = build_door(store, clock)
        siren, studio = Siren(), FakeStudio(folder / "speech")
        made = _Made(store, clock, poles, siren, studio, door, options or OPTIONS)
        services = await _services(made)
        yield World(folder, clock, store, door, poles, siren, studio, services, _app(services))


def _app(services: Services) -> FastAPI:
    """Put the ward behind routes that were made once; one ward at a time stands behind them."""
    return create_app(services, routes=_ROUTES(https=services.options.secure_cookies))


_ROUTES = cache(assemble)


@dataclass(frozen=True)
class _Made:
    store: Store
    clock: ManualClock
    poles: Poles
    siren: Siren
    studio: FakeStudio
    door: Door
    options: WebOptions


async def _ward(store: Store) -> None:
    for zone in ("kp1", "kp2"):
        await store.inventory.save_zone(Zone(id=ZoneId(zone), name=f"Khu phố {zone[2:]}"), note=note("seed"))
    for name in POLES:
        zone = ZoneId(name.partition("-")[0])
        await store.inventory.save_cluster(Cluster(id=name, name=f"Cụm {name}", zone=zone), note=note("seed"))
        key = SigningKey.generate(f"dev-{name}-1", KeyRole.DEVICE)
        identity = ClusterIdentity(
            cluster=name,
            kid=key.kid,
            public_key=key.public,
            broker_password_hash="x",
            enrolled_at=instant(THURSDAY_0500),
        )
        await store.enrolments.save_identity(identity, note=note("seed"))
    old = Cluster(id=ClusterId("kp2-fm"), name="Cụm FM cũ", zone=ZoneId("kp2"), kind=ClusterKind.FM)
    await store.inventory.save_cluster(old, note=note("seed"))


async def _services(made: _Made) -> Services:
    store, clock, poles, door = made.store, made.clock, made.poles, made.door
    bus = Bus(clock)
    alarms = AlarmDesk(store.alarms, bus, clock)
    await alarms.load()
    fleet = Fleet(store.inventory, store.enrolments, poles)
    await fleet.refresh()
    monitor = Monitor(fleet=fleet, clusters=poles, bus=bus, clock=clock)
    monitor.fleet_changed()
    second_person = SecondPerson(store.audit, clock)
    rulebook = Rulebook(
        values=store.values,
        seal=lambda _: "sealed",
        changed=lambda _: None,
        second_person=second_person,
        bus=bus,
        clock=clock,
    )
    await rulebook.adopt_first(DEFAULT_POLICY)
    publishers = {
        kind: Publisher(kind, issues=store.issues, clusters=poles, alarms=alarms, fleet=fleet, clock=clock)
        for kind in ("plan", "config", "silence")
    }
    for publisher in publishers.values():
        await publisher.load()
    view = WardView(
        schedules=store.schedules,
        programmes=store.programmes,
        bulletins=store.bulletins,
        audio=store.audio,
        fleet=fleet,
        rulebook=rulebook,
    )
    planner = Planner(
        view=view,
        audio=store.audio,
        fleet=fleet,
        publisher=publishers["plan"],
        alarms=alarms,
        bus=bus,
        clock=clock,
        zone=WARD_ZONE,
    )
    silence = SilenceSwitch(
        values=store.values,
        publisher=publishers["silence"],
        fleet=fleet,
        monitor=monitor,
        alarms=alarms,
        bus=bus,
        clock=clock,
    )
    await silence.load()
    workshop = Workshop(values=store.values, fleet=fleet, changed=planner.changed, bus=bus, clock=clock)
    log = CommandLog(issues=store.issues, bus=bus, clock=clock)
    commands = Commands(
        clusters=poles,
        fleet=fleet,
        monitor=monitor,
        log=log,
        rulebook=rulebook,
        epoch=lambda: publishers["plan"].epoch,
        clock=clock,
    )
    library = Library(audio=store.audio, speech=made.studio, clock=clock)
    watch = EmergencyWatch(voice=made.siren, values=store.values, monitor=monitor, alarms=alarms, bus=bus, clock=clock)

    promises = Promises(proofs=store.proofs, alarms=alarms, clock=clock)

    async def follow() -> None:
        await fleet.refresh()
        monitor.fleet_changed()

    health = Health(
        supervisor=Supervisor(clock, bus),
        clusters=poles,
        values=store.values,
        clock_watch=ClockWatch(clock=clock, zone=WARD_ZONE, changed=planner.changed, alarms=alarms),
        free_bytes=lambda: 10_000_000_000,
        alarms=alarms,
        clock=clock,
    )
    await health.probe(write=True)
    wording = wording_of(store, speech=made.studio, alarms=alarms, changed=planner.changed, bus=bus, clock=clock)
    await wording.lexicon.load()
    phrases = build_phrases(
        store,
        speech=made.studio,
        library=library,
        fleet=fleet,
        quiet=lambda: nothing_airs(monitor, planner, watch, clock),
        changed=planner.changed,
        alarms=alarms,
        bus=bus,
        clock=clock,
        zone=WARD_ZONE,
    )
    await phrases.load()
    cameras = camera_room(
        store, fleet=fleet, follow=follow, zone=WARD_ZONE, bus=bus, clock=clock, eyes=NoEyes(clock), allow_local=True
    )
    await cameras.load()
    programming = Programming(
        programmes=store.programmes,
        schedules=store.schedules,
        audio=store.audio,
        view=view,
        changed=planner.changed,
        bus=bus,
        clock=clock,
    )
    return Services(
        options=made.options,
        clock=clock,
        accounts=door.accounts,
        sessions=door.sessions,
        second_factor=door.second_factor,
        delegations=door.delegations,
        enrolment=Enrolment(
            store=store.enrolments,
            inventory=store.inventory,
            audit=store.audit,
            clock=clock,
            terms=_terms,
            hash_password=lambda password: f"hashed:{password}",
            on_change=follow,
        ),
        bus=bus,
        health=health,
        alarms=alarms,
        monitor=monitor,
        telemetry=TelemetryLog(book=store.hours, monitor=monitor, clock=clock),
        fleet=fleet,
        editorial=Editorial(
            bulletins=store.bulletins,
            library=library,
            speech=made.studio,
            changed=planner.changed,
            bus=bus,
            clock=clock,
        ),
        library=library,
        takes=TakeBook(values=store.values, clock=clock),
        programming=programming,
        calendar=CalendarFeed(values=store.values, accounts=store.accounts, programming=programming, clock=clock),
        board=AirBoard(proofs=store.proofs, monitor=monitor, fleet=fleet, log=log, clock=clock),
        broadcast_now=BroadcastNow(
            bulletins=store.bulletins,
            programmes=store.programmes,
            library=library,
            proofs=store.proofs,
            commands=commands,
            fleet=fleet,
            rulebook=rulebook,
            silence=silence,
            view=view,
            clock=clock,
        ),
        emergency=EmergencyDesk(
            voice=made.siren,
            watch=watch,
            bulletins=store.bulletins,
            library=library,
            speech=made.studio,
            promises=promises,
            audit=store.audit,
            log=log,
            fleet=fleet,
            rulebook=rulebook,
            silence=silence,
            epoch=lambda: publishers["plan"].epoch,
            clock=clock,
        ),
        emergency_watch=watch,
        inventory=InventoryDesk(inventory=store.inventory, follow=follow, bus=bus, clock=clock),
        readiness=Readiness(
            planner=planner,
            plans=publishers["plan"],
            monitor=monitor,
            fleet=fleet,
            alarms=alarms,
            bus=bus,
            clock=clock,
        ),
        intake=Intake(
            proofs=store.proofs,
            promises=promises,
            clusters=poles,
            verdicts=Verdicts(alarms=alarms, bus=bus, fleet=fleet),
            alarms=JournalAlarms(audit=store.audit, alarms=alarms, fleet=fleet, clock=clock),
            clock=clock,
        ),
        commands=commands,
        command_log=log,
        planner=planner,
        rulebook=rulebook,
        out_of_hours=OutOfHoursDesk(
            values=store.values,
            rulebook=rulebook,
            alarms=alarms,
            clock=clock,
            second_person=second_person,
        ),
        silence=silence,
        workshop=workshop,
        wording=wording,
        phrases=phrases.desk,
        cameras=cameras,
        reporting=reporting_of(store, clock, zone=WARD_ZONE),
        listening=listening_of(store, clock, days=30),
        alarm_log=store.alarms,
        audio=store.audio,
        audit=store.audit,
        issues=store.issues,
        proofs=store.proofs,
    )


def _terms() -> Terms:
    return Terms(
        site="tan-thanh",
        root=ROOT.entry,
        keys="sealed-key-list",
        broker_host="192.0.2.1",
        broker_port=1883,
        asset_base="http://192.0.2.1:8080/a/",
    )


async def settled() -> None:
    """Let what was started run."""
    for _ in range(20):
        await asyncio.sleep(0)
