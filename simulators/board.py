"""A virtual controller: a wall clock that may be wrong, a crystal that drifts, an amplifier that may be off.

Fits :class:`devices.agent.ports.Board`. The world's own time is :class:`RootTime`; the board's clocks are computed from
it, so nothing runs in the background and a thousand boards cost nothing while nobody asks.
"""

import math
import random
from collections.abc import Callable

from devices.agent.ports import AmpReading, Health, MicReading, NtpState
from devices.clock import NS_PER_MS, Clock
from simulators.faults import FaultKind, Faults

QUIET_DBFS = -120.0
RESYNC_S = 32.0
"""How long NTP takes to agree again after a step or a boot."""
_IDLE_MA = 60
_FULL_MA = 2_400
_MIC_FLOOR_DBFS = -62.0


class RootTime:
    """The world's true time, to the nanosecond: what boards get wrong and ledgers are checked against."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        # ``now_ms`` cuts off the fraction: the largest of many differences is the nearest to the truth.
        before = clock.mono_ns()
        ahead = clock.now_ms() * NS_PER_MS - before
        undisturbed_ns = 0  # a process that was made to wait in between has not seen a millisecond begin
        for _ in range(4_000):
            mono = clock.mono_ns()
            ahead = max(ahead, clock.now_ms() * NS_PER_MS - clock.mono_ns())
            undisturbed_ns += min(mono - before, 10_000)
            before = mono
            if undisturbed_ns > 2 * NS_PER_MS:
                break
        self._ahead_ns = ahead

    def mono_ns(self) -> int:
        return self.clock.mono_ns()

    def utc_ns(self) -> int:
        return self.clock.mono_ns() + self._ahead_ns

    def utc_ms(self) -> float:
        return self.utc_ns() / NS_PER_MS

    def utc_ms_at(self, root_mono_ns: float) -> float:
        return (root_mono_ns + self._ahead_ns) / NS_PER_MS


class VirtualClock:
    """A board's clocks. ``ppm``: how much its crystal runs fast."""

    def __init__(self, root: RootTime, *, ppm: float, boot_ns: int) -> None:
        self._root = root
        self._speed = 1 + ppm * 1e-6
        self._origin_ns = root.mono_ns()
        self._boot_ns = boot_ns
        self._wall_ahead_ns = 0

    def mono_ns(self) -> int:
        return self._boot_ns + round((self._root.mono_ns() - self._origin_ns) * self._speed)

    def wall_ns(self) -> int:
        return self.mono_ns() + self._wall_ahead_ns

    def now_ms(self) -> int:
        return self.wall_ns() // NS_PER_MS

    def set_wall(self, wall_ns: int) -> None:
        """Set the wall clock, as NTP or a person does."""
        self._wall_ahead_ns = wall_ns - self.mono_ns()

    async def sleep(self, seconds: float) -> None:
        await self._root.clock.sleep(seconds / self._speed)

    def root_ms_at(self, mono_ns: float) -> float:
        """Return the true time (epoch ms) at which this board's monotonic clock shows ``mono_ns``."""
        return self._root.utc_ms_at(self._origin_ns + (mono_ns - self._boot_ns) / self._speed)

    def mono_ns_at(self, root_ms: float) -> int:
        """Return what this board's monotonic clock shows at the true time ``root_ms``."""
        root_mono = root_ms * NS_PER_MS - self._root.utc_ns() + self._root.mono_ns()
        return self._boot_ns + round((root_mono - self._origin_ns) * self._speed)


class _DisciplinedClock(VirtualClock):
    """Lets the board bring its wall clock up to date before anybody reads it."""

    def __init__(self, root: RootTime, *, ppm: float, boot_ns: int, settle: Callable[[], None]) -> None:
        super().__init__(root, ppm=ppm, boot_ns=boot_ns)
        self._settle = settle

    def wall_ns(self) -> int:
        self._settle()
        return super().wall_ns()


