"""Ghi danh cụm loa, as kept: one-time codes and the keys they left.

The secret part of a code must be readable until it is used, because a key is derived from it. It is kept as it is,
and wiped (the pages too) when the code is used, or when the next one is made after it expired.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from devices.clock import epoch_ms
from devices.model import ClusterId
from gateway.domain.errors import BadInput, Problem
from gateway.ports.records import AuditNote, ClusterIdentity, EnrolmentOffer
from gateway.store.audit import write_note
from gateway.store.database import DatabaseThread
from gateway.store.documents import Documents

_OF_ALL = "SELECT body FROM identity ORDER BY cluster, kid"
_OF_CLUSTER = "SELECT body FROM identity WHERE cluster = ? ORDER BY kid"
_KEEP_IDENTITY = """
INSERT INTO identity (cluster, kid, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body
"""


class SqliteEnrolments:
    """Fits :class:`gateway.ports.store.Enrolments`."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._offers = Documents(EnrolmentOffer)
        self._identities = Documents(ClusterIdentity)

    async def offer(self, offer: EnrolmentOffer, *, note: AuditNote) -> None:
        """Keep a new code, and wipe the secrets of those that have expired.

        Raises:
            BadInput: there was one of that name already.
        """

        def work(database: Database) -> None:
            database.execute("UPDATE offer SET secret = '' WHERE expires_ms <= ?", [epoch_ms(note.at)])
            if self._find(database, offer.name) is not None:
                raise BadInput([_taken()])
            row = [offer.name, offer.secret, epoch_ms(offer.expires_at), self._offers.dump(replace(offer, secret=""))]
            database.execute("INSERT INTO offer (id, secret, expires_ms, body) VALUES (?, ?, ?, ?)", row)
            write_note(database, note)

        await self._database.run(work)

    async def find_offer(self, name: str) -> EnrolmentOffer | None:
        """Return the code called ``name``; its secret is empty once it is spent."""
        return await self._database.read(lambda db: self._find(db, name))

    async def use_offer(self, name: str, identity: ClusterIdentity, *, at: datetime, note: AuditNote) -> bool:
        """Spend the offer and keep the identity, together.

        ``False``, and nothing is kept, when there is none of that name, or it was spent already, or it has expired.
        """

        def work(database: Database) -> bool:
            offer = self._find(database, name)
            if offer is None or offer.used_at is not None or offer.expires_at <= at:
                return False
            spent = self._offers.dump(replace(offer, secret="", used_at=at))
            database.execute(
                "UPDATE offer SET secret = '', used_ms = ?, body = ? WHERE id = ?", [epoch_ms(at), spent, name]
            )
            self._keep(database, identity)
            write_note(database, note)
            return True

        return await self._database.run(work)

    async def identities(self, cluster: ClusterId | None = None) -> Sequence[ClusterIdentity]:
        query, values = (_OF_CLUSTER, [cluster]) if cluster is not None else (_OF_ALL, [])
        return await self._database.read(
            lambda db: [self._identities.load(body) for (body,) in db.execute(query, values)]
        )

    async def save_identity(self, identity: ClusterIdentity, *, note: AuditNote) -> None:
        def work(database: Database) -> None:
            self._keep(database, identity)
            write_note(database, note)

        await self._database.run(work)

    def _find(self, database: Database, name: str) -> EnrolmentOffer | None:
        row = database.execute("SELECT body, secret FROM offer WHERE id = ?", [name]).fetchone()
        return replace(self._offers.load(row[0]), secret=row[1]) if row else None

    def _keep(self, database: Database, identity: ClusterIdentity) -> None:
        database.execute(_KEEP_IDENTITY, [identity.cluster, identity.kid, self._identities.dump(identity)])


def _taken() -> Problem:
    return Problem(code="name_taken", vi="mã ghi danh này đã có", en="there is such a code already", path="name")
