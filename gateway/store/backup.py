"""Sao lưu và phục hồi: one file that brings a ward back. Nothing is deleted, and nothing is believed unchecked."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path

from gateway.domain.errors import StoreFailed
from gateway.ports.records import AuditNote
from gateway.store import layout
from gateway.store.archive import Manifest, read_archive, write_archive
from gateway.store.audit import write_note
from gateway.store.connection import open_reader, open_writer
from gateway.store.counters import EPOCH, SEQ, raise_to, read_counter
from gateway.store.database import transaction
from gateway.store.durable import copy_database, sync_file, sync_folder, whole_file
from gateway.store.failures import told
from gateway.store.lock import alone
from gateway.store.migrations import inspect

_ONLY_OWNER = 0o700
_ONLY_OWNER_FILE = 0o600


def backup(folder: Path, to: Path, *, now: datetime, passphrase: str | None = None) -> Manifest:
    """Write database, audio, keys, policies and audit roots of ``folder`` to ``to``, also while a gateway runs on it.

    Without a passphrase, whoever has the file has the ward's keys. Slow: call it in a thread.

    Raises:
        StoreFailed: nothing was left at ``to``; ``backup_exists`` when there is a file already.
    """
    if to.exists():
        raise StoreFailed(f"Đã có tệp {to}.", f"There is a file {to} already.", code="backup_exists")
    with told(), tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as beside:
        # The roots before the database, so that it holds every line they name; the audio after it, so that every
        # file it names is there.
        roots = Path(beside, layout.ROOTS)
        if layout.roots(folder).exists():
            shutil.copyfile(layout.roots(folder), roots)
        copy = Path(beside, layout.DATABASE)
        copy_database(layout.database(folder), copy)
        inspect(copy)
        with closing(open_reader(copy)) as database:
            epoch = read_counter(database, EPOCH)
        files = [(layout.DATABASE, copy), *([(layout.ROOTS, roots)] if roots.exists() else []), *_files(folder)]
        with whole_file(to) as partial:
            return write_archive(partial, files, made_at=now, epoch=epoch, passphrase=passphrase)


def verify(archive: Path, *, passphrase: str | None = None) -> Manifest:
    """Read a backup to its end and check every file in it.

    Raises:
        StoreFailed: it cannot be read, opened or believed.
    """
    with told():
        return read_archive(archive, passphrase, lambda _name, content: _discard(content))


def restore(
    archive: Path, folder: Path, *, now: datetime, passphrase: str | None = None, force: bool = False
) -> Path | None:
    """Bring a ward back from ``archive`` into ``folder``; return where what was there before is now, if anything.

    The epoch rises, at least to the second of ``now``: clusters then refuse whatever was sent in the future that is
    lost. So does the number of documents, or a cluster that still names one of that future would seem to hold ours.
    The archive is checked whole before anything is touched; what stands in ``folder`` is moved aside, and only
    with ``force``.

    Raises:
        StoreTooNew: a newer version of the product made the backup.
        StoreFailed: nothing was changed; ``folder_not_empty``, ``store_in_use``, ``backup_damaged`` and the like.
    """
    folder = folder.absolute()
    with told(), ExitStack() as held:
        occupied = folder.exists() and any(folder.iterdir())
        if occupied and not force:
            raise StoreFailed(
                f"Thư mục {folder} đang có dữ liệu. Chọn thư mục trống, hoặc dùng --force để chuyển nó sang bên.",
                f"{folder} is not empty. Choose an empty one, or use --force to move what is there aside.",
                code="folder_not_empty",
            )
        if occupied:
            held.enter_context(alone(folder))
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _beside(folder) as fresh:
            _unpack(archive, passphrase, fresh)
            _begin_again(fresh, archive, now)
            aside = _free_name(folder, now) if occupied else None
            _take_place(fresh, folder, aside)
    return aside


def _begin_again(folder: Path, archive: Path, now: datetime) -> None:
    path = layout.database(folder)
    inspect(path)
    with closing(open_writer(path)) as database, transaction(database):
        detail = {"epoch": raise_to(database, EPOCH, int(now.timestamp()))}
        raise_to(database, SEQ, int(now.timestamp()))
        note = AuditNote(actor="system", action="store.restore", subject=archive.name, at=now, detail=detail)
        write_note(database, note)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for name in layout.KEPT_FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            if path.is_file() and path.suffix != ".part":
                yield path.relative_to(folder).as_posix(), path


def _unpack(archive: Path, passphrase: str | None, to: Path) -> None:
    def sink(name: str, content: Iterator[bytes]) -> None:
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=_ONLY_OWNER)
        with path.open("wb") as file:
            for block in content:
                file.write(block)
        path.chmod(_ONLY_OWNER_FILE)
        sync_file(path)

    manifest = read_archive(archive, passphrase, sink)
    for folder in {(to / kept.path).parent for kept in manifest.files}:
        sync_folder(folder)


def _discard(content: Iterator[bytes]) -> None:
    for _ in content:
        pass


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Give a new folder beside ``folder``; it is gone afterwards, unless it has taken another name."""
    fresh = folder.with_name(f"{folder.name}.restoring-{secrets.token_hex(4)}")
    fresh.mkdir(mode=_ONLY_OWNER)
    try:
        yield fresh
    finally:
        if fresh.exists():
            shutil.rmtree(fresh)


def _take_place(fresh: Path, folder: Path, aside: Path | None) -> None:
    if aside is not None:
        folder.rename(aside)
    try:
        fresh.rename(folder)
    except OSError:
        if aside is not None:
            aside.rename(folder)
        raise
    sync_folder(folder.parent)


def _free_name(folder: Path, now: datetime) -> Path:
    name = f"{folder.name}.before-restore-{now:%Y%m%d-%H%M%S}"
    taken = 0
    while (aside := folder.with_name(name + (f"-{taken}" if taken else ""))).exists():
        taken += 1
    return aside
