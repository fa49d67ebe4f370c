"""Well-formed things for the tests of the rules; each takes only what the test cares about."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from devices.model import AirRules, AssetId, ClusterId, Level, OccurrenceId, Priority, Window, ZoneId, asset_id
from gateway.domain.airing import Airing
from gateway.domain.bulletin import AudioRef, Bulletin, Content
from gateway.domain.clash import Answer, Decision
from gateway.domain.ids import BulletinId, CategoryId, DecisionId, ProgrammeId, ScheduleId, UserId
from gateway.domain.programme import BulletinItem, Clip, ItemRole, Programme
from gateway.domain.recording import Recording, Release
from gateway.domain.rule import Weekly
from gateway.domain.schedule import Schedule
from gateway.domain.targets import EVERYWHERE, Cluster, ClusterKind, Registry, Zone

AUTHOR, APPROVER, OTHER = UserId("bien-tap-vien"), UserId("pho-chu-tich"), UserId("cong-tac-vien")
NOON = datetime(2026, 10, 1, 5, 0, tzinfo=UTC)
THURSDAY, SATURDAY = 3, 5
MORNING, EVENING = time(5, 30), time(17, 30)


def asset(letter: str) -> AssetId:
    return asset_id(letter * 64)


def content(**changes: Any) -> Content:
    fields: dict[str, Any] = {
        "title": "An ninh trật tự tuần này",
        "category": CategoryId("an-ninh-trat-tu"),
        "text": "Kính thưa bà con nhân dân trong phường.",
    }
    return Content(**{**fields, **changes})


def audio_of(bulletin: Bulletin, letter: str = "a", **changes: Any) -> AudioRef:
    fields: dict[str, Any] = {
        "asset": asset(letter),
        "duration_ms": 300_000,
        "lufs": -16.0,
        "engine": "espeak",
        "voice": "vi",
        "text_sha256": bulletin.text_sha256,
    }
    return AudioRef(**{**fields, **changes})


def draft(name: str = "bt-1", **changes: Any) -> Bulletin:
    return Bulletin(id=BulletinId(name), author=AUTHOR, content=content(**changes))


def submitted(name: str = "bt-1", letter: str = "a", duration_ms: int = 300_000, **changes: Any) -> Bulletin:
    fresh = draft(name, **changes)
    return fresh.attach_audio(audio_of(fresh, letter, duration_ms=duration_ms)).submit()


def approved(name: str = "bt-1", letter: str = "a", duration_ms: int = 300_000, **changes: Any) -> Bulletin:
    waiting = submitted(name, letter, duration_ms, **changes)
    return waiting.approve(by=APPROVER, at=NOON, text_sha256=waiting.text_sha256, asset=asset(letter))


def recording(letter: str, **changes: Any) -> Recording:
    """One that somebody else listened to and approved."""
    fields: dict[str, Any] = {
        "asset": asset(letter),
        "title": f"Ghi âm {letter}",
        "engine": "recorded",
        "makers": frozenset({OTHER}),
        "release": Release(by=APPROVER, at=NOON),
    }
    return Recording(**{**fields, **changes})


RECORDINGS = {asset(letter): recording(letter) for letter in "cdef"}
"""What the chimes and recordings of these builders name."""


def chime(duration_ms: int = 5_000) -> Clip:
    return Clip(role=ItemRole.CHIME, asset=asset("c"), duration_ms=duration_ms)


def programme(name: str = "ct-1", /, bulletins: tuple[str, ...] = ("bt-1",), **changes: Any) -> Programme:
    fields: dict[str, Any] = {
        "id": ProgrammeId(name),
        "title": "Bản tin phường",
        "items": (chime(), *(BulletinItem(bulletin=BulletinId(b)) for b in bulletins)),
    }
    return Programme(**{**fields, **changes})


def recorded(name: str, minutes: float, **changes: Any) -> Programme:
    clip = Clip(role=ItemRole.RECORDED, asset=asset("d"), duration_ms=round(minutes * 60_000))
    return programme(name, items=(clip,), **changes)


def schedule(name: str = "lich-1", /, **changes: Any) -> Schedule:
    fields: dict[str, Any] = {
        "id": ScheduleId(name),
        "name": "Thứ 5 và thứ 7",
        "programme": ProgrammeId("ct-1"),
        "targets": EVERYWHERE,
        "rule": Weekly(weekdays=frozenset({THURSDAY, SATURDAY}), first=date(2026, 1, 1)),
        "times": (MORNING, EVENING),
    }
    return Schedule(**{**fields, **changes})


def registry(ip: int = 4) -> Registry:
    zones = [Zone(id=ZoneId("kp1"), name="Khu phố 1"), Zone(id=ZoneId("kp2"), name="Khu phố 2")]
    clusters = [
        Cluster(id=ClusterId(f"kp{i % 2 + 1}-{i:02d}"), name=f"Cụm {i}", zone=zones[i % 2].id, households=50)
        for i in range(ip)
    ]
    old = Cluster(id=ClusterId("kp1-fm"), name="Loa FM cũ", zone=ZoneId("kp1"), kind=ClusterKind.FM)
    return Registry.of(zones, [*clusters, old])


def changed(thing: Any, **changes: Any) -> Any:
    return replace(thing, **changes)


# Midnight of Thursday 8 October 2026 in Vietnam.
MIDNIGHT = datetime(2026, 10, 7, 17, tzinfo=UTC)
WARD_CLUSTERS = frozenset(ClusterId(f"kp1-{i:02d}") for i in range(3))


def airing(clock: str, *, minutes: float = 10, day: int = 0, name: str = "", **changes: Any) -> Airing:
    hour, minute = map(int, clock.split(":"))
    fields: dict[str, Any] = {
        "occ": OccurrenceId(f"{name or 'lich'}@{day}T{clock}"),
        "schedule": ScheduleId(name or "lich"),
        "title": name or "Bản tin",
        "day": date(2026, 10, 8) + timedelta(days=day),
        "start": MIDNIGHT + timedelta(days=day, hours=hour, minutes=minute),
        "duration_ms": round(minutes * 60_000),
        "clusters": WARD_CLUSTERS,
        "priority": Priority.ROUTINE,
        "level": Level.ROUTINE_WARD,
        "volume_percent": 70,
    }
    return Airing(**{**fields, **changes})


def decision(first: str, other: str, answer: Answer = Answer.AFTER, **changes: Any) -> Decision:
    fields: dict[str, Any] = {
        "id": DecisionId(f"{first}-{other}-{answer}"),
        "first": ScheduleId(first),
        "other": ScheduleId(other),
        "answer": answer,
        "by": OTHER,
        "at": NOON,
    }
    return Decision(**{**fields, **changes})


def rules(**changes: Any) -> AirRules:
    fields: dict[str, Any] = {
        "name": "thu",
        "version": 1,
        "zone": "Asia/Ho_Chi_Minh",
        "windows": (Window(start=time(5), end=time(22)),),
    }
    return AirRules(**{**fields, **changes})
