"""Running the real brokers under test."""

import asyncio
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.broker import BrokerChild, BrokerKind
from devices.link import BrokerAddress
from devices.model import SiteId
from tests.ports import free_port


def require_mosquitto() -> None:
    """Skip with an explanation where Mosquitto is missing; fail where that would hide half the tests."""
    if shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin"):
        return
    if os.environ.get("CI"):
        pytest.fail("mosquitto is not installed: in CI that would skip what must be proven (apt install mosquitto)")
    pytest.skip("mosquitto is not installed (apt install mosquitto)")


@contextmanager
def running_broker(folder: Path, kind: BrokerKind) -> Iterator[BrokerAddress]:
    """Run a broker on a loop of its own, which goes on between tests."""
    address: BrokerAddress | None = None
    failure: BaseException | None = None
    started = threading.Event()
    loop = asyncio.new_event_loop()
    finish = asyncio.Event()

    async def serve() -> None:
        nonlocal address
        async with BrokerChild(folder, site=SiteId("test"), kind=kind, port=free_port()) as broker:
            address = broker.address
            started.set()
            await finish.wait()

    def run() -> None:
        nonlocal failure
        try:
            loop.run_until_complete(serve())
        except BaseException as error:  # noqa: BLE001 - raised again in the test's thread
            failure = error
        finally:
            loop.close()
            started.set()

    thread = threading.Thread(target=run, name=f"{kind} for tests")
    thread.start()
    try:
        started.wait()
        if address is not None:
            yield address
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(finish.set)
        thread.join()
    if failure is not None:
        raise failure
