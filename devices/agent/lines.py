"""A file of lines that only grows: what was written whole is found again, a torn end is set aside."""

from pathlib import Path

from devices.agent.disk import Disk


class Lines:
    """One file. Lines hold no newline."""

    def __init__(self, disk: Disk, path: Path) -> None:
        self._disk = disk
        self._path = path

    @property
    def path(self) -> Path:
        return self._path

    def load(self) -> list[bytes]:
        """Return every whole line. A last line without its newline was torn by a power cut and is set aside.

        Raises:
            DiskFailed: it can be neither read nor repaired.
        """
        if not self._path.exists():
            return []
        data = self._path.read_bytes()
        *whole, torn = data.split(b"\n")
        if torn:
            self._disk.cut_off(self._path, len(data) - len(torn), "the last line was torn by a power cut")
        return whole

    def append(self, line: bytes) -> None:
        """Add a line; it is on the medium when this returns.

        Raises:
            DiskFailed: it is not, and the file is as it was.
        """
        self._disk.append(self._path, line + b"\n")

    def rewrite(self, lines: list[bytes]) -> None:
        """Replace all of it at once.

        Raises:
            DiskFailed: the old content stands.
        """
        self._disk.put(self._path, b"".join(line + b"\n" for line in lines))
