"""Files that are whole or not there: written beside, flushed to the disk, then given their name."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gateway.store.connection import open_reader


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give an empty file to write to; at the end it becomes ``path``, on the disk. After an error nothing is left.

    Only its owner may read it: it may hold the ward's keys.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")  # two may be at it at once
    partial.touch(mode=0o600, exist_ok=False)
    try:
        yield partial
        sync_file(partial)
        partial.replace(path)
        sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Wait until the content of ``path`` is on the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Wait until the names in ``path`` are on the disk."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def copy_database(source: Path, to: Path) -> None:
    """Copy a database, also one in use: the copy is one moment of it, whole or not there.

    Raises:
        sqlite3.Error, OSError: nothing was left at ``to``.
    """
    with (
        whole_file(to) as partial,
        closing(open_reader(source)) as database,
        closing(sqlite3.connect(partial)) as copy,
    ):
        database.conn.backup(copy)  # a reader of the log delays no writer
        # one file from here on: no log beside it that somebody could forget to take along
        copy.execute("PRAGMA journal_mode = DELETE")


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
