"""A ward comes back from one file; one that is not whole changes nothing; the past never overrules the future."""

import os
import sqlite3
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from devices.model import Outcome
from gateway.domain.errors import StoreFailed, StoreTooNew
from gateway.store.archive import write_archive
from gateway.store.backup import backup, restore, verify
from gateway.store.opening import open_store, verify_audit
from tests.gateway.domain import builders
from tests.gateway.store.rows import KP1, NOW, audio_file, batch, document, later, note, play, sha256

PASSPHRASE = "đài phường tám giờ sáng"


@pytest.fixture
async def ward(folder: Path) -> Path:
    """A ward with something of everything."""
    with open_store(folder, now=NOW) as store:
        await store.bulletins.save(builders.approved(), was_revision=None, note=note())
        source = folder / "in.mp3"
        await store.audio.add(source, audio_file(source, os.urandom(1_500_000)), note=note())
        await store.issues.issue([(document(await store.issues.next_seq()), [play("a")])])
        ended = replace(play("a"), outcome=Outcome.PLAYED, settled_at=NOW)
        await store.proofs.keep([batch(1, 2, ended)])
        await store.audit.export_root(at=NOW)
    (folder / "keys").mkdir(mode=0o700)
    (folder / "keys" / "gw-1.pem").write_text("a private key")
    (folder / "policies").mkdir()
    (folder / "policies" / "tan-thanh.toml").write_text("version = 3")
    return folder


