"""Đi một vòng: looks often, writes down seldom, and once more when it is told to stop."""

from collections.abc import Awaitable, Callable

from devices.clock import Clock
from gateway.services.supervisor import Beat

NS_PER_S = 1_000_000_000


async def look_and_write(
    look: Callable[[], None],
    write: Callable[[], Awaitable[None]],
    *,
    clock: Clock,
    look_every_s: float,
    write_every_s: float,
    beat: Beat,
) -> None:
    """Call ``look`` and, much less often, ``write`` until cancelled; then ``write`` what is left."""
    written_ns = clock.mono_ns()
    try:
        while True:
            beat()
            look()
            if clock.mono_ns() - written_ns >= write_every_s * NS_PER_S:
                await write()
                written_ns = clock.mono_ns()
            await clock.sleep(look_every_s)
    finally:
        await write()
