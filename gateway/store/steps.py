"""The schema, as the steps that made it. Steps are only ever added at the end; one that has run anywhere never changes.

Things people edit are JSON documents with the columns that are asked for; what a week makes thousands of (plays,
journal) has real columns. Instants are ``*_ms`` or, in hashed lines, ISO text.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlite_utils import Database

from gateway.store.steps_cameras import add_cameras
from gateway.store.steps_lexicon import add_lexicon
from gateway.store.steps_reports import add_attendance
from gateway.store.steps_telemetry import add_cluster_hours
from gateway.store.steps_templates import add_templates


@dataclass(frozen=True)
class Step:
    """One change of the schema."""

    name: str
    run: Callable[[Database], None]


_APPEND_ONLY = """
CREATE TRIGGER {table}_is_never_{verb}d BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""

_EDITED_BY_PEOPLE = (
    "CREATE TABLE bulletin (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE TABLE programme (id TEXT PRIMARY KEY, body TEXT NOT NULL)",
    "CREATE TABLE schedule (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, body TEXT NOT NULL)",
    "CREATE TABLE decision (id TEXT PRIMARY KEY, body TEXT NOT NULL)",
    "CREATE TABLE zone (id TEXT PRIMARY KEY, body TEXT NOT NULL)",
    "CREATE TABLE cluster (id TEXT PRIMARY KEY, zone TEXT NOT NULL REFERENCES zone (id), body TEXT NOT NULL)",
    "CREATE TABLE category (id TEXT PRIMARY KEY, body TEXT NOT NULL)",
    "CREATE TABLE audio (id TEXT PRIMARY KEY, made_ms INTEGER NOT NULL, body TEXT NOT NULL)",
    "CREATE TABLE value (id TEXT PRIMARY KEY, body TEXT NOT NULL)",
)

_PEOPLE_AND_KEYS = (
    "CREATE TABLE user (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, body TEXT NOT NULL)",
    """CREATE TABLE session (id TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES user (id),
        expires_ms INTEGER NOT NULL, body TEXT NOT NULL)""",
    "CREATE INDEX session_of_user ON session (user)",
    """CREATE TABLE offer (id TEXT PRIMARY KEY, secret TEXT NOT NULL, expires_ms INTEGER NOT NULL, used_ms INTEGER,
        body TEXT NOT NULL)""",
    """CREATE TABLE identity (cluster TEXT NOT NULL, kid TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (cluster, kid))""",
)

_SENT = (
    "CREATE TABLE counter (id TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    "INSERT INTO counter VALUES ('epoch', 1), ('seq', 0)",
    # cluster '' is the whole ward: NULLs would not be the same key twice
    """CREATE TABLE document (kind TEXT NOT NULL, cluster TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
        rev INTEGER NOT NULL, sealed BLOB NOT NULL, content_hash TEXT NOT NULL, issued_ms INTEGER NOT NULL,
        PRIMARY KEY (kind, cluster))""",
    "CREATE TABLE held (kind TEXT NOT NULL, cluster TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, cluster))",
    """CREATE TABLE command (jti TEXT NOT NULL, cluster TEXT NOT NULL, typ TEXT NOT NULL, by TEXT NOT NULL,
        sent_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, state TEXT NOT NULL, why TEXT NOT NULL,
        answered_ms INTEGER, body TEXT NOT NULL, PRIMARY KEY (jti, cluster))""",
    "CREATE INDEX command_by_time ON command (sent_ms)",
)

_PROVEN = (
    """CREATE TABLE play (occ TEXT NOT NULL, cluster TEXT NOT NULL, schedule TEXT, title TEXT NOT NULL,
        priority TEXT NOT NULL, start_ms INTEGER NOT NULL, duration_ms INTEGER NOT NULL, bulletins TEXT NOT NULL,
        assets TEXT NOT NULL, cancelled INTEGER NOT NULL, unplanned INTEGER NOT NULL, outcome TEXT,
        proof TEXT NOT NULL, why TEXT NOT NULL, started_ms INTEGER, ended_ms INTEGER, start_error_ms REAL,
        heard_ms INTEGER NOT NULL, volume_percent INTEGER, level_dbfs REAL, journal_n INTEGER, settled_ms INTEGER,
        PRIMARY KEY (occ, cluster))""",
    "CREATE INDEX play_by_time ON play (start_ms)",
    "CREATE INDEX play_of_cluster ON play (cluster, start_ms)",
    # a journal begins again on a new board: each beginning is a run, and within one no number is missing or doubled
    """CREATE TABLE journal (cluster TEXT NOT NULL, run INTEGER NOT NULL, n INTEGER NOT NULL, sealed BLOB NOT NULL,
        body TEXT NOT NULL, PRIMARY KEY (cluster, run, n))""",
    """CREATE TABLE journal_head (cluster TEXT PRIMARY KEY, run INTEGER NOT NULL, n INTEGER NOT NULL,
        sha256 TEXT NOT NULL)""",
    _APPEND_ONLY.format(table="journal", verb="UPDATE"),
    _APPEND_ONLY.format(table="journal", verb="DELETE"),
)

_WATCHED = (
    """CREATE TABLE alarm (n INTEGER PRIMARY KEY, key TEXT NOT NULL, severity TEXT NOT NULL, text_vi TEXT NOT NULL,
        text_en TEXT NOT NULL, cluster TEXT, raised_ms INTEGER NOT NULL, seen_ms INTEGER, seen_by TEXT,
        cleared_ms INTEGER, count INTEGER NOT NULL)""",
    "CREATE UNIQUE INDEX alarm_standing ON alarm (key) WHERE cleared_ms IS NULL",
    """CREATE TABLE audit (n INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
        subject TEXT NOT NULL, detail TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL)""",
    _APPEND_ONLY.format(table="audit", verb="UPDATE"),
    _APPEND_ONLY.format(table="audit", verb="DELETE"),
)


def _the_first_tables(database: Database) -> None:
    for group in (_EDITED_BY_PEOPLE, _PEOPLE_AND_KEYS, _SENT, _PROVEN, _WATCHED):
        for statement in group:
            strict = " STRICT" if statement.startswith("CREATE TABLE") else ""
            database.execute(statement + strict)


STEPS: tuple[Step, ...] = (
    Step("the first tables", _the_first_tables),
    Step("lexicon", add_lexicon),
    Step("cameras", add_cameras),
    Step("reports", add_attendance),
    Step("telemetry", add_cluster_hours),
    Step("templates", add_templates),
)
"""In order; the first is number 1."""
