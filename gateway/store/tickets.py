"""Phiếu sửa chữa, as kept."""

from collections.abc import Sequence
from dataclasses import replace

from sqlite_utils import Database

from gateway.domain.errors import Stale
from gateway.domain.ticket import Ticket, TicketId
from gateway.ports.records import AuditNote
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.documents import Documents


class SqliteTickets:
    """Fits :class:`gateway.ports.cameras.Tickets`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._tickets = Documents(Ticket)

    async def get(self, ticket: TicketId) -> Ticket | None:
        return await self._database.read(lambda db: self._get(db, ticket))

    async def all(self, *, device: str | None = None, open_only: bool = False) -> Sequence[Ticket]:
        def work(database: Database) -> list[Ticket]:
            rows = database.execute(
                """SELECT body FROM ticket WHERE (:device IS NULL OR device = :device)
                    AND (NOT :open_only OR state <> 'closed') ORDER BY id DESC""",
                {"device": device, "open_only": open_only},
            )
            return [self._tickets.load(body) for (body,) in rows]

        return await self._database.read(work)

    async def open_(self, ticket: Ticket, *, note: AuditNote) -> Ticket:
        def work(database: Database) -> Ticket:
            number = database.execute("SELECT coalesce(max(id), 0) + 1 FROM ticket").fetchone()[0]
            kept = replace(ticket, id=TicketId(number))
            database.execute(
                "INSERT INTO ticket (id, device, state, body) VALUES (?, ?, ?, ?)",
                [kept.id, kept.device, kept.state.value, self._tickets.dump(kept)],
            )
            write_note(database, replace(note, subject=str(number)))
            return kept

        return await self._database.run(work)

    async def save(self, ticket: Ticket, *, was_steps: int, was_photos: int, note: AuditNote) -> None:
        def work(database: Database) -> None:
            before = self._get(database, ticket.id)
            if before is None or (len(before.steps), len(before.photos)) != (was_steps, was_photos):
                raise Stale(
                    "Có người khác vừa thay đổi phiếu này. Hãy tải lại.",
                    "Somebody else changed this ticket meanwhile. Load it again.",
                )
            database.execute(
                "UPDATE ticket SET device = ?, state = ?, body = ? WHERE id = ?",
                [ticket.device, ticket.state.value, self._tickets.dump(ticket), ticket.id],
            )
            write_note(database, note)

        await self._database.run(work)

    def _get(self, database: Database, ticket: TicketId) -> Ticket | None:
        row = database.execute("SELECT body FROM ticket WHERE id = ?", [ticket]).fetchone()
        return self._tickets.load(row[0]) if row else None