class VirtualBoard:
    """One board, deterministic from ``seed``: drift up to ±60 ppm, NTP error of about half a millisecond.

    ``offset_ms`` puts the wall clock wrong at the start of a board whose NTP is off. ``mic``: the model has one.
    """

    def __init__(
        self,
        root: RootTime,
        seed: int | str,
        faults: Faults | None = None,
        *,
        ppm: float | None = None,
        offset_ms: int = 0,
        mic: bool = False,
        model: str = "virtual-30w",
    ) -> None:
        self.model = model
        self.root = root
        self.faults = faults if faults is not None else Faults()
        self.seed = f"board/{seed}"
        dice = random.Random(self.seed)
        self.ppm = dice.uniform(-60, 60) if ppm is None else ppm
        self._ntp_error_ms = dice.gauss(0, 0.5)
        self._ntp_phase = dice.uniform(0, 2 * math.pi)
        self._volts = 228 + dice.uniform(-4, 4)
        self._temp_c = 41 + dice.uniform(-3, 6)
        self._rssi = -60 - dice.randrange(20)
        self._boots = dice
        self._has_mic = mic
        self._relay = True
        self._on_reboot: Callable[[], None] = _nobody
        self.sounding_dbfs: Callable[[], float] = _quiet
        """What the loudspeaker gives right now; the virtual card sets it."""
        self.clock: VirtualClock = self._new_clock()
        self._seen_ms = self.root.utc_ms()
        self._disturbed_ms = -math.inf
        self.clock.set_wall(self.root.utc_ns() + offset_ms * NS_PER_MS)

    def _new_clock(self) -> VirtualClock:
        boot_ns = self._boots.randrange(5, 40) * 1_000_000_000
        return _DisciplinedClock(self.root, ppm=self.ppm, boot_ns=boot_ns, settle=self._settle)

    # --- power ---

    def when_rebooted(self, call: Callable[[], None]) -> None:
        """Have ``call`` called when the program asks for a reboot."""
        self._on_reboot = call

    def reboot(self) -> None:
        self._on_reboot()

    def power_on(self) -> None:
        """Wake after a power cut: the monotonic clock begins anew, and the wall clock, without a battery, in 1970.

        Clocks taken from :attr:`clock` before are of the life before.
        """
        wall = self.clock.wall_ns()
        dead = any(fault.at_ms <= self.root.utc_ms() for fault in self.faults if fault.kind is FaultKind.BOOT_1970)
        self.clock = self._new_clock()
        self._disturbed_ms = self._seen_ms = self.root.utc_ms()
        self.clock.set_wall(0 if dead else wall)
        self._relay = True

    # --- clocks ---

    def step_wall(self, milliseconds: int) -> None:
        """Jump the wall clock now; NTP notices and mends it half a minute later, unless it is off."""
        wall = self.clock.wall_ns()
        self._disturbed_ms = self.root.utc_ms()
        self.clock.set_wall(wall + milliseconds * NS_PER_MS)

    def ntp(self) -> NtpState:
        wall_us = self.clock.wall_ns() // 1000
        if not self._synced(self.root.utc_ms()):
            return NtpState(synced=False, max_error_ms=16_000.0, wall_us=wall_us)
        return NtpState(synced=True, max_error_ms=2.0, wall_us=wall_us)

    def _synced(self, now_ms: float) -> bool:
        off = self.faults.active(FaultKind.NTP_OFF, now_ms)
        return off is None and now_ms - self._disturbed_ms >= RESYNC_S * 1000

    def _settle(self) -> None:
        """Bring the wall clock up to date: steps since the last look, then NTP if it holds."""
        now_ms = self.root.utc_ms()
        if now_ms == self._seen_ms:
            return
        since, self._seen_ms = self._seen_ms, now_ms
        if self.faults.active(FaultKind.NTP_OFF, since):
            self._disturbed_ms = max(self._disturbed_ms, since)
        for step in self.faults.between(FaultKind.CLOCK_STEP, since, now_ms):
            self.clock.set_wall(VirtualClock.wall_ns(self.clock) + step.amount * NS_PER_MS)
            self._disturbed_ms = step.at_ms
        if self._synced(now_ms):
            wander = 0.3 * math.sin(now_ms / 100_000 + self._ntp_phase)
            self.clock.set_wall(self.root.utc_ns() + round((self._ntp_error_ms + wander) * NS_PER_MS))

    # --- sensors ---

    def health(self) -> Health:
        full = self.faults.active(FaultKind.DISK_FULL, self.root.utc_ms())
        return Health(
            temp_c=round(self._temp_c, 1),
            free_mb=0 if full else 12_000,
            rssi_dbm=self._rssi,
            volts_ac=round(self._volts, 1),
            on_battery=False,
        )

    @property
    def relay(self) -> bool:
        """Whether the amplifier's relay is closed."""
        return self._relay

    @property
    def amp_alive(self) -> bool:
        """Whether what the card gives reaches the horns now."""
        return self._relay and self.faults.active(FaultKind.AMP_OFF, self.root.utc_ms()) is None

    def amp(self) -> AmpReading | None:
        """Draw current in proportion to the level, as an amplifier does."""
        if not self.amp_alive:
            return AmpReading(on=False, ma=0)
        return AmpReading(on=True, ma=_IDLE_MA + round(_FULL_MA * 10 ** (self.sounding_dbfs() / 20)))

    def switch_amp(self, *, on: bool) -> None:
        self._relay = on

    def mic(self) -> MicReading | None:
        if not self._has_mic:
            return None
        level = self.sounding_dbfs() if self.amp_alive else QUIET_DBFS
        heard = max(_MIC_FLOOR_DBFS, level - 12)
        return MicReading(rms_dbfs=heard, corr=0.71 if heard > _MIC_FLOOR_DBFS else 0.02)


def _nobody() -> None:
    """Nobody waits for a reboot."""


def _quiet() -> float:
    return QUIET_DBFS
