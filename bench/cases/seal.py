"""What one message costs: sealing and opening it, beside the bare signature; one journal line, beside a bare fsync."""

import asyncio
import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path

from bench.context import Context
from bench.report import Row, percentile
from devices.agent.disk import Disk
from devices.agent.journal import Journal
from devices.seal import SigningKey, Trust, seal_body, unseal
from devices.wire.base import DOCUMENT_MAX_BYTES
from devices.wire.commands import Volume
from devices.wire.documents import KeyRole
from devices.wire.reports import ClockState, JournalEntry

TURNS, WRITES = 2_000, 150


async def run(context: Context) -> list[Row]:
    return [*_seal(), await _journal(context.folder)]


def _seal() -> list[Row]:
    key = SigningKey.generate("gw-1", KeyRole.GATEWAY)
    trust, public, body = Trust.of([key.entry]), key.private.public_key(), Volume(percent=40)

    def sealed() -> bytes:
        return seal_body(key, "volume", body, iss="gateway:w", aud="all:w", iat_ms=1, exp_ms=2)

    token = sealed()
    unopened = itertools.cycle([sealed() for _ in range(TURNS)])  # what was opened before is not opened again
    signature = key.private.sign(token)
    rows = []
    for what, ours, peer, of_peer in (
        ("seal", sealed, lambda: key.private.sign(token), "sign"),
        ("open", lambda: unseal(next(unopened), trust, max_bytes=DOCUMENT_MAX_BYTES),
         lambda: public.verify(signature, token), "verify"),
    ):  # fmt: skip
        took, bare = _each_us(ours), _each_us(peer)
        rows.append(
            Row(
                what=f"{what} one command ({len(token)} bytes)",
                measured=f"{took:.0f} us",
                beside=f"bare Ed25519 {of_peer}: {bare:.0f} us",
                ratio=f"{took / bare:.2f}",
            )
        )
    return rows


def _each_us(work: Callable[[], object]) -> float:
    """Return the best of five means: what it costs when nobody else is on the core."""
    means = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(TURNS // 5):
            work()
        means.append((time.perf_counter() - began) / (TURNS // 5) * 1e6)
    return min(means)


async def _journal(folder: Path) -> Row:
    key = SigningKey.generate("dev-a-1", KeyRole.DEVICE)
    home = folder / "journal"
    home.mkdir()
    journal = Journal(Disk(), home, key, iss="cluster:a", aud="gateway:w")
    await asyncio.to_thread(journal.load, expected=False)
    kept_ms, bare_ms = [], []
    for turn in range(WRITES):  # one and the other in turns: a disk has moods
        draft = JournalEntry(
            n=1, prev="0" * 64, sid="s", typ="started", occ=f"o-{turn}", at_ms=1, want_ms=1,
            clock=ClockState(src="ntp", trusted=True),
        )  # fmt: skip
        began = time.perf_counter()
        await journal.write(draft)
        kept_ms.append(1000 * (time.perf_counter() - began))
        bare_ms.append(await asyncio.to_thread(_append_ms, home / "bare", len(journal.pending()[-1].sealed)))
    kept, bare = percentile(kept_ms, 0.5), percentile(bare_ms, 0.5)
    return Row(
        what="append one journal line: number, chain, seal, fsync (p50 / p99)",
        measured=f"{kept:.2f} / {percentile(kept_ms, 0.99):.2f} ms",
        beside=f"bare append and fsync on that disk: {bare:.2f} / {percentile(bare_ms, 0.99):.2f} ms",
        ratio=f"{kept / bare:.2f}",
    )


def _append_ms(path: Path, size: int) -> float:
    began = time.perf_counter()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(handle, b"." * size)
    os.fsync(handle)
    os.close(handle)
    return 1000 * (time.perf_counter() - began)
