"""The table of the ward's own templates: every version, never changed, never deleted."""

from sqlite_utils import Database

_NEVER = """
CREATE TRIGGER template_is_never_{verb}d BEFORE {verb} ON template
BEGIN SELECT RAISE(ABORT, 'template is append-only'); END
"""


def add_templates(database: Database) -> None:
    """Run the step."""
    database.execute(
        """CREATE TABLE template (n INTEGER PRIMARY KEY, id TEXT NOT NULL, body TEXT, by TEXT NOT NULL,
            at_ms INTEGER NOT NULL) STRICT"""
    )
    database.execute("CREATE INDEX template_of_id ON template (id, n)")
    for verb in ("UPDATE", "DELETE"):
        database.execute(_NEVER.format(verb=verb))
