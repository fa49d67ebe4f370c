"""Ảnh chụp: fetches one snapshot, has it measured, and throws it away. Nothing of it is kept but numbers."""

import base64
import secrets
from dataclasses import dataclass, field, replace
from typing import Protocol

from devices.cameras.digest import answer, read_challenge, wants_basic
from devices.cameras.eyes import Eyes, EyesBusy
from devices.cameras.judge import Fault, Observation, is_packed
from devices.cameras.line import Line
from devices.cameras.thresholds import judge_picture
from devices.cameras.veil import unveiled
from devices.errors import CameraTrouble
from devices.model.camera import Cause, Memory, Metrics

_OK, _UNAUTHORIZED, _FORBIDDEN = 200, 401, 403


class Wanted(Protocol):
    """What is wanted of a picture; see `look.Wish`."""

    @property
    def night(self) -> bool: ...
    @property
    def thumbnail(self) -> bool: ...
    @property
    def enrolling(self) -> bool: ...
    @property
    def patience(self) -> int | None: ...


@dataclass(frozen=True, kw_only=True)
class View:
    """What became of one snapshot."""

    memory: Memory
    cause: Cause | None = None
    detail: str = ""
    measured: bool = True
    """False: it came, and nobody had time to look at it."""
    ms: int | None = None
    metrics: Metrics | None = None
    thumbnail: bytes | None = field(default=None, repr=False)


async def view(line: Line, eyes: Eyes, memory: Memory, wish: Wanted, *, now_ms: int) -> View:
    """Take one picture, over the line of the look."""
    if not memory.snapshot_path:
        return View(memory=memory, cause=Cause.NO_SNAPSHOT)
    seen, auth = await _fetch(line, memory, enrolling=wish.enrolling)
    memory = replace(memory, snapshot_auth=auth)
    cause, detail = _no_picture(seen)
    if cause is not None:
        return View(memory=memory, cause=cause, detail=detail, ms=seen.ms)
    try:
        metrics, thumbnail = await eyes.measure(seen.body, thumbnail=wish.thumbnail)
    except CameraTrouble as trouble:
        return View(memory=memory, cause=Cause(trouble.cause), detail=trouble.detail, ms=seen.ms)
    except EyesBusy:
        return View(memory=memory, measured=False, detail="chưa đo kịp / no time to measure it", ms=seen.ms)
    found = judge_picture(metrics, memory.picture, now_ms, night=wish.night, patience=wish.patience)
    detail = f"{metrics.width}x{metrics.height} · sáng {metrics.mean:.0f} · nét {metrics.sharpness:.0f}"
    if found.suspect is not None:
        detail = f"{detail} · nghi / suspected: {found.suspect} ({found.count})"
    return View(
        memory=replace(memory, picture=found.memory),
        cause=found.cause,
        detail=detail,
        ms=seen.ms,
        metrics=found.metrics,
        thumbnail=thumbnail,
    )


async def _fetch(line: Line, memory: Memory, *, enrolling: bool) -> tuple[Observation, str]:
    """Fetch it: without a password, else by digest. In clear only if a person once was there when it asked for that."""
    door, port = line.door, memory.snapshot_port
    path = unveiled(memory.snapshot_path, door)
    first = _basic(line) if memory.snapshot_auth == "basic" else ""
    seen = await line.get(path, port=port, authorization=first)
    if seen.status != _UNAUTHORIZED or not door.user or first:
        return seen, memory.snapshot_auth or ("none" if seen.status == _OK else "")
    asked = seen.headers.get("www-authenticate", "")
    challenge = read_challenge(asked)
    if challenge is not None:
        cnonce = secrets.token_hex(8)
        signed = answer(challenge, door.user, door.password, method="GET", target=path, cnonce=cnonce)
        return await line.get(path, port=port, authorization=signed), "digest"
    if wants_basic(asked) and enrolling:
        again = await line.get(path, port=port, authorization=_basic(line))
        return again, "basic" if again.status == _OK else ""
    return seen, ""


def _basic(line: Line) -> str:
    pair = f"{line.door.user}:{line.door.password.reveal()}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _no_picture(seen: Observation) -> tuple[Cause | None, str]:
    if seen.fault is Fault.TOO_LARGE:
        return Cause.SNAPSHOT_BAD, f"quá lớn / {seen.detail}"
    if seen.fault is not None:
        return Cause.SNAPSHOT_BAD, f"không tải được / {seen.fault} {seen.detail}".strip()
    if is_packed(seen.headers) or seen.leaves_host:
        return Cause.SUSPICIOUS, f"HTTP {seen.status}, packed or elsewhere"
    if seen.status in {_UNAUTHORIZED, _FORBIDDEN}:
        basic = " · chỉ nhận Basic / Basic only" if wants_basic(seen.headers.get("www-authenticate", "")) else ""
        return Cause.SNAPSHOT_AUTH, f"HTTP {seen.status}{basic}"
    if seen.status != _OK:
        return Cause.SNAPSHOT_BAD, f"HTTP {seen.status}"
    return None, ""
