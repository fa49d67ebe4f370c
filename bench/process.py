"""What the kernel says of processes: CPU time, memory, and how busy others kept the machine."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PPID, _UTIME, _CSTIME, _RSS = 1, 11, 14, 21
"""Fields of ``/proc/PID/stat`` behind the name, counted from the state."""


def _stat(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def cpu_s(pid: int) -> float:
    """Return the CPU seconds ``pid`` has used, its reaped children not counted; 0 when it is gone."""
    stat = _stat(pid)
    return sum(map(int, stat[_UTIME : _UTIME + 2])) * _TICK_S if stat else 0.0


def rss_mb(pid: int) -> float:
    """Return the resident memory of ``pid`` in MB."""
    stat = _stat(pid)
    return int(stat[_RSS]) * _PAGE / 1e6 if stat else 0.0


@dataclass
class Foreign:
    """How much of one core others used meanwhile, in percent; known at the end."""

    percent: float = 0.0


@contextmanager
def foreign() -> Iterator[Foreign]:
    """Measure what processes that are not ours took of the machine inside."""
    found = Foreign()
    all_before, ours_before, began = _machine_s(), _family_s(), time.monotonic()
    try:
        yield found
    finally:
        spent = (_machine_s() - all_before) - (_family_s() - ours_before)
        found.percent = max(0.0, 100 * spent / (time.monotonic() - began))


def _machine_s() -> float:
    """Return the busy CPU seconds of the whole machine."""
    fields = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) * _TICK_S


def _family_s() -> float:
    """Return the CPU seconds of this process and all that come from it, ended ones included."""
    stats = {int(path.name): stat for path in Path("/proc").glob("[0-9]*") if (stat := _stat(int(path.name)))}
    ours, fresh = set[int](), {os.getpid()}
    while fresh:
        ours |= fresh
        fresh = {pid for pid, stat in stats.items() if int(stat[_PPID]) in fresh} - ours
    return sum(sum(map(int, stats[pid][_UTIME : _CSTIME + 1])) for pid in ours if pid in stats) * _TICK_S
