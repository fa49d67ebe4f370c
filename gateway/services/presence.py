"""Có mặt: what the reports of one cluster say about whether it is there. Pure: reports and clocks in, state out.

Only a cluster's own fresh, signed word makes it present. A retained message tells what was, not what is; a will names
its session, and one of another session says nothing; a report that was heard before (a replay) is no sign of life.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from devices.model import ClusterId
from devices.wire.reports import Ack, Activity, Birth, ClockState, Death, JournalState, PlanState, Telemetry

LOST_AFTER_S = 85.0
"""Two heartbeats missed and the third late; with the look every second it shows within the 90 s promised."""
GONE_AFTER_S = 15.0
"""A drop shorter than this is nobody's business: the pole plays on, and usually is back."""
STALE_MS = 600_000
"""A cluster that trusts its clock and speaks of ten minutes ago is a recording."""
_SIDS_KEPT = 16


class Presence(StrEnum):
    """Chưa ghi danh / chưa rõ / trực tuyến / mất kết nối."""

    UNENROLLED = "unenrolled"
    UNKNOWN = "unknown"
    """The gateway has just started and has not heard it yet."""
    ONLINE = "online"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Live:
    """What is known of one cluster now."""

    cluster: ClusterId
    presence: Presence
    since_ms: int
    """Since when it is so, by the gateway's wall clock."""
    watched_ns: int
    """From when silence counts: last heard, or when watching began."""
    heard_ms: int | None = None
    """When it was last heard, by the gateway's wall clock."""
    gone_ns: int | None = None
    """When its will for this session came."""
    sid: str | None = None
    old_sids: tuple[str, ...] = ()
    boot: int = 0
    nonce: str | None = None
    uptime_s: int = -1
    up_ms: int = -1
    """How long it had been up at its newest word in this session: a clock that nobody sets back."""
    said_ms: int = 0
    """The newest time it named in this session, by its own clock."""
    activity: Activity = Activity.IDLE
    occ: str | None = None
    silent: bool = False
    volume_percent: int = 0
    clock: ClockState | None = None
    plan: PlanState | None = None
    config_seq: int = 0
    policy: tuple[int, int] | None = None
    """Which ``(version, permits_rev)`` it says it holds."""
    keys_version: int | None = None
    newer_policy: str | None = None
    newer_keys: str | None = None
    """What it shows, sealed by the root key, of a time that this gateway does not remember."""
    journal: JournalState | None = None
    model: str = ""
    firmware: str = ""
    temp_c: float | None = None
    free_mb: int | None = None
    rssi_dbm: int | None = None
    volts_ac: float | None = None
    on_battery: bool | None = None
    amp_on: bool | None = None
    drops: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    faults: tuple[str, ...] = ()

    @property
    def online(self) -> bool:
        """Whether it is there as far as anyone knows."""
        return self.presence is Presence.ONLINE

    @property
    def playing(self) -> bool:
        """Đang phát."""
        return self.online and self.activity is Activity.PLAYING


def unheard(cluster: ClusterId, *, enrolled: bool, now_ms: int, now_ns: int) -> Live:
    """Return the state of a cluster the gateway begins to watch."""
    presence = Presence.UNKNOWN if enrolled else Presence.UNENROLLED
    return Live(cluster=cluster, presence=presence, since_ms=now_ms, watched_ns=now_ns)


Believed = Callable[[], int]
"""The hour to go by (epoch ms): asked only when a report and our own clock are far apart."""


def is_news(live: Live, said: Birth | Telemetry) -> bool:
    """Tell whether ``said`` is of the session that goes on, and was not heard before. Not whether it is old."""
    if isinstance(said, Birth):
        return said.boot >= live.boot and said.sid not in live.old_sids
    if live.sid is not None and said.sid != live.sid:
        return False
    return (said.uptime_s, said.at_ms) > (live.uptime_s, live.said_ms)


def with_birth(
    live: Live, birth: Birth, *, retained: bool, now_ms: int, now_ns: int, believed: Believed | None = None
) -> Live | None:
    """Take a birth in; ``None`` when it is of a session that is over."""
    again = birth.sid == live.sid
    if not is_news(live, birth):
        return None
    if again and birth.uptime_ms < live.up_ms:
        return live  # said before what we know
    if not retained and _is_recording(birth.clock, birth.at_ms, now_ms, believed):
        return None
    told = _but(
        live,
        sid=birth.sid,
        old_sids=live.old_sids if again or live.sid is None else (*live.old_sids, live.sid)[-_SIDS_KEPT:],
        boot=birth.boot,
        nonce=birth.nonce,
        uptime_s=live.uptime_s if again else -1,
        up_ms=birth.uptime_ms,
        said_ms=birth.at_ms,
        gone_ns=live.gone_ns if again else None,
        activity=birth.activity,
        occ=birth.occ,
        silent=birth.silent,
        volume_percent=birth.volume_percent,
        clock=birth.clock,
        plan=birth.plan,
        config_seq=birth.config_seq,
        policy=None if birth.policy_version is None else (birth.policy_version, birth.permits_rev or 0),
        keys_version=birth.keys_version,
        newer_policy=birth.newer_policy,
        newer_keys=birth.newer_keys,
        journal=birth.journal,
        model=birth.model,
        firmware=birth.fw,
        amp_on=_amplifier(live, birth.activity),
    )
    return told if retained else _heard(told, now_ms, now_ns)


