"""``loa simulate --cameras`` as people call it: in a process of its own."""

import asyncio
import csv
import json
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from devices.clock import SystemClock, instant
from gateway.cli import main
from gateway.domain.people import Role
from gateway.store.opening import open_store
from simulators.cameras.ward import demo_cameras
from tests.gateway.services.people import build_door


async def simulate(*words: str | Path, until: str = "") -> tuple[int | None, str, str]:
    """Run the command; with ``until``, only to the first line that has it, then tell it to stop."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "simulate", *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONUTF8": "1"},
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            if until:
                assert process.stdout is not None
                assert until in (await process.stdout.readline()).decode()
                process.send_signal(signal.SIGTERM)
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, out.decode(), err.decode()


async def test_it_runs_the_demo_wards_cameras_and_counts_who_came() -> None:
    code, out, err = await simulate("--cameras", "76", "--seconds", "1", "--json", "--scenario", "cabinet")
    assert code == 0, err
    report = json.loads(out)
    assert (report["cameras"], report["broken"], report["accepted"], report["writes"]) == (76, 6, 0, 0)
    assert report["seconds"] >= 1


async def test_told_to_stop_it_leaves_and_its_list_names_every_camera(tmp_path: Path) -> None:
    file = tmp_path / "camera.csv"
    code, out, err = await simulate("--cameras", "80", "--list", file, "--seed", "x", until="80 camera")
    assert code == 0, err
    assert "0 lần sai mật khẩu" in out
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["serial"] for row in rows[:76]] == [spec.serial for spec in demo_cameras("x")]
    assert len({row["port"] for row in rows}) == 80
    assert all(row["password"] for row in rows)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "it holds passwords"


async def test_its_list_goes_into_the_registry_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, folder, clock = tmp_path / "camera.csv", tmp_path / "data", SystemClock()
    code, _, err = await simulate("--cameras", "12", "--list", file, until="12 camera")
    assert code == 0, err
    with open_store(folder, now=instant(clock.now_ms())) as store:
        await build_door(store, clock).person("kythuat", Role.TECHNICIAN)
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    zones = tmp_path / "loa.csv"
    zones.write_text(
        "\n".join(
            ["code,name,zone,zone_name", *(f"{zone}-01,Cụm {zone},{zone},{zone}" for zone in {r["zone"] for r in rows})]
        )
    )
    monkeypatch.setenv("LOA_CAMERAS__ALLOW_LOCAL", "true")
    assert await asyncio.to_thread(main, ["clusters", "import", str(zones), "--data", str(folder)]) == 0
    capsys.readouterr()
    words = ["cameras", "import", str(file), "--json", "--data", str(folder)]
    assert await asyncio.to_thread(main, words) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["new"], done["bad"], done["unknown_columns"]) == (12, [], [])
    assert await asyncio.to_thread(main, words) == 0
    assert json.loads(capsys.readouterr().out)["same"] == 12
    assert await asyncio.to_thread(main, ["cameras", "list", "--json", "--data", str(folder)]) == 0
    listed = {each["id"]: each for each in json.loads(capsys.readouterr().out)}
    assert {row["code"]: (row["host"], int(row["port"])) for row in rows} == {
        name: (each["host"], each["port"]) for name, each in listed.items()
    }


@pytest.mark.parametrize("scenario", ["usual", "storm", "flap", "dirty-week"])
async def test_every_scenario_begins(scenario: str) -> None:
    code, out, err = await simulate("--cameras", "76", "--seconds", "0.2", "--json", "--scenario", scenario)
    assert code == 0, err
    broken = json.loads(out)["broken"]
    assert broken == {"storm": 23, "flap": 6}.get(scenario, broken)
    assert broken < 30


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--cameras", "0"], "--cameras"),
        (["--cameras", "5001"], "--cameras"),
        (["--cameras", "2", "--clusters", "2"], "not with clusters"),
        (["--cameras", "100", "--first-port", "65500"], "200"),
        (["--cameras", "1", "--list", "/không/có/danh-sach.csv", "--seconds", "1"], "cannot write"),
        (["--cameras", "1", "--discovery", "192.0.2.99", "--seconds", "1"], "No such device"),
    ],
)
def test_what_it_cannot_do_it_says(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", *words]) == 1
    assert says in capsys.readouterr().err
