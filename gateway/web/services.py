"""Everything the routes may use: one frozen bundle, handed out by one ``Depends``."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from devices.clock import Clock
from gateway.ports.store import Alarms, Audio, Audit, Issues, Proofs
from gateway.services.accounts import Accounts
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.board import AirBoard
from gateway.services.broadcast_now import BroadcastNow
from gateway.services.bus import Bus
from gateway.services.calendar_feed import CalendarFeed
from gateway.services.cameras.room import CameraRoom
from gateway.services.command_log import CommandLog
from gateway.services.commands import Commands
from gateway.services.delegations import Delegations
from gateway.services.editorial import Editorial
from gateway.services.emergency import EmergencyDesk
from gateway.services.emergency_watch import EmergencyWatch
from gateway.services.enrolment import Enrolment
from gateway.services.fleet import Fleet
from gateway.services.health import Health
from gateway.services.intake import Intake
from gateway.services.inventory import InventoryDesk
from gateway.services.library import Library
from gateway.services.listen_again import ListenAgain
from gateway.services.monitor import Monitor
from gateway.services.out_of_hours import OutOfHoursDesk
from gateway.services.phrase_desk import PhraseDesk
from gateway.services.planner import Planner
from gateway.services.programming import Programming
from gateway.services.readiness import Readiness
from gateway.services.reporting import Reporting
from gateway.services.rulebook import Rulebook
from gateway.services.second_factor import SecondFactor
from gateway.services.sessions import Sessions
from gateway.services.silence import SilenceSwitch
from gateway.services.takes import TakeBook
from gateway.services.technical import Workshop
from gateway.services.telemetry import TelemetryLog
from gateway.services.wording import Wording


@dataclass(frozen=True, kw_only=True)
class WebOptions:
    """What the pages and cookies need to know of the settings."""

    ward_name: str = "Phường"
    timezone: str = "Asia/Ho_Chi_Minh"
    public_url: str = ""
    """How phones reach this gateway; empty: as they did just now."""
    secure_cookies: bool = False
    """HTTPS stands in front."""
    public_status: bool = True
    """Whether the status page answers without a sign-in. It names poles, never people."""
    version: str = "0"
    most_streams: int = 500
    """Screens that may follow events at once."""
    changes_at_once: int = 120
    """How many things one session may change in a row; one address may ten times as many."""
    changes_per_s: float = 10.0
    """And after that; the kill switch and the end of an alert are never counted."""
    base_url: str = ""
    """Where people find this gateway: podcasts need whole addresses."""
    check_session_s: float = 20.0
    """A stream outlives the request that opened it: so often it asks whether its session still stands."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """What ``gateway.main`` builds and the routes use. The last five are read only from here."""

    options: WebOptions
    clock: Clock
    accounts: Accounts
    sessions: Sessions
    second_factor: SecondFactor
    delegations: Delegations
    enrolment: Enrolment
    inventory: InventoryDesk
    bus: Bus
    health: Health
    alarms: AlarmDesk
    monitor: Monitor
    telemetry: TelemetryLog
    fleet: Fleet
    editorial: Editorial
    library: Library
    takes: TakeBook
    programming: Programming
    calendar: CalendarFeed
    board: AirBoard
    broadcast_now: BroadcastNow
    emergency: EmergencyDesk
    emergency_watch: EmergencyWatch
    commands: Commands
    command_log: CommandLog
    planner: Planner
    readiness: Readiness
    intake: Intake
    rulebook: Rulebook
    out_of_hours: OutOfHoursDesk
    silence: SilenceSwitch
    workshop: Workshop
    wording: Wording
    phrases: PhraseDesk
    cameras: CameraRoom
    reporting: Reporting
    listening: ListenAgain | None
    """``None``: the public page is closed."""
    alarm_log: Alarms
    audio: Audio
    audit: Audit
    issues: Issues
    proofs: Proofs


def services_of(request: Request) -> Services:
    """Return the bundle the app was created with."""
    services: Services = request.app.state.services
    return services


Has = Annotated[Services, Depends(services_of)]
