"""Opening the store of a ward: one folder, checked and brought up to date before anything reads it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from gateway.domain.errors import StoreFailed
from gateway.ports.attendance import AttendanceBook
from gateway.ports.cameras import CameraAlerts, CameraLog, Cameras, Pictures, Tickets
from gateway.ports.lexicon import WardLexicon
from gateway.ports.store import (
    Accounts,
    Alarms,
    Audio,
    Bulletins,
    Enrolments,
    Inventory,
    Issues,
    Programmes,
    Schedules,
    Values,
    Vault,
)
from gateway.ports.telemetry import HourBook
from gateway.ports.templates import WardTemplates
from gateway.store import layout
from gateway.store.accounts import SqliteAccounts
from gateway.store.alarms import SqliteAlarms
from gateway.store.attendance import SqliteAttendance
from gateway.store.audio import SqliteAudio
from gateway.store.audit import SqliteAudit, verify_chain
from gateway.store.bulletins import SqliteBulletins
from gateway.store.camera_alerts import SqliteCameraAlerts
from gateway.store.camera_log import SqliteCameraLog
from gateway.store.cameras import SqliteCameras
from gateway.store.cluster_hours import SqliteClusterHours
from gateway.store.connection import open_reader
from gateway.store.database import DatabaseThread, transaction
from gateway.store.enrolments import SqliteEnrolments
from gateway.store.failures import told
from gateway.store.inventory import SqliteInventory
from gateway.store.issues import SqliteIssues
from gateway.store.lexicon import SqliteLexicon
from gateway.store.lock import in_use, nobody_else
from gateway.store.migrations import bring_up_to_date, inspect
from gateway.store.pictures import FilePictures
from gateway.store.programmes import SqliteProgrammes
from gateway.store.proofs import SqliteProofs
from gateway.store.schedules import SqliteSchedules
from gateway.store.templates import SqliteTemplates
from gateway.store.tickets import SqliteTickets
from gateway.store.values import SqliteValues
from gateway.store.vault import FileVault


@dataclass(frozen=True, kw_only=True)
class Store:
    """Every port of :mod:`gateway.ports.store`, over one file and one folder of audio."""

    folder: Path
    migrated_from: Path | None
    """The copy of the file made before it was brought up to date, if it had to be."""
    bulletins: Bulletins
    programmes: Programmes
    schedules: Schedules
    inventory: Inventory
    audio: Audio
    accounts: Accounts
    enrolments: Enrolments
    issues: Issues
    proofs: SqliteProofs
    alarms: Alarms
    audit: SqliteAudit
    values: Values
    lexicon: WardLexicon
    templates: WardTemplates
    attendance: AttendanceBook
    hours: HourBook
    cameras: Cameras
    camera_log: CameraLog
    camera_alerts: CameraAlerts
    tickets: Tickets
    pictures: Pictures
    vault: Vault
    database: DatabaseThread

    @property
    def failure(self) -> StoreFailed | None:
        """What the last write failed of, for ``/healthz``; ``None`` when it was kept."""
        return self.database.failure

    async def probe(self) -> None:
        """Write one small thing, so that a full or dead disk shows before somebody needs it.

        Raises:
            StoreFailed: it cannot be written to.
        """
        await self.database.run(_touch)


@contextmanager
def open_store(folder: Path, *, now: datetime) -> Iterator[Store]:
    """Open the store in ``folder``, made if it is not there. ``now`` (aware) names the copy before a migration.

    Raises:
        StoreTooNew: a newer version of the product wrote the file; it is untouched.
        StoreFailed: it is damaged, cannot be written, or a migration did not work; ``vi`` and ``en`` say what to do.
    """
    with ExitStack() as held:
        with told():
            layout.audio(folder).mkdir(parents=True, exist_ok=True)
            if nobody_else(folder):
                _sweep(layout.audio(folder))
            held.enter_context(in_use(folder))
        copy = bring_up_to_date(layout.database(folder), now=now)
        database = held.enter_context(DatabaseThread(layout.database(folder)))
        yield Store(
            folder=folder,
            migrated_from=copy,
            bulletins=SqliteBulletins(database),
            programmes=SqliteProgrammes(database),
            schedules=SqliteSchedules(database),
            inventory=SqliteInventory(database),
            audio=SqliteAudio(database, layout.audio(folder)),
            accounts=SqliteAccounts(database),
            enrolments=SqliteEnrolments(database),
            issues=SqliteIssues(database),
            proofs=SqliteProofs(database),
            alarms=SqliteAlarms(database),
            audit=SqliteAudit(database, layout.roots(folder)),
            values=SqliteValues(database),
            lexicon=SqliteLexicon(database),
            templates=SqliteTemplates(database),
            attendance=SqliteAttendance(database),
            hours=SqliteClusterHours(database),
            cameras=SqliteCameras(database),
            camera_log=SqliteCameraLog(database),
            camera_alerts=SqliteCameraAlerts(database),
            tickets=SqliteTickets(database),
            pictures=FilePictures(folder / layout.PHOTOS, folder / layout.THUMBNAILS),
            vault=FileVault(layout.keys(folder)),
            database=database,
        )


def verify_audit(folder: Path) -> int:
    """Check the audit log of ``folder``, also while a gateway runs on it; change nothing; count its lines.

    Raises:
        ChainBroken: names the first bad line.
        StoreFailed: the file cannot be read or is damaged.
    """
    inspect(layout.database(folder))
    with told():
        database = open_reader(layout.database(folder))
        try:
            with transaction(database, kind="DEFERRED"):
                return verify_chain(database, layout.roots(folder))
        finally:
            database.conn.close()


def _sweep(folder: Path) -> None:
    """Remove what a power cut left unfinished."""
    for unfinished in folder.glob("*.part"):
        unfinished.unlink()


def _touch(database: Database) -> None:
    database.execute("UPDATE counter SET value = value WHERE id = 'seq'")
