"""``loa`` as people type it: what it prints, how it ends, and that nothing is lost when it cannot start."""

import asyncio
import json
import signal
import socket
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from devices.clock import SystemClock
from devices.model import Outcome
from gateway.settings import Settings
from gateway.store import layout
from simulators.ward import SimulatedWard
from tests.onair import office
from tests.onair.loa import environment, loa, running
from tests.onair.world import ZONE, World
from tests.ports import free_port

HOUR_MS = 3_600_000


async def founded(folder: Path) -> Settings:
    """Found a ward with a schedule, and leave only its data."""
    async with World(folder, start_ms=SystemClock().now_ms() - HOUR_MS).open() as world:
        today = datetime.now(ZONE).date()
        await office.weekly_news(world.gateway, world.staff, time(5, 30), time(17, 30), first=today)
        await world.ready()
        return world.settings


def all_bytes(folder: Path) -> dict[str, bytes]:
    """Return everything that a person would be sorry to lose."""
    kept = [layout.database(folder), *layout.audio(folder).rglob("*"), *(folder / "keys").rglob("*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept if path.is_file()}


async def test_a_backup_brings_back_the_same_ward_and_its_log_is_whole(tmp_path: Path) -> None:
    settings = await founded(tmp_path)
    env = environment(settings)
    plan = await loa("plan", "--days", "8", "--json", env=env)
    assert plan.code == 0, plan.err
    coming = json.loads(plan.out)
    local = [datetime.fromisoformat(each["local_start"]) for each in coming]
    assert len(coming) >= 4
    assert {(at.strftime("%a"), at.strftime("%H:%M")) for at in local} == {
        (day, hour) for day in ("Thu", "Sat") for hour in ("05:30", "17:30")
    }
    assert {each["status"] for each in coming} == {"will_air"}

    verified = await loa("audit", "verify", env=env)
    assert verified.code == 0, verified.err
    archive = tmp_path / "phuong.tar"
    made = await loa("backup", "-o", archive, env=env)
    assert made.code == 0, made.err
    assert archive.stat().st_size > 0

    twice = await loa("restore", archive, env=env)
    assert twice.code == 1
    assert "--force" in twice.err
    other = tmp_path / "khac"
    restored = await loa("restore", archive, "--data", other, env=env)
    assert restored.code == 0, restored.err
    assert all_bytes(other).keys() == all_bytes(settings.data).keys()
    there = env | {"LOA_DATA": str(other)}
    assert (await loa("audit", "verify", env=there)).out.count(verified.out.split(":")[0]) == 1
    assert json.loads((await loa("plan", "--days", "8", "--json", env=there)).out) == coming

    # a line changed by hand is found
    database = layout.database(other)
    assert b"bulletin.approve" in database.read_bytes()
    database.write_bytes(database.read_bytes().replace(b"bulletin.approve", b"bulletin.approvE"))
    changed = await loa("audit", "verify", env=there)
    assert changed.code == 1
    assert "Traceback" not in changed.err


async def test_a_pole_enrols_with_a_code_made_beside_the_running_gateway_which_stops_when_it_is_told(
    tmp_path: Path,
) -> None:
    settings = await founded(tmp_path)
    env = environment(settings)
    async with running("run", env=env, until=settings.base_url) as gateway:
        codes = await loa("enrol", "kp1-01", "--json", env=env)
        assert codes.code == 0, codes.err
        unknown = await loa("enrol", "kp9-99", env=env)
        assert unknown.code == 1
        assert "kp9-99" in unknown.err
        poles = SimulatedWard(
            ["kp1-01"], clock=SystemClock(), folder=tmp_path / "moi", gateway_url=settings.base_url, spread_s=0.1
        )
        await poles.enrol(json.loads(codes.out))
        living = asyncio.create_task(poles.run())
        async with asyncio.timeout(30):
            await poles.wait_up()
            while not has_plan(poles):
                await asyncio.sleep(0.05)
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        gateway.send_signal(signal.SIGTERM)
        assert gateway.stdout is not None
        async with asyncio.timeout(20):
            said = await gateway.stdout.read()
            assert await gateway.wait() == 0
        assert "Đã dừng" in said.decode()
    with pytest.raises(OSError, match=r"refused"):
        socket.create_connection(("127.0.0.1", settings.broker.port), timeout=1).close()
    assert (await loa("audit", "verify", env=env)).code == 0


def has_plan(poles: SimulatedWard) -> bool:
    agent = poles["kp1-01"].agent
    return agent is not None and agent.studio.documents.plan is not None and bool(agent.studio.documents.plan.entries)


async def test_every_mistake_in_the_settings_is_told_at_once(tmp_path: Path) -> None:
    config = tmp_path / "phuong.toml"
    config.write_text(
        "[ward]\nsite = 'Phường 1'\nmau = 'do'\n[http]\nport = 99999\n[broker]\nmode = 'kafka'\n", encoding="utf-8"
    )
    env = environment_of_nobody(tmp_path)
    for command in ("check-config", "run"):
        ended = await loa(command, "--config", config, env=env)
        assert ended.code == 1
        for place in ("ward.site", "ward.mau", "http.port", "broker.mode"):
            assert place in ended.err
        assert "Traceback" not in ended.err
    config.write_text("[ward\n", encoding="utf-8")
    assert str(config) in (await loa("check-config", "--config", config, env=env)).err
    assert not (tmp_path / "data").exists()


def environment_of_nobody(folder: Path) -> dict[str, str]:
    clean = environment(Settings(data=folder / "data"))
    return {name: value for name, value in clean.items() if not name.startswith("LOA_")} | {
        "LOA_DATA": str(folder / "data")
    }


async def test_a_gateway_that_cannot_start_says_why_and_loses_nothing(tmp_path: Path) -> None:
    settings = await founded(tmp_path)
    env = environment(settings)
    before = all_bytes(settings.data)

    for port, name in ((settings.http.port, "http"), (settings.broker.port, "broker")):
        with socket.create_server(("127.0.0.1", port)):
            ended = await loa("run", env=env)
        assert ended.code == 1, name
        assert str(port) in ended.err
        assert "Traceback" not in ended.err
    async with running("run", env=env, until=settings.base_url):
        second = await loa("run", env=env | {"LOA_HTTP__PORT": str(free_port()), "LOA_BROKER__PORT": "0"})
        assert second.code == 1
        assert "Traceback" not in second.err

    whole = layout.database(settings.data).read_bytes()
    for damage in (b"khong phai co so du lieu" * 400, whole[: len(whole) // 3], torn(whole)):
        remove_journals(settings.data)
        layout.database(settings.data).write_bytes(damage)
        ended = await loa("run", env=env)
        assert ended.code == 1
        assert "Traceback" not in ended.err
        assert "loa restore" in ended.err
        assert layout.database(settings.data).read_bytes() == damage
    remove_journals(settings.data)
    layout.database(settings.data).write_bytes(whole)
    async with running("run", env=env, until=settings.base_url):
        pass
    after = all_bytes(settings.data)
    assert {name: after[name] for name in before if name != layout.DATABASE} == {
        name: content for name, content in before.items() if name != layout.DATABASE
    }


def torn(database: bytes) -> bytes:
    """Overwrite some pages in the middle, as a dying disk does."""
    middle = len(database) // 2
    return database[: middle - 8192] + bytes(range(256)) * 64 + database[middle + 8192 :]


def remove_journals(folder: Path) -> None:
    for name in ("-wal", "-shm"):
        layout.database(folder).with_name(layout.DATABASE + name).unlink(missing_ok=True)


@pytest.mark.slow
@pytest.mark.timeout(320)
async def test_the_demo_is_on_the_air_and_proven_on_twenty_poles(tmp_path: Path) -> None:
    env = environment_of_nobody(tmp_path)
    ended = await loa("demo", "--once", "--json", env=env, patience_s=300)
    assert ended.code == 0, ended.err
    rows = json.loads(ended.out)
    assert len({row["cluster"] for row in rows}) == len(rows) == 20
    for row in rows:
        assert list(row) == [
            "cluster", "planned_at", "started_at", "error_ms", "duration_ms", "lufs", "outcome", "proof",
        ]  # fmt: skip
        planned = datetime.fromisoformat(row["planned_at"])
        assert (planned.strftime("%a %H:%M"), planned.utcoffset()) == ("Thu 05:30", timedelta(hours=7))
        assert row["outcome"] == Outcome.PLAYED
        assert row["proof"] != "none"
        assert row["duration_ms"] > 10_000
        assert -24 < row["lufs"] < -12
        started = datetime.fromisoformat(row["started_at"])
        assert abs((started - planned).total_seconds() * 1000 - row["error_ms"]) < 50
    assert not (tmp_path / "data").exists()
