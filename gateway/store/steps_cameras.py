"""The tables of cameras, their history, their alerts, and repairs."""

from sqlite_utils import Database

_TABLES = (
    "CREATE TABLE camera (id TEXT PRIMARY KEY, zone TEXT NOT NULL REFERENCES zone (id), body TEXT NOT NULL)",
    # apart from the camera, so that no listing, export or log of cameras can carry it; sealed with a key elsewhere
    """CREATE TABLE camera_secret (id TEXT PRIMARY KEY REFERENCES camera (id) ON DELETE CASCADE,
        sealed TEXT NOT NULL)""",
    "CREATE TABLE particulars (id TEXT PRIMARY KEY, body TEXT NOT NULL)",
    """CREATE TABLE camera_watch (id TEXT PRIMARY KEY REFERENCES camera (id) ON DELETE CASCADE,
        body TEXT NOT NULL)""",
    """CREATE TABLE camera_slice (camera TEXT NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
        width_ms INTEGER NOT NULL, start_ms INTEGER NOT NULL, good_ms INTEGER NOT NULL, faulty_ms INTEGER NOT NULL,
        lost_ms INTEGER NOT NULL, looks INTEGER NOT NULL, answered INTEGER NOT NULL, answer_ms REAL NOT NULL,
        PRIMARY KEY (camera, width_ms, start_ms))""",
    """CREATE TABLE camera_alert (id INTEGER PRIMARY KEY, key TEXT NOT NULL, state TEXT NOT NULL,
        opened_ms INTEGER NOT NULL, body TEXT NOT NULL)""",
    """CREATE TABLE camera_alert_about (alert INTEGER NOT NULL REFERENCES camera_alert (id), camera TEXT NOT NULL,
        PRIMARY KEY (alert, camera))""",
    """CREATE TABLE ticket (id INTEGER PRIMARY KEY, device TEXT NOT NULL, state TEXT NOT NULL,
        body TEXT NOT NULL)""",
)
_INDEXES = (
    "CREATE INDEX camera_slice_by_time ON camera_slice (start_ms)",
    "CREATE UNIQUE INDEX camera_alert_standing ON camera_alert (key) WHERE state <> 'closed'",
    "CREATE INDEX camera_alert_of ON camera_alert_about (camera)",
    "CREATE INDEX ticket_of_device ON ticket (device)",
)


def add_cameras(database: Database) -> None:
    """Run the step."""
    for statement in _TABLES:
        database.execute(statement + " STRICT")
    for statement in _INDEXES:
        database.execute(statement)
