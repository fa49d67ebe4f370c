"""Phát trước, báo sau: a warning sounds first and is talked about afterwards, by each pole at a moment of its own.

A thousand poles that acknowledge an alarm while they prepare to sound it make broker and gateway busy, and on a small
board the pole as well. What is to be told is kept on disk as always; only the telling waits.
"""

import hashlib

from devices.clock import Clock

LONGEST_MS = 1_000
"""What sounds later than this is told of before it sounds."""
AFTER_MS, APART_MS = 200, 600
"""How long after the start the first pole speaks, and over how long the others follow."""
_MS = 1_000_000


class SoundFirst:
    """When this pole may speak again."""

    def __init__(self, clock: Clock, cluster: str) -> None:
        self._clock = clock
        share = int.from_bytes(hashlib.sha256(f"sound first {cluster}".encode()).digest()[:4]) / 2**32
        self._after_ms = AFTER_MS + share * APART_MS
        self._until_ns = clock.mono_ns()

    def starts_in(self, left_ms: float) -> None:
        """Say nothing until shortly after a warning that starts ``left_ms`` from now; at most ``LONGEST_MS`` count."""
        wait_ms = min(max(0.0, left_ms), LONGEST_MS) + self._after_ms
        self._until_ns = max(self._until_ns, self._clock.mono_ns() + round(wait_ms * _MS))

    async def wait(self) -> None:
        """Wait until this pole may speak."""
        while (left_ns := self._until_ns - self._clock.mono_ns()) > 0:
            await self._clock.sleep(left_ns / 1e9)
