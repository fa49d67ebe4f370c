"""What was said once is kept, whole or not at all, and within bounds."""

import os
from pathlib import Path

import pytest

from tests.tts.sounds import babble, pcm
from tts.errors import CacheError
from tts.model import Pcm
from tts.sentences import SentenceCache

SAID = pcm(babble(0.3), 22_050)


@pytest.fixture
def kept(tmp_path: Path) -> SentenceCache:
    cache = SentenceCache(tmp_path / "sentences", max_bytes=10 * len(SAID.data))
    cache.open()
    return cache


def test_a_sentence_is_found_again_also_after_a_restart(kept: SentenceCache, tmp_path: Path) -> None:
    assert kept.get("a") is None
    kept.put("a", SAID)
    again = SentenceCache(tmp_path / "sentences")
    again.open()
    assert again.get("a") == kept.get("a") == SAID


@pytest.mark.parametrize("damage", ["altered", "cut", "empty"])
def test_a_damaged_sentence_is_said_again_and_never_played(kept: SentenceCache, tmp_path: Path, damage: str) -> None:
    kept.put("a", SAID)
    path = tmp_path / "sentences" / "a.pcm"
    whole = path.read_bytes()
    path.write_bytes({"altered": whole[:-1] + bytes([whole[-1] ^ 1]), "cut": whole[:500], "empty": b""}[damage])
    assert kept.get("a") is None
    kept.put("a", SAID)
    assert kept.get("a") == SAID


def test_the_least_used_leave_when_there_are_too_many(kept: SentenceCache, tmp_path: Path) -> None:
    for number in range(9):
        kept.put(f"s{number}", SAID)
        os.utime(tmp_path / "sentences" / f"s{number}.pcm", (number, number))
    assert kept.get("s0") == SAID  # used just now
    for number in range(9, 12):
        kept.put(f"s{number}", SAID)
    assert kept.get("s0") == SAID
    assert kept.get("s1") is None
    assert kept.get("s11") == SAID
    held = sum(path.stat().st_size for path in (tmp_path / "sentences").iterdir())
    assert held <= 10 * len(SAID.data)


def test_what_an_interrupted_run_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "half.part").write_bytes(b"half")
    SentenceCache(tmp_path).open()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheError):
        SentenceCache(tmp_path / "file" / "x").open()
    with pytest.raises(CacheError):
        SentenceCache(tmp_path / "never opened").put("a", Pcm(b"\0\0", 8000))
