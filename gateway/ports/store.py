"""What must survive a power cut. Every ``save`` takes the audit note of the change and keeps both or neither.

Raises, from any method: :class:`gateway.domain.errors.StoreFailed` (full disk, damaged file): nothing was changed.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from devices.model import AssetId, ClusterId, OccurrenceId, Outcome, Proof
from gateway.domain.bulletin import Bulletin
from gateway.domain.category import Category
from gateway.domain.clash import Decision
from gateway.domain.ids import BulletinId, ProgrammeId, ScheduleId, UserId
from gateway.domain.programme import Programme
from gateway.domain.schedule import Schedule
from gateway.domain.targets import Cluster, Zone
from gateway.ports.records import (
    Alarm,
    AuditLine,
    AuditNote,
    AuditQuery,
    ClusterIdentity,
    CommandRow,
    CommandState,
    EnrolmentOffer,
    IssuedDocument,
    JournalBatch,
    PlannedPlay,
    Session,
    StopOrder,
    StoredAudio,
    User,
)


class Bulletins(Protocol):
    async def get(self, bulletin: BulletinId) -> Bulletin | None: ...

    async def all(self) -> Sequence[Bulletin]:
        """Return every bulletin, in the order they were begun."""
        ...

    async def save(self, bulletin: Bulletin, *, was_revision: int | None, note: AuditNote) -> None:
        """Keep it. ``was_revision`` is the revision it was changed from (``None``: new).

        Raises:
            Stale: somebody else changed it meanwhile.
        """
        ...


class Programmes(Protocol):
    async def get(self, programme: ProgrammeId) -> Programme | None: ...

    async def all(self) -> Sequence[Programme]: ...

    async def save(self, programme: Programme, *, note: AuditNote) -> None: ...


class Schedules(Protocol):
    async def get(self, schedule: ScheduleId) -> Schedule | None: ...

    async def all(self) -> Sequence[Schedule]: ...

    async def save(self, schedule: Schedule, *, was_revision: int | None, note: AuditNote) -> None: ...

    async def delete(self, schedule: ScheduleId, *, note: AuditNote) -> None: ...

    async def decisions(self) -> Sequence[Decision]: ...

    async def decide(self, decision: Decision, *, note: AuditNote) -> None: ...


class Inventory(Protocol):
    """Danh mục: zones, clusters, categories."""

    async def zones(self) -> Sequence[Zone]: ...

    async def clusters(self) -> Sequence[Cluster]: ...

    async def cluster(self, name: ClusterId) -> Cluster | None: ...

    async def categories(self) -> Sequence[Category]: ...

    async def save_zone(self, zone: Zone, *, note: AuditNote) -> None: ...

    async def save_cluster(self, cluster: Cluster, *, note: AuditNote) -> None: ...

    async def save_category(self, category: Category, *, note: AuditNote) -> None: ...


class Audio(Protocol):
    """Kho âm thanh: the folder and its index."""

    async def add(self, path: Path, audio: StoredAudio, *, note: AuditNote) -> None:
        """Move the file at ``path`` into the folder under its hash (verified) and index it."""
        ...

    async def describe(self, audio: StoredAudio, *, note: AuditNote) -> None:
        """Keep what is now known of a file that is there."""
        ...

    async def get(self, asset: AssetId) -> StoredAudio | None: ...

    async def all(self) -> Sequence[StoredAudio]: ...

    def path(self, asset: AssetId) -> Path:
        """Return where the file of ``asset`` is, or would be."""
        ...


class Accounts(Protocol):
    async def user(self, user: UserId) -> User | None: ...

    async def by_name(self, name: str) -> User | None: ...

    async def users(self) -> Sequence[User]: ...

    async def save_user(self, user: User, *, note: AuditNote | None) -> None: ...

    async def session(self, token_hash: str) -> Session | None: ...

    async def sessions(self, user: UserId) -> Sequence[Session]: ...

    async def save_session(self, session: Session, *, note: AuditNote | None) -> None: ...

    async def update_session(self, session: Session, *, note: AuditNote | None) -> bool:
        """Keep what changed of a session that is still there; ``False``: it was ended meanwhile, and stays so."""
        ...

    async def end_session(self, token_hash: str, *, note: AuditNote | None) -> None: ...


class Enrolments(Protocol):
    async def offer(self, offer: EnrolmentOffer, *, note: AuditNote) -> None: ...

    async def find_offer(self, name: str) -> EnrolmentOffer | None: ...

    async def use_offer(self, name: str, identity: ClusterIdentity, *, at: datetime, note: AuditNote) -> bool:
        """Spend the offer and keep the identity, together; ``False`` when it was spent already."""
        ...

    async def identities(self, cluster: ClusterId | None = None) -> Sequence[ClusterIdentity]:
        """Return every identity ever given, revoked ones too, or those of one cluster."""
        ...

    async def save_identity(self, identity: ClusterIdentity, *, note: AuditNote) -> None: ...


class Issues(Protocol):
    """What was sent to clusters and what they answered."""

    async def epoch(self) -> int: ...

    async def next_seq(self, count: int = 1) -> int:
        """Reserve ``count`` numbers greater than any before them in this epoch; kept, then the first is returned."""
        ...

    async def rise_above(self, *, epoch: int, seq: int) -> int:
        """Have every number from now on above ``seq``, in an epoch of at least ``epoch``; return the epoch."""
        ...

    async def latest(self, kind: str) -> Sequence[IssuedDocument]:
        """Return the newest document of ``kind`` for every cluster that has one."""
        ...

    async def issue(self, documents: Sequence[tuple[IssuedDocument, Sequence[PlannedPlay]]]) -> None:
        """Keep documents, each plan with the plays it promises, in one transaction: all of them or none.

        For each plan: new plays are added; known ones that have not begun take the new description and are no longer
        cancelled; plays of that cluster that start after ``issued_at``, are not among these and have not begun are
        cancelled. Plays with ``schedule`` ``None`` are no plan's and stay as they are.
        """
        ...

    async def accepted(self, answers: Sequence[tuple[str, ClusterId, int]]) -> None:
        """Note the newest ``seq`` that a cluster says it holds, as ``(kind, cluster, seq)``."""
        ...

    async def record_commands(self, rows: Sequence[CommandRow], *, note: AuditNote | None) -> None: ...

    async def answer_commands(self, answers: Sequence[tuple[str, ClusterId, CommandState, str, datetime]]) -> None:
        """Store answers ``(jti, cluster, state, why, at)``.

        A later state never gives way to an earlier one; NO_ANSWER gives way to whatever the cluster says after all.
        """
        ...

    async def commands(self, *, since: datetime, limit: int = 200) -> Sequence[CommandRow]: ...

    async def stops(self, *, since: datetime) -> Sequence[StopOrder]:
        """Return what people stopped at or after ``since``: of one cluster and broadcast, the newest order.

        Without those that a cluster refused because an emergency sounds: who gave them knows that they do not hold.
        And without those of whatever sounded that were obeyed: what goes on there afterwards is something else, as a
        broadcast that the stopped one had interrupted.
        """
        ...


class Proofs(Protocol):
    """Bằng chứng: the clusters' journals, and what they prove."""

    async def heads(self) -> dict[ClusterId, tuple[int, str]]:
        """Return for every cluster its last contiguous entry ``n`` and the SHA-256 of that entry's sealed bytes."""
        ...

    async def keep(self, batches: Sequence[JournalBatch]) -> None:
        """Append entries and settle what they say of plays, for many clusters, in one transaction.

        Entries continue the head with no gap; one already kept is left as it is. All or none, fsynced before it
        returns: only then may the clusters be told.
        """
        ...

    async def rebase(self, cluster: ClusterId, *, n: int, sha256: str, note: AuditNote) -> None:
        """Set where the journal of ``cluster`` goes on: its head becomes ``(n, sha256)``, and ``n`` only grows.

        For entries that it was told to forget and that were then lost with our own data, and for a broken chain that
        a person has looked at. What was kept stays.
        """
        ...

    async def settle(self, plays: Sequence[PlannedPlay]) -> None:
        """Write how plays began and ended, in one transaction.

        Of a row that is there, only what is known of the play itself is written (``outcome`` to ``settled_at``), never
        what was promised. The first outcome stands; only UNPROVEN gives way, and what no journal entry tells of gives
        way to one that does. A play without an outcome here only notes its beginning. A row that is not there is added
        as it is.
        """
        ...

    async def promise(self, plays: Sequence[PlannedPlay]) -> None:
        """Add plays that no plan carries (phát ngay, khẩn cấp); one that is there already is left as it is."""
        ...

    async def find(
        self, keys: Sequence[tuple[OccurrenceId, ClusterId]]
    ) -> dict[tuple[OccurrenceId, ClusterId], PlannedPlay]:
        """Return those of the plays that there are."""
        ...

    async def play(self, occ: OccurrenceId, cluster: ClusterId) -> PlannedPlay | None: ...

    async def airing(self, occ: OccurrenceId) -> Sequence[PlannedPlay]:
        """Return one broadcast on all its clusters, whenever it was."""
        ...

    async def sealed(self, cluster: ClusterId, n: int) -> bytes | None:
        """Return entry ``n`` of a journal as it came, so that anyone can check its seal."""
        ...

    async def plays(
        self, *, since: datetime, until: datetime, cluster: ClusterId | None = None, open_only: bool = False
    ) -> Sequence[PlannedPlay]: ...

    async def counts(self, *, since: datetime, until: datetime) -> dict[tuple[Outcome | None, Proof], int]: ...


