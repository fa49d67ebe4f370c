"""A whole gateway's services over a real store, with a broker, a key and a studio that behave. Time moves when told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from devices.clock import ManualClock, epoch_ms, instant
from devices.errors import SealBroken
from devices.model import AssetId, ClusterId, OccurrenceId, ZoneId
from devices.wire.documents import PolicyDocument
from gateway.domain.bulletin import Bulletin, Content
from gateway.domain.ids import BulletinId, CategoryId, ProgrammeId, ScheduleId, UserId
from gateway.domain.people import Role, User
from gateway.domain.programme import BulletinItem, Programme
from gateway.domain.rule import Weekly
from gateway.domain.schedule import Schedule
from gateway.domain.targets import EVERYWHERE, Cluster, Zone
from gateway.main.phrases import Phrases, build_phrases, nothing_airs
from gateway.main.wording import wording_of
from gateway.ports.records import AuditNote, ClusterIdentity, PlannedPlay
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.broadcast_now import BroadcastNow
from gateway.services.bus import Bus
from gateway.services.clock_watch import ClockWatch
from gateway.services.command_log import CommandLog
from gateway.services.commands import Commands
from gateway.services.config_desk import ConfigDesk
from gateway.services.editorial import Editorial
from gateway.services.emergency import EmergencyDesk
from gateway.services.emergency_watch import EmergencyWatch
from gateway.services.fleet import Fleet
from gateway.services.intake import Intake
from gateway.services.inventory import InventoryDesk
from gateway.services.journal_alarms import JournalAlarms
from gateway.services.ledger import Ledger
from gateway.services.library import Library
from gateway.services.monitor import Monitor
from gateway.services.planner import Planner
from gateway.services.programming import Programming
from gateway.services.promises import Promises
from gateway.services.publisher import Publisher
from gateway.services.readiness import Readiness
from gateway.services.reception import Reception
from gateway.services.refused_plays import RefusedPlays
from gateway.services.rulebook import Rulebook
from gateway.services.second_person import SecondPerson
from gateway.services.silence import SilenceSwitch
from gateway.services.sweep import Sweeper
from gateway.services.taken_back import TakenBack
from gateway.services.technical import Workshop
from gateway.services.time_witness import BelievedClock
from gateway.services.verdicts import Verdicts
from gateway.services.ward_changes import WardChanges
from gateway.services.ward_view import WardView
from gateway.services.watchman import Watchman
from gateway.services.wording import Wording
from gateway.store.opening import Store, open_store
from tests.gateway.services.fakes import FakeClusters, FakeStudio, FakeVoice
from tests.gateway.services.pole import Pole

ZONE = "Asia/Ho_Chi_Minh"
WEDNESDAY_EVENING = datetime(2026, 10, 7, 13, 0, tzinfo=UTC)
"""20:00 in the ward: the next airtime is Thursday 05:30."""
THURSDAY, SATURDAY = 3, 5
MORNING, EVENING = time(5, 30), time(17, 30)
FIRST = OccurrenceId("lich-1@2026-10-08T05:30:00+07:00")
SECOND = OccurrenceId("lich-1@2026-10-08T17:30:00+07:00")

RULES: dict[str, Any] = {
    "name": "test",
    "version": 1,
    "title_vi": "Quy chế thử",
    "title_en": "Test rules",
    "source": "không",
    "valid_from": "2026-01-01",
    "zone": ZONE,
    "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "windows": [{"start": "05:00", "end": "22:00"}],
    "max_percent": 85,
    "emergency_min_percent": 95,
}


def person(name: str, *roles: Role) -> User:
    return User(id=UserId(name), name=name, roles=frozenset(roles))


AUTHOR = person("bien-tap-vien", Role.AUTHOR)
APPROVER = person("pho-chu-tich", Role.APPROVER)
OPERATOR = person("truc-ban", Role.OPERATOR)
TECHNICIAN = person("ky-thuat", Role.TECHNICIAN)
ADMIN = person("quan-tri", Role.ADMIN)
VIEWER = person("nguoi-xem", Role.VIEWER)


@dataclass
class World:
    """Everything ``main`` would build, by name."""

    store: Store
    clock: ManualClock
    broker: FakeClusters
    voice: FakeVoice
    studio: FakeStudio
    bus: Bus
    alarms: AlarmDesk
    fleet: Fleet
    monitor: Monitor
    rulebook: Rulebook
    workshop: Workshop
    plans: Publisher
    configs: Publisher
    silences: Publisher
    planner: Planner
    config_desk: ConfigDesk
    silence: SilenceSwitch
    verdicts: Verdicts
    intake: Intake
    sweeper: Sweeper
    log: CommandLog
    commands: Commands
    now: BroadcastNow
    emergency_watch: EmergencyWatch
    emergency: EmergencyDesk
    readiness: Readiness
    watchman: Watchman
    reception: Reception
    changes: WardChanges
    library: Library
    editorial: Editorial
    programming: Programming
    inventory: InventoryDesk
    ledger: Ledger
    clock_watch: ClockWatch
    promises: Promises
    wording: Wording
    phrases: Phrases
    taken_back: TakenBack

    async def settle(self) -> None:
        """Let every task do what is due at this moment, in the order of a busy second."""
        await self.config_desk.issue()
        await self.planner.plan()
        for publisher in (self.silences, self.configs, self.plans):
            await publisher.look()
        await self.intake.flush()
        self.monitor.look()
        await self.monitor.tell()
        await self.log.look()
        await self.emergency_watch.look()

    async def during(self, work: Awaitable[None]) -> None:
        """Let time pass while ``work``, which waits for the clock, is done."""
        doing = asyncio.ensure_future(work)
        while not doing.done():
            await asyncio.sleep(0.001)
            await self.clock.advance(0.1)
        await doing

    async def watch(self) -> None:
        """Let the slower tasks look."""
        await self.settle()
        await self.clock_watch.look()
        await self.readiness.look()
        await self.watchman.look()
        await self.sweeper.sweep()

    async def at(self, moment: datetime) -> None:
        await self.clock.advance((epoch_ms(moment) - self.clock.now_ms()) / 1000)

    def local(self, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
        """Name a moment of October 2026 by the ward's clock."""
        return datetime(2026, 10, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=7)

    def pole(self, name: str) -> Pole:
        return Pole(name, ear=self.reception, broker=self.broker, clock=self.clock)

    async def poles(self, *names: str) -> list[Pole]:
        """Poles that are online and hold their plan."""
        await self.settle()
        poles = [self.pole(name) for name in names or sorted(self.fleet.enrolled)]
        for pole in poles:
            await pole.connect()
            await pole.take_plan()
        await self.settle()
        return poles

    async def play(self, occ: str, cluster: str) -> PlannedPlay:
        found = await self.store.proofs.play(OccurrenceId(occ), ClusterId(cluster))
        assert found is not None
        return found

    def standing(self, prefix: str = "") -> list[str]:
        return sorted(key for key in self.alarms.standing if key.startswith(prefix))

    async def enrol(self, *names: str, kid: str = "1") -> None:
        for name in names:
            identity = ClusterIdentity(
                cluster=ClusterId(name),
                kid=f"dev-{name}-{kid}",
                public_key="k" * 43,
                broker_password_hash="",
                enrolled_at=instant(self.clock.now_ms()),
            )
            await self.store.enrolments.save_identity(identity, note=self.note("enrol.done"))
        await self.changes.follow()

    def note(self, action: str) -> AuditNote:
        return AuditNote(actor="system", action=action, subject="test", at=instant(self.clock.now_ms()))

    # -- a ward's usual content --------------------------------------------------------------------------------------

    async def approved(self, text: str = "Kính thưa bà con nhân dân trong phường.", **changes: Any) -> Bulletin:
        content = Content(title="An ninh trật tự", category=CategoryId("an-ninh-trat-tu"), text=text, **changes)
        written = await self.editorial.create(content, by=AUTHOR)
        waiting = await self.editorial.submit(written.id, by=AUTHOR)
        return await self.approve(waiting)

    async def approve(self, waiting: Bulletin) -> Bulletin:
        assert waiting.audio is not None
        return await self.editorial.approve(
            waiting.id, text_sha256=waiting.text_sha256, asset=waiting.audio.asset, by=APPROVER
        )

    async def programme(self, *bulletins: BulletinId, name: str = "ct-1", **changes: Any) -> Programme:
        items = tuple(BulletinItem(bulletin=bulletin) for bulletin in bulletins)
        made = Programme(id=ProgrammeId(name), title="Bản tin phường", items=items, **changes)
        return await self.programming.save_programme(made, by=OPERATOR)

    async def scheduled(self, name: str = "lich-1", **changes: Any) -> Schedule:
        return await self.programming.save_schedule(schedule(name, **changes), was_revision=None, by=OPERATOR)

    async def on_the_air(self) -> Bulletin:
        """An approved bulletin, Thursday and Saturday, morning and evening, everywhere; planned and published."""
        bulletin = await self.approved()
        await self.programme(bulletin.id)
        await self.scheduled()
        await self.settle()
        return bulletin

    def asset_of(self, bulletin: Bulletin) -> AssetId:
        assert bulletin.audio is not None
        return bulletin.audio.asset


