"""One browser and one ward for all tests of this folder, on one event loop.

Chromium is Debian's (``apt install chromium-headless-shell``, or ``chromium``); without it these tests fail where
``CI`` is set and explain themselves elsewhere.
"""

import os
import wave
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.onair.held import Held
from tests.tts.sounds import babble, pcm
from tests.web.phone import CHROMIUM, PATIENCE_MS, Phones
from tests.web.ward import Ward, open_ward

HERE = Path(__file__).parent
MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
"""One that babbles, so that recording can be tried."""


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Browser and ward live on the session's loop: so do their tests."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Chromium, headless."""
    if not Path(CHROMIUM).exists():
        why = f"không có {CHROMIUM}: apt install chromium-headless-shell / the tests of the pages need it"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        spoken = _spoken(tmp_path_factory.mktemp("microphone") / "babble.wav")
        heard = f"--use-file-for-fake-audio-capture={spoken}"
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*MICROPHONE, heard])
        yield chromium
        await chromium.close()


def _spoken(path: Path) -> Path:
    sound = pcm(babble(6))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate_hz)
        file.writeframes(sound.data)
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ward(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ward]:
    """The ward everybody shares."""
    held = Held(open_ward(tmp_path_factory.mktemp("ward")))
    yield await held.opened()
    await held.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def phones(browser: Browser, ward: Ward) -> Phones:
    """Phones of that ward."""
    return Phones(browser, ward)
