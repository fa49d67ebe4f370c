"""``loa simulate`` as people and checks call it: over a real broker, in a process of its own."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.link import BrokerAddress
from devices.model import ClusterId, SiteId
from devices.wire.topics import Topics, Up
from gateway.cli import main
from simulators.throwaway import SITE
from tests.devices.links import Ear, running, until
from tests.ports import free_port
from tests.simulators.station import THURSDAY_0530, Station


@contextlib.asynccontextmanager
async def simulate(*words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the command; whatever happens it is gone afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "simulate", *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONUTF8": "1"},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def finished(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def at(broker: BrokerAddress) -> str:
    return f"{broker.host}:{broker.port}"


async def test_it_fills_a_broker_with_poles_and_counts_them(any_broker: BrokerAddress) -> None:
    ear = Ear(any_broker, "ear", f"loa/v1/{SITE}/cluster/+/{Up.STATE}")
    words = ["--clusters", "7", "--broker", at(any_broker), "--seconds", "2", "--json"]
    async with running(ear.link), simulate(*words) as process:
        code, out, err = await finished(process)
        assert code == 0, err
        report = json.loads(out)
        assert report["clusters"] == report["most_connected"] == report["connected"] == report["boots"] == 7
        assert report["crashes"] == report["sounded"] == 0
        assert 0 <= report["up_s"] < 2 <= report["seconds"]
        wanted = {Topics(SITE).up(ClusterId(f"sim-{number:04}"), Up.STATE) for number in range(1, 8)}
        await until(lambda: wanted <= {message.topic for message in ear.heard if message.payload})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_it_says_how_it_stood_and_leaves(
    mosquitto_broker: BrokerAddress, number: signal.Signals
) -> None:
    async with simulate("--clusters", "3", "--broker", f"mqtt://{at(mosquitto_broker)}") as process:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            assert "3/3" in (await process.stdout.readline()).decode()
        process.send_signal(number)
        code, _, err = await finished(process)
        assert code == 0, err


async def test_the_same_folder_is_the_same_poles(mosquitto_broker: BrokerAddress, tmp_path: Path) -> None:
    words = ["--clusters", "2", "--broker", at(mosquitto_broker), "--data", str(tmp_path), "--seconds", "1", "--json"]
    cards = []
    for _ in range(2):
        async with simulate(*words) as process:
            code, _, err = await finished(process)
            assert code == 0, err
        cards.append((tmp_path / "sim-0001" / "identity.json").read_bytes())
        assert json.loads((tmp_path / "sim-0001" / "marks.json").read_bytes())["boot"] == len(cards)
    assert cards[0] == cards[1]


async def test_faults_come_over_line_and_board(mosquitto_broker: BrokerAddress) -> None:
    words = ["--clusters", "5", "--broker", at(mosquitto_broker), "--faults", "3600", "--seconds", "6", "--json"]
    async with simulate(*words, "--seed", "x") as process:
        _, out, err = await finished(process)
        report = json.loads(out)
        assert report["crashes"] == 0, err
        assert report["boots"] >= 5


@pytest.mark.parametrize("form", ["json", "lines"])
async def test_with_codes_the_poles_enrol_for_real(
    mosquitto_broker: BrokerAddress, site: SiteId, tmp_path: Path, form: str
) -> None:
    clusters = [ClusterId("kp1-01"), ClusterId("kp1-02")]
    async with Station(mosquitto_broker, site, tmp_path / "gateway", start_ms=THURSDAY_0530).open() as station:
        codes = {cluster: station.offer(cluster) for cluster in clusters}
        file = tmp_path / "codes"
        lines = "# mã ghi danh\n" + "".join(f"{cluster}: {code}\n" for cluster, code in codes.items())
        file.write_text(json.dumps(codes) if form == "json" else lines)
        words = ["--gateway", station.url, "--codes", str(file), "--data", str(tmp_path / "poles")]
        async with simulate(*words) as process:
            assert process.stdout is not None
            async with asyncio.timeout(30):
                assert "2/2" in (await process.stdout.readline()).decode()
            await station.until(lambda: set(station.births) == set(clusters), "nobody came")
            process.terminate()
            code, _, err = await finished(process)
            assert code == 0, err
        async with simulate(*words, "--seconds", "1", "--clusters", "1", "--json") as process:
            code, out, err = await finished(process)
            assert code == 0, err
            assert json.loads(out)["clusters"] == 1


def nobody_listens() -> str:
    return f"127.0.0.1:{free_port()}"


async def test_without_a_broker_it_says_so_and_fails() -> None:
    async with simulate("--clusters", "2", "--broker", nobody_listens(), "--seconds", "1.5") as process:
        code, out, _ = await finished(process)
        assert code == 1
        assert "0/2" in out
        assert "Connection refused" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--clusters", "2"], "--broker"),
        (["--broker", "127.0.0.1:1"], "--clusters"),
        (["--clusters", "0", "--broker", "127.0.0.1:1"], "--clusters"),
        (["--clusters", "2", "--broker", "http://x"], "mqtt://"),
        (["--clusters", "2", "--broker", "127.0.0.1:1", "--faults", "-1"], "--faults"),
        (["--gateway", "http://127.0.0.1:1"], "--codes"),
        (["--codes", "{codes}"], "--gateway"),
        (["--codes", "{nothing}", "--gateway", "http://127.0.0.1:1"], "cannot read"),
        (["--codes", "{broken}", "--gateway", "http://127.0.0.1:1"], "JSON"),
        (["--codes", "{strange}", "--gateway", "http://127.0.0.1:1"], "not a cluster"),
        (["--codes", "{codes}", "--gateway", "http://127.0.0.1:1", "--clusters", "9"], "only 1 codes"),
        (["--codes", "{codes}", "--gateway", "http://127.0.0.1:1"], "cannot reach"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    files = {"codes": "kp1-01 ABCD-EFGH-JKMN-PQRS-TVWX", "broken": "{not", "strange": "Đây là gì"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    paths = {name: str(tmp_path / name) for name in (*files, "nothing")}
    filled = [word.format_map(paths) if word.startswith("{") else word for word in words]
    assert main(["simulate", "--data", str(tmp_path / "poles"), *filled]) == 1
    assert says in capsys.readouterr().err
