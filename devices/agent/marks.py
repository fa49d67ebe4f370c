"""Mốc đã thấy: the few numbers that must only grow, whatever is sent again later: boots, epochs, document versions."""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

from devices.agent.disk import Disk

logger = logging.getLogger(__name__)

Version = tuple[int, int]
"""``(epoch, seq)``."""


@dataclass
class Marks:
    """High-water marks, kept on disk. Change them, then :meth:`save`."""

    boot: int = 0
    documents: dict[str, Version] = field(default_factory=dict)
    """``"plan/gw-1"`` to the newest version accepted from that key."""
    epochs: dict[str, int] = field(default_factory=dict)
    keys_version: int = 0
    policy_version: int = 0
    silent: bool = False
    """The kill switch, told a second time: a damaged document must not lift it."""
    volume_percent: int | None = None

    def is_newer(self, kind: str, kid: str, version: Version) -> bool:
        """Tell whether a document may replace what is here."""
        return version > self.documents.get(f"{kind}/{kid}", (-1, -1))

    def note_document(self, kind: str, kid: str, version: Version) -> None:
        key = f"{kind}/{kid}"
        self.documents[key] = max(version, self.documents.get(key, (-1, -1)))
        self.note_epoch(kid, version[0])

    def note_epoch(self, kid: str, epoch: int) -> bool:
        """Remember the newest epoch of a key; tell whether it grew."""
        grew = epoch > self.epochs.get(kid, 0)
        if grew:
            self.epochs[kid] = epoch
        return grew

    def save(self, disk: Disk, folder: Path) -> None:
        """Write them.

        Raises:
            DiskFailed: the old ones stand.
        """
        disk.put(folder / "marks.json", json.dumps(vars(self)).encode())


def load_marks(disk: Disk, folder: Path) -> tuple[Marks, bool]:
    """Read the marks, and tell whether they were there and damaged.

    A damaged file is set aside. The documents on disk raise their own marks again when they are read; what is lost is
    the kill switch's second copy, so its answer is then the careful one.
    """
    path = folder / "marks.json"
    if not path.exists():
        return Marks(), False
    try:
        read = json.loads(path.read_bytes())
        marks = Marks(
            boot=int(read["boot"]),
            documents={str(key): (int(epoch), int(seq)) for key, (epoch, seq) in read["documents"].items()},
            epochs={str(kid): int(epoch) for kid, epoch in read["epochs"].items()},
            keys_version=int(read["keys_version"]),
            policy_version=int(read["policy_version"]),
            silent=bool(read["silent"]),
            volume_percent=read["volume_percent"],
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        disk.set_aside(path, "the marks cannot be read")
        return Marks(), True
    return marks, False
