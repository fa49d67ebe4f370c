"""Gác loa: looks over the live picture and raises what a technician or the police must see.

Lost clusters, wrong clocks, faults, silent amplifiers, somebody probing, and tiếng lạ: a loudspeaker that sounds what
nobody planned or commanded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from devices.clock import Clock
from devices.model import ClusterId, OccurrenceId
from devices.wire.reports import Activity
from gateway.ports.clusters import Clusters
from gateway.ports.records import Severity
from gateway.ports.store import Proofs
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.alarm_words import faults_in_words
from gateway.services.fleet import Fleet
from gateway.services.monitor import Monitor
from gateway.services.presence import Live, Presence
from gateway.services.promises import Promises
from gateway.services.supervisor import Beat, no_beat
from gateway.services.verdicts import Verdicts

LOOK_EVERY_S = 2.0
LINK_DOWN_S = 15.0
CLOCK_WARNING_MS, CLOCK_CRITICAL_MS = 500, 5_000
"""domain.md row 20."""
LOW_SPACE_MB = 200
MAINS_VOLTS = (90.0, 240.0)
"""domain.md row 40, after the technical requirements for the clusters."""
PROBING_SHOWN_S = 3_600.0
CLOCK_SETTLES_S = 180.0
"""After the gateway's own clock was wrong the poles take this long to agree with it again, and to say so."""
COMING_BACK_S = 90.0
"""After the broker was away every cluster gets this long to be heard before it is called lost."""
STRANGE_FOR_S = 3.0
"""A play may sound a moment before the gateway has written down that it ordered it."""
TEST_TONE = "test-tone"
_OURS = ("lost:", "clock:", "fault:", "space:", "power:", "mute:", "stray:", "probing:", "link")


_SOUNDING = (Activity.PLAYING, Activity.PAUSED)


@dataclass(frozen=True)
class _Wrong:
    severity: Severity
    vi: str
    en: str
    cluster: ClusterId | None = None


@dataclass
class _Probing:
    total: int = 0
    grew_ns: int | None = None


