"""A real board under Linux: its clocks, what its kernel says of NTP, and the sensors found under ``/sys``.

Nothing here is needed to sound: a sensor a board lacks reads ``None``. The amplifier differs from pole to pole and is
described in a small file, ``board.toml``::

    model = "rpi4-30w"

    [amp]
    gpio = "/sys/class/gpio/gpio17/value"      # relay: 1 is on
    active_low = false
    on = ["/usr/local/bin/amp", "on"]          # or commands, instead of gpio
    off = ["/usr/local/bin/amp", "off"]
    current = "/sys/bus/iio/devices/iio:device0/in_current0_raw"
    ma_per_unit = 1.0
    on_above_ma = 30

    [mains]
    volts = "/sys/bus/iio/devices/iio:device0/in_voltage0_raw"
    volts_per_unit = 0.1
"""

import ctypes
import ctypes.util
import logging
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from devices.agent.ports import AmpReading, Health, MicReading, NtpState
from devices.clock import Clock, SystemClock
from devices.errors import DeviceError

logger = logging.getLogger(__name__)

_STA_UNSYNC = 0x0040
_STA_NANO = 0x2000
_TIME_ERROR = 5
_HOOK_TIMEOUT_S = 2.0


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AmpWiring(_Section):
    """How the amplifier is switched and measured. With neither, it is taken to be always on."""

    gpio: Path | None = None
    active_low: bool = False
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    current: Path | None = None
    ma_per_unit: float = 1.0
    on_above_ma: Annotated[int, Field(ge=0)] = 30
    """An amplifier without power draws less than this."""


class MainsWiring(_Section):
    volts: Path | None = None
    volts_per_unit: float = 1.0


class BoardFile(_Section):
    """``board.toml``."""

    model: str = "linux"
    amp: AmpWiring = AmpWiring()
    mains: MainsWiring = MainsWiring()

    @classmethod
    def read(cls, path: Path) -> "BoardFile":
        """Read the file; a missing one is an empty one.

        Raises:
            DeviceError: it cannot be read, or something in it is wrong; the text names every wrong key.
        """
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError) as error:
            raise DeviceError(f"{path}: {error}") from error
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise DeviceError(f"{path}: {error}") from error
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            raise DeviceError(f"{path}: {wrong}") from error


@dataclass(frozen=True)
class Roots:
    """Where the kernel shows itself; tests grow their own."""

    sys: Path = Path("/sys")
    proc: Path = Path("/proc")


class LinuxBoard:
    """Fits :class:`devices.agent.ports.Board`. ``data`` is the folder whose free space counts."""

    def __init__(
        self,
        data: Path,
        wiring: BoardFile | None = None,
        *,
        clock: Clock | None = None,
        roots: Roots | None = None,
        reboot: tuple[str, ...] = ("/usr/bin/systemctl", "reboot"),
    ) -> None:
        self._wiring = wiring or BoardFile()
        self.model = self._wiring.model
        self.clock: Clock = clock or SystemClock()
        self._data = data
        self._roots = roots or Roots()
        self._reboot = reboot
        self._kernel = _KernelClock()

    def ntp(self) -> NtpState:
        return self._kernel.read()

    def health(self) -> Health:
        volts = _number(self._wiring.mains.volts)
        return Health(
            temp_c=self._temperature(),
            free_mb=self._free_mb(),
            rssi_dbm=self._rssi(),
            volts_ac=None if volts is None else round(volts * self._wiring.mains.volts_per_unit, 1),
            on_battery=self._on_battery(),
        )

    def amp(self) -> AmpReading | None:
        """Read the current where there is a sensor, else the relay; ``None`` where there is neither."""
        wiring = self._wiring.amp
        current = _number(wiring.current)
        if current is not None:
            milliamps = round(current * wiring.ma_per_unit)
            return AmpReading(on=milliamps >= wiring.on_above_ma, ma=milliamps)
        relay = _number(wiring.gpio)
        return None if relay is None else AmpReading(on=(relay != 0) is not wiring.active_low)

    def switch_amp(self, *, on: bool) -> None:
        """Set the relay, or run the hook (up to two seconds). What goes wrong is logged; :meth:`amp` shows it."""
        wiring = self._wiring.amp
        if wiring.gpio is not None:
            try:
                wiring.gpio.write_text("1" if on is not wiring.active_low else "0", "ascii")
            except OSError as error:
                logger.warning("amplifier relay %s: %s", wiring.gpio, error)
        command = wiring.on if on else wiring.off
        if command:
            _run(command)

    def mic(self) -> MicReading | None:
        """There is no microphone on this board."""
        return None

    def reboot(self) -> None:
        _run(self._reboot)

    # --- sensors ---

    def _temperature(self) -> float | None:
        zones = (_number(path) for path in self._roots.sys.glob("class/thermal/thermal_zone*/temp"))
        hottest = max((value for value in zones if value is not None), default=None)
        return None if hottest is None else round(hottest / 1000, 1)

    def _free_mb(self) -> int | None:
        try:
            return shutil.disk_usage(self._data).free // 1_000_000
        except OSError as error:
            logger.warning("free space of %s: %s", self._data, error)
            return None

    def _rssi(self) -> int | None:
        """Return the level of the first wireless interface, from ``/proc/net/wireless``."""
        for line in _text(self._roots.proc / "net" / "wireless").splitlines():
            name, colon, rest = line.partition(":")
            fields = rest.split()
            if colon and "|" not in name and len(fields) >= 3:  # noqa: PLR2004 - status, link, level
                try:
                    return round(float(fields[2]))
                except ValueError:
                    continue
        return None

    def _on_battery(self) -> bool | None:
        supplies = sorted(self._roots.sys.glob("class/power_supply/*"))
        mains = [_number(path / "online") for path in supplies if _text(path / "type") in {"Mains", "USB"}]
        known = [value for value in mains if value is not None]
        if known:
            return not any(known)
        states = [_text(path / "status") for path in supplies if _text(path / "type") == "Battery"]
        return "Discharging" in states if states else None


class _Timex(ctypes.Structure):
    """``struct timex`` of ``adjtimex(2)``."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time_s", ctypes.c_long),
        ("time_part", ctypes.c_long),
        ("tick", ctypes.c_long),
        ("reserved", ctypes.c_byte * 256),
    )


class _KernelClock:
    """What ``ntp_adjtime(2)`` says, asked without changing anything."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)

    def read(self) -> NtpState:
        timex = _Timex()
        state = self._libc.ntp_adjtime(ctypes.byref(timex))
        if state < 0:
            logger.warning("ntp_adjtime: errno %d", ctypes.get_errno())
            return NtpState(synced=False)
        part_us = timex.time_part // 1000 if timex.status & _STA_NANO else timex.time_part
        return NtpState(
            synced=state != _TIME_ERROR and not timex.status & _STA_UNSYNC,
            max_error_ms=timex.maxerror / 1000,
            wall_us=timex.time_s * 1_000_000 + part_us,
        )


def _text(path: Path) -> str:
    """Return what a kernel file says, without its line end; empty when there is none."""
    try:
        return path.read_text("utf-8", errors="replace").strip()
    except OSError:
        return ""


def _number(path: Path | None) -> float | None:
    if path is None:
        return None
    try:
        return float(_text(path))
    except ValueError:
        return None


def _run(command: tuple[str, ...]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_HOOK_TIMEOUT_S)  # noqa: S603 - the board's own file
    except (OSError, subprocess.SubprocessError) as error:
        logger.warning("%s: %s", command[0], error)
