"""Numbers that only grow: ``epoch`` with every restored backup, ``seq`` with everything issued."""

from sqlite_utils import Database

EPOCH = "epoch"
SEQ = "seq"


def read_counter(database: Database, name: str) -> int:
    """Return where the counter stands."""
    return int(database.execute("SELECT value FROM counter WHERE id = ?", [name]).fetchone()[0])


def reserve(database: Database, name: str, count: int) -> int:
    """Move the counter on by ``count``; return the first of the new numbers.

    Raises:
        ValueError: ``count`` is not positive: the same number would be given twice.
    """
    if count < 1:
        raise ValueError(f"cannot reserve {count} numbers")
    before = read_counter(database, name)
    database.execute("UPDATE counter SET value = ? WHERE id = ?", [before + count, name])
    return before + 1


def raise_to(database: Database, name: str, least: int) -> int:
    """Move the counter on by at least one, and to ``least`` if that is more; return where it stands now."""
    value = max(read_counter(database, name) + 1, least)
    database.execute("UPDATE counter SET value = ? WHERE id = ?", [value, name])
    return value
