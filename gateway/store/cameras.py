"""Danh mục camera, as kept; and what is on the boxes of loudspeakers."""

from collections.abc import Mapping, Sequence

from sqlite_utils import Database

from devices.model import ClusterId
from gateway.domain.device import Camera, CameraId, Particulars
from gateway.domain.errors import BadInput, Problem
from gateway.domain.targets import Cluster, Zone
from gateway.ports.records import AuditNote
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.documents import Documents
from gateway.store.shelf import Shelf

_KEEP_SEALED = """INSERT INTO camera_secret (id, sealed) VALUES (?, ?)
    ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed"""


class SqliteCameras:
    """Fits :class:`gateway.ports.cameras.Cameras`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._cameras = Shelf("camera", Camera)
        self._particulars = Documents(Particulars)
        self._shelf = Shelf("particulars", Particulars)
        self._zones = Shelf("zone", Zone)
        self._clusters = Shelf("cluster", Cluster)

    async def all(self) -> Sequence[Camera]:
        return await self._database.read(self._cameras.all)

    async def save(self, cameras: Sequence[Camera], *, secrets: Mapping[CameraId, str], note: AuditNote) -> None:
        def work(database: Database) -> None:
            zones = {row[0] for row in database.execute("SELECT id FROM zone")}
            for camera in cameras:
                if camera.zone not in zones:
                    vi, en = f"không có khu phố “{camera.zone}”", f"no zone “{camera.zone}”"
                    raise BadInput([Problem(code="unknown_zone", vi=vi, en=en, path="zone")])
                self._cameras.put(database, camera.id, camera, {"zone": camera.zone})
            for name, sealed in secrets.items():
                if sealed:
                    database.execute(_KEEP_SEALED, [name, sealed])
                else:
                    database.execute("DELETE FROM camera_secret WHERE id = ?", [name])
            write_note(database, note)

        await self._database.run(work)

    async def remove(self, camera: CameraId, *, note: AuditNote) -> bool:
        def work(database: Database) -> bool:
            there = self._cameras.remove(database, camera)
            if there:
                write_note(database, note)
            return there

        return await self._database.run(work)

    async def secrets(self) -> Mapping[CameraId, str]:
        def work(database: Database) -> dict[CameraId, str]:
            return {CameraId(name): sealed for name, sealed in database.execute("SELECT id, sealed FROM camera_secret")}

        return await self._database.read(work)

    async def particulars(self) -> Mapping[ClusterId, Particulars]:
        def work(database: Database) -> dict[ClusterId, Particulars]:
            rows = database.execute("SELECT id, body FROM particulars ORDER BY id")
            return {ClusterId(name): self._particulars.load(body) for name, body in rows}

        return await self._database.read(work)

    async def save_ward(
        self,
        zones: Sequence[Zone],
        clusters: Sequence[Cluster],
        particulars: Mapping[ClusterId, Particulars],
        *,
        note: AuditNote,
    ) -> None:
        def work(database: Database) -> None:
            for zone in zones:
                self._zones.put(database, zone.id, zone)
            for cluster in clusters:
                self._clusters.put(database, cluster.id, cluster, {"zone": cluster.zone})
            for name, each in particulars.items():
                self._shelf.put(database, name, each)
            write_note(database, note)

        await self._database.run(work)
