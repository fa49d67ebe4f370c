"""How long to wait before the next attempt: a value, so that a test reads ten of them and nobody sleeps."""

import random
from collections.abc import Iterator


def backoff(
    *,
    first_s: float = 1.0,
    limit_s: float = 30.0,
    jitter: float = 0.5,
    dice: random.Random | None = None,
) -> Iterator[float]:
    """Yield seconds to wait: doubling from ``first_s`` to ``limit_s``, each spread by ``± jitter`` of itself.

    The spread is wide because a ward's clusters lose the broker at the same instant, and must not come back at one.
    """
    dice = dice or random.Random()  # noqa: S311 - spreads a crowd, guards nothing
    wait_s = first_s
    while True:
        yield wait_s * dice.uniform(1 - jitter, 1 + jitter)
        wait_s = min(wait_s * 2, limit_s)