def schedule(name: str = "lich-1", **changes: Any) -> Schedule:
    fields: dict[str, Any] = {
        "id": ScheduleId(name),
        "name": "Thứ 5 và thứ 7",
        "programme": ProgrammeId("ct-1"),
        "targets": EVERYWHERE,
        "rule": Weekly(weekdays=frozenset({THURSDAY, SATURDAY}), first=date(2026, 1, 1)),
        "times": (MORNING, EVENING),
    }
    return Schedule(**{**fields, **changes})


@dataclass
class RootKey:
    """The stick in the drawer."""

    here: bool = True

    def seal(self, policy: PolicyDocument) -> str:
        if not self.here:
            raise SealBroken("no_key")
        return f"sealed policy {policy.version}" + (f".{policy.permits_rev}" if policy.permits_rev else "")


async def build(
    store: Store,
    clock: ManualClock,
    folder: Path,
    *,
    broker: FakeClusters | None = None,
    root: RootKey | None = None,
) -> World:
    """Build and load the services, as ``main`` does."""
    broker = broker or FakeClusters()
    root = root or RootKey()
    voice, studio, bus = FakeVoice(broker), FakeStudio(folder / "studio"), Bus(clock)
    alarms = AlarmDesk(store.alarms, bus, clock)
    fleet = Fleet(store.inventory, store.enrolments, broker)
    monitor = Monitor(fleet=fleet, clusters=broker, bus=bus, clock=clock)
    believed = BelievedClock(clock, monitor.witness)
    why: list[Any] = []

    def changed(reason: str) -> None:
        for listener in why:
            listener(reason)

    rulebook = Rulebook(
        values=store.values,
        seal=root.seal,
        changed=changed,
        second_person=SecondPerson(store.audit, clock),
        bus=bus,
        clock=clock,
    )
    workshop = Workshop(values=store.values, fleet=fleet, changed=changed, bus=bus, clock=clock)
    plans, configs, silences = (
        Publisher(kind, issues=store.issues, clusters=broker, alarms=alarms, fleet=fleet, clock=clock)
        for kind in ("plan", "config", "silence")
    )
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
        publisher=plans,
        alarms=alarms,
        bus=bus,
        clock=clock,
        zone=ZONE,
        witness=monitor.witness,
        standing=lambda: phrases.book.standing,
    )
    config_desk = ConfigDesk(
        fleet=fleet,
        rulebook=rulebook,
        workshop=workshop,
        publisher=configs,
        sealed_keys=lambda: "sealed keys",
        asset_base="http://gateway/a/",
        zone=ZONE,
        clock=clock,
    )
    why += [planner.changed, config_desk.changed]
    silence = SilenceSwitch(
        values=store.values, publisher=silences, fleet=fleet, monitor=monitor, alarms=alarms, bus=bus, clock=clock
    )
    verdicts = Verdicts(alarms=alarms, bus=bus, fleet=fleet)
    promises = Promises(proofs=store.proofs, alarms=alarms, clock=clock)
    intake = Intake(
        proofs=store.proofs,
        promises=promises,
        clusters=broker,
        verdicts=verdicts,
        alarms=JournalAlarms(audit=store.audit, alarms=alarms, fleet=fleet, clock=clock),
        clock=believed,
    )
    log = CommandLog(issues=store.issues, bus=bus, clock=believed)
    log.listen(RefusedPlays(proofs=store.proofs, verdicts=verdicts, clock=clock).on_step)

    def epoch() -> int:
        return plans.epoch

    commands = Commands(
        clusters=broker, fleet=fleet, monitor=monitor, log=log, rulebook=rulebook, epoch=epoch, clock=believed
    )
    taken_back = TakenBack(
        bulletins=store.bulletins,
        audio=store.audio,
        proofs=store.proofs,
        monitor=monitor,
        commands=commands,
        log=log,
        fleet=fleet,
        alarms=alarms,
        clock=clock,
    )
    why.append(taken_back.changed)
    library = Library(audio=store.audio, speech=studio, clock=clock)
    emergency_watch = EmergencyWatch(
        voice=voice, values=store.values, monitor=monitor, alarms=alarms, bus=bus, clock=believed
    )
    monitor.listen(emergency_watch.on_change)
    readiness = Readiness(
        planner=planner, plans=plans, monitor=monitor, fleet=fleet, alarms=alarms, bus=bus, clock=clock
    )
    changes = WardChanges(fleet=fleet, monitor=monitor, configs=config_desk, planner=planner)
    phrases = build_phrases(
        store,
        speech=studio,
        library=library,
        fleet=fleet,
        quiet=lambda: nothing_airs(monitor, planner, emergency_watch, clock),
        changed=changed,
        alarms=alarms,
        bus=bus,
        clock=clock,
        zone=ZONE,
    )
    world = World(
        store=store,
        clock=clock,
        broker=broker,
        voice=voice,
        studio=studio,
        bus=bus,
        alarms=alarms,
        fleet=fleet,
        monitor=monitor,
        rulebook=rulebook,
        workshop=workshop,
        plans=plans,
        configs=configs,
        silences=silences,
        planner=planner,
        config_desk=config_desk,
        silence=silence,
        verdicts=verdicts,
        intake=intake,
        sweeper=Sweeper(proofs=store.proofs, monitor=monitor, verdicts=verdicts, clock=clock),
        log=log,
        commands=commands,
        now=BroadcastNow(
            bulletins=store.bulletins,
            programmes=store.programmes,
            library=library,
            proofs=store.proofs,
            commands=commands,
            fleet=fleet,
            rulebook=rulebook,
            silence=silence,
            view=view,
            clock=believed,
        ),
        emergency_watch=emergency_watch,
        emergency=EmergencyDesk(
            voice=voice,
            watch=emergency_watch,
            bulletins=store.bulletins,
            library=library,
            speech=studio,
            promises=promises,
            audit=store.audit,
            log=log,
            fleet=fleet,
            rulebook=rulebook,
            silence=silence,
            epoch=epoch,
            clock=believed,
        ),
        readiness=readiness,
        watchman=Watchman(
            monitor=monitor,
            clusters=broker,
            fleet=fleet,
            proofs=store.proofs,
            promises=promises,
            verdicts=verdicts,
            alarms=alarms,
            clock=clock,
        ),
        reception=Reception(
            monitor=monitor,
            intake=intake,
            log=log,
            readiness=readiness,
            plans=plans,
            configs=configs,
            silences=silences,
        ),
        changes=changes,
        library=library,
        editorial=Editorial(
            bulletins=store.bulletins, library=library, speech=studio, changed=changed, bus=bus, clock=clock
        ),
        programming=Programming(
            programmes=store.programmes,
            schedules=store.schedules,
            audio=store.audio,
            view=view,
            changed=changed,
            bus=bus,
            clock=clock,
        ),
        inventory=InventoryDesk(inventory=store.inventory, follow=changes.follow, bus=bus, clock=clock),
        ledger=Ledger(proofs=store.proofs),
        promises=promises,
        wording=wording_of(store, speech=studio, alarms=alarms, changed=planner.changed, bus=bus, clock=clock),
        phrases=phrases,
        taken_back=taken_back,
        clock_watch=ClockWatch(clock=clock, zone=ZONE, changed=planner.changed, alarms=alarms, witness=monitor.witness),
    )
    await load(world)
    return world


