"""The one thread that writes, and the two that read. A piece of work is done whole, or not at all."""

import asyncio
import queue
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

from sqlite_utils import Database

from gateway.domain.errors import StoreFailed
from gateway.store.connection import open_reader, open_writer
from gateway.store.failures import told

T = TypeVar("T")

READERS = 2  # a year's report on one leaves the other for the screens


class DatabaseThread:
    """An open database. Reads never delay writes, and see every write that has returned."""

    def __init__(self, path: Path) -> None:
        """Open ``path``, which :mod:`gateway.store.migrations` has brought up to date.

        Raises:
            StoreFailed: it cannot be opened.
        """
        self._failure: StoreFailed | None = None
        with told():
            self._writer = open_writer(path)
            self._readers: queue.SimpleQueue[Database] = queue.SimpleQueue()
            for _ in range(READERS):
                self._readers.put(open_reader(path))
        self._writing = ThreadPoolExecutor(1, "store-write")
        self._reading = ThreadPoolExecutor(READERS, "store-read")

    @property
    def failure(self) -> StoreFailed | None:
        """What the last write failed of, or ``None`` when it was kept."""
        return self._failure

    async def run(self, work: Callable[[Database], T]) -> T:
        """Run ``work`` in a transaction: all of it is kept, on the disk, or none.

        ``work`` may raise to undo what it did. A caller that is cancelled does not undo work that has begun.

        Raises:
            StoreFailed: nothing was changed.
            BadInput: a value that cannot be kept.
        """
        return await self._submit(self._writing, lambda: self._write(work))

    async def read(self, work: Callable[[Database], T]) -> T:
        """Run ``work`` on one moment of the database; it cannot write.

        Raises:
            StoreFailed: it could not be read.
        """
        return await self._submit(self._reading, lambda: self._read(work))

    def close(self) -> None:
        """Finish what was begun, then close the file. Again, it does nothing."""
        self._writing.shutdown()
        self._reading.shutdown()
        while not self._readers.empty():
            self._readers.get_nowait().conn.close()
        self._writer.conn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _submit(self, executor: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            future = executor.submit(work)
        except RuntimeError as error:
            raise StoreFailed("Kho dữ liệu đã đóng.", "The store is closed.", code="store_closed") from error
        return await asyncio.wrap_future(future)

    def _write(self, work: Callable[[Database], T]) -> T:
        try:
            with told(), transaction(self._writer):
                result = work(self._writer)
        except StoreFailed as error:
            self._failure = error
            raise
        self._failure = None
        return result

    def _read(self, work: Callable[[Database], T]) -> T:
        reader = self._readers.get()
        try:
            with told(), transaction(reader, kind="DEFERRED"):
                return work(reader)
        finally:
            self._readers.put(reader)


@contextmanager
def transaction(database: Database, *, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Keep everything done inside, or nothing.

    Raises:
        sqlite3.Error: it could not be begun or kept; nothing was changed.
    """
    database.execute(f"BEGIN {kind}")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        _roll_back(database)
        raise


def _roll_back(database: Database) -> None:
    connection: sqlite3.Connection = database.conn
    if connection.in_transaction:  # SQLite ends it by itself when the disk is full or fails
        connection.execute("ROLLBACK")
