"""Rows, and the page they end up on."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measurement. ``beside`` is the limit or peer of the same run; ``ratio`` the measurement over it."""

    what: str
    measured: str
    beside: str = ""
    ratio: str = ""
    goal: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` (0 to 1) of ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def spread(values: Sequence[float], unit: str = "ms") -> str:
    """Write p50, p99 and maximum."""
    return " / ".join(f"{percentile(values, share):.2f}" for share in (0.5, 0.99, 1.0)) + f" {unit}"


def machine() -> str:
    """Name the machine."""
    model = "unknown CPU"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return (
        f"{os.cpu_count()} cores, {model}, {pages / 2**30:.0f} GiB, {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}, load before the run {os.getloadavg()[0]:.1f}"
    )


def table(rows: Sequence[Row]) -> str:
    """Lay the rows out as Markdown."""
    lines = ["| what | measured | beside it, same run | ratio | goal |", "|---|---|---|---|---|"]
    lines += [f"| {r.what} | {r.measured} | {r.beside} | {r.ratio} | {r.goal} |" for r in rows]
    return "\n".join(lines)


def page(rows: Sequence[Row], where: str) -> str:
    """Write the whole of ``docs/benchmarks.md``."""
    day = datetime.now(UTC).date().isoformat()
    return f"""# Benchmarks

Written by `make bench` on {day}. Machine: {where}.
Everything (gateway, broker, simulated clusters) shares it, over loopback.
Spreads are p50 / p99 / max. Quote the ratios, not the times: the same run measured both sides.

{table(rows)}
"""
