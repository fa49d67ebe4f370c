"""``python -m bench [NAME ...]``: run all benchmarks, or those named, and print the table as it grows."""

import argparse
import asyncio
import importlib
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from bench.context import Context
from bench.process import foreign
from bench.report import Row, machine, page, table

CASES = (
    "normaliser",
    "text_in",
    "cameras",
    "speech",
    "seal",
    "enrol",
    "idle",
    "plan",
    "zone",
    "start",
    "speech_queue",
    "emergency",
    "startup",
    "pages",
)
"""In this order: what needs the ward to itself comes before what disturbs it."""
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
CLUSTERS = 1_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--clusters", type=int, default=CLUSTERS, metavar="N")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md even when not all ran")
    args = parser.parse_args()
    unknown = set(args.names) - set(CASES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    names = [name for name in CASES if not args.names or name in args.names]
    where = machine()
    print(where, flush=True)
    with tempfile.TemporaryDirectory(prefix="loa-bench-", ignore_cleanup_errors=True) as folder:
        rows = asyncio.run(_run(names, args.clusters, Path(folder)))
    if args.write or len(names) == len(CASES):
        PAGE.write_text(page(rows, where), encoding="utf-8")
        print(f"written to {PAGE}")
    return 0


async def _run(names: list[str], clusters: int, folder: Path) -> list[Row]:
    rows: list[Row] = []
    print(table([]), flush=True)
    async with AsyncExitStack() as stack:
        context = Context(clusters=clusters, folder=folder, stack=stack)
        for name in names:
            began = time.monotonic()
            with foreign() as others:
                found = await importlib.import_module(f"bench.cases.{name}").run(context)
            rows += found
            print("\n".join(table(found).split("\n")[2:]), flush=True)
            print(f"  {name}: {time.monotonic() - began:.0f} s, others used {others.percent:.0f} % of a core",
                  file=sys.stderr, flush=True)  # fmt: skip
    return rows


if __name__ == "__main__":
    sys.exit(main())
