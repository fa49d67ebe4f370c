"""The rows that services and store exchange where the domain has no word of its own: accounts, proofs, alarms."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from devices.model import AssetId, ClusterId, OccurrenceId, Outcome, Proof
from gateway.domain.bulletin import RECORDED_ENGINE
from gateway.domain.ids import ScheduleId, UserId
from gateway.domain.people import Role
from gateway.domain.recording import Recording, Release, Returned


@dataclass(frozen=True, kw_only=True)
class AuditNote:
    """Nhật ký: who did what to what. Written in the same transaction as the change it tells of."""

    actor: str
    """A user id, ``cluster:ID``, or ``system``."""
    action: str
    """Dotted verb, e.g. ``bulletin.approve``."""
    subject: str
    at: datetime
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AuditQuery:
    """Which lines somebody looks for; everything left out matches all."""

    actor: str = ""
    kind: str = ""
    """What is before the dot of an action, e.g. ``bulletin``; or a whole action."""
    since: datetime | None = None
    until: datetime | None = None
    """Not at or after."""


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """One stored note with its place in the chain: ``hash = SHA-256(prev || canonical JSON of the rest)``."""

    n: int
    note: AuditNote
    prev: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class User:
    id: UserId
    name: str
    """What is typed at sign-in; unique, case-folded."""
    display_name: str
    roles: frozenset[Role]
    password_hash: str
    active: bool = True
    must_change_password: bool = False
    failed_logins: int = 0
    locked_until: datetime | None = None
    signed_in_at: datetime | None = None
    """Lần đăng nhập cuối; ``None``: never yet."""
    factor: str = field(default="", repr=False)
    """The sealed TOTP secret; empty: no second factor."""
    factor_offer: str = field(default="", repr=False)
    """A sealed secret that was shown and is not confirmed yet."""
    factor_counter: int = 0
    """The time step of the last code used: no code is good twice."""
    factor_recovery: tuple[str, ...] = field(default=(), repr=False)
    """SHA-256 of the recovery codes that are left."""


@dataclass(frozen=True, kw_only=True)
class Session:
    token_hash: str
    """SHA-256 of the cookie: a stolen database opens no session."""
    user: UserId
    csrf: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    user_agent: str = ""
    stepped_up_at: datetime | None = None
    """When a second factor was last given in it."""


@dataclass(frozen=True, kw_only=True)
class EnrolmentOffer:
    """A one-time code waiting to be used. The secret part is kept encrypted or not at all by the store's choice."""

    name: str
    secret: str
    cluster: ClusterId
    made_by: UserId
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ClusterIdentity:
    """What enrolment left: the public key that a cluster's messages are checked with, and its broker account."""

    cluster: ClusterId
    kid: str
    public_key: str
    broker_password_hash: str
    enrolled_at: datetime
    revoked_at: datetime | None = None
    model: str = ""
    firmware: str = ""


@dataclass(frozen=True, kw_only=True)
class IssuedDocument:
    """A sealed document (``config``, ``plan``, ``silence``) as sent; the newest is published again as it is."""

    kind: str
    cluster: ClusterId | None
    """``None``: for the whole ward."""
    epoch: int
    seq: int
    rev: int
    sealed: bytes
    content_hash: str
    """Of the body without rev and times: an unchanged plan is not issued again."""
    issued_at: datetime
    accepted_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedPlay:
    """One occurrence on one cluster, written when a plan that holds it is issued. Ends in exactly one outcome."""

    occ: OccurrenceId
    cluster: ClusterId
    schedule: ScheduleId | None
    title: str
    priority: str
    start_at: datetime
    duration_ms: int
    bulletins: tuple[str, ...]
    assets: tuple[AssetId, ...]
    cancelled: bool = False
    outcome: Outcome | None = None
    proof: Proof = Proof.NONE
    why: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    start_error_ms: float | None = None
    heard_ms: int = 0
    volume_percent: int | None = None
    level_dbfs: float | None = None
    journal_n: int | None = None
    settled_at: datetime | None = None
    unplanned: bool = False
    """The cluster reports it and nobody planned or commanded it: tiếng lạ, and an alarm."""


@dataclass(frozen=True, kw_only=True)
class JournalBatch:
    """Verified, contiguous journal entries of one cluster, and the plays as they stand after them."""

    cluster: ClusterId
    entries: tuple[tuple[int, bytes, dict[str, Any]], ...]
    """``(n, sealed bytes, body)``."""
    plays: tuple[PlannedPlay, ...]
    """Kept by the rule of :meth:`gateway.ports.store.Proofs.settle`, in the same transaction."""


class CommandState(StrEnum):
    """What is known of one command on one cluster; only the cluster's own answer moves it past SENT."""

    SENT = "sent"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    DONE = "done"
    REJECTED = "rejected"
    NO_ANSWER = "no_answer"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, kw_only=True)
class CommandRow:
    jti: str
    cluster: ClusterId
    typ: str
    by: str
    sent_at: datetime
    expires_at: datetime
    state: CommandState
    why: str = ""
    answered_at: datetime | None = None
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StopOrder:
    """Dừng, as one person gave it to one cluster: of ``occ``, or (``None``) of whatever sounded."""

    cluster: ClusterId
    occ: OccurrenceId | None
    at: datetime


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Cảnh báo: one fault with a life: new, seen, cleared. ``key`` makes it one row however often it is raised."""

    key: str
    severity: Severity
    text_vi: str
    text_en: str
    cluster: ClusterId | None
    raised_at: datetime
    seen_at: datetime | None = None
    seen_by: str | None = None
    cleared_at: datetime | None = None
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class StoredAudio:
    """A file in the audio folder, named by its SHA-256 and never overwritten."""

    asset: AssetId
    bytes: int
    mime: str
    duration_ms: int
    lufs: float
    true_peak_dbtp: float
    engine: str
    made_at: datetime
    title: str = ""
    music: bool = False
    licence: str = ""
    usable_until: datetime | None = None
    makers: frozenset[str] = frozenset()
    """Who uploaded it, or wrote what it says."""
    release: Release | None = None
    """Duyệt, for programmes; a bulletin's audio is approved with the bulletin."""
    returned: Returned | None = None
    """The last no, until it is approved or sent in again."""
    of_bulletin: bool = False
    """Recorded for a bulletin: it waits with the bulletin, not by itself."""
    remarks: tuple[str, ...] = ()
    """What to know before approving it: what was found in a recording, which voice stood in. In Vietnamese."""

    @property
    def waits(self) -> bool:
        """Whether a person sent it in by itself and nobody has judged it."""
        mine = self.engine == RECORDED_ENGINE and not self.of_bulletin
        return mine and self.release is None and self.returned is None

    @property
    def recording(self) -> Recording:
        """What the rules look at."""
        return Recording(
            asset=self.asset,
            title=self.title,
            engine=self.engine,
            makers=self.makers,
            music=self.music,
            usable_until=self.usable_until,
            release=self.release,
        )
