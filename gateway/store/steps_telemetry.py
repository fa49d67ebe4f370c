"""The table of what clusters measured: a row for a cluster and an hour."""

from sqlite_utils import Database

GAUGES = ("signal", "volts", "temperature", "clock")


def add_cluster_hours(database: Database) -> None:
    """Run the step."""
    spreads = ", ".join(
        f"{name}_n INTEGER NOT NULL DEFAULT 0, {name}_total REAL NOT NULL DEFAULT 0, {name}_low REAL, {name}_high REAL"
        for name in GAUGES
    )
    database.execute(
        f"""CREATE TABLE cluster_hour (cluster TEXT NOT NULL, start_ms INTEGER NOT NULL, watched_s REAL NOT NULL,
            online_s REAL NOT NULL, battery_s REAL NOT NULL, boots INTEGER NOT NULL, {spreads},
            PRIMARY KEY (cluster, start_ms)) STRICT, WITHOUT ROWID"""
    )
    database.execute("CREATE INDEX cluster_hour_by_time ON cluster_hour (start_ms)")
