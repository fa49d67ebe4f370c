"""A real store over a real file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.opening import Store, open_store
from tests.gateway.store.rows import NOW


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with open_store(folder, now=NOW) as opened:
        yield opened
