"""The table of the ward's lexicon: every version of every entry, never changed, never deleted."""

from sqlite_utils import Database

_NEVER = """
CREATE TRIGGER lexicon_is_never_{verb}d BEFORE {verb} ON lexicon
BEGIN SELECT RAISE(ABORT, 'lexicon is append-only'); END
"""


def add_lexicon(database: Database) -> None:
    """Run the step."""
    database.execute(
        """CREATE TABLE lexicon (n INTEGER PRIMARY KEY, key TEXT NOT NULL, surface TEXT NOT NULL, reading TEXT,
            flags TEXT NOT NULL, by TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT"""
    )
    database.execute("CREATE INDEX lexicon_of_key ON lexicon (key, n)")
    for verb in ("UPDATE", "DELETE"):
        database.execute(_NEVER.format(verb=verb))
