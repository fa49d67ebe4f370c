"""The Linux board reads what the kernel shows, and a missing sensor is no error."""

import sys
import time
from pathlib import Path

import pytest

from devices.agent.linux import BoardFile, LinuxBoard, Roots
from devices.agent.ports import AmpReading, Board
from devices.errors import DeviceError


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    return Roots(sys=tmp_path / "sys", proc=tmp_path / "proc")


def test_the_kernel_is_asked_for_its_clock_without_being_changed(tmp_path: Path) -> None:
    board: Board = LinuxBoard(tmp_path)
    before = time.time_ns() // 1000
    state = board.ntp()
    after = time.time_ns() // 1000
    assert state.wall_us is not None
    assert before - 1_000 <= state.wall_us <= after + 1_000
    assert state.max_error_ms >= 0
    assert board.clock.mono_ns() > 0


def test_a_bare_board_reads_nothing_and_fails_nowhere(tmp_path: Path, roots: Roots) -> None:
    board = LinuxBoard(tmp_path, roots=roots)
    health = board.health()
    assert (health.temp_c, health.rssi_dbm, health.volts_ac, health.on_battery) == (None, None, None, None)
    assert (health.free_mb or 0) > 0
    assert board.amp() is None
    assert board.mic() is None
    board.switch_amp(on=True)


def test_a_board_with_everything_is_read(tmp_path: Path, roots: Roots) -> None:
    put(roots.sys / "class/thermal/thermal_zone0/temp", "41250\n")
    put(roots.sys / "class/thermal/thermal_zone1/temp", "47800\n")
    put(
        roots.proc / "net/wireless",
        "Inter-| sta-|   Quality        |   Discarded packets\n"
        " face | tus | link level noise |  nwid  crypt   frag\n"
        " wlan0: 0000   54.  -56.  -256        0      0      0\n",
    )
    put(roots.sys / "class/power_supply/ac/type", "Mains\n")
    put(roots.sys / "class/power_supply/ac/online", "1\n")
    put(roots.sys / "class/power_supply/bat/type", "Battery\n")
    put(roots.sys / "class/power_supply/bat/status", "Charging\n")
    volts = put(tmp_path / "volts", "2281\n")
    wiring = BoardFile.model_validate({"mains": {"volts": volts, "volts_per_unit": 0.1}})
    board = LinuxBoard(tmp_path, wiring, roots=roots)
    health = board.health()
    assert (health.temp_c, health.rssi_dbm, health.volts_ac, health.on_battery) == (47.8, -56, 228.1, False)
    put(roots.sys / "class/power_supply/ac/online", "0\n")
    assert board.health().on_battery is True


def test_a_board_with_only_a_battery_says_when_it_runs_on_it(tmp_path: Path, roots: Roots) -> None:
    put(roots.sys / "class/power_supply/bat/type", "Battery\n")
    put(roots.sys / "class/power_supply/bat/status", "Discharging\n")
    assert LinuxBoard(tmp_path, roots=roots).health().on_battery is True


@pytest.mark.parametrize("active_low", [False, True])
def test_a_relay_is_switched_and_read_back(tmp_path: Path, active_low: bool) -> None:
    gpio = put(tmp_path / "gpio17", "0")
    board = LinuxBoard(tmp_path, BoardFile.model_validate({"amp": {"gpio": gpio, "active_low": active_low}}))
    for on in (True, False):
        board.switch_amp(on=on)
        assert board.amp() == AmpReading(on=on)
        assert (gpio.read_text() == "1") is (on is not active_low)


def test_the_current_says_whether_the_amplifier_really_is_on(tmp_path: Path) -> None:
    gpio, current = put(tmp_path / "gpio17", "1"), put(tmp_path / "current", "812\n")
    board = LinuxBoard(tmp_path, BoardFile.model_validate({"amp": {"gpio": gpio, "current": current}}))
    assert board.amp() == AmpReading(on=True, ma=812)
    put(current, "4\n")
    assert board.amp() == AmpReading(on=False, ma=4)


def test_commands_switch_the_amplifier_and_a_failing_one_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mark = tmp_path / "on"
    on = (sys.executable, "-c", f"open({str(mark)!r}, 'w')")
    board = LinuxBoard(tmp_path, BoardFile.model_validate({"amp": {"on": on, "off": ["/nowhere/amp", "off"]}}))
    board.switch_amp(on=True)
    assert mark.exists()
    assert not caplog.records
    board.switch_amp(on=False)
    assert "/nowhere/amp" in caplog.text


def test_a_reboot_is_asked_of_the_system(tmp_path: Path) -> None:
    mark = tmp_path / "rebooted"
    LinuxBoard(tmp_path, reboot=(sys.executable, "-c", f"open({str(mark)!r}, 'w')")).reboot()
    assert mark.exists()


def test_the_board_file_is_read_and_every_mistake_in_it_named(tmp_path: Path) -> None:
    assert BoardFile.read(tmp_path / "missing.toml") == BoardFile()
    good = put(tmp_path / "board.toml", 'model = "rpi4-30w"\n[amp]\ngpio = "/x"\nactive_low = true\n')
    board = BoardFile.read(good)
    assert (board.model, board.amp.active_low) == ("rpi4-30w", True)
    with pytest.raises(DeviceError, match=r"amp\.actve_low.*amp\.on_above_ma|amp\.on_above_ma.*amp\.actve_low"):
        BoardFile.read(put(tmp_path / "bad.toml", "[amp]\nactve_low = true\non_above_ma = -3\n"))
    with pytest.raises(DeviceError, match=r"torn\.toml"):
        BoardFile.read(put(tmp_path / "torn.toml", "[amp"))
