"""A virtual memory card: full for as long as the fault says, dead from the instant the power goes.

Hundreds of poles share one real disk, so nothing is fsynced and nothing blocks in a thread: what a write returned from
survives the pole, not the machine.
"""

import errno
import os
from pathlib import Path

from devices.agent.disk import Disk
from simulators.board import RootTime
from simulators.faults import Fault, FaultKind, Faults


class VirtualDisk(Disk):
    """The disk of one pole during one life. ``store``: where poles of one process share what they verified."""

    def __init__(self, folder: Path, *, root: RootTime, faults: Faults, store: Path | None = None) -> None:
        super().__init__(durable=False, threaded=False)
        self._folder = folder
        self._root = root
        self._faults = faults
        self._store = store
        self._dead = False
        self._full: tuple[Fault, int] | None = None
        """The fault that holds, and how many bytes the card takes in all while it does."""

    def power_cut(self) -> None:
        """From now on nothing reaches the card, whatever the dying program still tries."""
        self._dead = True

    def keep(self, partial: Path, path: Path) -> None:
        """As :meth:`Disk.keep`. What is named by its hash and was checked is one file for all poles of the process.

        Raises:
            DiskFailed: full or broken.
        """
        super().keep(partial, path)
        if self._store is None:
            return
        shared = self._store / path.name
        with self._reported(path):
            if not shared.exists():
                os.link(path, shared)
            elif not shared.samefile(path):
                os.link(shared, partial)
                partial.replace(path)

    def _write(self, handle: int, data: bytes) -> None:
        if self._dead:
            raise OSError(errno.EIO, "the power is gone")
        room = self._room()
        if room is not None and len(data) > room:
            super()._write(handle, data[:room])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super()._write(handle, data)

    def _rename(self, partial: Path, path: Path) -> None:
        if self._dead:
            raise OSError(errno.EIO, "the power is gone")
        # Over an older file ext4 writes a renamed one out at once, for real disks' sake: that stops every other pole.
        path.unlink(missing_ok=True)
        super()._rename(partial, path)

    def _room(self) -> int | None:
        """Return what still fits, or ``None`` while the card is fine. What is deleted meanwhile makes room."""
        fault = self._faults.active(FaultKind.DISK_FULL, self._root.utc_ms())
        if fault is None:
            self._full = None
            return None
        used = self._used()
        if self._full is None or self._full[0] != fault:
            self._full = fault, used
        return max(0, self._full[1] - used)

    def _used(self) -> int:
        return sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())
