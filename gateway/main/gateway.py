"""One ward's gateway, from the first file opened to the last one closed. Read it and you know the order."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from socket import gethostname

from devices.broker import hash_password
from devices.clock import Clock, instant
from devices.clusters import ClusterDriver, EmergencyDriver, Keyring, Presence
from devices.errors import LinkError
from devices.model import SiteId
from devices.wire.topics import Topics
from gateway.main.beside import Beside
from gateway.main.broker import OpenBroker, open_broker
from gateway.main.cameras import open_cameras
from gateway.main.ears import Switchboard
from gateway.main.founding import KEYS, Secrets, found_keyring, read_pack
from gateway.main.http import HttpServer
from gateway.main.new_keys import NewKeys
from gateway.main.parts import Outside, Parts, build
from gateway.main.people import People, build_people
from gateway.main.reports import Reports, build_reports
from gateway.main.roll import Roll
from gateway.main.together import Together
from gateway.services.calendar_feed import CalendarFeed
from gateway.services.cameras.room import CameraRoom
from gateway.services.enrolment import Enrolment, Terms
from gateway.services.house_voice import HouseVoice
from gateway.services.passwords import Passwords
from gateway.services.takes import TakeBook
from gateway.services.telemetry import TelemetryLog
from gateway.settings import Settings
from gateway.speech_settings import Speech
from gateway.store.lock import only_gateway
from gateway.store.opening import Store, open_store
from gateway.web.app import create_app
from gateway.web.services import Services, WebOptions
from tts.model import Pauses, VoiceId
from tts.speech import Studio, local_studio
from tts.text.reading import REGIONS

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """A gateway that is running."""

    settings: Settings
    clock: Clock
    store: Store
    keyring: Keyring
    studio: Studio
    broker: OpenBroker
    driver: ClusterDriver
    parts: Parts
    people: People
    enrolment: Enrolment
    cameras: CameraRoom
    url: str
    secrets: Secrets


@asynccontextmanager
async def open_gateway(
    settings: Settings, clock: Clock, *, version: str = "0", passwords: Passwords | None = None
) -> AsyncIterator[Gateway]:
    """Start everything; stop it in reverse at the end.

    ``passwords`` hashes other than at the product's own cost: for hundreds of wards in one process.

    Raises:
        BadSettings: what was set cannot be used here.
        StoreFailed, StoreTooNew, SealBroken, BrokerFailed: with what to do, in words.
    """
    async with AsyncExitStack() as stack:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        pack = read_pack(settings.ward.policy)
        stack.enter_context(only_gateway(settings.data))
        store = stack.enter_context(open_store(settings.data, now=instant(clock.now_ms())))
        site = SiteId(settings.ward.site)
        keyring, pin = found_keyring(settings.data, site, now_ms=clock.now_ms())
        studio = local_studio(
            settings.data / "speech",
            online=settings.speech.online,
            reading=REGIONS[settings.speech.region],
            default_voice=VoiceId(settings.speech.voice_id),
            default_speed=settings.speech.speed,
            default_pauses=Pauses(
                sentence_ms=settings.speech.pauses.sentence_ms, paragraph_ms=settings.speech.pauses.paragraph_ms
            ),
            voices=settings.data / "voices",
        )
        await stack.enter_async_context(studio)
        roll = await Roll.read(store)
        broker = await stack.enter_async_context(
            open_broker(
                settings.broker,
                folder=settings.data / "broker",
                site=site,
                password=secrets.token_urlsafe(24),
                accounts=roll.accounts,
            )
        )
        switchboard = Switchboard()
        topics = Topics(site)
        presence = Presence(
            address=broker.address,
            topics=topics,
            keyring=lambda: driver.keyring,
            clock=clock,
            host=gethostname(),
            folder=str(settings.data.absolute()),
        )
        driver = ClusterDriver(
            address=broker.address,
            topics=topics,
            keyring=keyring,
            clock=clock,
            ears=switchboard.ears,
            presence=presence,
        )
        voice = EmergencyDriver(address=broker.address, topics=topics, keyring=keyring, run=presence.me.instance)
        keys = NewKeys(folder=settings.data / KEYS, driver=driver, voice=voice, clock=clock)
        parts = build(
            Outside(
                clock=clock,
                store=store,
                speech=studio,
                driver=driver,
                voice=voice,
                presence=presence,
                keyring=lambda: driver.keyring,
                renew_keys=keys.renew_above,
                zone=settings.ward.timezone,
                asset_base=f"{settings.base_url}/a/",
                phrases=settings.speech.phrases,
                usual=_usual(settings.speech),
                region="" if settings.speech.region == "north" else settings.speech.region,
            )
        )
        keys.connect(parts.config_desk, parts.planner, parts.silence)
        switchboard.connect(parts.reception)
        driver.tell_time_while(lambda: not parts.clock_watch.disputed)
        people = build_people(
            store,
            clock,
            passwords=passwords or Passwords(),
            require_second_factor=settings.people.require_second_factor,
            alarms=parts.alarms,
        )
        reports = build_reports(store, parts.monitor, clock, zone=settings.ward.timezone, public=settings.public)

        follow_roll = Together(lambda: roll.follow(parts, broker.set_accounts))
        enrolment = Enrolment(
            store=store.enrolments,
            inventory=store.inventory,
            audit=store.audit,
            clock=clock,
            terms=lambda: _terms(settings, driver.keyring, broker),
            hash_password=hash_password,
            on_change=follow_roll,
        )

        beside = Beside(
            enrolments=store.enrolments,
            keys=settings.data / KEYS,
            version=keyring.version,
            roll_changed=follow_roll,
            keys_changed=keys.use,
            clock=clock,
        )
        cameras = await stack.enter_async_context(open_cameras(settings, store, parts, clock))
        telemetry = TelemetryLog(book=store.hours, monitor=parts.monitor, clock=clock)
        await beside.load()
        await _load(parts)
        await cameras.load()
        await parts.rulebook.adopt_first(pack)
        password = await people.accounts.ensure_admin()
        app = create_app(
            _web(
                settings=settings,
                clock=clock,
                store=store,
                parts=parts,
                people=people,
                reports=reports,
                enrolment=enrolment,
                cameras=cameras,
                telemetry=telemetry,
                version=version,
            )
        )
        server = HttpServer(app, settings.http)
        _watch(parts)
        cameras.watch(parts.supervisor)
        parts.supervisor.watch("beside", beside.run, silent_after_s=60)
        parts.supervisor.watch("telemetry", telemetry.run, silent_after_s=120)
        parts.supervisor.watch("attendance", reports.attendance.run, silent_after_s=120)
        await stack.enter_async_context(_running(driver, voice, presence, parts, server))
        yield Gateway(
            settings=settings,
            clock=clock,
            store=store,
            keyring=keyring,
            studio=studio,
            broker=broker,
            driver=driver,
            parts=parts,
            people=people,
            enrolment=enrolment,
            cameras=cameras,
            url=f"http://{settings.http.host}:{server.port}",
            secrets=Secrets(emergency_pin=pin, admin_password=password),
        )


@asynccontextmanager
async def _running(
    driver: ClusterDriver, voice: EmergencyDriver, presence: Presence, parts: Parts, server: HttpServer
) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(driver.run(), name="cluster driver"),
            group.create_task(voice.run(), name="emergency driver"),
            group.create_task(parts.supervisor.run(), name="supervisor"),
        ]
        serving = group.create_task(server.run(), name="http")
        try:
            yield
        finally:
            server.stop()
            await asyncio.wait({serving})
            with suppress(LinkError):  # then the others wait for three renewals
                await presence.say_goodbye()
            for task in tasks:
                task.cancel()


def _watch(parts: Parts) -> None:
    """Name every long task, and how long it may be silent."""
    watch = parts.supervisor.watch
    watch("charge", parts.charge.run, silent_after_s=30)
    watch("monitor", parts.monitor.run, silent_after_s=30)
    watch("intake", parts.intake.run, silent_after_s=60)
    watch("readiness", parts.readiness.run, silent_after_s=60)
    watch("watchman", parts.watchman.run, silent_after_s=60)
    watch("planner", parts.planner.run, silent_after_s=120)
    watch("after restore", parts.after_restore.run, silent_after_s=60)
    watch("config", parts.config_desk.run, silent_after_s=120)
    watch("plans", parts.plans.run, silent_after_s=120)
    watch("configs", parts.configs.run, silent_after_s=120)
    watch("silences", parts.silences.run, silent_after_s=60)
    watch("out of hours", parts.out_of_hours.run, silent_after_s=120)
    watch("kill switch", parts.silence.run, silent_after_s=60)
    watch("commands", parts.command_log.run, silent_after_s=60)
    watch("emergency", parts.emergency_watch.run, silent_after_s=60)
    watch("taken back", parts.taken_back.run, silent_after_s=60)
    watch("promises", parts.promises.run, silent_after_s=60)
    watch("sweeper", parts.sweeper.run, silent_after_s=180)
    watch("clock", parts.clock_watch.run, silent_after_s=60)
    watch("health", parts.health.run, silent_after_s=60)
    watch("lexicon", parts.wording.lexicon.run, silent_after_s=120)
    watch("phrases", parts.phrases.book.run, silent_after_s=600)


async def _load(parts: Parts) -> None:
    """Read what was left, in the order in which it is needed."""
    await parts.alarms.load()
    await parts.rulebook.load()
    await parts.workshop.load()
    await parts.ward_changes.follow()
    for publisher in (parts.plans, parts.configs, parts.silences):
        await publisher.load()
    await parts.silence.load()
    await parts.intake.load()
    await parts.command_log.load()
    await parts.emergency_watch.load()
    await parts.wording.lexicon.load()
    await parts.phrases.load()


def _terms(settings: Settings, keyring: Keyring, broker: OpenBroker) -> Terms:
    where = broker.advertised
    return Terms(
        site=settings.ward.site,
        root=keyring.root,
        keys=keyring.sealed_list,
        broker_host=where.host,
        broker_port=where.port,
        asset_base=f"{settings.base_url}/a/",
        broker_tls=where.tls is not None,
        broker_accounts=broker.has_accounts,
    )


def _usual(speech: Speech) -> HouseVoice:
    return HouseVoice(
        voice=speech.voice_id, second=speech.second_voice_id, fallback=speech.fallback_ids, speed=speech.speed
    )


def _web(
    *,
    settings: Settings,
    clock: Clock,
    store: Store,
    parts: Parts,
    people: People,
    reports: Reports,
    enrolment: Enrolment,
    cameras: CameraRoom,
    telemetry: TelemetryLog,
    version: str,
) -> Services:
    return Services(
        options=WebOptions(
            ward_name=settings.ward.name,
            timezone=settings.ward.timezone,
            public_url=settings.base_url if settings.http.public_url else "",
            secure_cookies=settings.http.secure_cookies,
            version=version,
            base_url=settings.base_url,
        ),
        clock=clock,
        accounts=people.accounts,
        sessions=people.sessions,
        second_factor=people.second_factor,
        delegations=people.delegations,
        enrolment=enrolment,
        inventory=parts.inventory,
        emergency_watch=parts.emergency_watch,
        readiness=parts.readiness,
        intake=parts.intake,
        bus=parts.bus,
        health=parts.health,
        alarms=parts.alarms,
        monitor=parts.monitor,
        telemetry=telemetry,
        fleet=parts.fleet,
        planner=parts.planner,
        editorial=parts.editorial,
        library=parts.library,
        programming=parts.programming,
        takes=TakeBook(values=store.values, clock=clock),
        calendar=CalendarFeed(values=store.values, accounts=store.accounts, programming=parts.programming, clock=clock),
        board=parts.board,
        broadcast_now=parts.broadcast_now,
        emergency=parts.emergency,
        commands=parts.commands,
        command_log=parts.command_log,
        rulebook=parts.rulebook,
        out_of_hours=parts.out_of_hours,
        silence=parts.silence,
        workshop=parts.workshop,
        wording=parts.wording,
        phrases=parts.phrases.desk,
        cameras=cameras,
        reporting=reports.reporting,
        listening=reports.listening,
        alarm_log=store.alarms,
        audio=store.audio,
        audit=store.audit,
        issues=store.issues,
        proofs=store.proofs,
    )
