"""Gốc nhật ký: the newest hash of the log, written down outside the database every day.

The chain alone cannot show that its last lines were cut off; a root kept elsewhere (mailed, printed) can.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from gateway.store.chain import broken
from gateway.store.durable import whole_file


@dataclass(frozen=True, kw_only=True)
class Root:
    """Line ``n`` of the audit log had this hash."""

    n: int
    hash: str


def read_roots(path: Path) -> list[Root]:
    """Return every root written down, oldest first.

    Raises:
        ChainBroken: a line of the file is no root.
        OSError: it is there and cannot be read.
    """
    if not path.exists():
        return []
    found = []
    for number, text in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        try:
            row = json.loads(text)
            found.append(Root(n=int(row["n"]), hash=str(row["hash"])))
        except (ValueError, KeyError, TypeError) as error:
            raise broken(0, f"{path.name} hỏng ở dòng {number}", f"{path.name} is damaged at line {number}") from error
    return found


def write_root(path: Path, root: Root, at: datetime) -> None:
    """Add a root at the end of the file: the old lines stay, whatever happens.

    Raises:
        OSError: it could not be written; the file is as it was.
    """
    before = path.read_bytes() if path.exists() else b""
    line = json.dumps({"at": at.isoformat(), **asdict(root)}) + "\n"
    with whole_file(path) as partial:
        partial.write_bytes(before + line.encode())
