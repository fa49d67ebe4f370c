"""A table of documents: an id, a JSON body, and the columns that are asked for. Shared by the small ports."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from sqlite_utils import Database
from sqlite_utils.db import Table

from gateway.domain.errors import Stale
from gateway.store.documents import Documents

T = TypeVar("T")


class Shelf(Generic[T]):
    """Reads and writes one table inside a transaction that the caller holds."""

    def __init__(self, table: str, kind: type[T], *, as_begun: bool = False) -> None:
        """``as_begun``: in the order things were first kept, not by id. An edit leaves a thing in its place."""
        self._table = table
        self._order = "rowid" if as_begun else "id"
        self._documents = Documents(kind)

    def get(self, database: Database, key: str) -> T | None:
        """Return the thing called ``key``."""
        return next(iter(self.all(database, "id = ?", (key,))), None)

    def all(self, database: Database, where: str | None = None, values: tuple[Any, ...] = ()) -> list[T]:
        """Return every thing for which ``where`` (our own words) holds, in order."""
        query = f"SELECT body FROM {self._table} WHERE {where or 'true'} ORDER BY {self._order}"  # noqa: S608 - our own words
        return [self._documents.load(body) for (body,) in database.execute(query, values)]

    def put(self, database: Database, key: str, thing: T, columns: Mapping[str, Any] | None = None) -> None:
        """Keep ``thing``, in the place of an older one of that name."""
        row = {"id": key, **(columns or {}), "body": self._documents.dump(thing)}
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        fresh = ", ".join(f"{name} = excluded.{name}" for name in row)
        database.execute(
            f"INSERT INTO {self._table} ({names}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {fresh}",  # noqa: S608 - names from the code, never from input
            list(row.values()),
        )

    def remove(self, database: Database, key: str) -> bool:
        """Take it off; ``False`` when it was not there."""
        table = Table(database, self._table)
        there = table.count_where("id = ?", [key]) > 0
        table.delete_where("id = ?", [key])
        return there

    def expect_revision(self, database: Database, key: str, was_revision: int | None) -> None:
        """Let a save go on only from the revision the person saw (``None``: from nothing).

        Raises:
            Stale: somebody else changed, made or deleted it meanwhile.
        """
        rows = database.table(self._table).rows_where("id = ?", [key], select="revision")
        if next((row["revision"] for row in rows), None) != was_revision:
            raise Stale(
                "Có người khác vừa thay đổi. Hãy tải lại rồi sửa tiếp.",
                "Somebody else changed it meanwhile. Load it again, then go on.",
            )
