"""Well-formed rows for the tests of the store; each takes only what the test cares about."""

import hashlib
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from devices.model import ClusterId, OccurrenceId, asset_id
from gateway.domain.ids import ScheduleId, UserId
from gateway.domain.people import Role
from gateway.ports.records import (
    Alarm,
    AuditNote,
    ClusterIdentity,
    CommandRow,
    CommandState,
    EnrolmentOffer,
    IssuedDocument,
    JournalBatch,
    PlannedPlay,
    Session,
    Severity,
    StoredAudio,
    User,
)

NOW = datetime(2026, 10, 7, 22, 0, tzinfo=UTC)
KP1, KP2 = ClusterId("kp1-01"), ClusterId("kp2-01")


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


def note(action: str = "test.change", **changes: Any) -> AuditNote:
    fields: dict[str, Any] = {"actor": "bien-tap-vien", "action": action, "subject": "bt-1", "at": NOW}
    return AuditNote(**{**fields, **changes})


def play(occ: str = "lich-1@2026-10-08T05:30:00+07:00", cluster: ClusterId = KP1, **changes: Any) -> PlannedPlay:
    fields: dict[str, Any] = {
        "occ": OccurrenceId(occ),
        "cluster": cluster,
        "schedule": ScheduleId("lich-1"),
        "title": "Bản tin phường",
        "priority": "routine",
        "start_at": later(minutes=30),
        "duration_ms": 312_480,
        "bulletins": ("bt-1",),
        "assets": (asset_id("a" * 64), asset_id("b" * 64)),
    }
    return PlannedPlay(**{**fields, **changes})


def document(seq: int, cluster: ClusterId | None = KP1, **changes: Any) -> IssuedDocument:
    fields: dict[str, Any] = {
        "kind": "plan",
        "cluster": cluster,
        "epoch": 1,
        "seq": seq,
        "rev": seq,
        "sealed": f"sealed-{seq}".encode(),
        "content_hash": f"hash-{seq}",
        "issued_at": NOW,
    }
    return IssuedDocument(**{**fields, **changes})


def command(jti: str = "jti-1", cluster: ClusterId = KP1, **changes: Any) -> CommandRow:
    fields: dict[str, Any] = {
        "jti": jti,
        "cluster": cluster,
        "typ": "stop",
        "by": "truc-ban",
        "sent_at": NOW,
        "expires_at": later(seconds=30),
        "state": CommandState.SENT,
        "body": {"occ": "x"},
    }
    return CommandRow(**{**fields, **changes})


def batch(first: int, last: int, *plays: PlannedPlay, cluster: ClusterId = KP1, salt: str = "") -> JournalBatch:
    entries = tuple((n, f"{cluster}/{n}{salt}".encode(), {"n": n}) for n in range(first, last + 1))
    return JournalBatch(cluster=cluster, entries=entries, plays=plays)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def alarm(key: str = "lost:kp1-01", **changes: Any) -> Alarm:
    fields: dict[str, Any] = {
        "key": key,
        "severity": Severity.WARNING,
        "text_vi": "Mất liên lạc với kp1-01",
        "text_en": "kp1-01 is lost",
        "cluster": KP1,
        "raised_at": NOW,
    }
    return Alarm(**{**fields, **changes})


def user(name: str = "Bien-Tap-Vien", **changes: Any) -> User:
    fields: dict[str, Any] = {
        "id": UserId(f"u-{name.lower()}"),
        "name": name,
        "display_name": "Biên tập viên",
        "roles": frozenset({Role.AUTHOR, Role.VIEWER}),
        "password_hash": "$argon2id$...",
    }
    return User(**{**fields, **changes})


def session(token: str = "t1", **changes: Any) -> Session:
    fields: dict[str, Any] = {
        "token_hash": token,
        "user": UserId("u-bien-tap-vien"),
        "csrf": "csrf",
        "created_at": NOW,
        "seen_at": NOW,
        "expires_at": later(hours=12),
    }
    return Session(**{**fields, **changes})


def offer(name: str = "ma-1", **changes: Any) -> EnrolmentOffer:
    fields: dict[str, Any] = {
        "name": name,
        "secret": "bi-mat-dung-mot-lan",
        "cluster": KP1,
        "made_by": UserId("ky-thuat-vien"),
        "expires_at": later(hours=24),
    }
    return EnrolmentOffer(**{**fields, **changes})


def identity(kid: str = "dev-kp1-01-1", **changes: Any) -> ClusterIdentity:
    fields: dict[str, Any] = {
        "cluster": KP1,
        "kid": kid,
        "public_key": "A" * 43,
        "broker_password_hash": "$7$...",
        "enrolled_at": NOW,
    }
    return ClusterIdentity(**{**fields, **changes})


def audio_file(path: Path, data: bytes = b"RIFF" + b"\x01" * 2_000, **changes: Any) -> StoredAudio:
    """Write ``data`` to ``path`` and describe it."""
    path.write_bytes(data)
    fields: dict[str, Any] = {
        "asset": asset_id(sha256(data)),
        "bytes": len(data),
        "mime": "audio/mpeg",
        "duration_ms": 1_000,
        "lufs": -16.0,
        "true_peak_dbtp": -1.5,
        "engine": "espeak",
        "made_at": NOW,
    }
    return StoredAudio(**{**fields, **changes})


def by_hand(folder: Path, *statements: str) -> None:
    """Change the file as somebody with a disk editor would, past every trigger."""
    connection = sqlite3.connect(folder / "loa.db")
    for table in ("audit", "journal"):
        for verb in ("UPDATE", "DELETE"):
            connection.execute(f"DROP TRIGGER IF EXISTS {table}_is_never_{verb}d")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