def with_death(live: Live, death: Death, *, now_ns: int) -> Live | None:
    """Take a will in; ``None`` when it is another session's: that one is over, and this one is not."""
    if death.sid != live.sid:
        return None
    return _but(live, gone_ns=live.gone_ns if live.gone_ns is not None else now_ns)


def with_telemetry(
    live: Live, heartbeat: Telemetry, *, now_ms: int, now_ns: int, believed: Believed | None = None
) -> Live | None:
    """Take a heartbeat in; ``None`` when it is of another session, or was heard before."""
    if not is_news(live, heartbeat) or _is_recording(heartbeat.clock, heartbeat.at_ms, now_ms, believed):
        return None
    told = _but(
        live,
        sid=heartbeat.sid,
        uptime_s=heartbeat.uptime_s,
        up_ms=max(live.up_ms, heartbeat.uptime_s * 1000) if heartbeat.sid == live.sid else heartbeat.uptime_s * 1000,
        said_ms=heartbeat.at_ms,
        activity=heartbeat.activity,
        occ=heartbeat.occ,
        silent=heartbeat.silent,
        volume_percent=heartbeat.volume_percent,
        clock=heartbeat.clock,
        plan=heartbeat.plan,
        journal=heartbeat.journal,
        temp_c=heartbeat.temp_c,
        free_mb=heartbeat.free_mb,
        rssi_dbm=heartbeat.rssi_dbm,
        volts_ac=heartbeat.volts_ac,
        on_battery=heartbeat.on_battery,
        amp_on=heartbeat.amp_on,
        drops=MappingProxyType(dict(heartbeat.drops)),
        faults=heartbeat.faults,
    )
    return _heard(told, now_ms, now_ns)


def with_ack(live: Live, ack: Ack, *, now_ms: int, now_ns: int) -> Live | None:
    """Take an answer in: a sign of life, and what it says of activity and volume. ``None`` when it is an old one."""
    if ack.sid != live.sid or ack.at_ms < live.said_ms:
        return None
    told = _but(
        live,
        said_ms=ack.at_ms,
        activity=ack.activity or live.activity,
        amp_on=_amplifier(live, ack.activity or live.activity),
        volume_percent=live.volume_percent if ack.volume_percent is None else ack.volume_percent,
    )
    return _heard(told, now_ms, now_ns)


def link_back(live: Live, now_ns: int) -> Live:
    """The gateway was deaf itself: silence counts from now."""
    return _but(live, watched_ns=max(live.watched_ns, now_ns)) if live.presence is not Presence.LOST else live


def at(live: Live, *, now_ms: int, now_ns: int) -> Live:
    """Return the state as the passing of time makes it."""
    if live.presence not in (Presence.UNKNOWN, Presence.ONLINE):
        return live
    silent_s = (now_ns - live.watched_ns) / 1e9
    gone_s = (now_ns - live.gone_ns) / 1e9 if live.gone_ns is not None else 0.0
    if silent_s >= LOST_AFTER_S or gone_s >= GONE_AFTER_S:
        return _but(live, presence=Presence.LOST, since_ms=now_ms)
    return live


def _amplifier(live: Live, activity: Activity) -> bool | None:
    """What a heartbeat said of the amplifier holds while the cluster does the same; then the next one has to tell."""
    return live.amp_on if activity is live.activity else None


def _but(live: Live, **told: object) -> Live:
    """Return ``live`` with what was ``told``.

    As :func:`dataclasses.replace` in a tenth of its time, which is spent on every word of a thousand clusters: it looks
    at each of the forty fields and sets it anew.
    """
    after = object.__new__(Live)
    vars(after).update(vars(live), **told)
    return after


def _heard(live: Live, now_ms: int, now_ns: int) -> Live:
    since_ms = live.since_ms if live.online else now_ms
    return _but(live, presence=Presence.ONLINE, since_ms=since_ms, watched_ns=now_ns, heard_ms=now_ms, gone_ns=None)


def _is_recording(clock: ClockState, said_ms: int, now_ms: int, believed: Believed | None) -> bool:
    if not clock.trusted or abs(said_ms - now_ms) <= STALE_MS:
        return False
    return believed is None or abs(said_ms - believed()) > STALE_MS  # or it is our own clock that is wrong