def _content(folder: Path) -> dict[str, bytes]:
    """Everything but SQLite's own file, whose bytes a restore changes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("loa.")
    }


def _rows(folder: Path, table: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / "loa.db")
    try:
        return connection.execute(f"SELECT * FROM {table}").fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
async def test_a_ward_comes_back_whole(ward: Path, tmp_path: Path, passphrase: str | None) -> None:
    archive, fresh = tmp_path / "ward.loa", tmp_path / "fresh"
    made = backup(ward, archive, now=NOW, passphrase=passphrase)
    assert verify(archive, passphrase=passphrase) == made
    assert (made.made_at, made.epoch, made.rotten) == (NOW, 1, ())
    assert restore(archive, fresh, now=NOW, passphrase=passphrase) is None
    assert _content(fresh) == _content(ward)
    for table in ("bulletin", "audio", "document", "play", "journal", "journal_head", "migration"):
        assert _rows(fresh, table) == _rows(ward, table)
    with open_store(fresh, now=NOW) as store:
        assert await store.bulletins.all() == [builders.approved()]
        (audio,) = await store.audio.all()
        assert f"sha256:{sha256(store.audio.path(audio.asset).read_bytes())}" == audio.asset
    assert (fresh / "keys" / "gw-1.pem").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("old", "now", "new"),
    [(1, later(days=1), int(later(days=1).timestamp())), (2_000_000_000, NOW, 2_000_000_001)],
    ids=["to the second of now", "by one at least"],
)
async def test_the_epoch_rises_so_that_the_lost_future_is_refused(
    ward: Path, tmp_path: Path, old: int, now: datetime, new: int
) -> None:
    with open_store(ward, now=NOW) as store:
        await store.database.run(lambda db: db.execute("UPDATE counter SET value = ? WHERE id = 'epoch'", [old]))
    backup(ward, tmp_path / "ward.loa", now=NOW)
    restore(tmp_path / "ward.loa", tmp_path / "fresh", now=now)
    with open_store(tmp_path / "fresh", now=NOW) as store:
        assert await store.issues.epoch() == new
        last = (await store.audit.lines())[-1].note
        assert (last.action, last.detail) == ("store.restore", {"epoch": new})
        # a cluster that names a document of the lost time does not seem to hold one of ours
        assert await store.issues.next_seq() > int(now.timestamp())
        # and what is issued now is newer than anything of the old epoch, whatever its number
        await store.issues.issue([(document(1, KP1, epoch=new), [])])
    assert verify_audit(tmp_path / "fresh") > 0


async def test_a_backup_of_a_ward_on_the_air_is_one_moment_of_it(ward: Path, tmp_path: Path) -> None:
    with open_store(ward, now=NOW) as store:
        await store.values.set("before", 1, note=note())
        backup(ward, tmp_path / "ward.loa", now=NOW)
        await store.values.set("after", 1, note=note())
    restore(tmp_path / "ward.loa", tmp_path / "fresh", now=NOW)
    with open_store(tmp_path / "fresh", now=NOW) as store:
        assert await store.values.get("before") == 1
        assert await store.values.get("after") is None
        await store.audit.verify()


def test_a_backup_leaves_nothing_behind_and_is_for_its_owner_only(ward: Path, tmp_path: Path) -> None:
    before = {path.name for path in ward.iterdir()}
    backup(ward, tmp_path / "ward.loa", now=NOW)
    assert {path.name for path in ward.iterdir()} - {"loa.db-wal", "loa.db-shm"} == before
    assert [path.name for path in tmp_path.glob("*ward.loa*")] == ["ward.loa"]
    assert (tmp_path / "ward.loa").stat().st_mode & 0o077 == 0


def test_a_backup_never_overwrites_another(ward: Path, tmp_path: Path) -> None:
    (tmp_path / "ward.loa").write_bytes(b"last year")
    with pytest.raises(StoreFailed) as caught:
        backup(ward, tmp_path / "ward.loa", now=NOW)
    assert caught.value.code == "backup_exists"
    assert (tmp_path / "ward.loa").read_bytes() == b"last year"


def test_a_plain_backup_opens_with_any_tar(ward: Path, tmp_path: Path) -> None:
    backup(ward, tmp_path / "ward.loa", now=NOW)
    with tarfile.open(tmp_path / "ward.loa") as tar:
        names = tar.getnames()
    assert names[0] == "loa.db"
    assert names[-1] == "manifest.json"
    assert {"keys/gw-1.pem", "policies/tan-thanh.toml", "audit-roots.jsonl"} < set(names)


def test_a_locked_backup_shows_nothing_and_opens_for_nobody_else(ward: Path, tmp_path: Path) -> None:
    archive = tmp_path / "ward.loa"
    backup(ward, archive, now=NOW, passphrase=PASSPHRASE)
    assert b"a private key" not in archive.read_bytes()
    for passphrase, code in ((None, "backup_locked"), ("sai", "backup_not_opened")):
        with pytest.raises(StoreFailed) as caught:
            restore(archive, tmp_path / "fresh", now=NOW, passphrase=passphrase)
        assert caught.value.code == code
    assert not (tmp_path / "fresh").exists()


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _cut_the_end(data: bytes) -> bytes:
    return data[:-20_000]


def _flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def _swap_pieces(data: bytes) -> bytes:
    piece, start = (1 << 20) + 16, 13 + 16
    return data[:start] + data[start + piece :] + data[start : start + piece]


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
@pytest.mark.parametrize("harm", [_cut, _cut_the_end, _flip, _swap_pieces, lambda _: b"", lambda d: d[:20]])
def test_a_damaged_backup_changes_nothing(
    ward: Path, tmp_path: Path, passphrase: str | None, harm: Callable[[bytes], bytes]
) -> None:
    archive, before = tmp_path / "ward.loa", _content(ward)
    backup(ward, archive, now=NOW, passphrase=passphrase)
    archive.write_bytes(harm(archive.read_bytes()))
    with pytest.raises(StoreFailed):
        verify(archive, passphrase=passphrase)
    for target in (ward, tmp_path / "fresh"):
        with pytest.raises(StoreFailed) as caught:
            restore(archive, target, now=NOW, passphrase=passphrase, force=True)
        assert caught.value.code in {"backup_damaged", "backup_not_opened"}
    assert _content(ward) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "ward.loa"]
    assert verify_audit(ward) > 0


def _repacked(archive: Path, to: Path, change: Callable[[tarfile.TarInfo], list[tarfile.TarInfo]]) -> None:
    with tarfile.open(archive) as old, tarfile.open(to, "w") as new:
        for entry in old:
            content = old.extractfile(entry)
            assert content is not None
            data = content.read()
            for changed in change(entry):
                one = to.with_name("one")
                one.write_bytes(data)
                with one.open("rb") as file:
                    new.addfile(changed, file)
                one.unlink()


def _renamed(entry: tarfile.TarInfo, name: str) -> list[tarfile.TarInfo]:
    return [entry.replace(name=name)] if entry.name.startswith("keys/") else [entry]


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: [] if entry.name.startswith("keys/") else [entry],
        lambda entry: [] if entry.name == "manifest.json" else [entry],
        lambda entry: _renamed(entry, "../outside.pem"),
        lambda entry: _renamed(entry, "/tmp/outside.pem"),
        lambda entry: _renamed(entry, "keys/other.pem"),
        lambda entry: [entry, entry] if entry.name.startswith("keys/") else [entry],
    ],
    ids=["a file gone", "no manifest", "climbing out", "absolute", "another name", "twice"],
)
def test_a_backup_packed_by_somebody_else_is_refused(
    ward: Path, tmp_path: Path, change: Callable[[tarfile.TarInfo], list[tarfile.TarInfo]]
) -> None:
    backup(ward, tmp_path / "ward.loa", now=NOW)
    _repacked(tmp_path / "ward.loa", tmp_path / "altered.loa", change)
    with pytest.raises(StoreFailed) as caught:
        restore(tmp_path / "altered.loa", tmp_path / "fresh", now=NOW)
    assert caught.value.code == "backup_damaged"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["altered.loa", "data", "ward.loa"]


def test_a_folder_with_something_in_it_is_not_touched(ward: Path, tmp_path: Path) -> None:
    backup(ward, tmp_path / "ward.loa", now=NOW)
    before = _content(ward)
    with pytest.raises(StoreFailed) as caught:
        restore(tmp_path / "ward.loa", ward, now=NOW)
    assert caught.value.code == "folder_not_empty"
    assert _content(ward) == before


async def test_with_force_what_was_there_is_moved_aside_never_deleted(ward: Path, tmp_path: Path) -> None:
    backup(ward, tmp_path / "ward.loa", now=NOW)
    with open_store(ward, now=NOW) as store:
        await store.values.set("after", 1, note=note())
    first = restore(tmp_path / "ward.loa", ward, now=NOW, force=True)
    second = restore(tmp_path / "ward.loa", ward, now=NOW, force=True)
    assert first is not None
    assert second is not None
    assert (first.name, second.name) == (
        "data.before-restore-20261007-220000",
        "data.before-restore-20261007-220000-1",
    )
    with open_store(first, now=NOW) as store:
        assert await store.values.get("after") == 1
    with open_store(ward, now=NOW) as store:
        assert await store.values.get("after") is None


async def test_an_empty_folder_may_be_restored_into(ward: Path, tmp_path: Path) -> None:
    backup(ward, tmp_path / "ward.loa", now=NOW)
    (tmp_path / "fresh").mkdir()
    assert restore(tmp_path / "ward.loa", tmp_path / "fresh", now=NOW) is None
    assert _content(tmp_path / "fresh") == _content(ward)


def test_a_ward_on_the_air_is_not_taken_away_from_its_gateway(ward: Path, tmp_path: Path) -> None:
    backup(ward, tmp_path / "ward.loa", now=NOW)
    with open_store(ward, now=NOW):
        with pytest.raises(StoreFailed) as caught:
            restore(tmp_path / "ward.loa", ward, now=NOW, force=True)
        assert caught.value.code == "store_in_use"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "ward.loa"]


def test_a_backup_made_by_a_newer_version_is_refused(ward: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(ward / "loa.db")
    connection.execute("INSERT INTO migration VALUES (99, 'from tomorrow', '2027')")
    connection.commit()
    connection.close()
    with pytest.raises(StoreTooNew):
        backup(ward, tmp_path / "ward.loa", now=NOW)
    assert not (tmp_path / "ward.loa").exists()
    files = [("loa.db", ward / "loa.db")]
    write_archive(tmp_path / "tomorrow.loa", files, made_at=NOW, epoch=1, passphrase=None)
    with pytest.raises(StoreTooNew):
        restore(tmp_path / "tomorrow.loa", tmp_path / "fresh", now=NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "tomorrow.loa"]


def test_a_damaged_database_is_not_backed_up_over_good_ones(ward: Path, tmp_path: Path) -> None:
    (ward / "loa.db").write_bytes(b"noise" * 5_000)
    with pytest.raises(StoreFailed) as caught:
        backup(ward, tmp_path / "ward.loa", now=NOW)
    assert caught.value.code == "store_damaged"
    assert not (tmp_path / "ward.loa").exists()


def test_audio_that_rotted_before_the_backup_is_named(ward: Path, tmp_path: Path) -> None:
    (audio,) = (ward / "audio").iterdir()
    audio.write_bytes(b"rotten")
    assert backup(ward, tmp_path / "ward.loa", now=NOW).rotten == (f"audio/{audio.name}",)
    assert verify(tmp_path / "ward.loa").rotten == (f"audio/{audio.name}",)


def test_a_backup_that_cannot_be_written_leaves_nothing(ward: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreFailed):
        backup(ward, tmp_path / "no such folder" / "ward.loa", now=NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_there_is_nothing_to_back_up_in_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed):
        backup(tmp_path, tmp_path / "ward.loa", now=NOW)
    assert list(tmp_path.iterdir()) == []
