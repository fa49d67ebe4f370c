"""Is there a broker? A listening port is not one; an answer to CONNECT is."""

import asyncio
import contextlib

# CONNECT, MQTT 5, clean start, keepalive 5 s, no properties, client id "loa-probe"; then DISCONNECT.
_CONNECT = b"\x10\x16\x00\x04MQTT\x05\x02\x00\x05\x00\x00\x09loa-probe"
_DISCONNECT = b"\xe0\x00"
_CONNACK = 0x20


async def answers(host: str, port: int, *, timeout_s: float = 1.0) -> bool:
    """Tell whether something at ``host:port`` answers CONNECT, be it with a refusal."""
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(_CONNECT)
            first = await reader.readexactly(1)
            writer.write(_DISCONNECT)
            await writer.drain()
            return first[0] == _CONNACK
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
    finally:
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
