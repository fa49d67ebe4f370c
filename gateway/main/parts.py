"""Every service of one ward, built in the order in which they need each other. Nothing runs yet."""

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from devices.clock import Clock
from devices.clusters import ClusterDriver, EmergencyDriver, Keyring, Presence
from devices.seal import Trust
from devices.wire.documents import KeyList
from gateway.main.changes import Changes
from gateway.main.charge import build_charge
from gateway.main.phrases import Phrases, build_phrases, nothing_airs
from gateway.main.wording import wording_of
from gateway.ports.speech import Speech
from gateway.services.after_restore import AfterRestore, Authority
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.board import AirBoard
from gateway.services.broadcast_now import BroadcastNow
from gateway.services.bus import Bus
from gateway.services.charge import Charge
from gateway.services.charge_gate import GatedClusters, GatedVoice
from gateway.services.clock_watch import ClockWatch
from gateway.services.command_log import CommandLog
from gateway.services.commands import Commands
from gateway.services.config_desk import ConfigDesk
from gateway.services.editorial import Editorial
from gateway.services.emergency import EmergencyDesk
from gateway.services.emergency_watch import EmergencyWatch
from gateway.services.fleet import Fleet
from gateway.services.health import Health
from gateway.services.house_voice import AS_BUILT, HouseVoice
from gateway.services.intake import Intake
from gateway.services.inventory import InventoryDesk
from gateway.services.journal_alarms import JournalAlarms
from gateway.services.ledger import Ledger
from gateway.services.library import Library
from gateway.services.monitor import Monitor
from gateway.services.out_of_hours import OutOfHoursDesk
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
from gateway.services.supervisor import Supervisor
from gateway.services.sweep import Sweeper
from gateway.services.taken_back import TakenBack
from gateway.services.technical import Workshop
from gateway.services.time_witness import BelievedClock
from gateway.services.verdicts import Verdicts
from gateway.services.ward_changes import WardChanges
from gateway.services.ward_view import WardView
from gateway.services.watchman import Watchman
from gateway.services.wording import Wording
from gateway.store.opening import Store


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What the services reach the world through."""

    clock: Clock
    store: Store
    speech: Speech
    driver: ClusterDriver
    voice: EmergencyDriver
    presence: Presence
    keyring: Callable[[], Keyring]
    renew_keys: Callable[[KeyList], Awaitable[str]]
    zone: str
    asset_base: str
    phrases: bool = True
    usual: HouseVoice = AS_BUILT
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The services, each by its name."""

    bus: Bus
    alarms: AlarmDesk
    charge: Charge
    fleet: Fleet
    monitor: Monitor
    plans: Publisher
    configs: Publisher
    silences: Publisher
    rulebook: Rulebook
    out_of_hours: OutOfHoursDesk
    workshop: Workshop
    view: WardView
    planner: Planner
    config_desk: ConfigDesk
    silence: SilenceSwitch
    verdicts: Verdicts
    intake: Intake
    readiness: Readiness
    reception: Reception
    watchman: Watchman
    ward_changes: WardChanges
    inventory: InventoryDesk
    ledger: Ledger
    sweeper: Sweeper
    command_log: CommandLog
    commands: Commands
    library: Library
    editorial: Editorial
    programming: Programming
    broadcast_now: BroadcastNow
    emergency_watch: EmergencyWatch
    emergency: EmergencyDesk
    clock_watch: ClockWatch
    promises: Promises
    taken_back: TakenBack
    supervisor: Supervisor
    health: Health
    wording: Wording
    phrases: Phrases
    board: AirBoard
    after_restore: AfterRestore


