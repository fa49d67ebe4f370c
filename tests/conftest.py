"""Real brokers for every test that needs one, on free loopback ports, shared by the whole session.

A broker keeps retained messages and sessions between tests: take a fresh ``site`` (and client ids made from it).
"""

import gc
import secrets
from collections.abc import Iterator

import pytest
from hypothesis import settings

from devices.broker import BrokerKind
from devices.link import BrokerAddress
from devices.model import SiteId
from tests.brokers import require_mosquitto, running_broker

settings.register_profile("ward", settings(), deadline=None)  # a machine that is busy makes nothing wrong
settings.load_profile("ward")

BUSY = ("tests/onair/", "tests/tts/", "tests/web/", "tests/gateway/web/")
"""What keeps a core busy, each in its way; the other files mostly wait for a clock or a socket."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread each kind of files from the first to the last: run side by side, they then share the cores evenly."""
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    kinds: dict[str, list[str]] = {}
    for name in files:
        kinds.setdefault(next(filter(name.startswith, BUSY), ""), []).append(name)
    place = {name: (n + 0.5) / len(kind) for kind in kinds.values() for n, name in enumerate(kind)}
    items[:] = [item for name in sorted(files, key=place.__getitem__) for item in files[name]]


def pytest_collection_finish() -> None:
    """Set aside what was loaded, as ``loa run`` and ``loa agent`` do: looking it through stops all half a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def mosquitto_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerAddress]:
    """A Mosquitto with the product's own configuration, open to anybody."""
    require_mosquitto()
    with running_broker(tmp_path_factory.mktemp("mosquitto"), BrokerKind.MOSQUITTO) as address:
        yield address


@pytest.fixture(scope="session")
def iotcore_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerAddress]:
    """The broker from the wheel."""
    with running_broker(tmp_path_factory.mktemp("iotcore"), BrokerKind.IOTCORE) as address:
        yield address


@pytest.fixture(params=["mosquitto", "iotcore"])
def any_broker(request: pytest.FixtureRequest) -> BrokerAddress:
    """Each of the brokers the product manages, one after the other."""
    address: BrokerAddress = request.getfixturevalue(f"{request.param}_broker")
    return address


@pytest.fixture
def site() -> SiteId:
    """A ward nobody else in this session uses."""
    return SiteId(f"ward-{secrets.token_hex(4)}")
