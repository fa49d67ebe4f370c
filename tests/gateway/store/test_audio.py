"""Audio is named by what it is, comes in whole, and is never overwritten."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from devices.model import AssetId, asset_id
from gateway.domain.errors import BadInput, StoreFailed
from gateway.store.opening import Store, open_store
from tests.gateway.store.rows import NOW, audio_file, later, note, sha256


async def test_a_file_moves_in_under_its_hash(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "in.mp3"
    audio = audio_file(source, b"sound" * 1000, title="Nhạc hiệu", usable_until=later(days=9))
    await store.audio.add(source, audio, note=note())
    assert await store.audio.get(audio.asset) == audio
    assert await store.audio.all() == [audio]
    assert store.audio.path(audio.asset).read_bytes() == b"sound" * 1000
    assert store.audio.path(audio.asset).name == sha256(b"sound" * 1000)
    assert not source.exists()


async def test_the_same_file_again_is_one_file_with_the_newest_description(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "in.mp3"
    await store.audio.add(source, audio_file(source, title="cũ"), note=note())
    kept = store.audio.path(audio_file(source).asset)
    before = kept.stat()
    newer = audio_file(source, title="mới", licence="NQ 12/2026")
    await store.audio.add(source, newer, note=note())
    assert await store.audio.all() == [newer]
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not source.exists()


@pytest.mark.parametrize("lie", [{"bytes": 7}, {"asset": asset_id("0" * 64)}], ids=["size", "hash"])
async def test_a_file_that_is_not_what_it_claims_stays_out(store: Store, tmp_path: Path, lie: dict[str, Any]) -> None:
    source = tmp_path / "in.mp3"
    with pytest.raises(BadInput):
        await store.audio.add(source, audio_file(source, **lie), note=note())
    assert source.exists()
    assert await store.audio.all() == []
    assert list((store.folder / "audio").iterdir()) == []
    assert await store.audit.verify() == 0


async def test_a_file_cannot_pass_under_the_name_of_one_that_is_here(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "in.mp3"
    good = audio_file(source)
    await store.audio.add(source, good, note=note())
    source.write_bytes(b"other")
    with pytest.raises(BadInput):
        await store.audio.add(source, good, note=note())
    assert sha256(store.audio.path(good.asset).read_bytes()) == good.asset.removeprefix("sha256:")


async def test_a_file_that_rotted_is_put_right_and_the_rotten_one_kept(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "in.mp3"
    await store.audio.add(source, audio_file(source), note=note())
    audio = audio_file(source)
    kept = store.audio.path(audio.asset)
    kept.write_bytes(b"rotten")
    await store.audio.add(source, audio, note=note())
    assert sha256(kept.read_bytes()) == audio.asset.removeprefix("sha256:")
    assert kept.with_name(f"{kept.name}.damaged").read_bytes() == b"rotten"


async def test_many_bring_in_the_same_file_at_once(store: Store, tmp_path: Path) -> None:
    sources = [tmp_path / f"in-{n}.mp3" for n in range(10)]
    audio = [audio_file(source) for source in sources]
    await asyncio.gather(*(store.audio.add(s, a, note=note()) for s, a in zip(sources, audio, strict=True)))
    assert await store.audio.all() == [audio[0]]
    assert [path.name for path in (store.folder / "audio").iterdir()] == [audio[0].asset.removeprefix("sha256:")]


async def test_a_missing_source_is_a_clear_error(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "in.mp3"
    audio = audio_file(source)
    source.unlink()
    with pytest.raises(StoreFailed):
        await store.audio.add(source, audio, note=note())
    assert list((store.folder / "audio").iterdir()) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "sha256:../../x", "sha256:" + "A" * 64, ""])
def test_only_a_hash_becomes_a_file_name(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="asset id"):
        store.audio.path(AssetId(name))


def test_what_a_power_cut_left_is_swept_out_unless_somebody_is_at_work(folder: Path) -> None:
    with open_store(folder, now=NOW) as first:
        unfinished = first.folder / "audio" / "x.part"
        unfinished.write_bytes(b"half")
        with open_store(folder, now=NOW):
            assert unfinished.exists()
    with open_store(folder, now=NOW):
        assert not unfinished.exists()