class Alarms(Protocol):
    async def raise_(self, alarm: Alarm) -> bool:
        """Keep it; ``True`` when it was not already standing."""
        ...

    async def clear(self, key: str, *, at: datetime) -> bool: ...

    async def see(self, key: str, *, by: str, at: datetime, note: AuditNote) -> None: ...

    async def standing(self) -> Sequence[Alarm]: ...

    async def history(self, *, limit: int = 200) -> Sequence[Alarm]: ...


class Audit(Protocol):
    async def add(self, note: AuditNote) -> None: ...

    async def lines(self, *, after_n: int = 0, limit: int = 200) -> Sequence[AuditLine]: ...

    async def find(self, query: AuditQuery, *, before_n: int | None = None, limit: int = 200) -> Sequence[AuditLine]:
        """Return the newest lines that match, numbered below ``before_n``, the newest first."""
        ...

    async def last_n(self) -> int:
        """Return the number of the newest line, 0 when there is none."""
        ...

    async def verify(self) -> int:
        """Return how many lines the chain holds.

        Raises:
            ChainBroken: names the first line that was changed, removed or added by hand.
        """
        ...


class Vault(Protocol):
    """Két: seals secrets with a key that is not in the database."""

    def seal(self, secret: str, *, owner: str) -> str:
        """Return ``secret`` sealed; only for the same ``owner`` does it open again."""
        ...

    def open(self, sealed: str, *, owner: str) -> str:
        """Return what was sealed.

        Raises:
            StoreFailed: it is not of this ward or this owner.
        """
        ...


class Values(Protocol):
    """Small facts of the ward: silence, the adopted policy, the emergency key's state."""

    async def get(self, name: str) -> Any | None: ...

    async def set(self, name: str, value: Any, *, note: AuditNote | None) -> None: ...
