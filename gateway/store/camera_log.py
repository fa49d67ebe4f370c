"""Lịch sử camera, as kept: one document for how it is now, five-minute slices that melt into hours."""

from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from gateway.domain.camera_history import COARSE_MS, FINE_KEPT_MS, FINE_MS, KEPT_MS, Slice
from gateway.domain.camera_watch import CameraWatch
from gateway.domain.device import CameraId
from gateway.store.database import DatabaseThread
from gateway.store.documents import Documents

_COLUMNS = ("good_ms", "faulty_ms", "lost_ms", "looks", "answered", "answer_ms")
_SUMS = ", ".join(f"{name} = {name} + excluded.{name}" for name in _COLUMNS)
_THERE = "EXISTS (SELECT 1 FROM camera WHERE id = :camera)"
_ADD = f"""INSERT INTO camera_slice (camera, width_ms, start_ms, {", ".join(_COLUMNS)})
    SELECT :camera, :width_ms, :start_ms, {", ".join(f":{name}" for name in _COLUMNS)} WHERE {_THERE}
    ON CONFLICT (camera, width_ms, start_ms) DO UPDATE SET {_SUMS}"""
_MELT = f"""INSERT INTO camera_slice (camera, width_ms, start_ms, {", ".join(_COLUMNS)})
    SELECT camera, {COARSE_MS}, start_ms / {COARSE_MS} * {COARSE_MS}, {", ".join(f"sum({name})" for name in _COLUMNS)}
    FROM camera_slice WHERE width_ms = {FINE_MS} AND start_ms < ? GROUP BY camera, start_ms / {COARSE_MS}
    ON CONFLICT (camera, width_ms, start_ms) DO UPDATE SET {_SUMS}"""  # noqa: S608 - our own column names
_KEEP = """INSERT INTO camera_watch (id, body) SELECT :camera, :body WHERE EXISTS (SELECT 1 FROM camera
    WHERE id = :camera) ON CONFLICT (id) DO UPDATE SET body = excluded.body"""


class SqliteCameraLog:
    """Fits :class:`gateway.ports.cameras.CameraLog`. What is said of a camera that was removed meanwhile is let go."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._watches = Documents(CameraWatch)

    async def watches(self) -> Sequence[CameraWatch]:
        def work(database: Database) -> list[CameraWatch]:
            rows = database.execute("SELECT body FROM camera_watch ORDER BY id")
            return [self._watches.load(body) for (body,) in rows]

        return await self._database.read(work)

    async def keep(self, watches: Sequence[CameraWatch], slices: Sequence[Slice]) -> None:
        def work(database: Database) -> None:
            for watch in watches:
                database.execute(_KEEP, {"camera": watch.id, "body": self._watches.dump(watch)})
            for each in slices:
                row: dict[str, Any] = {name: getattr(each, name) for name in _COLUMNS}
                database.execute(
                    _ADD, {**row, "camera": each.camera, "width_ms": each.width_ms, "start_ms": each.start_ms}
                )

        await self._database.run(work)

    async def slices(self, *, since_ms: int, until_ms: int, camera: CameraId | None = None) -> Sequence[Slice]:
        def work(database: Database) -> list[Slice]:
            rows = database.query(
                """SELECT * FROM camera_slice WHERE start_ms >= :since AND start_ms < :until
                    AND (:camera IS NULL OR camera = :camera) ORDER BY start_ms, camera""",
                {"since": since_ms, "until": until_ms, "camera": camera},
            )
            return [Slice(**row) for row in rows]

        return await self._database.read(work)

    async def melt(self, *, now_ms: int) -> None:
        def work(database: Database) -> None:
            old_ms = (now_ms - FINE_KEPT_MS) // COARSE_MS * COARSE_MS
            database.execute(_MELT, [old_ms])
            database.execute("DELETE FROM camera_slice WHERE width_ms = ? AND start_ms < ?", [FINE_MS, old_ms])
            database.execute("DELETE FROM camera_slice WHERE start_ms < ?", [now_ms - KEPT_MS])

        await self._database.run(work)
