"""What reports are made of: a row for every cluster and day, and a way to the audit lines of one kind."""

from sqlite_utils import Database


def add_attendance(database: Database) -> None:
    """Run the step."""
    database.execute(
        """CREATE TABLE attendance (day TEXT NOT NULL, cluster TEXT NOT NULL, watched_s INTEGER NOT NULL,
            online_s INTEGER NOT NULL, PRIMARY KEY (day, cluster)) STRICT, WITHOUT ROWID"""
    )
    database.execute("CREATE INDEX audit_by_action ON audit (action, at)")