class Watchman:
    """Raises and clears; remembers only what it needs to see a thing twice."""

    def __init__(
        self,
        *,
        monitor: Monitor,
        clusters: Clusters,
        fleet: Fleet,
        proofs: Proofs,
        promises: Promises,
        verdicts: Verdicts,
        alarms: AlarmDesk,
        clock: Clock,
    ) -> None:
        self._monitor = monitor
        self._clusters = clusters
        self._fleet = fleet
        self._proofs = proofs
        self._promises = promises
        self._verdicts = verdicts
        self._alarms = alarms
        self._clock = clock
        self._down_ns: int | None = None
        self._back_ns: int | None = None
        self._disputed_ns: int | None = None
        self._probing: dict[ClusterId | None, _Probing] = {}
        self._amp: dict[ClusterId, tuple[str, int]] = {}
        self._strange: dict[tuple[OccurrenceId, ClusterId], int] = {}
        self._known: set[tuple[OccurrenceId, ClusterId]] = set()

    async def run(self, beat: Beat = no_beat) -> None:
        """Look until cancelled."""
        while True:
            beat()
            await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Look once."""
        wanted = dict(self._wrongs())
        for key, wrong in wanted.items():
            await self._alarms.raise_(key, wrong.severity, wrong.vi, wrong.en, cluster=wrong.cluster)
        for key in [key for key in self._alarms.standing if key.startswith(_OURS)]:
            if key not in wanted:
                await self._alarms.clear(key)
        await self._look_for_strangers()

    def _wrongs(self) -> Iterator[tuple[str, _Wrong]]:
        if self._monitor.witness.dispute() is not None:
            self._disputed_ns = self._clock.mono_ns()
        link_down = self._link_down()
        if link_down:
            yield (
                "link",
                _Wrong(
                    Severity.CRITICAL,
                    "Mất kết nối tới máy chủ tin nhắn: không ra lệnh được; cụm loa phát theo kế hoạch đã nhận.",
                    "No connection to the broker: no commands; clusters play the plan they hold.",
                ),
            )
        for live in self._monitor.all().values():
            if live.presence is Presence.LOST and self._would_be_heard():
                yield f"lost:{live.cluster}", self._lost(live)
            if live.online:
                yield from self._of_live(live)
        yield from self._probers()

    def _link_down(self) -> bool:
        if self._clusters.connected:
            if self._down_ns is not None:
                self._down_ns, self._back_ns = None, self._clock.mono_ns()
            return False
        if self._down_ns is None:
            self._down_ns = self._clock.mono_ns()
        return self._clock.mono_ns() - self._down_ns >= LINK_DOWN_S * 1e9

    def _would_be_heard(self) -> bool:
        if self._down_ns is not None:
            return False
        return self._back_ns is None or self._clock.mono_ns() - self._back_ns >= COMING_BACK_S * 1e9

    def _lost(self, live: Live) -> _Wrong:
        name = self._fleet.name(live.cluster)
        return _Wrong(Severity.WARNING, f"{name}: mất kết nối.", f"{name}: lost.", live.cluster)

    def _of_live(self, live: Live) -> Iterator[tuple[str, _Wrong]]:
        name, cluster = self._fleet.name(live.cluster), live.cluster
        if self._is_our_clock():
            pass  # one alarm blames the gateway's clock: none of theirs
        elif live.clock is not None and not live.clock.trusted:
            yield (
                f"clock:{cluster}",
                _Wrong(
                    Severity.WARNING,
                    f"{name}: đồng hồ chưa đồng bộ.",
                    f"{name}: its clock is not synchronised.",
                    cluster,
                ),
            )
        elif live.clock is not None and abs(live.clock.off_ms) > CLOCK_WARNING_MS:
            severity = Severity.CRITICAL if abs(live.clock.off_ms) > CLOCK_CRITICAL_MS else Severity.WARNING
            yield (
                f"clock:{cluster}",
                _Wrong(severity, f"{name}: đồng hồ lệch.", f"{name}: its clock differs from the gateway's.", cluster),
            )
        if live.faults:
            vi, en = faults_in_words(live.faults)
            yield f"fault:{cluster}", _Wrong(Severity.WARNING, f"{name}: {vi}", f"{name}: {en}", cluster)
        if live.free_mb is not None and live.free_mb < LOW_SPACE_MB:
            yield (
                f"space:{cluster}",
                _Wrong(Severity.WARNING, f"{name}: thẻ nhớ sắp đầy.", f"{name}: its card is nearly full.", cluster),
            )
        if live.on_battery or (live.volts_ac is not None and not MAINS_VOLTS[0] <= live.volts_ac <= MAINS_VOLTS[1]):
            yield (
                f"power:{cluster}",
                _Wrong(
                    Severity.WARNING,
                    f"{name}: điện lưới bất thường.",
                    f"{name}: its mains power is not right.",
                    cluster,
                ),
            )
        yield from self._amplifier(live, name)

    def _is_our_clock(self) -> bool:
        """Tell whether it is, or was just now, the gateway's own clock that is wrong."""
        since_ns = self._disputed_ns
        return since_ns is not None and self._clock.mono_ns() - since_ns < CLOCK_SETTLES_S * 1e9

    def _amplifier(self, live: Live, name: str) -> Iterator[tuple[str, _Wrong]]:
        """Compare the amplifier with what the cluster says it does; two heartbeats must agree."""
        kind = (
            "stray"
            if live.amp_on and live.activity is Activity.IDLE
            else "mute"
            if live.amp_on is False and live.activity is Activity.PLAYING
            else ""
        )
        known, first_s = self._amp.get(live.cluster, ("", live.uptime_s))
        if kind != known:
            self._amp[live.cluster] = kind, live.uptime_s
            return
        if kind == "stray" and live.uptime_s > first_s:
            yield (
                f"stray:{live.cluster}",
                _Wrong(
                    Severity.CRITICAL,
                    f"{name}: âm ly có điện mà không có lượt phát nào.",
                    f"{name}: its amplifier is on, and it plays nothing we know of.",
                    live.cluster,
                ),
            )
        elif kind == "mute" and live.uptime_s > first_s:
            yield (
                f"mute:{live.cluster}",
                _Wrong(
                    Severity.CRITICAL,
                    f"{name}: đang phát mà âm ly tắt, không ai nghe được.",
                    f"{name}: plays with its amplifier off; nobody hears it.",
                    live.cluster,
                ),
            )

    def _probers(self) -> Iterator[tuple[str, _Wrong]]:
        for who, count in self._refusals().items():
            seen = self._probing.setdefault(who, _Probing())
            if self._is_our_clock():
                seen.grew_ns = None  # by our wrong hour every fresh word looked like a recording
            elif count > seen.total:
                seen.grew_ns = self._clock.mono_ns()
            seen.total = count
            if seen.grew_ns is None or self._clock.mono_ns() - seen.grew_ns > PROBING_SHOWN_S * 1e9:
                continue
            vi, en = ("Máy chủ", "The gateway") if who is None else (self._fleet.name(who),) * 2
            yield (
                f"probing:{who or 'gateway'}",
                _Wrong(
                    Severity.WARNING,
                    f"{vi}: có tin nhắn giả hoặc sai khóa bị từ chối.",
                    f"{en}: messages with a wrong seal were refused; somebody is probing, or a key is wrong.",
                    who,
                ),
            )

    def _refusals(self) -> Mapping[ClusterId | None, int]:
        """Count refused messages: what we refused, and what each cluster refused since its boot."""
        found: dict[ClusterId | None, int] = {}
        for (who, _), count in self._monitor.refused.items():
            found[who] = found.get(who, 0) + count
        for live in self._monitor.all().values():
            if live.drops:
                found[live.cluster] = found.get(live.cluster, 0) + sum(live.drops.values())
        return found

    async def _look_for_strangers(self) -> None:
        sounding = {
            (OccurrenceId(live.occ), live.cluster)
            for live in self._monitor.all().values()
            if live.online
            and live.activity in (Activity.PLAYING, Activity.PAUSED)
            and live.occ not in (None, TEST_TONE)
        }
        self._known &= sounding
        doubtful = sounding - self._known
        found = await self._proofs.find(sorted(doubtful)) if doubtful else {}
        ordered = {key for key, play in found.items() if not play.unplanned}
        self._known |= ordered
        ordered |= {key for key in doubtful if self._promises.find(*key) is not None}
        now_ns = self._clock.mono_ns()
        self._strange = {key: self._strange.get(key, now_ns) for key in doubtful - ordered}
        for (occ, cluster), since_ns in self._strange.items():
            if now_ns - since_ns >= STRANGE_FOR_S * 1e9:
                await self._verdicts.rogue(cluster, occ)
