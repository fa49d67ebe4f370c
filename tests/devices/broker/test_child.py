"""A managed broker: answers before it is called ready, comes back when killed, and leaves with its parent."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest

from devices.broker import BrokerChild, BrokerKind, hash_password
from devices.broker.probe import answers
from devices.errors import BrokerFailed
from devices.model import SiteId
from tests.brokers import require_mosquitto

SITE = SiteId("tan-thanh")


@pytest.fixture(params=[BrokerKind.MOSQUITTO, BrokerKind.IOTCORE])
def kind(request: pytest.FixtureRequest) -> BrokerKind:
    chosen: BrokerKind = request.param
    if chosen is BrokerKind.MOSQUITTO:
        require_mosquitto()
    return chosen


def at_once() -> Iterator[float]:
    return repeat(0.01)


async def until_answering(broker: BrokerChild, restarts: int) -> None:
    async with asyncio.timeout(20):
        while not (broker.is_running and broker.restarts == restarts):
            await asyncio.sleep(0.01)
    assert await answers(broker.address.host, broker.address.port)


async def test_it_answers_when_it_is_called_ready_and_is_gone_afterwards(tmp_path: Path, kind: BrokerKind) -> None:
    async with BrokerChild(tmp_path, site=SITE, kind=kind, port=0) as broker:
        assert broker.is_running
        assert broker.kind is kind
        assert await answers(broker.address.host, broker.address.port)
        pid = broker.pid
    assert pid is not None
    assert not await answers(broker.address.host, broker.address.port)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_killed_twice_it_comes_back_twice_at_the_same_address(tmp_path: Path, kind: BrokerKind) -> None:
    async with BrokerChild(tmp_path, site=SITE, kind=kind, port=0, restart_waits=at_once) as broker:
        address, first = broker.address, broker.pid
        for restarts in (1, 2):
            pid = broker.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await until_answering(broker, restarts)
        assert broker.address == address
        assert broker.pid != first


async def test_a_frozen_broker_is_not_called_ready(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        assert not await answers("127.0.0.1", mute.getsockname()[1], timeout_s=0.2)


async def test_a_taken_port_is_said_in_both_languages_and_names_the_port(tmp_path: Path, kind: BrokerKind) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BrokerFailed, match=f"cổng {port} .*port {port} "):
            async with BrokerChild(tmp_path, site=SITE, kind=kind, port=port):
                pass


async def test_a_broker_that_cannot_start_fails_with_its_last_words(tmp_path: Path) -> None:
    require_mosquitto()
    (tmp_path / "mosquitto.db").write_bytes(b"not a database")
    (tmp_path / "mosquitto.db.unreadable").mkdir()  # so that it cannot be set aside either
    with pytest.raises(BrokerFailed, match=r"(?s)không chạy được / did not start.*Couldn't open database"):
        await BrokerChild(tmp_path, site=SITE, kind=BrokerKind.MOSQUITTO, port=0).__aenter__()


async def test_an_address_this_machine_does_not_have_is_a_clear_error(tmp_path: Path, kind: BrokerKind) -> None:
    with pytest.raises(BrokerFailed, match=r"cannot listen on port \d+ of 192\.0\.2\.1"):
        await BrokerChild(tmp_path, site=SITE, kind=kind, port=0, host="192.0.2.1").__aenter__()


async def test_a_folder_with_spaces_and_vietnamese_letters_is_a_folder(tmp_path: Path, kind: BrokerKind) -> None:
    folder = tmp_path / "dữ liệu phường"
    accounts = {"gateway": hash_password("g")}
    async with BrokerChild(folder, site=SITE, kind=kind, port=0, accounts=accounts) as broker:
        assert broker.is_running


async def test_an_unreadable_broker_database_is_set_aside_and_the_ward_is_not_silent(tmp_path: Path) -> None:
    require_mosquitto()
    (tmp_path / "mosquitto.db").write_bytes(b"half a page, then the power went")
    async with BrokerChild(tmp_path, site=SITE, kind=BrokerKind.MOSQUITTO, port=0) as broker:
        assert broker.is_running
    assert (tmp_path / "mosquitto.db.unreadable").read_bytes() == b"half a page, then the power went"


async def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path, kind: BrokerKind) -> None:
    (tmp_path / "broker").write_text("a file where the folder should be")
    with pytest.raises(BrokerFailed, match="cannot write broker files"):
        async with BrokerChild(tmp_path / "broker", site=SITE, kind=kind, port=0):
            pass


async def test_auto_takes_mosquitto_where_it_is_installed(tmp_path: Path) -> None:
    require_mosquitto()
    async with BrokerChild(tmp_path, site=SITE, port=0) as broker:
        assert broker.kind is BrokerKind.MOSQUITTO


async def test_auto_takes_the_wheel_where_mosquitto_is_missing(tmp_path: Path) -> None:
    """A process of its own, because the search path is the process's."""
    program = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom devices.broker import BrokerChild, child\n"
        "async def main():\n"
        "    async with BrokerChild(Path(sys.argv[1]), site='tan-thanh', port=0) as broker:\n"
        "        print(broker.kind)\n"
        "child.SYSTEM_FOLDERS = ()\n"
        "asyncio.run(main())\n"
    )
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program, str(tmp_path)],
        env={"PATH": str(tmp_path), "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "iotcore"


async def test_the_files_of_the_broker_are_for_its_owner_only(tmp_path: Path) -> None:
    require_mosquitto()
    folder = tmp_path / "broker"
    accounts = {"gateway": hash_password("g")}
    async with BrokerChild(folder, site=SITE, kind=BrokerKind.MOSQUITTO, port=0, accounts=accounts):
        assert folder.stat().st_mode & 0o077 == 0
        written = {each.name: each.stat().st_mode & 0o077 for each in folder.iterdir()}
    assert written == {"mosquitto.conf": 0, "passwords": 0, "acl": 0}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_broker_dies_with_its_parent(tmp_path: Path, kind: BrokerKind, how: signal.Signals) -> None:
    program = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom devices.broker import BrokerChild, BrokerKind\n"
        "async def main():\n"
        "    async with BrokerChild(Path(sys.argv[1]), site='s', kind=BrokerKind(sys.argv[2]), port=0) as broker:\n"
        "        print(broker.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path), kind, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    async with asyncio.timeout(30):
        pid = int(await parent.stdout.readline())
        parent.send_signal(how)
        await parent.wait()
        while _alive(pid):
            await asyncio.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # dead, and not yet collected by whoever inherited it
