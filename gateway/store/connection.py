"""How the file is opened: what every connection is told before its first word."""

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sqlite_utils import Database

BUSY_TIMEOUT_MS = 5_000  # ``loa backup`` and the gateway may meet; five seconds outlast any transaction of ours


class _Connection(sqlite3.Connection):
    """A connection whose transactions end where we say.

    sqlite-utils wraps its writes in ``with connection``, which commits at the end of the block, in the middle of ours.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        return False


def open_writer(path: Path) -> Database:
    """Open the file for writing, made if it is not there. Transactions are begun and ended by the caller.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    database = _open(f"{path.absolute().as_uri()}?mode=rwc")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")  # a commit that returned is on the disk
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA secure_delete = ON")  # a spent one-time code leaves no trace in the pages
    return database


def open_reader(path: Path) -> Database:
    """Open the file for reading only.

    Raises:
        sqlite3.Error: it is not there or cannot be opened.
    """
    database = _open(f"{path.absolute().as_uri()}?mode=ro")
    database.execute("PRAGMA query_only = ON")
    return database


def _open(uri: str) -> Database:
    # Used by one thread at a time, though opened by another: SQLite itself is built serialised.
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, factory=_Connection, timeout=BUSY_TIMEOUT_MS / 1e3
    )
    try:
        return Database(connection, execute_plugins=False)
    except sqlite3.Error:
        connection.close()
        raise
