"""``loa demo`` when things are in its way: said in words, nothing thrown away, no child left behind."""

import asyncio
import os
import signal
import socket
from pathlib import Path

from gateway.cli.demo import MARK
from gateway.store.lock import only_gateway
from tests.onair.loa import loa, running
from tests.ports import free_port

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")}


def an_earlier_demo(folder: Path) -> Path:
    folder.mkdir()
    (folder / MARK).touch()
    kept = folder / "kept"
    kept.write_text("của lần trước")
    return kept


async def test_a_taken_port_is_said_before_anything_of_an_earlier_demo_is_thrown_away(tmp_path: Path) -> None:
    kept = an_earlier_demo(tmp_path / "demo")
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        for option, name in (("--port", "PORT"), ("--broker", "BROKER")):
            words = ("demo", "--data", kept.parent, "--fresh", "--port", str(free_port()), option, str(port))
            ended = await loa(*words, env=ENVIRONMENT)
            assert ended.code == 1
            assert f"make run {name}={port + 1}" in ended.err
    assert kept.read_text() == "của lần trước"


async def test_a_demo_that_runs_keeps_its_folder(tmp_path: Path) -> None:
    kept = an_earlier_demo(tmp_path / "demo")
    with only_gateway(kept.parent):
        ended = await loa("demo", "--data", kept.parent, "--fresh", "--port", str(free_port()), env=ENVIRONMENT)
    assert ended.code == 1
    assert "Một phường mẫu đang chạy" in ended.err
    assert kept.exists()


async def test_told_to_stop_before_its_first_airtime_it_ends_and_leaves_nobody_listening(tmp_path: Path) -> None:
    port, broker = free_port(), free_port()
    words = ("demo", "--data", tmp_path / "demo", "--clusters", "2", "--port", str(port), "--broker", str(broker))
    async with running(*words, env=ENVIRONMENT | {"PYTHONUNBUFFERED": "1"}, until=f"http://127.0.0.1:{port}") as demo:
        demo.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await demo.wait() == 130
    for each in (port, broker):
        with socket.create_server(("127.0.0.1", each)):
            pass  # nobody listens there any more
