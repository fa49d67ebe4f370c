"""Sổ đo, as kept: thirty days of two hundred clusters are 144,000 rows, some 25 MB."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlite_utils import Database

from devices.model import ClusterId
from gateway.domain.cluster_history import Gauge, Hour, Spread
from gateway.store.database import DatabaseThread

_SUMS = ("watched_s", "online_s", "battery_s", "boots")
_COLUMNS = (
    "cluster",
    "start_ms",
    *_SUMS,
    *(f"{gauge}_{part}" for gauge in Gauge for part in ("n", "total", "low", "high")),
)
_TOGETHER = ", ".join(
    (
        *(f"{name} = {name} + excluded.{name}" for name in _SUMS),
        *(f"{gauge}_{part} = {gauge}_{part} + excluded.{gauge}_{part}" for gauge in Gauge for part in ("n", "total")),
        # of two where one is NULL, min() and max() of SQLite are NULL
        *(
            f"{gauge}_{part} = {which}(ifnull({gauge}_{part}, excluded.{gauge}_{part}),"
            f" ifnull(excluded.{gauge}_{part}, {gauge}_{part}))"
            for gauge in Gauge
            for part, which in (("low", "min"), ("high", "max"))
        ),
    )
)
_ADD = f"""INSERT INTO cluster_hour ({", ".join(_COLUMNS)}) VALUES ({", ".join(f":{name}" for name in _COLUMNS)})
    ON CONFLICT DO UPDATE SET {_TOGETHER}"""  # noqa: S608 - our own column names


class SqliteClusterHours:
    """Fits :class:`gateway.ports.telemetry.HourBook`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database

    async def add(self, more: Sequence[Hour], *, forget_before_ms: int) -> None:
        rows = [_row(each) for each in more]

        def work(database: Database) -> None:
            database.conn.executemany(_ADD, rows)
            database.execute("DELETE FROM cluster_hour WHERE start_ms < ?", [forget_before_ms])

        await self._database.run(work)

    async def of(self, cluster: ClusterId, *, since_ms: int) -> Sequence[Hour]:
        def work(database: Database) -> list[Hour]:
            rows = database.query(
                "SELECT * FROM cluster_hour WHERE cluster = ? AND start_ms >= ? ORDER BY start_ms", [cluster, since_ms]
            )
            return [_hour(row) for row in rows]

        return await self._database.read(work)


def _row(hour: Hour) -> dict[str, Any]:
    row: dict[str, Any] = {"cluster": hour.cluster, "start_ms": hour.start_ms}
    row |= {name: getattr(hour, name) for name in _SUMS}
    for gauge in Gauge:
        spread = hour.gauges.get(gauge)
        row |= {
            f"{gauge}_n": spread.n if spread else 0,
            f"{gauge}_total": spread.total if spread else 0.0,
            f"{gauge}_low": spread.low if spread else None,
            f"{gauge}_high": spread.high if spread else None,
        }
    return row


def _hour(row: Mapping[str, Any]) -> Hour:
    gauges = {
        gauge: Spread(**{part: row[f"{gauge}_{part}"] for part in ("n", "total", "low", "high")})
        for gauge in Gauge
        if row[f"{gauge}_n"]
    }
    return Hour(
        cluster=ClusterId(row["cluster"]),
        start_ms=row["start_ms"],
        gauges=MappingProxyType(gauges),
        **{name: row[name] for name in _SUMS},
    )
