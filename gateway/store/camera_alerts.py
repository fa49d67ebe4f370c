"""Cảnh báo camera, as kept."""

from collections.abc import Sequence

from sqlite_utils import Database

from gateway.domain.camera_alert import AlertId, CameraAlert
from gateway.domain.device import CameraId
from gateway.ports.records import AuditNote
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.documents import Documents

_KEEP = """INSERT INTO camera_alert (id, key, state, opened_ms, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET key = excluded.key, state = excluded.state, body = excluded.body"""


class SqliteCameraAlerts:
    """Fits :class:`gateway.ports.cameras.CameraAlerts`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._alerts = Documents(CameraAlert)

    async def standing(self) -> Sequence[CameraAlert]:
        def work(database: Database) -> list[CameraAlert]:
            rows = database.execute("SELECT body FROM camera_alert WHERE state <> 'closed' ORDER BY id")
            return [self._alerts.load(body) for (body,) in rows]

        return await self._database.read(work)

    async def get(self, alert: AlertId) -> CameraAlert | None:
        def work(database: Database) -> CameraAlert | None:
            row = database.execute("SELECT body FROM camera_alert WHERE id = ?", [alert]).fetchone()
            return self._alerts.load(row[0]) if row else None

        return await self._database.read(work)

    async def save(self, alerts: Sequence[CameraAlert], *, note: AuditNote | None) -> None:
        def work(database: Database) -> None:
            # closed ones first: of each key only one may stand
            for alert in sorted(alerts, key=lambda each: each.state.value != "closed"):
                body = self._alerts.dump(alert)
                database.execute(_KEEP, [alert.id, alert.key, alert.state.value, alert.opened_ms, body])
                for camera in alert.wrong.cameras:
                    database.execute("INSERT OR IGNORE INTO camera_alert_about VALUES (?, ?)", [alert.id, camera])
            write_note(database, note)

        await self._database.run(work)

    async def next_id(self) -> AlertId:
        return await self._database.read(
            lambda db: AlertId(db.execute("SELECT coalesce(max(id), 0) + 1 FROM camera_alert").fetchone()[0])
        )

    async def history(self, *, limit: int, camera: CameraId | None = None) -> Sequence[CameraAlert]:
        def work(database: Database) -> list[CameraAlert]:
            rows = database.execute(
                """SELECT body FROM camera_alert WHERE :camera IS NULL OR id IN (SELECT alert FROM camera_alert_about
                    WHERE camera = :camera) ORDER BY id DESC LIMIT :limit""",
                {"camera": camera, "limit": limit},
            )
            return [self._alerts.load(body) for (body,) in rows]

        return await self._database.read(work)