async def load(world: World) -> None:
    """Read what must be known before anything runs, in the order that ``main`` keeps."""
    await world.alarms.load()
    await world.rulebook.load()
    await world.workshop.load()
    for publisher in (world.silences, world.configs, world.plans):
        await publisher.load()
    await world.changes.follow()
    await world.silence.load()
    await world.intake.load()
    await world.log.load()
    await world.emergency_watch.load()
    await world.wording.lexicon.load()
    await world.phrases.load()


@asynccontextmanager
async def open_world(
    folder: Path, *clusters: str, clock: ManualClock | None = None, broker: FakeClusters | None = None
) -> AsyncIterator[World]:
    """A gateway over the data in ``folder``; on new data, a ward with ``clusters`` enrolled and rules adopted."""
    clock = clock or ManualClock(epoch_ms(WEDNESDAY_EVENING))
    with open_store(folder / "data", now=instant(clock.now_ms())) as store:
        world = await build(store, clock, folder, broker=broker)
        if clusters:
            await world.rulebook.adopt_first(RULES)
            await furnish(world, *clusters)
        yield world


async def furnish(world: World, *clusters: str) -> None:
    for zone in sorted({name.partition("-")[0] for name in clusters}):
        await world.inventory.save_zone(Zone(id=ZoneId(zone), name=f"Khu phố {zone[2:]}"), by=ADMIN)
    for name in clusters:
        zone = ZoneId(name.partition("-")[0])
        row = Cluster(id=ClusterId(name), name=f"Cụm {name}", zone=zone, households=50)
        await world.store.inventory.save_cluster(row, note=world.note("cluster.save"))
    await world.enrol(*clusters)
    await world.settle()
