"""The folder of rendered audio: named by content, never half-written, never aired when damaged."""

import json
from pathlib import Path

import pytest

from tests.tts.sounds import babble, pcm
from tts.cache import AudioCache, cache_key
from tts.errors import CacheError
from tts.master import Encoded, master
from tts.model import HORN

KEY = cache_key(["speech", "a"])


@pytest.fixture
def cache(tmp_path: Path) -> AudioCache:
    made = AudioCache(tmp_path / "audio store")
    made.open()
    return made


def encoded(cache: AudioCache, seed: int = 1) -> Encoded:
    return master(pcm(babble(0.6, seed=seed)), HORN, cache.work)


def test_what_was_put_is_found_again_also_after_a_restart(cache: AudioCache) -> None:
    put = cache.put(KEY, encoded(cache))
    again = AudioCache(cache.folder)
    again.open()
    assert again.get(KEY) == cache.get(KEY) == put
    assert put.path.name == f"{put.sha256}.mp3"
    assert list(cache.work.iterdir()) == []


def test_an_unknown_key_is_nothing(cache: AudioCache) -> None:
    assert cache.get(KEY) is None


def test_the_same_sound_for_two_requests_is_one_file(cache: AudioCache) -> None:
    one = cache.put(KEY, encoded(cache))
    before = one.path.stat().st_mtime_ns
    two = cache.put(cache_key(["speech", "b"]), encoded(cache))
    assert one.path == two.path
    assert one.path.stat().st_mtime_ns == before, "a file that has a name is never written again"


@pytest.mark.parametrize("damage", ["altered", "cut", "gone", "index altered", "index empty", "index names a path"])
def test_a_damaged_entry_is_made_again_and_never_returned(cache: AudioCache, damage: str) -> None:
    put = cache.put(KEY, encoded(cache))
    good = put.path.read_bytes()
    index = next((cache.folder / "keys").iterdir())
    if damage == "altered":
        put.path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    elif damage == "cut":
        put.path.write_bytes(good[:100])
    elif damage == "gone":
        put.path.unlink()
    elif damage == "index names a path":
        index.write_text(json.dumps({**json.loads(index.read_text()), "sha256": "../../etc/passwd"}))
    else:
        index.write_text("{" if damage == "index altered" else "")
    assert cache.get(KEY) is None
    assert cache.put(KEY, encoded(cache)) == put
    assert put.path.read_bytes() == good
    assert cache.get(KEY) == put


def test_what_an_interrupted_run_left_is_cleared_and_the_audio_kept(cache: AudioCache) -> None:
    put = cache.put(KEY, encoded(cache))
    (cache.work / "master-x").mkdir()
    (cache.work / "master-x" / "shaped.wav").write_bytes(b"half")
    (cache.work / "y.mp3").write_bytes(b"half")
    AudioCache(cache.folder).open()
    assert not [left for left in cache.work.rglob("*") if left.is_file()]
    assert cache.get(KEY) == put


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheError, match="kho"):
        AudioCache(tmp_path / "file").open()


def test_keys_differ_where_anything_differs() -> None:
    keys = [cache_key(parts) for parts in (["a", 1.0], ["a", 1.1], ["a1.0"], ["a", "1.0"], ["a", [1.0]])]
    assert len(set(keys)) == len(keys)
    assert cache_key([{"b": 1, "a": 2}]) == cache_key([{"a": 2, "b": 1}])


@pytest.mark.parametrize("name", ["", "../x", "A" * 64, "g" * 64, "a" * 63])
def test_only_a_sha256_becomes_a_file_name(cache: AudioCache, name: str) -> None:
    with pytest.raises(CacheError):
        cache.path_of(name)