def build(outside: Outside) -> Parts:
    """Build them all."""
    clock, store, driver = outside.clock, outside.store, outside.driver
    gated = GatedClusters(driver, lambda: charge.leads)
    voice = GatedVoice(outside.voice, lambda: charge.leads)
    content, technical = Changes(), Changes()
    bus = Bus(clock)
    alarms = AlarmDesk(store.alarms, bus, clock)
    fleet = Fleet(store.inventory, store.enrolments, driver)
    monitor = Monitor(fleet=fleet, clusters=driver, bus=bus, clock=clock)
    believed = BelievedClock(clock, monitor.witness)  # what poles are told to do is stamped with their hour

    def publisher(kind: str) -> Publisher:
        return Publisher(kind, issues=store.issues, clusters=gated, alarms=alarms, fleet=fleet, clock=clock)

    plans, configs, silences = publisher("plan"), publisher("config"), publisher("silence")
    rulebook = Rulebook(
        values=store.values, changed=technical, second_person=SecondPerson(store.audit, clock), bus=bus, clock=clock,
        seal=lambda policy: outside.keyring().seal_policy(policy, now_ms=clock.now_ms()),
    )  # fmt: skip
    workshop = Workshop(values=store.values, fleet=fleet, changed=technical, bus=bus, clock=clock)
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
        zone=outside.zone,
        witness=monitor.witness,
        standing=lambda: phrases.book.standing,
    )
    config_desk = ConfigDesk(
        fleet=fleet,
        rulebook=rulebook,
        workshop=workshop,
        publisher=configs,
        sealed_keys=lambda: outside.keyring().sealed_list,
        asset_base=outside.asset_base,
        zone=outside.zone,
        clock=clock,
    )
    out_of_hours = OutOfHoursDesk(
        values=store.values, rulebook=rulebook, alarms=alarms, clock=clock, reached=config_desk.reached,
        second_person=SecondPerson(store.audit, clock),
    )  # fmt: skip
    content.listen(planner.changed)
    technical.listen(planner.changed)
    technical.listen(config_desk.changed)
    silence = SilenceSwitch(
        values=store.values, publisher=silences, fleet=fleet, monitor=monitor, alarms=alarms, bus=bus, clock=clock
    )
    numbered, desks = (plans, configs, silences), (silence, planner, config_desk)
    charge = build_charge(
        outside.presence, driver, store.issues, numbered, desks, alarms=alarms, zone=outside.zone, clock=clock
    )
    verdicts = Verdicts(alarms=alarms, bus=bus, fleet=fleet, stands_by=charge.stands_by)
    journal_alarms = JournalAlarms(audit=store.audit, alarms=alarms, fleet=fleet, clock=clock)
    promises = Promises(proofs=store.proofs, alarms=alarms, clock=clock)
    intake = Intake(
        proofs=store.proofs,
        promises=promises,
        clusters=gated,
        verdicts=verdicts,
        alarms=journal_alarms,
        clock=believed,
    )
    sweeper = Sweeper(proofs=store.proofs, monitor=monitor, verdicts=verdicts, clock=clock, stands_by=charge.stands_by)
    command_log = CommandLog(issues=store.issues, bus=bus, clock=believed)
    readiness = Readiness(
        planner=planner, plans=plans, monitor=monitor, fleet=fleet, alarms=alarms, bus=bus, clock=clock,
        stands_by=charge.stands_by,
    )  # fmt: skip
    reception = Reception(
        monitor=monitor,
        intake=intake,
        log=command_log,
        readiness=readiness,
        plans=plans,
        configs=configs,
        silences=silences,
    )
    watchman = Watchman(
        monitor=monitor,
        clusters=driver,
        fleet=fleet,
        proofs=store.proofs,
        promises=promises,
        verdicts=verdicts,
        alarms=alarms,
        clock=clock,
    )
    ward_changes = WardChanges(fleet=fleet, monitor=monitor, configs=config_desk, planner=planner)
    inventory = InventoryDesk(inventory=store.inventory, follow=ward_changes.follow, bus=bus, clock=clock)
    command_log.listen(RefusedPlays(proofs=store.proofs, verdicts=verdicts, clock=clock).on_step)
    commands = Commands(
        clusters=gated,
        fleet=fleet,
        monitor=monitor,
        log=command_log,
        rulebook=rulebook,
        epoch=lambda: plans.epoch,
        clock=believed,
        expect_charge=charge.expect,
    )
    taken_back = TakenBack(
        bulletins=store.bulletins,
        audio=store.audio,
        proofs=store.proofs,
        monitor=monitor,
        commands=commands,
        log=command_log,
        fleet=fleet,
        alarms=alarms,
        clock=clock,
    )
    content.listen(taken_back.changed)
    library = Library(audio=store.audio, speech=outside.speech, clock=clock)
    editorial = Editorial(
        bulletins=store.bulletins,
        library=library,
        speech=outside.speech,
        changed=content,
        bus=bus,
        clock=clock,
        usual=outside.usual,
    )
    programming = Programming(
        programmes=store.programmes,
        schedules=store.schedules,
        audio=store.audio,
        view=view,
        changed=content,
        bus=bus,
        clock=clock,
    )
    broadcast_now = BroadcastNow(
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
    )
    emergency_watch = EmergencyWatch(
        voice=voice, values=store.values, monitor=monitor, alarms=alarms, bus=bus, clock=believed
    )
    monitor.listen(emergency_watch.on_change)
    emergency = EmergencyDesk(
        voice=voice,
        watch=emergency_watch,
        bulletins=store.bulletins,
        library=library,
        speech=outside.speech,
        promises=promises,
        audit=store.audit,
        log=command_log,
        fleet=fleet,
        rulebook=rulebook,
        silence=silence,
        epoch=lambda: plans.epoch,
        clock=believed,
        expect_charge=charge.expect,
    )
    phrases = build_phrases(
        store,
        speech=outside.speech,
        library=library,
        fleet=fleet,
        quiet=lambda: nothing_airs(monitor, planner, emergency_watch, clock),
        changed=content,
        alarms=alarms,
        bus=bus,
        clock=clock,
        zone=outside.zone,
        enabled=outside.phrases,
    )
    clock_watch = ClockWatch(
        clock=clock,
        zone=outside.zone,
        changed=lambda why: planner.changed(why, force=True),
        alarms=alarms,
        witness=monitor.witness,
    )
    supervisor = Supervisor(clock, bus)
    health = Health(
        supervisor=supervisor,
        clusters=driver,
        values=store.values,
        clock_watch=clock_watch,
        free_bytes=lambda: shutil.disk_usage(store.folder).free,
        alarms=alarms,
        clock=clock,
    )
    return Parts(
        bus=bus,
        alarms=alarms,
        charge=charge,
        fleet=fleet,
        monitor=monitor,
        plans=plans,
        configs=configs,
        silences=silences,
        rulebook=rulebook,
        out_of_hours=out_of_hours,
        workshop=workshop,
        view=view,
        planner=planner,
        config_desk=config_desk,
        silence=silence,
        verdicts=verdicts,
        intake=intake,
        readiness=readiness,
        reception=reception,
        watchman=watchman,
        ward_changes=ward_changes,
        inventory=inventory,
        ledger=Ledger(proofs=store.proofs),
        sweeper=sweeper,
        command_log=command_log,
        commands=commands,
        library=library,
        editorial=editorial,
        programming=programming,
        broadcast_now=broadcast_now,
        emergency_watch=emergency_watch,
        emergency=emergency,
        clock_watch=clock_watch,
        promises=promises,
        taken_back=taken_back,
        supervisor=supervisor,
        health=health,
        phrases=phrases,
        board=AirBoard(proofs=store.proofs, monitor=monitor, fleet=fleet, log=command_log, clock=clock),
        after_restore=AfterRestore(
            monitor=monitor,
            fleet=fleet,
            rulebook=rulebook,
            keys=Authority(
                site=driver.keyring.site,
                root=lambda: Trust.of([outside.keyring().root]),
                version=lambda: outside.keyring().version,
                renew=outside.renew_keys,
            ),
            alarms=alarms,
            clock=clock,
        ),
        wording=wording_of(
            store,
            speech=outside.speech,
            alarms=alarms,
            changed=content,
            bus=bus,
            clock=clock,
            usual=outside.usual,
            region=outside.region,
        ),
    )
